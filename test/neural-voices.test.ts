/**
 * A neural voice through every dialect and the official clients: the real addon speaks, on a small voice that was made
 * for tests. What it says is held to what the bare addon says with the same weights.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import OpenAI, { APIError } from 'openai';
import type { Engine, SpeechOutput } from '../src/core/engine.ts';
import { createMemoryBudget } from '../src/engines/memory-budget.ts';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { startBare, type BareEngine } from './bare-engine.ts';
import { requestContext, speechRequest } from './contracts/engine-contract.ts';
import { decodeMp3, decodePcm, decodeWav, type DecodedAudio } from './contracts/decode-audio.ts';
import { decodeWhole, likeness, readTestFile, withoutTestData } from './decode-support.ts';
import type { BareSherpaAnswer, BareSherpaJob } from './fixtures/bare-sherpa.ts';
import { miniVoice, miniWhisper, readClip, sourceOf } from './sherpa-support.ts';
import { listening } from './support.ts';

const MODEL = 'sherpa/mini-voice';
const FIRST = `${MODEL}/0`;
const SECOND = `${MODEL}/1`;
const SENTENCE = 'The quick brown fox jumps over the lazy dog.';
const TEXT = 'Good evening, my friend. How are you today?';
/** More than any buffer on the way to a client holds. */
const LONG = `${SENTENCE} `.repeat(15).trim();

type Bare = BareEngine<BareSherpaJob, BareSherpaAnswer>;

/** What was asked of an engine's samples, and how often its streams were left. */
interface Watched {
  readonly engine: Engine;
  seconds: number;
  readonly closed: PromiseWithResolvers<void>;
}

/** Counts what is pulled out of the engine, and tells when nobody pulls any more. */
function watch(engine: Engine): Watched {
  const watched = { seconds: 0, closed: Promise.withResolvers<void>() };
  async function* counted(output: Extract<SpeechOutput, { kind: 'pcm' }>) {
    try {
      for await (const chunk of output.pcm.chunks) {
        watched.seconds += chunk.length / output.pcm.sampleRate;
        yield chunk;
      }
    } finally {
      watched.closed.resolve();
    }
  }
  const { speech } = engine;
  assert(speech);
  const wrapped: Engine = {
    id: engine.id,
    concurrency: engine.concurrency,
    models: engine.models,
    speech: {
      voices: speech.voices,
      settings: speech.settings,
      synthesize: async (request, context) => {
        const output = await speech.synthesize(request, context);
        assert(output.kind === 'pcm');
        return { ...output, pcm: { ...output.pcm, chunks: counted(output) } };
      },
    },
  };
  return Object.assign(watched, { engine: wrapped });
}

describe('a neural voice', { skip: withoutTestData }, () => {
  let engine: Engine;
  let bare: Bare;
  const endings: (() => unknown)[] = [];

  before(async () => {
    const created = await sherpaEngine.create({ workers: 1, weights: sourceOf([miniVoice]) });
    assert(!('unavailable' in created), 'sherpa-onnx has no package for this machine');
    engine = created;
    bare = startBare('bare-sherpa.ts', (stop) => endings.push(stop));
  });
  after(async () => {
    for (const end of endings) end();
    await engine.stop?.();
    await stopCodecPool();
    await stopDecodePool();
  });

  interface Callers {
    readonly origin: string;
    readonly openai: OpenAI;
    readonly elevenlabs: ElevenLabsClient;
  }

  const calling = (use: (callers: Callers) => Promise<void>, engines: readonly Engine[] = [engine]) =>
    listening({ engines }, ({ origin }) =>
      use({
        origin,
        openai: new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any', maxRetries: 0 }),
        elevenlabs: new ElevenLabsClient({ apiKey: 'any', baseUrl: origin, maxRetries: 0 }),
      }),
    );

  async function speakEigen(origin: string, fields: object): Promise<Buffer> {
    const response = await fetch(`${origin}/api/v1/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, text: TEXT, voice: FIRST, ...fields }),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return Buffer.from(await response.arrayBuffer());
  }

  async function speakOpenai(client: OpenAI, changes: Partial<OpenAI.Audio.SpeechCreateParams> = {}) {
    const response = await client.audio.speech.create({
      model: MODEL,
      voice: FIRST,
      input: TEXT,
      response_format: 'pcm',
      ...changes,
    });
    return Buffer.from(await response.arrayBuffer());
  }

  const read = async (stream: ReadableStream<Uint8Array>) => Buffer.concat(await Array.fromAsync(stream));
  const samplesOf = ({ samples }: DecodedAudio) => samples ?? assert.fail('Nothing was decoded.');
  const MONO = { sampleRate: 24_000, channels: 1 } as const;

  for (const [speaker, voice] of [FIRST, SECOND].entries()) {
    test(`says with speaker ${speaker} the same samples as the bare addon`, () =>
      calling(async ({ elevenlabs }) => {
        const { samples } = await bare.do({
          kind: 'speak',
          folder: miniVoice.folder,
          speaker,
          text: SENTENCE,
        });
        const file = await elevenlabs.textToSpeech.convert(voice, {
          text: SENTENCE,
          modelId: MODEL,
          outputFormat: 'pcm_22050',
        });
        const ours = samplesOf(await decodePcm(await read(file), { sampleRate: 22_050, channels: 1 }));
        // The silence at both ends is cut, and a few milliseconds beside it are faded.
        const sound = samples.findIndex((sample) => Math.abs(sample) > 0.002);
        const dropped = Math.max(0, sound - Math.round(0.02 * 22_050));
        const fade = Math.ceil(0.005 * 22_050);
        assert(ours.length > samples.length * 0.8);
        for (let index = fade; index < ours.length - fade; index += 1) {
          const difference = Math.abs((ours[index] ?? 0) - (samples[index + dropped] ?? 0));
          assert(difference < 2 / 32_768, `sample ${index} differs by ${difference}`);
        }
      }));
  }

  test('is the same sound, streamed or whole, through every dialect', () =>
    calling(async ({ origin, openai, elevenlabs }) => {
      const pcm = await speakOpenai(openai);
      const expected = samplesOf(await decodePcm(pcm, MONO));
      assert(expected.length > 24_000 * 2);
      const wav = await decodeWav(await speakOpenai(openai, { response_format: 'wav' }), MONO);
      assert.deepEqual(samplesOf(wav), expected);
      const request = { text: TEXT, modelId: MODEL, outputFormat: 'pcm_24000' } as const;
      const streamed = await Array.fromAsync(await elevenlabs.textToSpeech.stream(FIRST, request));
      assert(streamed.length > 1);
      assert.deepEqual(Buffer.concat(streamed), pcm);
      assert.deepEqual(await read(await elevenlabs.textToSpeech.convert(FIRST, request)), pcm);
      const eigen = await decodeWav(await speakEigen(origin, {}), MONO);
      assert.deepEqual(samplesOf(eigen), expected);
      const events = (await speakEigen(origin, { stream: true }))
        .toString('utf8')
        .split('\n\n')
        .filter((line) => line.includes('"audio_chunk"'))
        .map((line) => Buffer.from(JSON.parse(line.slice('data: '.length)).data, 'base64'));
      assert.deepEqual(Buffer.concat(events), pcm);
      const mp3 = await decodeMp3(await speakOpenai(openai, { response_format: 'mp3' }), MONO);
      const surplus = mp3.frames - expected.length - mp3.delayFrames;
      assert(surplus >= -24 && surplus <= mp3.mostPaddingFrames + 1152, `${surplus} frames too many`);
    }));

  test('speaks with another voice when another speaker is named', () =>
    calling(async ({ origin, openai }) => {
      const first = await speakOpenai(openai);
      const second = await speakOpenai(openai, { voice: SECOND });
      assert.notDeepEqual(first, second);
      const eigen = await decodeWav(await speakEigen(origin, { voice: SECOND }), MONO);
      assert.deepEqual(samplesOf(eigen), samplesOf(await decodePcm(second, MONO)));
    }));

  test('speaks twice as fast through every dialect when that is asked', () =>
    calling(async ({ origin, openai, elevenlabs }) => {
      const natural = (await speakOpenai(openai)).length;
      const openaiFast = (await speakOpenai(openai, { speed: 2 })).length;
      const elevenlabsFast = await read(
        await elevenlabs.textToSpeech.convert(FIRST, {
          text: TEXT,
          modelId: MODEL,
          outputFormat: 'pcm_24000',
          voiceSettings: { speed: 2 },
        }),
      );
      const eigenFast = samplesOf(
        await decodeWav(await speakEigen(origin, { voice_settings: { speed: 2 } }), MONO),
      );
      for (const length of [openaiFast, elevenlabsFast.length, eigenFast.length * 2]) {
        assert(Math.abs(length * 2 - natural) < 0.1 * natural, `${length} bytes of ${natural}`);
      }
    }));

  test('is heard before its last sentences are spoken, to the end if somebody listens', async () => {
    const watched = watch(engine);
    await calling(
      async ({ elevenlabs }) => {
        const request = { text: LONG, modelId: MODEL, outputFormat: 'pcm_48000' } as const;
        const stream = await elevenlabs.textToSpeech.stream(FIRST, request);
        const reader = stream.getReader();
        await reader.read();
        const early = watched.seconds;
        while (!(await reader.read()).done);
        await watched.closed.promise;
        assert(early > 0 && early < watched.seconds / 2, `${early} s of ${watched.seconds} s were spoken`);
      },
      [watched.engine],
    );
  });

  test('falls silent when its listener hangs up, and speaks for the next one', async () => {
    const watched = watch(engine);
    await calling(
      async ({ origin, openai }) => {
        const caller = new AbortController();
        const response = await fetch(`${origin}/v1/audio/speech`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: MODEL, voice: FIRST, input: LONG, response_format: 'pcm' }),
          signal: caller.signal,
        });
        assert(response.body);
        await response.body.getReader().read();
        caller.abort();
        await watched.closed.promise;
        const spoken = watched.seconds;
        const next = await speakOpenai(openai, { input: SENTENCE });
        const nextSeconds = next.length / 48_000;
        assert(spoken < 25, `${spoken} s were spoken`);
        assert(Math.abs(watched.seconds - spoken - nextSeconds) < 0.2, 'Somebody still spoke.');
      },
      [watched.engine],
    );
  });

  test('is in the voice lists of the dialects that have one', () =>
    calling(async ({ origin, elevenlabs }) => {
      // The contract says what stands in the list.
      const openai = (await (await fetch(`${origin}/v1/audio/voices`)).json()) as {
        voices: { id: string; languages?: string[]; antiphon: object }[];
      };
      const own = openai.voices.filter(({ id }) => id.startsWith(MODEL));
      assert.deepEqual(
        own.map(({ id, languages, antiphon }) => [id, languages, antiphon]),
        [FIRST, SECOND].map((id) => [id, ['en'], { stand_in: false, licence: 'test' }]),
      );
      const { voices } = await elevenlabs.voices.getAll();
      const listed = voices.map(({ voiceId }) => voiceId);
      assert(listed.includes(FIRST) && listed.includes(SECOND), listed.join(' '));
      const single = await elevenlabs.voices.get(SECOND);
      assert.equal(single.voiceId, SECOND);
      const found = await elevenlabs.voices.search({ search: 'mini-voice' });
      assert.deepEqual(found.voices.map(({ voiceId }) => voiceId).toSorted(), [FIRST, SECOND]);
    }));

  test('gives times for every character, which are guesses and are said to be', () =>
    calling(async ({ elevenlabs }) => {
      const request = { text: TEXT, modelId: MODEL, outputFormat: 'pcm_24000' } as const;
      const { data, rawResponse } = await elevenlabs.textToSpeech
        .convertWithTimestamps(FIRST, request)
        .withRawResponse();
      assert.deepEqual(JSON.parse(rawResponse.headers.get('x-antiphon-warnings') ?? '[]'), [
        { type: 'adjusted', setting: 'alignment', from: 'measured', to: 'estimated' },
      ]);
      const audio = Buffer.from(data.audioBase64, 'base64');
      assert.deepEqual(audio, await read(await elevenlabs.textToSpeech.convert(FIRST, request)));
      const { alignment } = data;
      assert(alignment);
      assert.equal(alignment.characters.join(''), TEXT);
      const starts = alignment.characterStartTimesSeconds;
      assert.deepEqual(
        starts,
        starts.toSorted((a, b) => a - b),
      );
      const end = alignment.characterEndTimesSeconds.at(-1) ?? 0;
      assert(Math.abs(end - audio.length / 48_000) < 0.05, `${end} of ${audio.length / 48_000} s`);
      // Sentences begin where their sound begins: each is made by itself, so these are no guesses.
      const samples = samplesOf(await decodePcm(audio, MONO));
      const seconds = starts[TEXT.indexOf('How')] ?? 0;
      const around = (from: number, to: number) =>
        samples.subarray(Math.round((seconds + from) * 24_000), Math.round((seconds + to) * 24_000));
      assert(peak(around(-0.15, -0.05)) < 0.02 && peak(around(0, 0.2)) > 0.05, `at ${seconds} s`);
    }));

  test('makes an honest refusal of guessed times under strict mode', () =>
    calling(async ({ origin }) => {
      const response = await fetch(
        `${origin}/v1/text-to-speech/${encodeURIComponent(FIRST)}/with-timestamps`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-antiphon-strict': 'true' },
          body: JSON.stringify({ text: SENTENCE, model_id: MODEL }),
        },
      );
      assert.equal(response.status, 400);
      assert.match(await response.text(), /alignment was changed from measured to estimated/);
    }));

  test('is unloaded when nobody speaks, and loaded again for the next', async () => {
    const freed = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let claims = 0;
    const memory = {
      claim: () => {
        const mine = freed[claims];
        claims += 1;
        return Promise.resolve(() => mine?.resolve());
      },
    };
    const settings = { workers: 1, weights: sourceOf([miniVoice]), idleMs: 1, memory };
    const created = await sherpaEngine.create(settings);
    assert(!('unavailable' in created));
    try {
      await calling(
        async ({ openai }) => {
          const first = await speakOpenai(openai, { input: SENTENCE });
          await freed[0]?.promise;
          assert.deepEqual(await speakOpenai(openai, { input: SENTENCE }), first);
          await freed[1]?.promise;
          assert(claims >= 2);
        },
        [created],
      );
    } finally {
      await created.stop?.();
    }
  });

  test('makes room for another model within the memory budget, and says when it can never fit', async () => {
    const start = async (bytes: number) => {
      const created = await sherpaEngine.create({
        workers: 1,
        weights: sourceOf([miniVoice, miniWhisper]),
        memory: createMemoryBudget(bytes),
      });
      assert(!('unavailable' in created));
      return created;
    };
    // Each needs something over 100 MB, so only one of them fits.
    const tight = await start(150_000_000);
    try {
      const samples = await readClip('en/cards_001.wav');
      await calling(
        async ({ openai }) => {
          const first = await speakOpenai(openai, { input: SENTENCE });
          assert(tight.transcription);
          const session = await tight.transcription.open(
            { model: miniWhisper.id, task: 'transcribe', language: 'en', wordTimes: false, logprobs: false },
            requestContext(),
          );
          const { segments } = await session.hear({ samples });
          assert.equal(
            segments
              .map(({ text }) => text)
              .join('')
              .trim(),
            'Ten of clubs.',
          );
          const error = await speakOpenai(openai, { input: SENTENCE }).catch((thrown: unknown) => thrown);
          assert(error instanceof APIError);
          assert.match(error.message, /sherpa\/mini-voice needs about \d+ MB of the 150 MB for models/);
          session.close();
          assert.deepEqual(await speakOpenai(openai, { input: SENTENCE }), first);
        },
        [tight],
      );
    } finally {
      await tight.stop?.();
    }
    const tiny = await start(50_000_000);
    try {
      await calling(
        async ({ openai }) => {
          const error = await speakOpenai(openai).catch((thrown: unknown) => thrown);
          assert(error instanceof APIError);
          assert.match(error.message, /all models together may take 50 MB/);
        },
        [tiny],
      );
    } finally {
      await tiny.stop?.();
    }
  });

  test('is as clear as the recordings that were made with the bare voice', async () => {
    assert(engine.speech);
    const recorded = await decodeWhole(await readTestFile('tts-roundtrip/rt_sid1_7.wav'), { mono: true });
    const output = await engine.speech.synthesize(
      speechRequest({ model: MODEL, voice: SECOND, text: 'How are you today?', alignment: false }),
      requestContext(),
    );
    assert(output.kind === 'pcm');
    const chunks = await Array.fromAsync(output.pcm.chunks);
    const ours = Float32Array.from(chunks.flatMap((chunk) => [...chunk]));
    const sound = recorded.samples.findIndex((sample) => Math.abs(sample) > 0.002);
    const from = Math.max(0, sound - 441);
    const heard = recorded.samples.subarray(from, from + ours.length - 200);
    assert(likeness(ours, heard, 60) > 0.98);
  });
});

function peak(samples: Float32Array): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}
