import { srtCue } from '../../media/subtitles/srt.ts';
import type { SubtitleCue } from '../../media/subtitles/subtitle-cue.ts';
import { VTT_OPENING, vttCue } from '../../media/subtitles/vtt.ts';

const FORMATS = {
  srt: { opening: '', cue: srtCue },
  vtt: { opening: VTT_OPENING, cue: vttCue },
} as const;

/** The subtitle formats that a transcript can be written in: SubRip and WebVTT. */
export type SubtitleFormat = keyof typeof FORMATS;

/** Writes subtitles while they are heard, one cue for each segment. */
export interface SubtitleWriter {
  /** What stands before the first cue, and is there without any. */
  readonly opening: string;
  /** The next segment as a cue. */
  write(segment: SubtitleCue): string;
}

/** Begins to write subtitles. */
export function createSubtitleWriter(format: SubtitleFormat): SubtitleWriter {
  const { opening, cue } = FORMATS[format];
  let written = 0;
  return {
    opening,
    write: (segment) => {
      written += 1;
      return cue(segment, written);
    },
  };
}
