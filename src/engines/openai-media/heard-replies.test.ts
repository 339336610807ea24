import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowFrom } from '../../base/byte-flow.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { heardInReply } from './heard-replies.ts';

function json(body: unknown): RemoteReply {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return {
    status: 200,
    contentType: 'application/json',
    header: () => undefined,
    chunks: flowFrom(
      (async function* () {
        yield bytes;
      })(),
    ),
    collect: async () => bytes,
  };
}

test('words that are told by themselves go to the segment in which they are spoken', async () => {
  const heard = await heardInReply(
    json({
      text: 'one two three',
      language: 'english',
      segments: [
        { text: ' one two', start: '0', end: '1.0' },
        { text: ' three', start: 1, end: 2 },
      ],
      words: [
        { word: 'one', start: 0, end: 0.4 },
        { word: 'two', start: 0.5, end: 1.1 },
        { word: 'three', start: 1.2, end: 2 },
      ],
    }),
    2,
  );
  assert.equal(heard.language, 'en');
  assert.deepEqual(
    heard.segments.map(({ words }) => words?.map(({ text }) => text)),
    [['one', 'two'], ['three']],
  );
  assert.equal(heard.segments[0]?.endSeconds, 1);
});

test('nanoseconds are seconds, and nothing lies outside the window', async () => {
  const heard = await heardInReply(
    json({ text: 'a', segments: [{ text: ' a', start: 500_000_000, end: 90_000_000_000 }] }),
    3,
  );
  assert.deepEqual(heard.segments[0], { startSeconds: 0.5, endSeconds: 3, text: ' a' });
});

test('text without times lasts as long as the window, and no text is no segment', async () => {
  assert.deepEqual((await heardInReply(json({ text: 'hello' }), 4)).segments, [
    { startSeconds: 0, endSeconds: 4, text: ' hello' },
  ]);
  assert.deepEqual((await heardInReply(json({ text: ' ' }), 4)).segments, []);
});

test('an answer without text is a broken engine', async () => {
  await assert.rejects(heardInReply(json({ error: { message: 'cuda' } }), 1), /cuda/);
  await assert.rejects(heardInReply(json({ status: 'ok' }), 1), /no text/);
});
