import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { isByteFlow, type ByteFlow, type Pouring } from '../base/byte-flow.ts';
import type { SpeechResult } from '../core/speech/speech.ts';
import type { Warning } from '../core/warning.ts';

/** Headers that say who really spoke or listened and what was not done as asked; the same in every dialect. */
export function antiphonHeaders(
  result: Pick<SpeechResult, 'servedBy' | 'standIn' | 'warnings'> & { readonly voiceId?: string },
): Record<string, string> {
  return {
    'x-antiphon-model': result.servedBy,
    ...(result.voiceId === undefined ? {} : { 'x-antiphon-voice': result.voiceId }),
    ...(result.standIn ? { 'x-antiphon-stand-in': 'true' } : {}),
    ...warningHeaders(result.warnings),
  };
}

/** The header for what was not done as asked; none where there is nothing to say. */
export function warningHeaders(warnings: readonly Warning[]): Record<string, string> {
  return warnings.length > 0 ? { 'x-antiphon-warnings': headerJson(warnings) } : {};
}

/** JSON in the characters that a header may hold: everything beyond ASCII is escaped. */
function headerJson(warnings: readonly Warning[]): string {
  return JSON.stringify(warnings).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Sound on its way to a caller. */
export type SentSound = Pick<SpeechResult, 'chunks' | 'servedBy' | 'standIn' | 'warnings' | 'byteLength'> & {
  readonly voiceId?: string;
};

/** What a dialect adds to the bytes. */
export interface BytesReply {
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends encoded speech, chunked while it is made or with its length when that is known. A failure after the
 * first byte cuts the connection: a status can no longer tell.
 */
export function sendSpeech(reply: FastifyReply, result: SentSound, options: BytesReply): FastifyReply {
  reply.headers({ ...antiphonHeaders(result), ...options.headers, 'content-type': options.contentType });
  if (result.byteLength !== undefined) reply.header('content-length', result.byteLength);
  const { chunks } = result;
  if (isByteFlow(chunks)) return reply.send(new FlowStream(chunks));
  return reply.send(Readable.from(takingTurns(chunks), { objectMode: false, highWaterMark: 16_384 }));
}

/** A flow as a stream of Node's. Piped, it goes into its target as it comes and is not held in between. */
class FlowStream extends Readable {
  readonly #flow: ByteFlow;
  #pouring: Pouring | undefined;

  constructor(flow: ByteFlow) {
    super();
    this.#flow = flow;
  }

  override pipe<Target extends NodeJS.WritableStream>(target: Target): Target {
    target.on('drain', () => this.#pouring?.resume());
    this.#pour((chunk) => target.write(chunk));
    this.once('end', () => target.end());
    // There is nothing to be read but the end.
    this.resume();
    return target;
  }

  override _read(): void {
    if (this.#pouring) this.#pouring.resume();
    else this.#pour((chunk) => this.push(chunk));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#pouring ??= this.#flow.pour({ take: () => false, end: () => undefined });
    this.#pouring.stop();
    done(error);
  }

  #pour(take: (chunk: Uint8Array) => boolean): void {
    this.#pouring = this.#flow.pour({
      take,
      end: (failure) => {
        if (failure === undefined) this.push(null);
        else
          this.destroy(
            failure instanceof Error ? failure : new Error('The sound broke off.', { cause: failure }),
          );
      },
    });
  }
}

/** Sends lines of text as they are made: server-sent events or newline-delimited JSON. */
export function sendLines(
  reply: FastifyReply,
  lines: AsyncIterable<string>,
  options: BytesReply,
): FastifyReply {
  reply.headers({ ...options.headers, 'content-type': options.contentType, 'cache-control': 'no-store' });
  return reply.send(Readable.from(takingTurns(lines), { encoding: 'utf8', highWaterMark: 1 }));
}

/**
 * Lets the event loop turn after each item. What is ready is otherwise encoded in one run of microtasks, while the
 * first bytes wait to be written to the socket and every other stream waits, too.
 */
async function* takingTurns<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    yield item;
    await setImmediate();
  }
}
