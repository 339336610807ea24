import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import fastify from 'fastify';
import { AppError } from '../base/errors.ts';
import { sendLateText, type TextPace } from './late-text.ts';

/** What the text is made of: a piece, or something that has to happen before it goes on. */
type Part = string | (() => Promise<void>);

interface Route {
  readonly opening?: string;
  readonly parts: readonly Part[];
  readonly pace: TextPace;
  readonly onEnd?: () => void;
}

const PATIENT = { graceMs: 60_000, openingMs: 60_000 };
const HASTY = { graceMs: 1, openingMs: 60_000 };

async function asking(route: Route, use: (response: IncomingMessage) => Promise<void>): Promise<void> {
  async function* pieces() {
    try {
      for (const part of route.parts) {
        if (typeof part === 'string') yield part;
        else await part();
      }
    } finally {
      route.onEnd?.();
    }
  }
  const app = fastify({ forceCloseConnections: true });
  const { opening = '', pace } = route;
  app.get('/', (_, reply) =>
    sendLateText(reply, { contentType: 'text/plain; charset=utf-8', opening, pieces: pieces() }, pace),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    const [response]: IncomingMessage[] = await once(get({ host: '127.0.0.1', port }), 'response');
    assert.ok(response);
    await use(response);
  } finally {
    await app.close();
  }
}

/** Reads until so much of the text is there. */
async function readUpTo(response: IncomingMessage, text: string): Promise<void> {
  let read = '';
  response.setEncoding('utf8');
  while (!read.includes(text)) {
    const [piece]: string[] = await once(response, 'data');
    read += piece;
  }
  assert.equal(read, text);
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat((await response.toArray()).map((piece) => Buffer.from(piece))).toString();
}

const failure = new AppError('engine_failed', 'The engine broke.');

const broken = () => Promise.reject(failure);

/** Longer than the grace of the hasty: of two timers, the one that is set later and for longer fires later. */
const afterGrace = () => setTimeout(5);

test('a text that is ready in time comes in one piece, with its length', () =>
  asking({ opening: '<', parts: ['a', 'b'], pace: PATIENT }, async (response) => {
    assert.equal(response.headers['content-length'], '3');
    assert.equal(await bodyOf(response), '<ab');
  }));

test('a failure in time has its status, also when something was said before', () =>
  asking({ parts: ['a', broken], pace: PATIENT }, async (response) => {
    assert.equal(response.statusCode, 502);
  }));

test('of a longer text the pieces come while the rest is being made, and join to the whole', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await asking({ opening: '<', parts: ['one', () => promise, ' two'], pace: HASTY }, async (response) => {
    await readUpTo(response, '<one');
    assert.equal(response.headers['content-length'], undefined);
    assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8');
    resolve();
    assert.equal(await bodyOf(response), ' two');
  });
});

test('a failure after the first piece cuts the connection, so that nobody takes it for the end', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  await asking({ parts: ['one', () => promise], pace: HASTY }, async (response) => {
    await readUpTo(response, 'one');
    reject(failure);
    await assert.rejects(bodyOf(response), { code: 'ECONNRESET' });
  });
});

test('a failure before the first piece has its status, however late it comes', () =>
  asking({ parts: [afterGrace, broken], pace: HASTY }, async (response) => {
    assert.equal(response.statusCode, 502);
  }));

test('an opening goes out alone when nothing else can be sent for long', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const pace = { graceMs: 1, openingMs: 2 };
  await asking({ opening: 'WEBVTT\n\n', parts: [() => promise, 'cue'], pace }, async (response) => {
    await readUpTo(response, 'WEBVTT\n\n');
    resolve();
    assert.equal(await bodyOf(response), 'cue');
  });
});

test('a long text that turns out empty is an empty answer', () =>
  asking({ parts: [afterGrace], pace: HASTY }, async (response) => {
    assert.equal(response.statusCode, 200);
    assert.equal(await bodyOf(response), '');
  }));

test('when the caller leaves in the middle, the making ends', async () => {
  const ended = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const route = { parts: ['one', () => promise, 'two'], pace: HASTY, onEnd: () => ended.resolve() };
  await asking(route, async (response) => {
    await readUpTo(response, 'one');
    response.destroy();
    resolve();
    await ended.promise;
  });
});
