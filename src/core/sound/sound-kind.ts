import { describesMusic, genresIn } from '../../media/text/music-words.ts';
import type { SoundWish } from './sound.ts';

/** Whether a prompt asks for music or for a sound effect, for callers whose vendor makes both under one name. */
export function kindOfPrompt(prompt: string): SoundWish['kind'] {
  return describesMusic(prompt) ? 'music' : 'effect';
}

/** The genres of music that a text names. */
export function genresOf(text: string): readonly string[] {
  return genresIn(text);
}
