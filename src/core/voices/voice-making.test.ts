import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { burstRecording, bursts, silence } from '../../../test/burst-recording.ts';
import { decodeWhole } from '../../../test/decode-support.ts';
import { hearingEngine } from '../../../test/hearing-engine.ts';
import {
  memoryBlobs,
  memoryStore,
  testApp,
  testContext,
  testPrincipal,
  type TestAppOptions,
} from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { collectBytes } from '../../base/stream.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import { rootMeanSquare } from '../../media/pcm.ts';
import type { Engine } from '../engine.ts';
import type { NewVoice, VoiceUpload } from './voice-studio.ts';

after(stopDecodePool);

const everybody = testContext();
const ann = testContext({ principal: testPrincipal('ann') });
const bob = testContext({ principal: testPrincipal('bob') });

async function house(options: TestAppOptions = {}) {
  const blobs = memoryBlobs();
  const { core } = await testApp({ blobs, store: memoryStore(), ...options });
  return { studio: core.studio, core, blobs };
}

function upload(bytes: Uint8Array, filename = 'me.wav'): VoiceUpload {
  return { audio: { kind: 'bytes', bytes }, filename };
}

function voice(id: string, recordings: readonly Uint8Array[], changes: Partial<NewVoice> = {}): NewVoice {
  return {
    id,
    name: 'Mia',
    source: { kind: 'samples', uploads: recordings.map((bytes) => upload(bytes)), denoise: false },
    param: 'files',
    ...changes,
  };
}

const RECORDING = burstRecording({ bursts: [0, 0, ...bursts(4, 180), 0, 0], silenceSeconds: 1 });

test('a recording is kept as FLAC at 24 kHz, without the silence around it, levelled and measured', async () => {
  const { studio, blobs } = await house();
  const made = await studio.create(voice('v1', [RECORDING]), ann);
  assert.deepEqual([made.id, made.ownerId, made.origin, made.name], ['v1', 'ann', 'cloned', 'Mia']);
  const [sample] = made.samples;
  assert.ok(sample);
  assert.deepEqual([sample.mediaType, sample.filename], ['audio/flac', 'me.wav']);
  // Four bursts of 0.4 s with pauses of 0.2 s, and a little around them; what was sent lasts 5.8 s.
  assert.ok(Math.abs(sample.durationSeconds - 2.4) < 0.2, `${sample.durationSeconds} s`);
  assert.ok(Math.abs((sample.heardSeconds ?? 0) - 5.8) < 0.01);
  assert.ok(Math.abs((sample.measure?.pitchHertz ?? 0) - 180) < 2, `${sample.measure?.pitchHertz} Hz`);
  const file = blobs.kept.get(sample.blobId);
  assert.ok(file);
  assert.equal(sample.byteLength, file.length);
  assert.equal(sample.sha256, createHash('sha256').update(file).digest('hex'));
  const { audio, samples } = await decodeWhole(file);
  assert.deepEqual([audio.container, audio.sampleRate, audio.channels], ['flac', 24_000, 1]);
  assert.equal(samples.length / 24_000, sample.durationSeconds);
  const sounding = samples.filter((one) => Math.abs(one) > 0.001);
  const level = 20 * Math.log10(rootMeanSquare(sounding));
  assert.ok(Math.abs(level + 20) < 2.5, `speech is at ${level} dB`);
});

test('a faint recording and a loud one end up equally loud, and neither clips', async () => {
  const { studio, blobs } = await house();
  const scaled = (factor: number) => {
    const bytes = Buffer.from(RECORDING);
    for (let at = 44; at < bytes.length; at += 2) {
      const value = Math.max(-32_768, Math.min(32_767, Math.round(bytes.readInt16LE(at) * factor)));
      bytes.writeInt16LE(value, at);
    }
    return bytes;
  };
  const { samples } = await studio.create(voice('v1', [scaled(0.05), scaled(2)]), ann);
  const levels = await Promise.all(
    samples.map(async ({ blobId }) => {
      const decoded = await decodeWhole(blobs.kept.get(blobId) ?? new Uint8Array(0));
      assert.ok(decoded.samples.every((one) => Math.abs(one) < 0.99));
      return 20 * Math.log10(rootMeanSquare(decoded.samples));
    }),
  );
  assert.ok(Math.abs((levels[0] ?? 0) - (levels[1] ?? 9)) < 0.6, levels.join(', '));
});

test('of a long recording the half minute with the most speech is kept; strict callers are refused', async () => {
  const { studio } = await house();
  const pauses = Array.from({ length: 25 }, (_, index) => (index % 5 === 0 ? 120 : 0));
  const long = burstRecording({ bursts: [...pauses, ...bursts(55, 240)] });
  const { samples } = await studio.create(voice('v1', [long]), ann);
  assert.ok(Math.abs((samples[0]?.durationSeconds ?? 0) - 30) < 0.05);
  assert.ok(Math.abs((samples[0]?.heardSeconds ?? 0) - 48.2) < 0.01);
  assert.ok(Math.abs((samples[0]?.measure?.pitchHertz ?? 0) - 240) < 3);
  await assert.rejects(studio.create(voice('v2', [long]), { ...ann, strict: true }), {
    code: 'invalid_request',
    param: 'files',
    message: /lasts 48\.2 s and may last 30 s at most/,
  });
});

for (const [what, bytes, expected] of [
  ['silence', silence(3), { code: 'invalid_request', reason: 'silent' }],
  [
    'less than a second',
    burstRecording({ bursts: bursts(1) }),
    { code: 'invalid_request', reason: 'audio_too_short' },
  ],
  [
    'a text',
    Buffer.from('this is a text and no recording'),
    { code: 'unsupported_media', reason: 'not_audio' },
  ],
  ['nothing', new Uint8Array(0), { code: 'unsupported_media', reason: 'empty' }],
  ['more than 25 MiB', Buffer.alloc(25 * 1024 * 1024 + 1), { code: 'payload_too_large' }],
] as const) {
  test(`${what} is refused by the name of its field, and nothing is kept`, async () => {
    const { studio, blobs } = await house();
    await assert.rejects(studio.create(voice('v1', [RECORDING, bytes]), ann), {
      ...expected,
      param: 'files',
    });
    assert.deepEqual(await studio.list(ann), []);
    assert.equal(blobs.kept.size, 0);
  });
}

test('without any recording there is no voice', async () => {
  const { studio } = await house();
  await assert.rejects(studio.create(voice('v1', []), ann), { code: 'invalid_request', param: 'files' });
});

test('what is said in a recording is kept with it where something hears, and a voice is made where that fails', async () => {
  const hearing = await house({ engines: [toneEngine(), hearingEngine()] });
  const { samples } = await hearing.studio.create(voice('v1', [RECORDING]), ann);
  assert.ok((samples[0]?.transcript ?? '').length > 3);
  const deaf: Engine = {
    ...hearingEngine(),
    transcription: {
      settings: {},
      open: async () => {
        throw new Error('deaf');
      },
    },
  };
  const failing = await house({ engines: [toneEngine(), deaf] });
  const made = await failing.studio.create(voice('v1', [RECORDING]), ann);
  assert.equal(made.samples[0]?.transcript, undefined);
});

test('noise is taken out of a recording where that is wanted', async () => {
  const { studio, blobs } = await house();
  const noisy = Buffer.from(burstRecording({ bursts: [...bursts(3, 160), 0, ...bursts(3, 160)] }));
  let state = 1;
  for (let at = 44; at < noisy.length; at += 2) {
    state = (state * 16_807) % 2_147_483_647;
    const sample = noisy.readInt16LE(at) + ((state / 2_147_483_647) * 2 - 1) * 1200;
    noisy.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample))), at);
  }
  const levelOfPause = async (id: string, denoise: boolean) => {
    const source = { kind: 'samples', uploads: [upload(noisy)], denoise } as const;
    const { samples } = await studio.create({ ...voice(id, []), source }, ann);
    const [sample] = samples;
    assert.ok(sample && Math.abs((sample.measure?.pitchHertz ?? 0) - 160) < 3);
    const decoded = await decodeWhole(blobs.kept.get(sample.blobId) ?? new Uint8Array(0));
    // The long pause begins after three bursts.
    return rootMeanSquare(decoded.samples.subarray(2 * 24_000, 2.2 * 24_000));
  };
  const [plain, clean] = [await levelOfPause('plain', false), await levelOfPause('clean', true)];
  assert.ok(clean < plain / 4, `${plain} became ${clean}`);
});

test('a voice is its owner’s alone; one made without keys is everybody’s to use and nobody’s to change', async () => {
  const { studio } = await house();
  await studio.create(voice('a1', [RECORDING]), ann);
  await studio.create(voice('e1', [RECORDING]), everybody);
  const ids = async (context: typeof ann) => (await studio.list(context)).map(({ id }) => id);
  assert.deepEqual([await ids(ann), await ids(bob), await ids(everybody)], [['a1', 'e1'], ['e1'], ['e1']]);
  const notFound = { code: 'not_found', subject: 'voice' };
  const denied = { code: 'permission_denied' };
  for (const [id, refusal] of [
    ['a1', notFound],
    ['e1', denied],
  ] as const) {
    await assert.rejects(studio.edit(id, { name: 'Eve' }, bob), refusal);
    await assert.rejects(studio.remove(id, bob), refusal);
    await assert.rejects(studio.removeSample(id, 'x', bob), refusal);
  }
  await assert.rejects(studio.get('a1', bob), notFound);
  await assert.rejects(studio.get('zzz', ann), notFound);
  await assert.rejects(studio.sampleAudio('a1', 'x', bob), notFound);
  await studio.remove('e1', everybody);
  assert.deepEqual(await ids(bob), []);
});

test('a change keeps what it does not name, and recordings are added and removed', async () => {
  const { studio, blobs } = await house();
  const made = await studio.create(voice('v1', [RECORDING], { traits: { speed: 1.1, style: 0.2 } }), ann);
  const changed = await studio.edit(
    'v1',
    { name: 'Eve', traits: { style: 0.5 }, uploads: [upload(RECORDING, 'two.wav')], param: 'files' },
    ann,
  );
  assert.deepEqual([changed.name, changed.traits], ['Eve', { speed: 1.1, style: 0.5 }]);
  assert.deepEqual(
    changed.samples.map(({ filename }) => filename),
    ['me.wav', 'two.wav'],
  );
  assert.deepEqual(await studio.get('v1', ann), changed);
  const sampleId = made.samples[0]?.id ?? '';
  const kept = await studio.sampleAudio('v1', sampleId, ann);
  const bytes = await collectBytes(kept.bytes);
  assert.deepEqual([kept.mediaType, kept.byteLength], ['audio/flac', bytes.length]);
  await studio.removeSample('v1', sampleId, ann);
  assert.deepEqual([blobs.kept.size, (await studio.get('v1', ann)).samples.length], [1, 1]);
  await assert.rejects(studio.sampleAudio('v1', sampleId, ann), { code: 'not_found', subject: 'file' });
  await assert.rejects(studio.edit('v1', { uploads: [upload(silence(2))], param: 'files' }, ann), {
    reason: 'silent',
  });
  assert.equal(blobs.kept.size, 1);
  await studio.remove('v1', ann);
  assert.equal(blobs.kept.size, 0);
});

test('a consent is kept as it was sent, for its owner; a voice can be made only under a consent that exists', async () => {
  const { studio, blobs } = await house();
  const recording = upload(RECORDING);
  const consent = { id: 'c1', name: 'Mia agrees', language: 'en-US', recording, param: 'recording' };
  const record = await studio.addConsent(consent, ann);
  assert.deepEqual([record.mediaType, record.ownerId], ['audio/wav', 'ann']);
  assert.deepEqual(Buffer.from(blobs.kept.get(record.blobId) ?? []), RECORDING);
  assert.deepEqual(await studio.consents(ann), [record]);
  assert.deepEqual(await studio.consents(bob), []);
  await assert.rejects(studio.consent('c1', bob), { code: 'not_found', subject: 'consent' });
  assert.equal((await studio.renameConsent('c1', 'Renamed', ann)).name, 'Renamed');
  await studio.create(voice('v1', [RECORDING], { consentId: 'c1' }), ann);
  await assert.rejects(studio.create(voice('v2', [RECORDING], { consentId: 'c1' }), bob), {
    subject: 'consent',
  });
  await assert.rejects(studio.addConsent({ ...consent, id: 'c2', recording: upload(silence(2)) }, ann), {
    param: 'recording',
    reason: 'silent',
  });
  await studio.removeConsent('c1', ann);
  await assert.rejects(studio.consent('c1', ann), { subject: 'consent' });
  assert.equal(blobs.kept.has(record.blobId), false);
});
