/** One subtitle: what is said, and when, in seconds from the start. */
export interface SubtitleCue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly text: string;
}

/**
 * A cue's text as both formats can hold it: without space around it, without the arrow that they put between times,
 * and without the empty lines that would end the cue.
 */
export function cueText(cue: SubtitleCue): string {
  return cue.text
    .trim()
    .replaceAll('-->', '->')
    .replace(/\s*[\r\n]+\s*/g, '\n');
}

/** `00:00:00,000 --> 00:00:02,500`, to the nearest millisecond, with the decimal sign of the format; hours always. */
export function cueTimes(cue: SubtitleCue, decimalSign: ',' | '.'): string {
  return `${timestamp(cue.startSeconds, decimalSign)} --> ${timestamp(cue.endSeconds, decimalSign)}`;
}

function timestamp(seconds: number, decimalSign: string): string {
  const milliseconds = Math.round(seconds * 1000);
  const minutes = Math.floor(milliseconds / 60_000);
  const clock = [Math.floor(minutes / 60), minutes % 60, Math.floor(milliseconds / 1000) % 60];
  const digits = clock.map((part) => String(part).padStart(2, '0')).join(':');
  return `${digits}${decimalSign}${String(milliseconds % 1000).padStart(3, '0')}`;
}
