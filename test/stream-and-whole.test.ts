/**
 * What is streamed and what is handed out whole are the same sound, to the last sample, in every format: the answer
 * to lost tails, doubled headers and half frames. Real engines speak; decoders that are not ours listen.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { collectBytes } from '../src/base/stream.ts';
import { createCore, type Core } from '../src/core/core.ts';
import type { Engine, SpeechOutput, SynthesisRequest } from '../src/core/engine.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import type { SpeechRequest } from '../src/core/speech/speech.ts';
import { engineEntries } from '../src/engines/index.ts';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { collectSamples } from '../src/media/pcm.ts';
import {
  decodeAlaw,
  decodeFlac,
  decodeMp3,
  decodeMulaw,
  decodeOpus,
  decodePcm,
  decodeWav,
  decodeAac,
  type DecodeAudio,
} from './contracts/decode-audio.ts';
import { fixedKeys, testClock, testContext, testStorage, testUploads } from './support.ts';
import { isLongForm } from './long-form.ts';

interface FormatCase {
  readonly format: SpeechRequest['format'];
  readonly decode: DecodeAudio;
}

const FORMATS: readonly FormatCase[] = [
  { format: { id: 'wav', sampleRate: 24_000 }, decode: decodeWav },
  { format: { id: 'pcm', sampleRate: 24_000 }, decode: decodePcm },
  { format: { id: 'flac', sampleRate: 24_000 }, decode: decodeFlac },
  { format: { id: 'mulaw', sampleRate: 8_000 }, decode: decodeMulaw },
  { format: { id: 'alaw', sampleRate: 8_000 }, decode: decodeAlaw },
  { format: { id: 'opus', sampleRate: 24_000 }, decode: decodeOpus },
  { format: { id: 'mp3', sampleRate: 24_000 }, decode: decodeMp3 },
  { format: { id: 'aac', sampleRate: 24_000 }, decode: decodeAac },
];

const SENTENCE = 'The sea was calm that evening, and the lamps along the harbour had just been lit. ';
/** `npm run test:long` takes the longest text of OpenAI's API; the suite is content with a shorter one. */
const LONG_CHARACTERS = isLongForm ? 4000 : 900;

const TEXTS: Readonly<Record<string, string>> = {
  '1 character': 'A',
  '17 characters': 'Hello, my friend.',
  [`${LONG_CHARACTERS} characters`]: SENTENCE.repeat(50).slice(0, LONG_CHARACTERS),
};

/** Speaks every text once and remembers the samples, so that eight formats do not cost eight syntheses of four minutes. */
function remembering(engine: Engine): Engine & { readonly spoken: Map<string, number> } {
  const remembered = new Map<string, Promise<{ samples: Float32Array; sampleRate: number }>>();
  const spoken = new Map<string, number>();
  const { speech } = engine;
  if (!speech) return { ...engine, spoken };
  const speakOnce = async (request: SynthesisRequest) => {
    const output = await speech.synthesize(request, testContext());
    assert(output.kind === 'pcm');
    const samples = await collectSamples(output.pcm.chunks);
    spoken.set(request.text, samples.length / output.pcm.sampleRate);
    return { samples, sampleRate: output.pcm.sampleRate };
  };
  return {
    ...engine,
    spoken,
    speech: {
      ...speech,
      synthesize: async (request): Promise<SpeechOutput> => {
        const known = remembered.get(request.text) ?? speakOnce(request);
        remembered.set(request.text, known);
        const { samples, sampleRate } = await known;
        // Another cut than the engine's own, and an odd one.
        async function* chunks() {
          for (let start = 0; start < samples.length; start += 1777) yield samples.slice(start, start + 1777);
        }
        return { kind: 'pcm', pcm: { sampleRate, channels: 1, chunks: chunks() } };
      },
    },
  };
}

for (const entry of engineEntries.filter(({ id }) => id === 'flite' || id === 'espeak')) {
  describe(`${entry.id}: what is streamed is what is whole`, () => {
    let core: Core;
    let real: Engine;
    let engine: ReturnType<typeof remembering>;

    before(async () => {
      const created = await (await entry.load()).create({ workers: 2 });
      assert(!('unavailable' in created));
      real = created;
      engine = remembering(created);
      core = createCore({
        engines: [engine],
        downEngines: [],
        publicModels: [],
        presetVoices: [],
        parameters: {},
        bindings: {},
        strictModels: false,
        uploads: testUploads(),
        ...testStorage(),
        authenticator: fixedKeys([]),
        clock: testClock,
        log: silentLogger,
        version: 'test',
      });
    });
    after(async () => {
      await real.stop?.();
      await stopCodecPool();
    });

    async function speak(text: string, format: SpeechRequest['format'], delivery: 'stream' | 'whole') {
      const result = await core.speech.speak(
        {
          model: entry.id,
          text,
          voice: { kind: 'default' },
          format,
          delivery,
          language: 'en',
          normalization: 'off',
          alignment: false,
          asked: [],
          spelling: { text: 'text', voice: 'voice', model: 'model', format: 'format' },
        },
        testContext(),
      );
      return collectBytes(result.chunks);
    }

    for (const [length, text] of Object.entries(TEXTS)) {
      for (const { format, decode } of FORMATS) {
        test(`${length} as ${format.id}`, async () => {
          const raw = { sampleRate: format.sampleRate ?? 0, channels: 1 as const };
          const streamed = await decode(await speak(text, format, 'stream'), raw);
          const whole = await decode(await speak(text, format, 'whole'), raw);
          assert.deepEqual(streamed.samples, whole.samples);
          assert.equal(streamed.frames, whole.frames);
          const expected = (engine.spoken.get(text) ?? Number.NaN) * streamed.sampleRate;
          const added = streamed.frames - streamed.delayFrames - expected;
          // One more for the rounding of two changes of rate.
          assert.ok(
            added > -1.5 && added < streamed.mostPaddingFrames + 1.5,
            `${added} frames of ${expected}`,
          );
        });
      }
    }
  });
}
