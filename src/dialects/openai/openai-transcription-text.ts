import { createSubtitleWriter } from '../../core/transcription/transcript-subtitles.ts';
import { plainTextWriter, type TranscriptWriter } from '../transcript-reply.ts';

/** The formats of a transcript that are no JSON. */
export type TextFormat = 'text' | 'srt' | 'vtt';

/** Writes a transcript as text; the vendor ends the first two with one more line end than their formats need. */
export function transcriptWriter(format: TextFormat): TranscriptWriter {
  switch (format) {
    case 'text':
      return plainTextWriter('\n');
    case 'srt':
      return { ...createSubtitleWriter('srt'), ending: '\n' };
    case 'vtt':
      return { ...createSubtitleWriter('vtt'), ending: '' };
  }
}
