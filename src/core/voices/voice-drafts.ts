import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import { PLAIN_MANNER, type MarkedText } from '../../media/text/marked-text.ts';
import type { Clock } from '../ports/clock.ts';
import { designVoice, sketchVoice, type VoiceSketch } from './voice-description.ts';
import type { VoiceDesign } from './voice-record.ts';
import type { Voice } from './voice.ts';

/** A voice that was described and may yet be made. */
export interface VoiceDraft {
  readonly design: VoiceDesign;
  readonly sketch: VoiceSketch;
  /** What it said when it was tried out. */
  readonly text: string;
}

/** Drafts of voices, kept for an hour for those who asked for them. */
export interface VoiceDrafts {
  /** Keeps a draft and gives it an id. */
  keep(draft: VoiceDraft, ownerId: string): string;
  /** Throws `not_found` (subject `voice`) for one that is not there, too old, or somebody else's. */
  find(id: string, ownerId: string): VoiceDraft;
}

/** What a draft says when it is tried out, in its pitch. */
export function draftMarkup({ design, text }: VoiceDraft): MarkedText {
  const manner = { ...PLAIN_MANNER, pitchSemitones: design.pitchSemitones };
  return { text, parts: [{ kind: 'text', start: 0, end: text.length, manner }], ignored: [] };
}

const LIFE_MS = 60 * 60 * 1000;
/** The oldest make room. */
const MOST_KEPT = 1_000;
const ID_LENGTH = 20;

/** How drafts of one description differ: in pitch and tempo, where there is no other voice that fits as well. */
const SHADES = [
  { pitchSemitones: 0, speed: 1 },
  { pitchSemitones: -1.5, speed: 0.97 },
  { pitchSemitones: 1.5, speed: 1.04 },
] as const;

/** Makes an empty collection. */
export function createVoiceDrafts(clock: Clock): VoiceDrafts {
  const kept = new Map<
    string,
    { readonly draft: VoiceDraft; readonly ownerId: string; readonly until: number }
  >();
  return {
    keep: (draft, ownerId) => {
      const id = randomAlphanumeric(ID_LENGTH);
      kept.set(id, { draft, ownerId, until: clock.now() + LIFE_MS });
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      return id;
    },
    find: (id, ownerId) => {
      const found = kept.get(id);
      if (found && found.ownerId === ownerId && found.until > clock.now()) return found.draft;
      throw new AppError('not_found', `There is no draft of a voice '${id}'. Drafts are kept for an hour.`, {
        param: 'generated_voice_id',
        subject: 'voice',
      });
    },
  };
}

/**
 * Three drafts after one description: the same for the same seed and voices. Without a seed the voice that fits best
 * comes first.
 */
export function draftVoices(
  description: string,
  { voices, seed = 0 }: { readonly voices: readonly Voice[]; readonly seed?: number },
): readonly Omit<VoiceDraft, 'text'>[] {
  const sketch = sketchVoice(description);
  return SHADES.map((shade, index) => {
    const design = designVoice(sketch, description, { voices, variant: seed + index });
    const pitchSemitones = design.pitchSemitones + shade.pitchSemitones;
    return { sketch, design: { ...design, pitchSemitones, speed: design.speed * shade.speed } };
  });
}
