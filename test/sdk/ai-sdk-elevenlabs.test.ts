import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import {
  apiError,
  clientsWith,
  elevenlabsSdks,
  lastForm,
  lastJson,
  thrownName,
  type SpeakCall,
  type AiSdk,
} from '../ai-sdk-support.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { decodeMp3 } from '../contracts/decode-audio.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { toneEngine } from '../tone-engine.ts';

const RECORDING = burstRecording({ bursts: bursts(7) });
const HEARD = 'one two three four five. six seven.';
/** A low voice and then a high one, with a pause between them. */
const TALK = burstRecording({ bursts: [...bursts(5), 0, 0, ...bursts(5, 2_300)] });
const NOBODY = Array.from({ length: 10 }, () => undefined);
const SPEAKERS = NOBODY.map((_, index) => (index < 5 ? 'speaker_0' : 'speaker_1'));
const TEXT = 'The first move is what sets everything in motion.';

const { calling, withEars } = clientsWith({
  hear: { model: 'scribe_v2', audio: RECORDING },
  speak: { model: 'eleven_multilingual_v2', text: TEXT },
});

interface Body {
  readonly text: string;
  readonly words: readonly {
    readonly text: string;
    readonly type: string;
    readonly start?: number;
    readonly logprob: number;
    readonly speaker_id?: string;
    readonly characters?: readonly { readonly text: string }[];
  }[];
}

/** The answer as it came; the client keeps it beside what it made of it. */
function bodyOf(heard: Awaited<ReturnType<AiSdk['transcribe']>>): Body {
  return heard.responses[0]?.body as Body; // What the tests then check.
}

function speakersIn(body: Body): (string | undefined)[] {
  return body.words.filter(({ type }) => type === 'word').map((word) => word.speaker_id);
}

/** What the server warned of, which this client only passes on in the headers. */
function warnedOf(answer: Pick<Awaited<ReturnType<AiSdk['speak']>>, 'responses'>): string[] {
  const warnings: { setting: string }[] = JSON.parse(
    answer.responses[0]?.headers?.['x-antiphon-warnings'] ?? '[]',
  );
  return warnings.map(({ setting }) => setting);
}

for (const sdk of elevenlabsSdks) {
  const { name, generation } = sdk;

  test(`E34: ${name} reads text, words, language and duration`, () =>
    withEars(
      sdk,
      async ({ hear, line }) => {
        const heard = await hear();
        assert.deepEqual([heard.text, heard.language], [HEARD, 'eng']);
        assert.equal(heard.segments.map(({ text }) => text).join(''), HEARD);
        const words = heard.segments.filter(({ text }) => text !== ' ');
        assert.equal(words.length, 7);
        words.forEach((word, index) => {
          assert.ok(Math.abs(word.startSecond - index * 0.6) < 0.05, `${word.text}: ${word.startSecond}`);
          assert.ok(Math.abs(word.endSecond - word.startSecond - 0.4) < 0.05);
        });
        assert.ok(Math.abs((heard.durationInSeconds ?? 0) - 4) < 0.05);
        const body = bodyOf(heard);
        assert.ok(body.words.every(({ logprob }) => typeof logprob === 'number'));
        assert.deepEqual(new Set(speakersIn(body)), new Set(['speaker_0']));
        assert.deepEqual(lastForm(line), [
          ['model_id', 'scribe_v2'],
          ['file', 'audio.wav'],
          ['diarize', 'true'],
        ]);
        assert.deepEqual(warnedOf(heard), []);
      },
      { speakers: true },
    ));

  test(`E34: ${name}, which always asks who speaks, gets its text where nothing can tell`, () =>
    withEars(sdk, async ({ hear }) => {
      const heard = await hear();
      assert.equal(heard.text, HEARD);
      assert.deepEqual(warnedOf(heard), ['diarize']);
    }));

  test(`E36: ${name} asks for speakers and, with any option, against them: the last word counts`, () =>
    withEars(
      sdk,
      async ({ hear, line }) => {
        const silent = await hear({ audio: TALK, options: { languageCode: 'en' } });
        assert.deepEqual(
          lastForm(line).filter(([field]) => field === 'diarize'),
          [
            ['diarize', 'true'],
            ['diarize', 'false'],
          ],
        );
        assert.deepEqual(speakersIn(bodyOf(silent)), NOBODY);
        const asked = await hear({ audio: TALK, options: { diarize: true } });
        assert.deepEqual(speakersIn(bodyOf(asked)), SPEAKERS);
        const one = await hear({ audio: TALK, options: { diarize: true, numSpeakers: 1 } });
        assert.deepEqual(new Set(speakersIn(bodyOf(one))), new Set(['speaker_0']));
      },
      { speakers: true },
    ));

  test(`E34: ${name} hands on its options, and gets letters, no times, or raw samples heard`, () =>
    withEars(sdk, async ({ hear, engine }) => {
      const letters = await hear({ options: { languageCode: 'deu', timestampsGranularity: 'character' } });
      assert.equal(engine.opened[0]?.language, 'de');
      assert.equal(letters.language, 'deu');
      assert.equal(
        bodyOf(letters)
          .words[0]?.characters?.map(({ text }) => text)
          .join(''),
        'one',
      );
      assert.deepEqual(warnedOf(letters), ['tag_audio_events']);
      const untimed = await hear({ options: { timestampsGranularity: 'none', tagAudioEvents: false } });
      assert.ok(bodyOf(untimed).words.every(({ start }) => start === undefined));
      assert.equal(untimed.durationInSeconds, undefined);
      const raw = await hear({ audio: RECORDING.subarray(44), options: { fileFormat: 'pcm_s16le_16' } });
      assert.equal(raw.text, HEARD);
    }));

  test(`E34: silence is ${generation === 7 ? 'an empty text' : 'no transcript'} for ${name}`, () =>
    withEars(sdk, async ({ hear, line }) => {
      const call = hear({ audio: silence(2), maxRetries: 2 });
      if (generation === 7) assert.deepEqual([(await call).text, (await call).segments], ['', []]);
      else assert.equal(await thrownName(call), 'AI_NoTranscriptGeneratedError');
      assert.equal(line.sent.length, 1);
    }));

  test(`E46: ${name} shows what the server says about a wrong recording or model, and asks once`, () =>
    withEars(sdk, async ({ hear, line }) => {
      for (const [call, status, message] of [
        [{ audio: Buffer.from('Not a sound. '.repeat(99)) }, undefined, /audio/i],
        [{ audio: silence(0.05) }, undefined, /0\.1/],
        [{ options: { languageCode: 'klingon' } }, 422, /language/],
        [{ model: 'scribe_v99' }, undefined, /scribe_v99/],
      ] as const) {
        const before = line.sent.length;
        const error = await apiError(hear({ ...call, maxRetries: 2 }));
        assert.equal(error.message, JSON.parse(error.responseBody ?? '{}').error.message);
        assert.match(error.message, message);
        if (status !== undefined) assert.equal(error.statusCode, status);
        assert.ok((error.statusCode ?? 0) >= 400 && (error.statusCode ?? 0) < 500 && !error.isRetryable);
        assert.equal(line.sent.length, before + 1);
      }
    }));

  test(`E46: ${name} shows the command that installs a model where none can hear`, () =>
    calling(sdk, { engines: [toneEngine()] }, async ({ hear }) => {
      assert.match((await apiError(hear())).message, /antiphon models pull/);
    }));

  test(`E02, E46: ${name} with a wrong key is told so`, () =>
    calling(sdk, { keys: ['right'], apiKey: 'wrong' }, async ({ hear, speak }) => {
      for (const call of [hear(), speak()]) {
        const error = await apiError(call);
        assert.deepEqual([error.statusCode, error.message], [401, 'This API key is not one of ours.']);
      }
    }));

  test(`${name} that is aborted stops the engine that hears`, async () => {
    const gate = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    const ear = hearingEngine({ gate: gate.promise });
    const { transcription } = ear;
    assert.ok(transcription);
    const engine: Engine = {
      ...ear,
      transcription: {
        ...transcription,
        open: (request, context) => {
          context.signal.addEventListener('abort', () => noticed.resolve());
          opened.resolve();
          return transcription.open(request, context);
        },
      },
    };
    await calling(sdk, { engines: [engine] }, async ({ hear }) => {
      const hangUp = new AbortController();
      const call = thrownName(hear({ abortSignal: hangUp.signal, maxRetries: 2 }));
      await opened.promise;
      hangUp.abort();
      assert.equal(await call, 'AbortError');
      await noticed.promise;
      gate.resolve();
      while (ear.open() > 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(ear.heard.length, 0);
    });
  });

  test(`E01: ${name} speaks with nothing but a text, in the voice that is its own default`, () =>
    calling(sdk, {}, async ({ speak, line }) => {
      const { audio, warnings } = await speak();
      const { pathname, search } = line.sent[0]?.url ?? new URL('none:');
      assert.equal(pathname + search, '/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM?output_format=mp3_44100_128');
      assert.deepEqual(lastJson(line), { text: TEXT, model_id: 'eleven_multilingual_v2' });
      assert.deepEqual([audio.mediaType, audio.format, warnings], ['audio/mpeg', 'mp3', []]);
      const { frames } = await decodeMp3(Buffer.from(audio.uint8Array), { sampleRate: 44_100, channels: 1 });
      assert.ok(frames >= TEXT.length * 2_205, `${frames}`);
    }));

  test(`E14: ${name} gets its own names of formats in their true length`, () =>
    calling(sdk, {}, async ({ speak }) => {
      for (const [outputFormat, bytesPerSecond] of [
        ['pcm', 88_200],
        ['pcm_16000', 32_000],
        ['pcm_22050', 44_100],
        ['pcm_24000', 48_000],
        ['pcm_44100', 88_200],
        ['ulaw', 8_000],
      ] as const) {
        const { audio } = await speak({ outputFormat });
        const seconds = audio.uint8Array.length / bytesPerSecond;
        assert.ok(Math.abs(seconds - TEXT.length * 0.05) < 0.01, `${outputFormat}: ${seconds} s`);
      }
    }));

  test(`E09, E10, E18: ${name} hands on its options`, async () => {
    const engine = toneEngine();
    await calling(sdk, { engines: [engine] }, async ({ speak, line }) => {
      const { audio } = await speak({
        voice: 'JBFqnCBsd6RMkjVDRZzb',
        speed: 1.2,
        language: 'de',
        outputFormat: 'pcm_16000',
        options: {
          voiceSettings: { stability: 0.5, similarityBoost: 0.7, style: 0, useSpeakerBoost: true },
          seed: 7,
          previousText: 'Before.',
          nextText: 'After.',
          previousRequestIds: ['a', 'b', 'c'],
          applyTextNormalization: 'off',
          enableLogging: false,
        },
      });
      assert.equal(line.sent[0]?.url.searchParams.get('enable_logging'), 'false');
      const asked = engine.asked[0];
      assert.deepEqual([asked?.speed, asked?.language, asked?.seed], [1.2, 'de', 7]);
      // The text that follows adds its share of the pause between the two.
      const pause = audio.uint8Array.length / 32_000 - (TEXT.length * 0.05) / 1.2;
      assert.ok(pause > -0.01 && pause < 0.4, `${pause} s more than the text`);
    });
  });

  test(`E06, E08, E15, E16, E46: ${name} shows what the server says about wrong speech, and asks once`, () =>
    calling(sdk, {}, async ({ speak, line }) => {
      for (const [call, status, message] of [
        [{ voice: 'foo' }, 404, /foo/],
        [{ text: ' ' }, 400, /text/i],
        [{ outputFormat: 'mp3_1_1' }, 422, /output_format/],
        [{ model: 'eleven_v99' }, 404, /eleven_v99/],
        [
          { options: { pronunciationDictionaryLocators: [{ pronunciationDictionaryId: 'none' }] } },
          404,
          /none/,
        ],
      ] as const satisfies readonly (readonly [Partial<SpeakCall>, number, RegExp])[]) {
        const before = line.sent.length;
        const error = await apiError(speak({ ...call, maxRetries: 2 }));
        assert.equal(error.message, JSON.parse(error.responseBody ?? '{}').error.message);
        assert.match(error.message, message);
        assert.deepEqual([error.statusCode, error.isRetryable], [status, false], error.message);
        assert.equal(line.sent.length, before + 1);
      }
    }));

  test(`E25, E46: ${name} comes back to a server that was too busy, and shows why when it may not`, async () => {
    const tone = toneEngine();
    const { speech } = tone;
    assert.ok(speech);
    let failures = 1;
    const engine: Engine = {
      ...tone,
      speech: {
        ...speech,
        synthesize: async (request, context) => {
          failures -= 1;
          if (failures >= 0) throw new AppError('overloaded', 'All slots are taken.', { retryAfterMs: 20 });
          return speech.synthesize(request, context);
        },
      },
    };
    await calling(sdk, { engines: [engine] }, async ({ speak, line }) => {
      assert.ok((await speak({ maxRetries: 1 })).audio.uint8Array.length > 1_000);
      assert.equal(line.sent.length, 2);
      failures = 1;
      const error = await apiError(speak());
      assert.deepEqual(
        [error.statusCode, error.message, error.isRetryable],
        [429, 'All slots are taken.', true],
      );
    });
  });
}
