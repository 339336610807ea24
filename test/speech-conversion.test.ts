/**
 * Recordings spoken anew by another voice, through the vendor's official client, with the engines that need no weights.
 * What is said in a recording is told by a stand-in that knows it; a real recogniser hears a real recording.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import type { Engine } from '../src/core/engine.ts';
import type { Warning } from '../src/core/warning.ts';
import { espeakEngine } from '../src/engines/espeak/espeak-engine.ts';
import { fliteEngine } from '../src/engines/flite/flite-engine.ts';
import { findWhisperPackages } from '../src/engines/whisper/whisper-binding.ts';
import { whisperEngine } from '../src/engines/whisper/whisper-engine.ts';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { rootMeanSquare } from '../src/media/pcm.ts';
import { measurePitch, semitonesBetween } from '../src/media/pitch.ts';
import { findQuiet } from '../src/media/quiet-stretches.ts';
import { stopReferencePool } from '../src/media/reference-pool.ts';
import type { Interval } from '../src/media/speech-windows.ts';
import { burstRecording, bursts, silence } from './burst-recording.ts';
import { decodeWhole, readTestFile, testData, withoutTestData } from './decode-support.ts';
import { hearingEngine } from './hearing-engine.ts';
import { knowingEngine, recordPhrases, type KnownRecording } from './known-recording.ts';
import { waveFile } from './sherpa-support.ts';
import { listening, testContext } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const RATE = 16_000;

let flite: Engine;
let espeak: Engine;
let english: KnownRecording;
let german: KnownRecording;

before(async () => {
  const made = await Promise.all([fliteEngine.create({ workers: 1 }), espeakEngine.create({ workers: 1 })]);
  const [one, other] = made;
  assert(!('unavailable' in one) && !('unavailable' in other));
  [flite, espeak] = [one, other];
  english = await recordPhrases({ engine: espeak, voice: 'espeak/en-us', language: 'en' }, [
    { text: 'The weather is beautiful today,', pauseSeconds: 0.5 },
    { text: 'and we are going to walk along the river.', pauseSeconds: 0.4, tempo: 1.2, gain: 0.4 },
    { text: 'Nobody knows', pauseSeconds: 1.2, semitones: 3 },
    { text: 'what the future brings,', pauseSeconds: 0.25, tempo: 0.8 },
    { text: 'but it will be something new.', pauseSeconds: 0.7, semitones: -2 },
  ]);
  german = await recordPhrases({ engine: espeak, voice: 'espeak/de', language: 'de' }, [
    { text: 'Heute ist ein schöner Tag.', pauseSeconds: 0.3 },
    { text: 'Wir gehen am Fluss spazieren.', pauseSeconds: 0.8 },
  ]);
});

after(async () => {
  await Promise.all([flite.stop?.(), espeak.stop?.()]);
  await Promise.all([stopCodecPool(), stopDecodePool(), stopReferencePool()]);
});

interface Answer {
  readonly samples: Float32Array;
  readonly headers: Headers;
  readonly warnings: readonly Warning[];
}

interface Asking {
  readonly voice?: string;
  readonly stream?: boolean;
  readonly fields?: { readonly voiceSettings?: string; readonly seed?: number };
  readonly removeBackgroundNoise?: boolean;
  readonly headers?: Record<string, string>;
}

/** The answer as samples of 16 kHz. */
async function convert(origin: string, recording: Uint8Array, asking: Asking = {}): Promise<Answer> {
  const { speechToSpeech } = new ElevenLabsClient({ apiKey: 'x', baseUrl: origin, maxRetries: 0 });
  const request = {
    audio: new File([Uint8Array.from(recording)], 'talk.wav'),
    outputFormat: 'pcm_16000',
    removeBackgroundNoise: asking.removeBackgroundNoise ?? false,
    ...asking.fields,
  } as const;
  const options = { headers: asking.headers ?? {} };
  const voice = asking.voice ?? 'flite/slt';
  const { data, rawResponse } = await (
    asking.stream
      ? speechToSpeech.stream(voice, request, options)
      : speechToSpeech.convert(voice, request, options)
  ).withRawResponse();
  const bytes = await new Response(data).arrayBuffer();
  const headers = new Headers(rawResponse.headers);
  return {
    samples: Float32Array.from(new Int16Array(bytes), (sample) => sample / 32_768),
    headers,
    warnings: JSON.parse(headers.get('x-antiphon-warnings') ?? '[]') as readonly Warning[], // What the server wrote.
  };
}

/** From the first sound to the last, and wherever it is quiet for long enough between. */
function soundsIn(samples: Float32Array, leastPause = 0.2): Interval[] {
  const quiet = findQuiet(samples, RATE, leastPause);
  return quiet.flatMap((pause, index) => {
    const next = quiet[index + 1];
    return next ? [{ startSeconds: pause.endSeconds, endSeconds: next.startSeconds }] : [];
  });
}

function within(samples: Float32Array, { startSeconds, endSeconds }: Interval): Float32Array {
  return samples.subarray(Math.round(startSeconds * RATE), Math.round(endSeconds * RATE));
}

function pitchOf(samples: Float32Array): number {
  return (measurePitch(samples, RATE) ?? assert.fail('no pitch')).pitchHertz;
}

function decibels(samples: Float32Array): number {
  return 20 * Math.log10(rootMeanSquare(samples));
}

function sameRhythm(samples: Float32Array, { phrases, seconds }: KnownRecording): void {
  assert.ok(
    Math.abs(samples.length / RATE / seconds - 1) < 0.02,
    `${samples.length / RATE} s, not ${seconds}`,
  );
  const sounds = soundsIn(samples);
  assert.equal(sounds.length, phrases.length, JSON.stringify(sounds));
  for (const [index, { startSeconds, endSeconds, text }] of phrases.entries()) {
    const [start = 0, end = 0] = [sounds[index]?.startSeconds, sounds[index]?.endSeconds];
    assert.ok(Math.abs(start - startSeconds) < 0.06, `“${text}” begins at ${start}, not ${startSeconds}`);
    assert.ok(Math.abs(end - endSeconds) < 0.1, `“${text}” ends at ${end}, not ${endSeconds}`);
  }
}

test('each phrase begins and ends when it does in the recording, in the wanted voice, with its loudness and melody', async (t) => {
  await listening({ engines: [flite, espeak, knowingEngine(english)] }, async ({ origin, core }) => {
    const askedAt = performance.now();
    const { samples, warnings, headers } = await convert(origin, english.file);
    const factor = (performance.now() - askedAt) / 1000 / english.seconds;
    t.diagnostic(`real-time factor ${factor.toFixed(3)}, the voice's first sentence included`);
    assert.deepEqual(warnings, []);
    assert.equal(headers.get('x-antiphon-model'), 'flite/flite');
    assert.equal(headers.get('x-antiphon-voice'), 'flite/slt');
    sameRhythm(samples, english);
    const voice = await core.voices.get('flite/slt', { param: 'voice', principal: testContext().principal });
    const { pitchHertz } = (await core.voices.measure(voice, testContext())) ?? assert.fail('no measure');
    assert.ok(Math.abs(semitonesBetween(pitchHertz, pitchOf(samples))) < 1.5, `${pitchOf(samples)} Hz`);
    const middle = pitchOf(english.samples);
    for (const phrase of english.phrases) {
      const [recorded, spoken] = [within(english.samples, phrase), within(samples, phrase)];
      assert.ok(Math.abs(decibels(recorded) - decibels(spoken)) < 2, phrase.text);
      const wanted = semitonesBetween(middle, pitchOf(recorded));
      const got = semitonesBetween(pitchHertz, pitchOf(spoken));
      assert.ok(Math.abs(wanted - got) < 1.5, `“${phrase.text}”: ${got} semitones, not ${wanted}`);
    }
    const { month } = await core.usage.allowances.usedBy('anonymous');
    assert.equal(month.requests, 1, 'one conversion, however many phrases');
  });
});

test('roughly told words, and none told at all, find their phrases in the sound', async () => {
  for (const options of [{ jitterSeconds: 0.2 }, { wordless: true }]) {
    await listening({ engines: [flite, knowingEngine(english, options)] }, async ({ origin }) => {
      sameRhythm((await convert(origin, english.file)).samples, english);
    });
  }
});

test('the stream is the same sound; noise is taken away before the recording is heard', async () => {
  const hiss = english.samples.map((sample, index) => sample + 0.01 * Math.sin(index * index * 0.37));
  const noisy = waveFile(
    Int16Array.from(hiss, (sample) => sample * 32_000),
    RATE,
  );
  await listening({ engines: [flite, knowingEngine(english)] }, async ({ origin }) => {
    const { samples } = await convert(origin, noisy, { stream: true, removeBackgroundNoise: true });
    sameRhythm(samples, english);
  });
  const whole = await withEngines([flite, knowingEngine(english)], (origin) => convert(origin, english.file));
  const stream = await withEngines([flite, knowingEngine(english)], (origin) =>
    convert(origin, english.file, { stream: true }),
  );
  assert.deepEqual(stream.samples, whole.samples);
});

async function withEngines<T>(engines: readonly Engine[], use: (origin: string) => Promise<T>): Promise<T> {
  const answers: T[] = [];
  await listening({ engines }, async ({ origin }) => {
    answers.push(await use(origin));
  });
  return answers[0] ?? assert.fail('no answer');
}

test('settings go to the engine that speaks, and a tempo has no effect on a given rhythm', async () => {
  const tone = toneEngine();
  const fields = { voiceSettings: '{"stability":0.5,"speed":1.1}', seed: 7 };
  const { warnings } = await withEngines([tone, knowingEngine(english)], (origin) =>
    convert(origin, english.file, { voice: 'tone/low', fields }),
  );
  assert.deepEqual(
    warnings.map((one) => [one.type, one.setting, 'reason' in one ? one.reason : '']),
    [
      ['ignored', 'voice_settings.speed', 'the words keep the time that they have in the recording'],
      ['ignored', 'voice_settings.stability', 'tone has no such control'],
    ],
  );
  assert.ok(tone.asked.length >= english.phrases.length);
  assert.ok(tone.asked.slice(-english.phrases.length).every(({ seed, speed }) => seed === 7 && speed === 1));
});

test('the language that is heard is the one that is spoken; a voice without it moves the pitch and says why', async () => {
  const engines = () => [flite, espeak, knowingEngine(german, { language: 'de' })];
  const spoken = await withEngines(engines(), (origin) =>
    convert(origin, german.file, { voice: 'JBFqnCBsd6RMkjVDRZzb' }),
  );
  assert.equal(spoken.headers.get('x-antiphon-model'), 'espeak/espeak');
  sameRhythm(spoken.samples, german);
  const moved = await withEngines(engines(), (origin) => convert(origin, german.file));
  assert.equal(moved.headers.get('x-antiphon-model'), 'antiphon/pitch');
  assert.match(adjustedTo(moved), /'flite\/slt' does not speak 'de'/);
});

function adjustedTo({ warnings }: Answer): string {
  const [one] = warnings;
  return one?.type === 'adjusted' ? one.to : assert.fail(JSON.stringify(warnings));
}

test('without a model that hears only the pitch moves, and the warning says how to install one; strict mode refuses', async () => {
  await listening({ engines: [flite] }, async ({ origin }) => {
    const answer = await convert(origin, english.file);
    assert.match(adjustedTo(answer), /semitones higher: .*antiphon models pull whisper\/base/);
    assert.ok(Math.abs(answer.samples.length / RATE - english.seconds) < 0.05);
    const strict = { 'x-antiphon-strict': 'true' };
    assert.match(
      await refusalOf(convert(origin, english.file, { headers: strict })),
      /^400 .*Strict mode: voice_id/,
    );
  });
  await listening({ engines: [flite, knowingEngine(english)] }, async ({ origin }) => {
    const strict = { 'x-antiphon-strict': 'true' };
    assert.deepEqual((await convert(origin, english.file, { headers: strict })).warnings, []);
    const fields = { voiceSettings: '{"speed":1.1}' };
    assert.match(
      await refusalOf(convert(origin, english.file, { headers: strict, fields })),
      /voice_settings\.speed/,
    );
  });
});

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof ElevenLabsError) return `${error.statusCode} ${JSON.stringify(error.body)}`;
    throw error;
  }
  return assert.fail('nothing was refused');
}

test('where nothing is said, in silence and in sound without words, only the pitch moves, with a warning', async () => {
  const deaf = hearingEngine({ says: [] });
  const noted = hearingEngine({ says: [{ startSeconds: 0.1, endSeconds: 1, text: ' [Music] ♪' }] });
  const cases: readonly [Engine, Buffer][] = [
    [hearingEngine(), silence(2)],
    [deaf, burstRecording({ bursts: bursts(4) })],
    [noted, burstRecording({ bursts: bursts(4) })],
  ];
  for (const [ear, recording] of cases) {
    const answer = await withEngines([flite, ear], (origin) => convert(origin, recording));
    assert.match(adjustedTo(answer), /no words are heard in the recording/);
    const { samples } = await decodeWhole(recording, { sampleRate: RATE, mono: true });
    assert.ok(Math.abs(samples.length - answer.samples.length) < 0.05 * RATE);
  }
});

test('what is no recording, or broken, too short or too long, is refused under the name of its field', async () => {
  for (const ears of [[], [hearingEngine()]]) {
    await listening({ engines: [flite, ...ears], maxRecordingSeconds: 5 }, async ({ origin }) => {
      assert.match(await refusalOf(convert(origin, Buffer.from('this is no sound'))), /^4\d\d .*"audio"/);
      assert.match(await refusalOf(convert(origin, Buffer.alloc(0))), /^4\d\d .*audio/);
      const tooLong = await refusalOf(convert(origin, burstRecording({ bursts: bursts(10) })));
      assert.match(tooLong, /^413 .*audio/);
      const tooShort = waveFile(new Int16Array(200), RATE);
      assert.match(await refusalOf(convert(origin, tooShort)), /^4\d\d .*audio/);
    });
  }
});

test('a recording that is too short is refused before anything is sent, whatever is heard in it', async () => {
  const ear = hearingEngine({ says: [{ startSeconds: 0, endSeconds: 0.08, text: ' Good evening.' }] });
  const loud = Int16Array.from({ length: 1280 }, (_, index) => 9000 * Math.sin(index / 8));
  await withEngines([flite, ear], async (origin) => {
    for (const stream of [false, true]) {
      assert.match(
        await refusalOf(convert(origin, waveFile(loud, RATE), { stream })),
        /^4\d\d .*audio_too_short/,
      );
    }
    return true;
  });
});

test('an engine that hears and speaks with one slot serves a conversion alone', async () => {
  const knowing = knowingEngine(english);
  const both: Engine = { ...flite, concurrency: 1, models: [...flite.models, ...knowing.models] };
  const one: Engine = { ...both, transcription: knowing.transcription };
  const { samples } = await withEngines([one], (origin) => convert(origin, english.file));
  sameRhythm(samples, english);
});

const SAID = [
  'The harbour was empty when the last boat came home.',
  'Nobody had seen a winter like this one before.',
  'Seven children played with a wooden horse.',
  'My brother repairs old clocks in his kitchen.',
  'The train to the mountains leaves at noon.',
  'She bought apples, bread and a yellow umbrella.',
  'Every evening the lamps along the street are lit.',
  'We could hear music from the other side.',
  'A fox ran quickly through the frozen garden.',
  'Please close the window before the storm begins.',
  'His letter arrived three weeks too late.',
  'Far above us an aeroplane crossed the sky.',
  'The baker knows all of his customers by name.',
  'Tomorrow we shall plant potatoes and beans.',
  'Their house has a red door and no bell.',
  'What a strange question for a Tuesday morning.',
];

describe('a recording of several windows', { timeout: 60_000 }, () => {
  let long: KnownRecording;

  before(async () => {
    long = await recordPhrases(
      { engine: espeak, voice: 'espeak/en-us', language: 'en' },
      SAID.map((text) => ({ text, pauseSeconds: 4 })),
    );
  });

  test('is sent phrase by phrase, while no more of it is heard than will soon be spoken', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const knowing = knowingEngine(long, { gate: (window) => (window < 1 ? undefined : promise) });
    await listening({ engines: [toneEngine(), knowing] }, async ({ origin }) => {
      const form = new FormData();
      form.append('audio', new Blob([Uint8Array.from(long.file)]), 'long.wav');
      const url = `${origin}/v1/speech-to-speech/tone/low/stream?output_format=pcm_16000`;
      const response = await fetch(url, { method: 'POST', body: form });
      const reader = (response.body ?? assert.fail('no body')).getReader();
      let bytes = 0;
      while (bytes < 10 * RATE * 2) bytes += (await reader.read()).value?.length ?? assert.fail('too short');
      assert.equal(knowing.heard(), 1, 'all of this came from the first window');
      resolve();
      for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
      assert.ok(knowing.heard() >= 3);
      assert.ok(Math.abs(bytes / 2 / RATE / long.seconds - 1) < 0.02);
    });
  });

  for (const voiceId of ['tone/low', 'flite/slt']) {
    test(`is heard no further than it is listened to, and ${voiceId} is let go of within 100 ms of a hang-up`, async (t) => {
      const knowing = knowingEngine(long);
      const engines = [toneEngine(), flite, knowing];
      await listening({ engines }, async ({ core }) => {
        const hangUp = new AbortController();
        const context = testContext({ signal: hangUp.signal });
        const { chunks } = await core.conversion.convert(
          {
            audio: { kind: 'bytes', bytes: long.file },
            voice: await core.voices.get(voiceId, { param: 'voice_id', principal: context.principal }),
            voiceId,
            model: 'eleven_english_sts_v2',
            format: { id: 'pcm', sampleRate: RATE },
            voiceOnly: false,
            asked: [],
            spelling: { audio: 'audio', voice: 'voice_id', model: 'model_id' },
          },
          context,
        );
        const reading = chunks[Symbol.asyncIterator]();
        for (let count = 0; count < 5; count += 1) await reading.next();
        assert.ok(knowing.heard() <= 2, `${knowing.heard()} windows`);
        const next = reading.next();
        const since = performance.now();
        hangUp.abort();
        await next.catch(() => undefined);
        const isBusy = () =>
          engines.some((engine) => core.runner.load(engine).running > 0) || knowing.open() > 0;
        // A busy machine gets five times what is promised.
        while (isBusy() && performance.now() - since < 500) await new Promise((turn) => setImmediate(turn));
        assert.ok(!isBusy(), 'everything was let go of');
        t.diagnostic(`let go of after ${Math.round(performance.now() - since)} ms`);
        await assert.rejects(async () => {
          for (;;) if ((await reading.next()).done) throw new Error('ended');
        });
      });
    });
  }
});

const withoutWhisper =
  withoutTestData ||
  (findWhisperPackages().length === 0 ? 'whisper.cpp has no package for this machine' : false);

test(
  'a real recording, heard by whisper.cpp, keeps its pauses in another voice',
  { skip: withoutWhisper },
  async (t) => {
    const weights = {
      id: 'whisper/mini-test',
      kind: 'transcription',
      title: 'Whisper mini-test',
      licence: 'MIT',
      languages: 'any',
      folder: join(testData, 'ggml'),
      files: ['ggml-mini-test.bin'],
    } as const;
    const whisper = await whisperEngine.create({
      workers: 1,
      weights: { installed: async (id) => (id === 'whisper' ? [weights] : []) },
    });
    assert(!('unavailable' in whisper));
    t.after(() => whisper.stop?.());
    const file = await readTestFile('en/jfk.wav');
    const { samples: recorded } = await decodeWhole(file, { sampleRate: RATE, mono: true });
    const answer = await withEngines([flite, whisper], (origin) =>
      convert(origin, file, { voice: 'flite/awb' }),
    );
    assert.deepEqual(answer.warnings, []);
    assert.equal(answer.samples.length, recorded.length);
    assert.ok(Math.abs(semitonesBetween(pitchOf(answer.samples), pitchOf(recorded))) > 6, 'another voice');
    const [wanted, got] = [soundsIn(recorded, 0.25), soundsIn(answer.samples, 0.25)];
    assert.ok(wanted.length >= 4);
    assert.equal(got.length, wanted.length, JSON.stringify([wanted, got]));
    for (const [index, { startSeconds, endSeconds }] of wanted.entries()) {
      assert.ok(Math.abs((got[index]?.startSeconds ?? 0) - startSeconds) < 0.06, `phrase ${index}`);
      assert.ok(Math.abs((got[index]?.endSeconds ?? 0) - endSeconds) < 0.1, `phrase ${index}`);
    }
  },
);
