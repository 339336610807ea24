import { z } from 'zod';
import { createSubtitleWriter } from '../core/transcription/transcript-subtitles.ts';
import type { AnswerFacts } from './answer-facts.ts';
import { CommandFailure } from './command-failure.ts';

/** What a transcript can be written as. */
export type TranscriptFormat = 'text' | 'srt' | 'vtt' | 'json';

const spoken = z.object({
  text: z.string(),
  start: z.number(),
  end: z.number(),
  speaker_id: z.string().optional(),
});

const segments = z.object({ segments: z.array(spoken) });

const heard = z.object({
  text: z.string(),
  language_code: z.string().optional(),
  language_probability: z.number().optional(),
  audio_duration_secs: z.number().optional(),
  words: z.array(spoken.extend({ type: z.string() })),
  additional_formats: z.array(z.object({ content: z.string() })).optional(),
});

interface Spoken {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly speaker?: string;
}

/** What was heard in a recording. */
export interface HeardTranscript {
  readonly text: string;
  /** ISO 639-3. */
  readonly language?: string;
  readonly durationSeconds?: number;
  readonly segments: readonly Spoken[];
  readonly words: readonly Spoken[];
}

/** How the vendor says that it does not know a language. */
const UNDETERMINED = 'und';

/** Reads the answer of ElevenLabs' route, with its segments as a further format. */
export function readTranscript(body: unknown): HeardTranscript {
  const read = heard.safeParse(body);
  if (!read.success)
    throw new CommandFailure('What answers there does not write transcripts as ElevenLabs does.');
  const { text, language_code: language, audio_duration_secs: seconds, words } = read.data;
  const [further] = read.data.additional_formats ?? [];
  const cut = further ? segments.safeParse(JSON.parse(further.content)) : undefined;
  return {
    text,
    ...(language === undefined || language === UNDETERMINED ? {} : { language }),
    ...(seconds === undefined ? {} : { durationSeconds: seconds }),
    segments: (cut?.data?.segments ?? []).map(toSpoken),
    words: words.filter(({ type }) => type === 'word').map(toSpoken),
  };
}

function toSpoken({ text, start, end, speaker_id: speaker }: z.output<typeof spoken>): Spoken {
  return {
    text,
    startSeconds: start,
    endSeconds: end,
    ...(speaker === undefined ? {} : { speaker }),
  };
}

interface Told {
  readonly transcript: HeardTranscript;
  readonly facts: AnswerFacts;
}

/** Writes a transcript, with a line break at its end. */
export function transcriptText(format: TranscriptFormat, { transcript, facts }: Told): string {
  switch (format) {
    case 'text':
      return `${plainText(transcript)}\n`;
    case 'json':
      return `${JSON.stringify({ ...transcript, ...facts }, undefined, 2)}\n`;
    case 'srt':
    case 'vtt':
      return subtitles(format, transcript);
  }
}

/** One paragraph for each turn where speakers were told apart, else the text as it is. */
function plainText({ text, segments: cut }: HeardTranscript): string {
  if (!cut.some(({ speaker }) => speaker !== undefined)) return text.trim();
  const turns: { speaker: string | undefined; text: string }[] = [];
  for (const { speaker, text: part } of cut) {
    const last = turns.at(-1);
    if (last && last.speaker === speaker) last.text += ` ${part.trim()}`;
    else turns.push({ speaker, text: part.trim() });
  }
  return turns.map((turn) => withSpeaker(turn)).join('\n');
}

function subtitles(format: 'srt' | 'vtt', { segments: cut }: HeardTranscript): string {
  const writer = createSubtitleWriter(format);
  return (
    writer.opening + cut.map((segment) => writer.write({ ...segment, text: withSpeaker(segment) })).join('')
  );
}

/** `speaker_0` is Speaker 1 to a reader. */
function withSpeaker({
  text,
  speaker,
}: {
  readonly text: string;
  readonly speaker?: string | undefined;
}): string {
  if (speaker === undefined) return text;
  const [, number] = /^speaker_(\d+)$/.exec(speaker) ?? [];
  return `${number === undefined ? speaker : `Speaker ${Number(number) + 1}`}: ${text.trim()}`;
}
