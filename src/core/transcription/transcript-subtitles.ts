import { toSrt } from '../../media/subtitles/srt.ts';
import { toVtt } from '../../media/subtitles/vtt.ts';
import type { Transcript } from './transcription.ts';

const WRITERS = { srt: toSrt, vtt: toVtt } as const;

/** The subtitle formats that a transcript can be written in: SubRip and WebVTT. */
export type SubtitleFormat = keyof typeof WRITERS;

/** A transcript as subtitles, one cue for each segment. */
export function toSubtitles(transcript: Pick<Transcript, 'segments'>, format: SubtitleFormat): string {
  return WRITERS[format](transcript.segments);
}
