/** What the tests of sherpa's ear leave out to be quick: every clip, every container, and how long it takes. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { testData } from './decode-support.ts';
import { expectedAnswers, hearsAsTheAddon, openHearing, textOf } from './sherpa-hearing-support.ts';
import { miniWhisper, needsData, readClip, startSherpa } from './sherpa-support.ts';

after(stopDecodePool);

const MODEL = 'mini-whisper-test/mini-encoder.onnx';

test('writes of every clip what the bare addon writes, and in Chinese and Korean what was really said', async (t) => {
  if (!needsData(t, MODEL, 'audio')) return;
  const answers = expectedAnswers();
  assert(answers.length >= 20, `only ${answers.length} clips`);
  await hearsAsTheAddon(await startSherpa(t, [miniWhisper]), answers);
});

test('hears the same in every container', async (t) => {
  if (!needsData(t, MODEL, 'audio/formats')) return;
  const session = await openHearing(await startSherpa(t, [miniWhisper]), { language: 'en' });
  const expected = expectedAnswers().find(({ file }) => file === 'en/jfk.wav')?.transcribe;
  for (const name of ['jfk.mp3', 'jfk.m4a', 'jfk.opus', 'jfk.webm', 'jfk_16k.flac', 'jfk_8k_mulaw.wav']) {
    const heard = await session.hear({ samples: await readClip(`formats/${name}`) });
    assert.equal(textOf(heard), expected, name);
  }
});

test('takes little longer than the bare addon', async (t: TestContext) => {
  if (!needsData(t, MODEL, 'audio/en/jfk.wav')) return;
  const samples = await readClip('en/jfk.wav');
  const session = await openHearing(await startSherpa(t, [miniWhisper]), { language: 'en' });
  const bare = await openBare();
  const times = { bare: [] as number[], engine: [] as number[] };
  for (let round = 0; round < 5; round += 1) {
    times.bare.push(await timed(() => bare(samples)));
    times.engine.push(await timed(() => session.hear({ samples })));
  }
  const best = { bare: Math.min(...times.bare), engine: Math.min(...times.engine) };
  t.diagnostic(`11 s of speech: bare ${best.bare.toFixed(0)} ms, engine ${best.engine.toFixed(0)} ms`);
  // The way to another process and back; the rest is noise of the machine.
  assert(best.engine < best.bare * 1.5 + 30, JSON.stringify(best));
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The addon without anything of ours, in this process. */
async function openBare(): Promise<(samples: Float32Array) => Promise<string>> {
  const folder = join(testData, 'mini-whisper-test');
  // The addon's own recogniser; only what is used here.
  const { OfflineRecognizer } = createRequire(import.meta.url)('sherpa-onnx-node') as {
    OfflineRecognizer: {
      createAsync(config: object): Promise<{
        createStream(): { acceptWaveform(wave: object): void };
        decodeAsync(stream: object): Promise<{ text: string }>;
      }>;
    };
  };
  const recognizer = await OfflineRecognizer.createAsync({
    featConfig: { sampleRate: 16_000, featureDim: 80 },
    modelConfig: {
      whisper: {
        encoder: join(folder, 'mini-encoder.onnx'),
        decoder: join(folder, 'mini-decoder.onnx'),
        language: 'en',
        task: 'transcribe',
        enableSegmentTimestamps: 1,
      },
      tokens: join(folder, 'mini-tokens.txt'),
      numThreads: 1,
      provider: 'cpu',
      debug: 0,
    },
    decodingMethod: 'greedy_search',
  });
  return async (samples) => {
    const stream = recognizer.createStream();
    stream.acceptWaveform({ samples, sampleRate: 16_000 });
    return (await recognizer.decodeAsync(stream)).text;
  };
}
