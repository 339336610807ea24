import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { replyEvents, soundInEvents, textInEvents } from './reply-events.ts';

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('events are the same wherever the bytes are cut, with any line ends, names and comments', async () => {
  const text =
    ': hello\r\nevent: a\r\ndata: {"word":"Grüße 😀"}\r\n\r\ndata: {"two":\ndata: 2}\n\nid: 1\ndata:{"three":3}\n\ndata: [DONE]\n\ndata: {"late":1}\n\n';
  for (let size = 1; size <= 40; size += 1) {
    const events = await Array.fromAsync(replyEvents(cut(text, size)));
    assert.deepEqual(events, [{ word: 'Grüße 😀' }, { two: 2 }, { three: 3 }], `pieces of ${size}`);
  }
});

test('the last event counts although no empty line follows it', async () => {
  assert.deepEqual(await Array.fromAsync(replyEvents(cut('data: {"a":1}', 4))), [{ a: 1 }]);
});

test('what is no JSON, or no object, is a broken engine', async () => {
  for (const text of ['data: <html>\n\n', 'data: 7\n\n']) {
    await assert.rejects(
      Array.fromAsync(replyEvents(cut(text, 5))),
      (error) => error instanceof AppError && error.code === 'engine_failed',
    );
  }
});

test('sound is found in both shapes of events', async () => {
  const base64 = Buffer.from([1, 2, 3, 4]).toString('base64');
  const shapes = [
    `event: speech.audio.delta\ndata: {"type":"speech.audio.delta","audio":"${base64}"}\n\ndata: {"type":"speech.audio.done"}\n\n`,
    `data: {"object":"audio.speech.chunk","audio":{"data":"${base64}"}}\n\ndata: [DONE]\n\n`,
  ];
  for (const text of shapes) {
    const pieces = await Array.fromAsync(soundInEvents(cut(text, 7)));
    assert.deepEqual(
      pieces.map((piece) => [...piece]),
      [[1, 2, 3, 4]],
    );
  }
});

test('text is found in the chunks of vLLM, in those of OpenAI, and in the whole at the end', async () => {
  const shapes = [
    'data: {"object":"transcription.chunk","choices":[{"delta":{"content":"Good"}}]}\n\ndata: {"choices":[{"delta":{"content":" evening"}}]}\n\ndata: [DONE]\n\n',
    'data: {"type":"transcript.text.delta","delta":"Good"}\n\ndata: {"type":"transcript.text.delta","delta":" evening"}\n\n',
    'data: {"type":"transcript.text.delta","delta":"Goo"}\n\ndata: {"type":"transcript.text.done","text":"Good evening"}\n\n',
  ];
  for (const text of shapes) assert.equal(await textInEvents(cut(text, 11)), 'Good evening');
});
