import { ask } from '../connection.ts';
import { readEvents } from '../event-reader.ts';
import type { HearingWish } from './hearing-wish.ts';
import { linesOfTokens, type HeardLine, type Transcript, type WireToken } from './transcript.ts';

/** What becomes known while a recording is heard. */
export interface HearingReports {
  readonly signal: AbortSignal;
  readonly onTranscript: (transcript: Transcript) => void;
  /** An answer that tells in its headers who hears. */
  readonly onAnswer: (answer: Response) => void;
}

/** Has a recording written down: first the text as it comes, then the words with their times. */
export async function hear(wish: HearingWish, reports: HearingReports): Promise<void> {
  if (wish.task === 'translate') return translate(wish, reports);
  await stream(wish, reports);
  if (wish.words) await findWords(wish, reports);
}

async function translate({ recording, model }: HearingWish, { signal, ...reports }: HearingReports) {
  const body = formOf({ file: recording, model, response_format: 'verbose_json' });
  const answer = await ask('/v1/audio/translations', { method: 'POST', body, signal });
  reports.onAnswer(answer);
  const { text, segments = [] }: { text: string; segments?: readonly WireSegment[] } = await answer.json();
  reports.onTranscript({ text, lines: segments.map(lineOf) });
}

/** A segment with its time. */
interface WireSegment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly speaker?: string;
}

function lineOf({ text, start, end, speaker }: WireSegment): HeardLine {
  return { text: text.trim(), start, end, words: [], ...(speaker === undefined ? {} : { speaker }) };
}

interface WireEvent extends Partial<WireSegment> {
  readonly type?: string;
  readonly delta?: string;
  readonly error?: { readonly message?: string };
}

async function stream(wish: HearingWish, { signal, ...reports }: HearingReports): Promise<void> {
  const body = formOf({
    file: wish.recording,
    model: wish.model,
    response_format: wish.speakers ? 'diarized_json' : 'json',
    stream: 'true',
    language: wish.language,
  });
  const answer = await ask('/v1/audio/transcriptions', { method: 'POST', body, signal });
  reports.onAnswer(answer);
  let text = '';
  const lines: HeardLine[] = [];
  for await (const { data } of readEvents(answer)) {
    if (data === '[DONE]') continue;
    const event: WireEvent = JSON.parse(data);
    if (event.error) throw new Error(event.error.message ?? 'The recording could not be heard.');
    const { type = '', delta = '' } = event;
    text += delta;
    if (type === 'transcript.text.segment') {
      lines.push(lineOf({ text: '', start: 0, end: 0, ...event }));
      text = lines.map((line) => line.text).join(' ');
    }
    if (type === 'transcript.text.done') text = event.text ?? text;
    reports.onTranscript({ text, lines: [...lines] });
  }
}

async function findWords(wish: HearingWish, { signal, ...reports }: HearingReports): Promise<void> {
  const body = formOf({
    file: wish.recording,
    model_id: wish.model,
    timestamps_granularity: 'word',
    diarize: String(wish.speakers),
    language_code: wish.language,
  });
  const answer = await ask('/v1/speech-to-text', { method: 'POST', body, signal });
  reports.onAnswer(answer);
  const { text, words }: { text: string; words: readonly WireToken[] } = await answer.json();
  reports.onTranscript({ text, lines: linesOfTokens(words) });
}

/** A form of what is not empty. */
function formOf(fields: Readonly<Record<string, string | File>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== '') form.set(name, value);
  return form;
}
