import { threeLetterCode, UNDETERMINED } from '../spoken-languages.ts';
import { clockTime, cutCues, wrapLines, type Cue, type CueBounds } from './elevenlabs-transcription-cues.ts';
import { wordDocument } from './elevenlabs-transcription-docx.ts';
import type { ExportOptions } from './elevenlabs-transcription-schema.ts';
import type { TranscriptToken } from './elevenlabs-transcription-words.ts';

/** The transcript in one further format, in the vendor's words. */
export interface AdditionalFormat {
  readonly requested_format: string;
  readonly file_extension: string;
  readonly content_type: string;
  readonly is_base64_encoded: boolean;
  readonly content: string;
}

/** What a format is made from. */
export interface ExportSource {
  readonly tokens: readonly TranscriptToken[];
  /** ISO 639-1; absent where nobody knows. */
  readonly language?: string | undefined;
}

/** What a caller left out, as the vendor fills it in. */
interface Layout {
  readonly speakers: boolean;
  readonly times: boolean;
  readonly lineCharacters: number;
  readonly bounds: CueBounds;
}

type ExportFormat = ExportOptions['format'];

interface Writer {
  readonly contentType: string;
  readonly layout: Layout;
  write(cues: readonly Cue[], layout: Layout, source: ExportSource): string | Uint8Array;
}

const AS_HEARD: Layout = {
  speakers: true,
  times: true,
  lineCharacters: 100,
  bounds: { longestSilence: undefined, longestCue: undefined, mostCharacters: undefined },
};

const SUBTITLES: Layout = {
  speakers: false,
  times: true,
  lineCharacters: 42,
  bounds: { longestSilence: 0.8, longestCue: 4, mostCharacters: 84 },
};

const WRITERS: Readonly<Record<Exclude<ExportFormat, 'pdf'>, Writer>> = {
  srt: { contentType: 'application/x-subrip', layout: SUBTITLES, write: writeSubtitles },
  txt: { contentType: 'text/plain', layout: AS_HEARD, write: writeText },
  segmented_json: { contentType: 'application/json', layout: AS_HEARD, write: writeSegments },
  html: { contentType: 'text/html', layout: AS_HEARD, write: writePage },
  docx: {
    contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    layout: AS_HEARD,
    write: (cues, layout) =>
      wordDocument(cues.map((cue) => ({ label: labelOf(cue, layout), text: oneLine(cue) }))),
  },
};

/** Writes a transcript in one further format. A PDF is refused before anything is heard and is left out here. */
export function additionalFormat(options: ExportOptions, source: ExportSource): AdditionalFormat[] {
  const { format } = options;
  if (format === 'pdf') return [];
  const writer = WRITERS[format];
  const layout = layoutOf(options, writer.layout);
  const content = writer.write(cutCues(source.tokens, layout.bounds), layout, source);
  return [
    {
      requested_format: format,
      file_extension: format === 'segmented_json' ? 'json' : format,
      content_type: writer.contentType,
      is_base64_encoded: typeof content !== 'string',
      content: typeof content === 'string' ? content : Buffer.from(content).toString('base64'),
    },
  ];
}

function layoutOf(options: ExportOptions, usual: Layout): Layout {
  return {
    speakers: options.include_speakers ?? usual.speakers,
    times: options.include_timestamps ?? usual.times,
    lineCharacters: options.max_characters_per_line ?? usual.lineCharacters,
    bounds: {
      longestSilence: options.segment_on_silence_longer_than_s ?? usual.bounds.longestSilence,
      longestCue: options.max_segment_duration_s ?? usual.bounds.longestCue,
      mostCharacters: options.max_segment_chars ?? usual.bounds.mostCharacters,
    },
  };
}

/** Subtitles have times whatever is asked: without them they are none. */
function writeSubtitles(cues: readonly Cue[], layout: Layout): string {
  const blocks = cues.map((cue, index) => {
    const times = `${clockTime(cue.startSeconds, ',')} --> ${clockTime(cue.endSeconds, ',')}`;
    const [first = '', ...others] = wrapLines(cue.tokens, layout.lineCharacters);
    const speaker = layout.speakers && cue.speaker ? `[${cue.speaker}] ` : '';
    return [index + 1, times, speaker + first, ...others].join('\n');
  });
  return blocks.map((block) => `${block}\n`).join('\n');
}

function writeText(cues: readonly Cue[], layout: Layout): string {
  const paragraphs = cues.map((cue) => {
    const label = labelOf(cue, layout);
    const lines = wrapLines(cue.tokens, layout.lineCharacters);
    return (label === '' ? lines : [label, ...lines]).join('\n');
  });
  return paragraphs.map((paragraph) => `${paragraph}\n`).join('\n');
}

function writeSegments(cues: readonly Cue[], layout: Layout, { language }: ExportSource): string {
  const times = ({ startSeconds, endSeconds }: Cue | TranscriptToken) =>
    layout.times ? { start: startSeconds, end: endSeconds } : {};
  const speaker = (one: Cue | TranscriptToken) =>
    layout.speakers && one.speaker !== undefined ? { speaker_id: one.speaker } : {};
  const segments = cues.map((cue) => ({
    text: cue.text,
    ...times(cue),
    ...speaker(cue),
    words: cue.tokens.map((token) => ({
      text: token.text,
      type: token.type,
      ...times(token),
      ...speaker(token),
    })),
  }));
  const code = language === undefined ? UNDETERMINED : threeLetterCode(language);
  return JSON.stringify({ language_code: code, segments });
}

function writePage(cues: readonly Cue[], layout: Layout, { language }: ExportSource): string {
  const paragraphs = cues.map((cue) => {
    const label = labelOf(cue, layout);
    const heading = label === '' ? '' : `<small>${escapeMarkup(label)}</small><br>`;
    return `<p>${heading}${escapeMarkup(oneLine(cue))}</p>`;
  });
  const head = '<meta charset="utf-8"><title>Transcript</title>';
  return [
    `<!DOCTYPE html>`,
    // An empty tag is how a page says that it does not know.
    `<html lang="${language ?? ''}"><head>${head}</head><body>`,
    ...paragraphs,
    '</body></html>',
    '',
  ].join('\n');
}

/** Who speaks and when, as far as it is wanted and known. */
function labelOf(cue: Cue, layout: Layout): string {
  const times = `[${clockTime(cue.startSeconds, '.')} - ${clockTime(cue.endSeconds, '.')}]`;
  return [layout.times ? times : '', layout.speakers ? (cue.speaker ?? '') : ''].filter(Boolean).join(' ');
}

function oneLine(cue: Cue): string {
  return cue.text.replaceAll(/\s+/g, ' ');
}

function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
