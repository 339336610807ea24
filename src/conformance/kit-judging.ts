import type { z } from 'zod';
import { nameOf, type Reply } from './kit-asking.ts';
import { Mismatch } from './kit-mismatch.ts';

/** How much of an answer a report repeats. */
const SHOWN_CHARACTERS = 300;

/** Holds an answer to a status. */
export function expectStatus(reply: Reply, ...expected: readonly number[]): void {
  if (!expected.includes(reply.status))
    throw new Mismatch(`${nameOf(reply.ask)} → ${expected.join(' or ')}`, shown(reply));
  if (!reply.whole) throw new Mismatch(`the whole answer to ${nameOf(reply.ask)}`, 'a body that breaks off');
}

/** Holds an answer to a header. */
export function expectHeader(reply: Reply, name: string, pattern: RegExp): void {
  const value = reply.headers.get(name);
  if (value === null || !pattern.test(value))
    throw new Mismatch(`${nameOf(reply.ask)} with ${name}: ${pattern}`, value ?? 'no such header');
}

/** Holds an answer to a shape and gives it. */
export function expectShape<T>(reply: Reply, schema: z.ZodType<T>): T {
  if (reply.json === undefined) throw new Mismatch(`JSON from ${nameOf(reply.ask)}`, shown(reply));
  return expectValue(`the answer to ${nameOf(reply.ask)}`, reply.json, schema);
}

/** Holds a value to a shape and gives it. */
export function expectValue<T>(what: string, value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new Mismatch(
    `${what} in the shape of the contract`,
    `${issues.join('; ')} in ${cut(JSON.stringify(value))}`,
  );
}

/** Says what is wrong where something is not as it should be. */
export function expectThat(isSo: boolean, expected: string, came: unknown): asserts isSo {
  if (!isSo) throw new Mismatch(expected, cut(typeof came === 'string' ? came : JSON.stringify(came)));
}

/** Holds a number to another. */
export function expectNear(
  what: string,
  value: number,
  { expected, within }: { expected: number; within: number },
): void {
  expectThat(
    Math.abs(value - expected) <= within,
    `${what} of ${round(expected)} ± ${round(within)}`,
    `${round(value)}`,
  );
}

/** An answer in a few words. */
export function shown(reply: Reply): string {
  const type = reply.headers.get('content-type') ?? 'no content type';
  const body = /json|text|xml/.test(type) ? cut(reply.text) : `${reply.bytes.length} bytes`;
  return `${reply.status} ${type}: ${body}`;
}

function cut(text = 'nothing'): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
