import { AppError } from '../../base/errors.ts';
import type { HeardSegment, HeardWindow } from '../../core/engine.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { codeOfLanguage } from './language-words.ts';
import { textInEvents } from './reply-events.ts';

type HeardWord = NonNullable<HeardSegment['words']>[number];

/** Longest answer that is read as text. */
const MOST_TEXT = 300;
/** Nobody's window is so long: a larger number counts nanoseconds, as one server does. */
const MOST_SECONDS = 100_000;

/** What a server heard in a window of so many seconds, whichever shape it told it in. */
export async function heardInReply(reply: RemoteReply, durationSeconds: number): Promise<HeardWindow> {
  if (reply.contentType === 'text/event-stream')
    return untimed(await textInEvents(reply.chunks), durationSeconds);
  const text = new TextDecoder().decode(await reply.collect());
  if (reply.contentType === 'text/plain') return untimed(text, durationSeconds);
  return heardInJson(parsed(text, reply), durationSeconds);
}

function parsed(text: string, { contentType }: RemoteReply): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return body;
  } catch {
    // The refusal below says what came.
  }
  const page = text.trimStart().startsWith('<') ? 'a web page' : 'something that is no JSON';
  throw new AppError(
    'engine_failed',
    `The engine's server answered with ${page}, under the type ${contentType || 'none'}.`,
    {
      reason: 'no_transcript',
    },
  );
}

function heardInJson(body: Readonly<Record<string, unknown>>, durationSeconds: number): HeardWindow {
  const { text, segments, words, language, error } = body;
  if (typeof text !== 'string' || error !== undefined) {
    const said = readErrorObject(body).message ?? 'it has no text';
    throw new AppError('engine_failed', `The engine's answer cannot be used: ${said.slice(0, MOST_TEXT)}`);
  }
  const told = typeof language === 'string' ? codeOfLanguage(language) : undefined;
  const found = told === undefined ? {} : { language: told };
  const timed = Array.isArray(segments) ? segments.flatMap((one) => toSegment(one, durationSeconds)) : [];
  if (timed.length === 0) return { ...untimed(text, durationSeconds), ...found };
  const all = Array.isArray(words) ? words.flatMap(toWord) : [];
  return { segments: all.length > 0 ? withWords(timed, all) : timed, ...found };
}

function untimed(text: string, durationSeconds: number): HeardWindow {
  if (text.trim() === '') return { segments: [] };
  return { segments: [{ startSeconds: 0, endSeconds: durationSeconds, text: spaced(text) }] };
}

/** Texts of segments are joined as they are, so each begins with its space. */
function spaced(text: string): string {
  return ` ${text.trim()}`;
}

function toSegment(value: unknown, durationSeconds: number): HeardSegment[] {
  if (!isRecord(value) || typeof value['text'] !== 'string') return [];
  const start = seconds(value['start']) ?? 0;
  const end = seconds(value['end']) ?? durationSeconds;
  const startSeconds = Math.min(Math.max(0, start), durationSeconds);
  const words = Array.isArray(value['words']) ? value['words'].flatMap(toWord) : [];
  return [
    {
      startSeconds,
      endSeconds: Math.min(Math.max(startSeconds, end), durationSeconds),
      text: value['text'],
      ...numbered('temperature', value['temperature']),
      ...numbered('averageLogprob', value['avg_logprob']),
      ...numbered('noSpeechProbability', value['no_speech_prob']),
      ...(Array.isArray(value['tokens'])
        ? { tokens: value['tokens'].filter((one) => typeof one === 'number') }
        : {}),
      ...(words.length > 0 ? { words } : {}),
    },
  ];
}

function toWord(value: unknown): HeardWord[] {
  if (!isRecord(value) || typeof value['word'] !== 'string') return [];
  const startSeconds = seconds(value['start']);
  const endSeconds = seconds(value['end']);
  const text = value['word'].trim();
  if (text === '' || startSeconds === undefined || endSeconds === undefined) return [];
  const { probability } = value;
  const isKnown = typeof probability === 'number' && probability > 0;
  return [
    {
      text,
      startSeconds,
      endSeconds: Math.max(startSeconds, endSeconds),
      ...(isKnown ? { logprob: Math.log(Math.min(1, probability)) } : {}),
    },
  ];
}

/** Words that were told by themselves go to the segment in which their middle is. */
function withWords(segments: readonly HeardSegment[], words: readonly HeardWord[]): readonly HeardSegment[] {
  const middle = ({ startSeconds, endSeconds }: HeardWord) => (startSeconds + endSeconds) / 2;
  return segments.map((segment, index) => {
    const from = index === 0 ? Number.NEGATIVE_INFINITY : segment.startSeconds;
    const to = segments[index + 1]?.startSeconds ?? Number.POSITIVE_INFINITY;
    const own = words.filter((word) => middle(word) >= from && middle(word) < to);
    return own.length > 0 ? { ...segment, words: own } : segment;
  });
}

/** Numbers may come as text, and one server counts nanoseconds. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return number > MOST_SECONDS ? number / 1e9 : number;
}

function numbered<Name extends string>(name: Name, value: unknown): { readonly [Key in Name]?: number } {
  if (typeof value !== 'number' || !Number.isFinite(value)) return {};
  // An object with the one key `name`: TypeScript widens a computed key to `string`.
  return { [name]: value } as { [Key in Name]: number };
}
