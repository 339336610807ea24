import { cueText, cueTimes, type SubtitleCue } from './subtitle-cue.ts';

/**
 * One cue of SubRip (.srt): its number, counted from 1, a comma before the milliseconds, an empty line after it. A
 * file is its cues one after the other, and empty without any.
 */
export function srtCue(cue: SubtitleCue, number: number): string {
  return `${number}\n${cueTimes(cue, ',')}\n${cueText(cue)}\n\n`;
}
