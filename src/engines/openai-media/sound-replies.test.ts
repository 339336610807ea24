import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flowFrom } from '../../base/byte-flow.ts';
import { collectSamples } from '../../media/pcm.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { asSamples, openSpeech } from './sound-replies.ts';

function reply(
  bytes: Uint8Array,
  type: string,
  size: number,
  headers: Record<string, string> = {},
): RemoteReply {
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })();
  return {
    status: 200,
    contentType: type,
    header: (name) => headers[name],
    chunks: flowFrom(chunks),
    collect: async () => new Uint8Array(bytes),
  };
}

const EXPECTED = { sampleRate: 24_000, raw: true, signal: new AbortController().signal };

/** Samples that begin with the bytes of an MPEG frame: FF FB is -1,025. */
const SAMPLES = Int16Array.from({ length: 501 }, (_, index) => (index === 0 ? -1025 : index * 7));

test('raw samples are the same wherever their bytes are cut, also when they begin like something else', async () => {
  const bytes = new Uint8Array(SAMPLES.buffer);
  for (const size of [1, 3, 7, 44, 45, 1002, 5000]) {
    for (const type of ['audio/pcm', 'application/octet-stream']) {
      const pcm = asSamples(await openSpeech(reply(bytes, type, size), EXPECTED));
      const samples = await collectSamples(pcm.chunks);
      assert.deepEqual(
        [...samples].map((sample) => Math.round(sample * 32_768)),
        [...SAMPLES],
        `${type} ${size}`,
      );
    }
  }
});

test('the rate of raw samples is what a header or the type says, else what is usual', async () => {
  const bytes = new Uint8Array(SAMPLES.buffer);
  const rateOf = async (headers: Record<string, string>) =>
    asSamples(await openSpeech(reply(bytes, 'audio/pcm', 100, headers), EXPECTED)).sampleRate;
  assert.equal(await rateOf({ 'x-sample-rate': '16000' }), 16_000);
  assert.equal(await rateOf({ 'content-type': 'audio/pcm; rate=22050' }), 22_050);
  assert.equal(await rateOf({ 'x-sample-rate': 'fast' }), 24_000);
  assert.equal(await rateOf({}), 24_000);
});

test('what is left of a sample at the end is dropped', async () => {
  const bytes = new Uint8Array([...new Uint8Array(SAMPLES.buffer), 9]);
  const pcm = asSamples(await openSpeech(reply(bytes, 'audio/pcm', 10), EXPECTED));
  assert.equal((await collectSamples(pcm.chunks)).length, SAMPLES.length);
});
