import { cueText, cueTimes, type SubtitleCue } from './subtitle-cue.ts';

/**
 * Writes WebVTT: the signature, then cues without numbers, each followed by an empty line. Text stays as it was
 * said: `<` and `&` are not escaped, as Whisper's own writer does not escape them and its readers expect.
 */
export function toVtt(cues: readonly SubtitleCue[]): string {
  return `WEBVTT\n\n${cues.map((cue) => `${cueTimes(cue, '.')}\n${cueText(cue)}\n\n`).join('')}`;
}
