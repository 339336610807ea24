import { AppError } from '../../base/errors.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';

/** An event of a server that tells them one by one. */
export type ReplyEvent = Readonly<Record<string, unknown>>;

/** Longest line of a stream of events, in characters. */
const MOST_LINE = 64 * 1024 * 1024;

/** The JSON objects of an event stream, in order, to `[DONE]` or its end. What is no JSON throws `engine_failed`. */
export async function* replyEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReplyEvent, void> {
  for await (const data of eventData(chunks)) {
    if (data === '[DONE]') return;
    yield parseEvent(data);
  }
}

async function* eventData(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let data: string[] = [];
  for await (const line of linesOf(chunks)) {
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    if (line !== '' || data.length === 0) continue;
    yield data.join('\n');
    data = [];
  }
  if (data.length > 0) yield data.join('\n');
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true });
    const lines = held.split(/\r\n|\n|\r(?!$)/);
    held = lines.pop() ?? '';
    if (held.length > MOST_LINE) throw new AppError('engine_failed', "The engine's events are too long.");
    yield* lines;
  }
  if (held !== '') yield held.replace(/\r$/, '');
}

function parseEvent(data: string): ReplyEvent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch (cause) {
    throw new AppError('engine_failed', "The engine's server sent an event that is no JSON.", { cause });
  }
  if (!isRecord(parsed))
    throw new AppError('engine_failed', "The engine's server sent an event without fields.");
  return parsed;
}

/** The sound in a stream of events, in either of the two shapes that servers have. */
export async function* soundInEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const event of replyEvents(chunks)) {
    failOnError(event);
    const { type, audio } = event;
    if (type === 'speech.audio.done') return;
    const base64 = isRecord(audio) ? audio['data'] : audio;
    if (typeof base64 === 'string' && base64 !== '') yield new Uint8Array(Buffer.from(base64, 'base64'));
  }
}

/** The text in a stream of events: pieces of either shape, or the whole at the end. */
export async function textInEvents(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const event of replyEvents(chunks)) {
    failOnError(event);
    if (event['type'] === 'transcript.text.done' && typeof event['text'] === 'string') return event['text'];
    if (typeof event['delta'] === 'string') text += event['delta'];
    const [choice] = Array.isArray(event['choices']) ? event['choices'] : [];
    const delta: unknown = isRecord(choice) ? choice['delta'] : undefined;
    if (isRecord(delta) && typeof delta['content'] === 'string') text += delta['content'];
  }
  return text;
}

function failOnError(event: ReplyEvent): void {
  if (event['error'] === undefined && event['type'] !== 'error') return;
  const words = readErrorObject(event).message ?? 'it did not say why';
  throw new AppError('engine_failed', `The engine failed while it worked: ${words.slice(0, 300)}`, {
    reason: 'error_event',
  });
}
