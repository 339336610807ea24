import { cueText, cueTimes, type SubtitleCue } from './subtitle-cue.ts';

/** What every WebVTT file begins with: the signature and an empty line. Cues follow one after the other. */
export const VTT_OPENING = 'WEBVTT\n\n';

/**
 * One cue of WebVTT, without a number and with an empty line after it. Text stays as it was said: `<` and `&` are not
 * escaped, as Whisper's own writer does not escape them and its readers expect.
 */
export function vttCue(cue: SubtitleCue): string {
  return `${cueTimes(cue, '.')}\n${cueText(cue)}\n\n`;
}
