import { z } from 'zod';
import type { Reply } from './kit-asking.ts';
import { expectHeader, expectThat } from './kit-judging.ts';
import { Mismatch } from './kit-mismatch.ts';

/** An event of a stream. */
export interface KitEvent {
  /** Of its `event:` line. */
  readonly name: string | undefined;
  readonly data: string;
  /** Undefined where the data is no object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

const OBJECT = z.record(z.string(), z.unknown());

/** The events of an answer, which must be a stream of events and end between two of them. */
export function expectEvents(reply: Reply): readonly KitEvent[] {
  expectHeader(reply, 'content-type', /^text\/event-stream/);
  expectThat(/\r?\n\r?\n$/.test(reply.text), 'a stream that ends with a blank line', reply.text.slice(-80));
  return reply.text
    .split(/\r?\n\r?\n/)
    .map(eventFrom)
    .filter(({ data, name }) => data !== '' || name !== undefined);
}

/** The events that are objects; anything else but `[DONE]` is a mismatch. */
export function objectsIn(events: readonly KitEvent[]): readonly Readonly<Record<string, unknown>>[] {
  return events.flatMap(({ data, json }) => {
    if (json) return [json];
    if (data === '[DONE]') return [];
    throw new Mismatch('events that are JSON objects', data.slice(0, 200));
  });
}

function eventFrom(block: string): KitEvent {
  const lines = block.split(/\r?\n/);
  const valuesOf = (field: string) =>
    lines.flatMap((line) =>
      line.startsWith(`${field}:`) ? [line.slice(field.length + 1).replace(/^ /, '')] : [],
    );
  const data = valuesOf('data').join('\n');
  return { name: valuesOf('event')[0], data, json: objectFrom(data) };
}

/** An object in JSON, or nothing. */
export function objectFrom(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return OBJECT.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Bytes of a text in base64, which must be no address of data. */
export function expectBase64(what: string, value: unknown): Uint8Array<ArrayBuffer> {
  expectThat(
    typeof value === 'string' && value !== '' && /^[A-Za-z0-9+/]+={0,2}$/.test(value),
    `${what} in bare base64`,
    value,
  );
  return Uint8Array.from(Buffer.from(value, 'base64'));
}

/** Several stretches of bytes in one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}
