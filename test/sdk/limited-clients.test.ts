/** What the official clients make of the limits of a key. */
import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import OpenAI, { RateLimitError } from 'openai';
import type { KeyLimits } from '../../src/core/access/grant.ts';
import { createMemoryGate } from '../../src/platform/limits/memory-gate.ts';
import { createRequestLimiter } from '../../src/platform/limits/request-limits.ts';
import { systemPause } from '../../src/platform/system-pause.ts';
import { grantedKeys } from '../limits-support.ts';
import { listening } from '../support.ts';

const KEY = 'sk-limited';
const VOICE = '21m00Tcm4TlvDq8ikWAM';

interface House {
  readonly origin: string;
  /** Requests that came to the limiter. */
  readonly tries: () => number;
  /** How long clients slept before they came again, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Takes the only place; it comes free while a client sleeps for the first time, where that is wanted. */
  readonly takePlace: (until: 'sleep' | 'end') => Promise<void>;
}

/** What a client sleeps between two tries; everything shorter or longer is something else. */
const isSleep = (milliseconds = 0) => milliseconds >= 500 && milliseconds <= 4_000;

/** A server with one key, and clients whose sleeps are over at once. */
async function withLimits(limits: KeyLimits, use: (house: House) => Promise<void>): Promise<void> {
  const { authenticator } = grantedKeys({ [KEY]: { limits } });
  const counting = createRequestLimiter({ gate: createMemoryGate(), pause: systemPause });
  let tries = 0;
  const limiter: typeof counting = {
    ...counting,
    enter: (principal) => {
      tries += 1;
      return counting.enter(principal);
    },
  };
  const sleeps: number[] = [];
  let onSleep = () => {};
  const start = globalThis.setTimeout;
  const shortened = (act: () => void, milliseconds?: number) => {
    if (!isSleep(milliseconds)) return start(act, milliseconds);
    sleeps.push(milliseconds ?? 0);
    onSleep();
    return start(act, 0);
  };
  mock.method(globalThis, 'setTimeout', shortened);
  try {
    await listening({ authenticator, limiter }, ({ origin }) =>
      use({
        origin,
        tries: () => tries,
        sleeps,
        takePlace: async (until) => {
          const entry = await counting.enter(await authenticator.authenticate(KEY));
          if (entry.kind === 'refused') throw entry.error;
          if (until === 'sleep') onSleep = entry.leave;
        },
      }),
    );
  } finally {
    mock.restoreAll();
  }
}

/** What a call fails with. */
async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail('it was let in');
}

describe('openai 7', () => {
  const speak = (origin: string, maxRetries: number) =>
    new OpenAI({ baseURL: `${origin}/v1`, apiKey: KEY, maxRetries }).audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: 'Hello.',
      response_format: 'pcm',
    });

  test('comes again when it was told to, and is served then', () =>
    withLimits({ concurrency: 1 }, async ({ origin, tries, sleeps, takePlace }) => {
      await takePlace('sleep');
      const answer = await speak(origin, 2);
      assert.equal(answer.status, 200);
      await answer.arrayBuffer();
      assert.equal(tries(), 2);
      assert.deepEqual(sleeps, [1000]);
    }));

  test('throws its own error for a limit, with the headers', () =>
    withLimits({ requestsPerMinute: 1 }, async ({ origin }) => {
      await (await speak(origin, 0)).arrayBuffer();
      const error = await failureOf(speak(origin, 0));
      assert.ok(error instanceof RateLimitError, String(error));
      assert.deepEqual([error.status, error.type, error.code], [429, 'requests', 'rate_limit_exceeded']);
      assert.equal(error.headers?.get('x-ratelimit-limit-requests'), '1');
      assert.equal(error.headers?.get('x-ratelimit-remaining-requests'), '0');
    }));
});

describe('ElevenLabs for JavaScript', () => {
  const speak = (origin: string) =>
    new ElevenLabsClient({ baseUrl: origin, apiKey: KEY }).textToSpeech.convert(VOICE, { text: 'Hello.' });

  test('E25: makes three requests where all places stay taken, and tells of the limit', () =>
    withLimits({ concurrency: 1 }, async ({ origin, tries, sleeps, takePlace }) => {
      await takePlace('end');
      const error = await failureOf(speak(origin));
      assert.ok(error instanceof ElevenLabsError, String(error));
      assert.equal(error.statusCode, 429);
      const { detail } = error.body as { detail: Record<string, string> }; // The vendor's envelope.
      assert.equal(detail['code'], 'concurrent_limit_exceeded');
      assert.equal(error.rawResponse?.headers.get('maximum-concurrent-requests'), '1');
      assert.equal(error.rawResponse?.headers.get('current-concurrent-requests'), '1');
      assert.equal(tries(), 3);
      assert.deepEqual(sleeps, [1000, 1000]);
    }));

  test('is served with its second request where a place has come free', () =>
    withLimits({ concurrency: 1 }, async ({ origin, tries, takePlace }) => {
      await takePlace('sleep');
      const sound = await new Response(await speak(origin)).arrayBuffer();
      assert.ok(sound.byteLength > 0);
      assert.equal(tries(), 2);
    }));
});
