import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  describeEngineContract,
  hear,
  requestContext,
  speechRequest,
} from '../../../test/contracts/engine-contract.ts';
import { testData } from '../../../test/decode-support.ts';
import {
  emptyFolder,
  fill,
  miniVoice,
  miniWhisper,
  needsData,
  onnxOutline,
  readClip,
  sourceOf,
  speakerStub,
  startSherpa,
  weightsIn,
} from '../../../test/sherpa-support.ts';
import type { EngineModule, InstalledWeights } from '../../core/engine.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import { sherpaEngine } from './sherpa-engine.ts';

after(stopDecodePool);

const SENTENCE = 'The quick brown fox jumps over the lazy dog.';
/** Every sound of it is worked for. */
const SHORT_SENTENCE = 'The brown fox jumps up.';

/** The engine with a small voice. Without the test data it says so by name. */
const withVoice: EngineModule = {
  ...sherpaEngine,
  create: (settings) =>
    existsSync(miniVoice.folder)
      ? sherpaEngine.create({ ...settings, weights: sourceOf([miniVoice]) })
      : Promise.resolve({ unavailable: 'there is no test data' }),
};

describeEngineContract(withVoice, {
  voice: 'sherpa/mini-voice/0',
  sentence: () => SHORT_SENTENCE,
  // A voice of one layer is still a neural voice: 5,000 characters take it the better part of a minute.
  longestText: 400,
});

test('is up without any weights, and has no models', async (t) => {
  const engine = await startSherpa(t, []);
  assert.deepEqual(engine.models, []);
  assert.deepEqual([engine.speech, engine.transcription, engine.speakers], [undefined, undefined, undefined]);
});

test('has a model as soon as it is installed, and loses it when it is removed', async (t) => {
  if (!needsData(t, 'mini-tts-test/model.onnx', 'mini-whisper-test/mini-encoder.onnx')) return;
  const installed: InstalledWeights[] = [];
  const engine = await startSherpa(t, installed);
  const settled = async (count: number) => {
    // Listing looks again by itself, once a second; who has just changed something need not wait for that.
    await engine.refresh?.();
    assert.equal(engine.models.length, count);
    return engine.models.map(({ id, capability }) => `${id} ${capability}`);
  };
  assert.deepEqual(engine.models, []);
  installed.push(miniVoice, miniWhisper);
  assert.deepEqual(await settled(2), ['sherpa/mini-voice speech', 'sherpa/mini-whisper transcription']);
  assert.equal(engine.speech?.voices.length, 2);
  const heard = await hear(
    engine.speech,
    speechRequest({ model: 'sherpa/mini-voice', voice: 'sherpa/mini-voice/1', text: SENTENCE }),
  );
  assert(heard.seconds > 2 && heard.sampleRate === 22_050);
  const { speech } = engine;
  installed.length = 0;
  assert.deepEqual(await settled(0), []);
  assert.equal(engine.speech, undefined);
  await assert.rejects(speech.synthesize(speechRequest({ voice: 'sherpa/mini-voice/1' }), requestContext()), {
    code: 'unsupported_feature',
    reason: 'not_installed',
    message: /antiphon models pull sherpa\/mini-voice"/,
  });
});

test('speaks with each speaker of a model in another voice, and says which model spoke', async (t) => {
  if (!needsData(t, 'mini-tts-test/model.onnx')) return;
  const engine = await startSherpa(t, [miniVoice]);
  assert(engine.speech);
  const request = speechRequest({ model: 'sherpa/mini-voice', text: SENTENCE, alignment: false });
  const first = await hear(engine.speech, { ...request, voice: 'sherpa/mini-voice/0' });
  const second = await hear(engine.speech, { ...request, voice: 'sherpa/mini-voice/1' });
  assert.notDeepEqual(first.samples, second.samples);
  const other = await engine.speech.synthesize(
    { ...request, model: 'sherpa/another', voice: 'sherpa/mini-voice/0' },
    requestContext(),
  );
  assert.deepEqual(other.warnings, [
    { type: 'adjusted', setting: 'model', from: 'sherpa/another', to: 'sherpa/mini-voice' },
  ]);
  await assert.rejects(
    engine.speech.synthesize({ ...request, voice: 'sherpa/mini-voice/7' }, requestContext()),
    { code: 'not_found', subject: 'voice' },
  );
});

const PUBLISHED = (t: Parameters<typeof emptyFolder>[0]) => {
  const network = onnxOutline();
  const espeak = Object.fromEntries(
    ['phontab', 'phonindex', 'phondata', 'intonations'].map((name) => [`espeak-ng-data/${name}`, 'x']),
  );
  const kokoro = fill(emptyFolder(t), {
    'model.onnx': onnxOutline({
      model_type: 'kokoro',
      sample_rate: 24_000,
      style_dim: '1',
      n_speakers: 3,
      speaker_names: 'af_heart,bm_george,jf_alpha',
    }),
    'voices.bin': Buffer.alloc(12),
    'tokens.txt': 'a 0\n',
    ...espeak,
  });
  const zipvoice = fill(emptyFolder(t), {
    'encoder.onnx': network,
    'decoder.onnx': network,
    'vocos_24khz.onnx': network,
    'lexicon.txt': 'a a\n',
    'tokens.txt': 'a 0\n',
    ...espeak,
  });
  return [
    weightsIn(kokoro, { id: 'sherpa/kokoro-multi', kind: 'speech', languages: ['en', 'zh'] }),
    weightsIn(zipvoice, { id: 'sherpa/zipvoice-zh-en', kind: 'speech', languages: ['zh', 'en'] }),
  ];
};

test('reads language and gender from the names of speakers, and leaves out those it cannot pronounce', async (t) => {
  const { speech } = await startSherpa(t, PUBLISHED(t));
  assert.deepEqual(
    speech?.voices.map(({ id, languages, gender }) => [id, languages, gender]),
    [
      ['sherpa/kokoro-multi/af_heart', ['en-US'], 'female'],
      ['sherpa/kokoro-multi/bm_george', ['en-GB'], 'male'],
    ],
  );
});

test('takes on the voice of a sample only where there is one that will do', async (t) => {
  const { speech } = await startSherpa(t, PUBLISHED(t));
  assert(speech);
  assert.equal(speech.settings.voice_sample, 'any');
  const voice = 'sherpa/zipvoice-zh-en/sample';
  assert.equal(speech.findVoice?.(voice)?.origin, 'cloned');
  const request = speechRequest({ model: 'sherpa/zipvoice-zh-en', voice, text: SENTENCE });
  const refusal = (sample?: NonNullable<typeof request.sample>) =>
    speech.synthesize({ ...request, ...(sample ? { sample } : {}) }, requestContext()).then(
      () => assert.fail('It spoke.'),
      (error: unknown) => error,
    );
  assert.match(String(await refusal()), /speaks with the voice of a sample, so it needs one/);
  const audio = { kind: 'bytes', bytes: Buffer.from('no sound') } as const;
  assert.match(String(await refusal({ audio })), /needs the words that are spoken in the sample/);
  const broken = await refusal({ audio, transcript: 'Hello.' });
  assert.equal(broken instanceof Error && 'code' in broken && broken.code, 'unsupported_media');
});

test('gives a unit vector for a voice, nearer to the same voice than to another', async (t) => {
  if (!needsData(t, 'speaker-embedding-stub', 'audio/diarization/synthetic3.json')) return;
  const { speakers } = await startSherpa(t, [speakerStub]);
  assert(speakers);
  assert.equal(speakers.dimensions, 32);
  const samples = await readClip('diarization/synthetic3.wav');
  const turns = readTurns(readFileSync(join(testData, 'audio/diarization/synthetic3.rttm'), 'utf8'));
  const embedded: { readonly speaker: string; readonly vector: Float32Array }[] = [];
  for (const { speaker, start, length } of turns) {
    const piece = samples.subarray(Math.round(start * 16_000), Math.round((start + length) * 16_000));
    embedded.push({ speaker, vector: await speakers.embed(piece, requestContext()) });
  }
  for (const { vector } of embedded) {
    assert.equal(vector.length, 32);
    assert(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
  }
  const pairs = embedded.flatMap((a, index) =>
    embedded.slice(index + 1).map((b) => ({
      same: a.speaker === b.speaker,
      likeness: a.vector.reduce((sum, value, at) => sum + value * (b.vector[at] ?? 0), 0),
    })),
  );
  const mean = (same: boolean) => {
    const likenesses = pairs.filter((pair) => pair.same === same).map(({ likeness }) => likeness);
    assert(likenesses.length > 0);
    return likenesses.reduce((sum, likeness) => sum + likeness, 0) / likenesses.length;
  };
  assert(mean(true) > mean(false) + 0.3, `same ${mean(true)}, different ${mean(false)}`);
});

/** `SPEAKER file channel start length … name …` */
function readTurns(rttm: string) {
  return rttm
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .map((fields) => ({ start: Number(fields[3]), length: Number(fields[4]), speaker: fields[7] ?? '' }));
}
