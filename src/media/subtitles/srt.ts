import { cueText, cueTimes, type SubtitleCue } from './subtitle-cue.ts';

/** Writes SubRip (.srt): numbered from 1, a comma before the milliseconds, an empty line after every cue. */
export function toSrt(cues: readonly SubtitleCue[]): string {
  return cues.map((cue, index) => `${index + 1}\n${cueTimes(cue, ',')}\n${cueText(cue)}\n\n`).join('');
}
