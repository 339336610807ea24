import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import { apiError, clientsWith, lastForm, openaiSdks, thrownName, type AiSdk } from '../ai-sdk-support.ts';
import { burstRecording, bursts, silence } from '../burst-recording.ts';
import { readTestFile, withoutTestData } from '../decode-support.ts';
import { hearingEngine, type HearingEngine } from '../hearing-engine.ts';
import { toneEngine } from '../tone-engine.ts';

const SEVEN = burstRecording({ bursts: bursts(7) });
const TEXT = 'one two three four five. six seven.';
const SEGMENTS = [' one two three four five.', ' six seven.'];
const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
const DIALOGUE = burstRecording({ bursts: [...bursts(5), 0, 0, ...bursts(5, 2_300)] });

const { calling, withEars } = clientsWith({
  hear: { model: 'whisper-1', audio: SEVEN },
  speak: { model: 'tts-1', text: TEXT },
});

/** An engine that opens only when `before` lets it. */
function guarded(ear: HearingEngine, before: (signal: AbortSignal) => void): Engine {
  const { transcription } = ear;
  assert.ok(transcription);
  return {
    ...ear,
    transcription: {
      ...transcription,
      open: async (request, context) => {
        before(context.signal);
        return transcription.open(request, context);
      },
    },
  };
}

function texts(parts: readonly { readonly text: string }[] | undefined): string[] | undefined {
  return parts?.map(({ text }) => text);
}

type Format = 'json' | 'verbose_json' | 'diarized_json' | undefined;

/** The format that each generation asks for under a model's name: without options, and with any. */
const FORMATS: Readonly<Record<string, Readonly<Record<AiSdk['generation'], readonly [Format, Format]>>>> = {
  'whisper-1': {
    5: [undefined, 'verbose_json'],
    6: [undefined, 'verbose_json'],
    7: ['verbose_json', 'verbose_json'],
  },
  'gpt-4o-transcribe': { 5: [undefined, 'json'], 6: [undefined, 'json'], 7: [undefined, undefined] },
  'gpt-4o-mini-transcribe': { 5: [undefined, 'json'], 6: [undefined, 'json'], 7: [undefined, undefined] },
  'gpt-4o-mini-transcribe-2025-12-15': {
    5: [undefined, 'verbose_json'],
    6: [undefined, 'json'],
    7: [undefined, undefined],
  },
  'gpt-4o-transcribe-diarize': {
    5: [undefined, 'verbose_json'],
    6: [undefined, 'verbose_json'],
    7: ['diarized_json', 'diarized_json'],
  },
  'gpt-transcribe': { 5: [undefined, 'verbose_json'], 6: [undefined, 'json'], 7: [undefined, undefined] },
  'ear/ear': { 5: [undefined, 'verbose_json'], 6: [undefined, 'verbose_json'], 7: [undefined, undefined] },
};

for (const sdk of openaiSdks) {
  const { name, generation } = sdk;

  test(`T1 T2 T19: ${name} hands on its options and gets text, segments, words, language and duration`, () =>
    withEars(sdk, async ({ hear, line, engine }) => {
      const options = {
        language: 'en',
        prompt: 'Names:\nAntiphon',
        temperature: 0.4,
        timestampGranularities: ['word', 'segment'],
      };
      const heard = await hear({ options });
      assert.deepEqual([heard.text, heard.language, heard.durationInSeconds], [TEXT, 'en', 4.4]);
      assert.deepEqual(texts(heard.segments), SEGMENTS);
      assert.deepEqual(texts(heard.words), generation === 7 ? WORDS : undefined);
      assert.deepEqual([heard.segments[1]?.startSecond, heard.segments[1]?.endSecond], [3.001, 4]);
      const [opened, window] = [engine.opened[0], engine.heard[0]];
      assert.deepEqual([opened?.language, opened?.temperature, opened?.wordTimes], ['en', 0.4, true]);
      assert.equal(window?.prompt, 'Names:\nAntiphon');
      assert.ok(lastForm(line).some(([field, file]) => field === 'file' && file === 'audio.wav'));
    }));

  test(`T5: ${name} gets the words where it asks for nothing else`, () =>
    withEars(sdk, async ({ hear }) => {
      const heard = await hear({ options: { timestampGranularities: ['word'] } });
      assert.deepEqual(texts(heard.segments), WORDS);
    }));

  for (const [model, formats] of Object.entries(FORMATS)) {
    test(`T2 T7: ${name} reads what it gets in the format that it asks of ${model}`, () =>
      withEars(
        sdk,
        async ({ hear, line }) => {
          for (const [index, options] of [undefined, { prompt: 'Antiphon' }].entries()) {
            const heard = await hear({ model, ...(options ? { options } : {}) });
            const form = new Map(lastForm(line));
            const format = formats[generation][index];
            assert.equal(form.get('response_format'), format);
            assert.equal(heard.text, TEXT);
            const timed = format === 'verbose_json' || format === 'diarized_json';
            assert.deepEqual(texts(heard.segments), timed ? SEGMENTS : []);
            // Without a format that has it, the newer generations take the duration from the usage, where it is whole.
            const counted = generation > 5 && ['ear/ear', 'whisper-1'].includes(model) ? 5 : undefined;
            assert.equal(heard.durationInSeconds, timed ? 4.4 : counted);
            const named = format === 'verbose_json' || (model === 'gpt-transcribe' && generation === 7);
            assert.equal(heard.language, named ? 'en' : undefined);
            assert.equal(heard.responses[0]?.headers?.['x-antiphon-warnings'], undefined);
          }
        },
        { speakers: true },
      ));
  }

  test(`T8: ${name} asks for log probabilities, and they are in the body that it keeps`, () =>
    withEars(sdk, async ({ hear, engine }) => {
      const heard = await hear({ model: 'gpt-4o-transcribe', options: { include: ['logprobs'] } });
      assert.equal(engine.opened[0]?.logprobs, true);
      const body = heard.responses[0]?.body as { logprobs: { token: string }[] }; // What is then checked.
      assert.deepEqual(
        body.logprobs.map(({ token }) => token.trim()),
        WORDS,
      );
    }));

  test(`T4: ${name} names every file audio.something, and its bytes decide`, { skip: withoutTestData }, () =>
    withEars(sdk, async ({ hear, line }) => {
      const named: (string | undefined)[] = [];
      for (const clip of ['m4a', 'webm'] as const) {
        const audio = await readTestFile(`formats/jfk.${clip}`);
        const heard = await hear({ audio, options: { language: 'en' } });
        assert.ok(
          Math.abs((heard.durationInSeconds ?? 0) - 11) < 0.1,
          `${clip}: ${heard.durationInSeconds} s`,
        );
        named.push(new Map(lastForm(line)).get('file'));
      }
      assert.ok(named.every((file) => file?.startsWith('audio.')));
    }),
  );

  test(`T16: silence without text is ${generation === 7 ? 'an empty text' : 'no transcript'} for ${name}`, () =>
    withEars(sdk, async ({ hear, line, engine }) => {
      const call = hear({ audio: silence(2), maxRetries: 2 });
      if (generation === 7) assert.deepEqual([(await call).text, (await call).segments], ['', []]);
      else assert.equal(await thrownName(call), 'AI_NoTranscriptGeneratedError');
      assert.equal(line.sent.length, 1);
      assert.equal(engine.heard.length, 0, 'the model was made to hear silence');
    }));

  test(`T15: ${name} shows what the server says about a wrong request, and asks once`, () =>
    withEars(sdk, async ({ hear, line }) => {
      for (const [call, message] of [
        [{ audio: Buffer.from('Not a sound. '.repeat(99)) }, /audio/i],
        [{ audio: Buffer.alloc(0) }, /empty|audio|file/i],
        [{ audio: silence(0.05) }, /0\.1/],
        [{ options: { language: 'klingon' } }, /klingon/],
      ] as const) {
        const before = line.sent.length;
        const error = await apiError(hear({ ...call, maxRetries: 2 }));
        const { error: told } = JSON.parse(error.responseBody ?? '{}');
        assert.deepEqual([error.statusCode, error.isRetryable], [400, false], error.message);
        assert.equal(error.message, told.message);
        assert.match(error.message, message);
        assert.equal(line.sent.length, before + 1);
      }
    }));

  test(`T14: ${name} is told that a file is too large`, () =>
    withEars(sdk, async ({ hear }) => {
      const error = await apiError(hear({ audio: Buffer.alloc(26_214_401) }));
      assert.equal(error.statusCode, 413);
      assert.match(error.message, /26214400|25 MB/);
      assert.equal((await hear()).text, TEXT);
    }));

  test(`${name} shows the command that installs a model where none can hear`, () =>
    calling(sdk, { engines: [toneEngine()] }, async ({ hear }) => {
      const error = await apiError(hear());
      assert.equal(error.statusCode, 404);
      assert.match(error.message, /antiphon models pull/);
    }));

  test(`E5: ${name} with a wrong key is told so`, () =>
    calling(sdk, { engines: [hearingEngine()], keys: ['right'], apiKey: 'wrong' }, async ({ hear }) => {
      const error = await apiError(hear());
      assert.deepEqual([error.statusCode, error.message], [401, 'This API key is not one of ours.']);
    }));

  test(`T13: ${name} is told that the engine broke in the middle`, () =>
    withEars(
      sdk,
      async ({ hear }) => {
        const error = await apiError(hear({ audio: burstRecording({ bursts: bursts(60) }) }));
        assert.equal(error.statusCode, 500);
        assert.equal(error.message, JSON.parse(error.responseBody ?? '{}').error.message);
        assert.doesNotMatch(error.message, /The ear broke/);
      },
      { failInWindow: 1 },
    ));

  test(`E2: ${name} comes back to a server that was too busy to hear, as soon as it is told`, async () => {
    let attempts = 0;
    const engine = guarded(hearingEngine(), () => {
      attempts += 1;
      if (attempts <= 2) throw new AppError('overloaded', 'All slots are taken.', { retryAfterMs: 20 });
    });
    await calling(sdk, { engines: [engine] }, async ({ hear, line }) => {
      const begun = performance.now();
      assert.equal((await hear({ maxRetries: 2 })).text, TEXT);
      // The client's own patience would be 2 s and then 4 s.
      assert.ok(performance.now() - begun < 5_000, 'it waited as long as without being told');
      assert.equal(line.sent.length, 3);
    });
  });

  test(`${name} that is aborted stops the engine`, async () => {
    const gate = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    const ear = hearingEngine({ gate: gate.promise });
    const engine = guarded(ear, (signal) => {
      signal.addEventListener('abort', () => noticed.resolve());
      opened.resolve();
    });
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

  if (generation < 7) {
    test(`T17: ${name} asks the format json for granularities, which is no error`, () =>
      withEars(sdk, async ({ hear, line }) => {
        const heard = await hear({ model: 'gpt-4o-transcribe', options: { prompt: 'Antiphon' } });
        const form = new Map(lastForm(line));
        assert.equal(form.get('response_format'), 'json');
        assert.equal(form.get('timestamp_granularities[]'), 'segment');
        assert.equal(heard.text, TEXT);
        assert.equal(heard.responses[0]?.headers?.['x-antiphon-warnings'], undefined);
      }));
  }

  if (generation > 5) {
    test(`${name} gives gpt-transcribe languages and keywords`, () =>
      withEars(sdk, async ({ hear, engine }) => {
        const options = { languages: ['de'], keywords: ['Antiphon', 'Psalter'] };
        const heard = await hear({ model: 'gpt-transcribe', options });
        assert.equal(heard.language, generation === 7 ? 'de' : undefined);
        assert.equal(engine.opened[0]?.language, 'de');
        assert.equal(engine.heard[0]?.prompt, 'Antiphon, Psalter');
      }));
  }

  if (generation === 7) {
    test(`T9 T11: ${name} sends a chunking strategy as JSON and gets the speakers`, () =>
      withEars(
        sdk,
        async ({ hear, line }) => {
          for (const [chunkingStrategy, text] of [
            ['auto', 'auto'],
            [
              { type: 'server_vad', threshold: 0.4, prefixPaddingMs: 200, silenceDurationMs: 300 },
              '{"type":"server_vad","threshold":0.4,"prefix_padding_ms":200,"silence_duration_ms":300}',
            ],
          ] as const) {
            const model = 'gpt-4o-transcribe-diarize';
            const heard = await hear({ model, audio: DIALOGUE, options: { chunkingStrategy } });
            assert.deepEqual(
              JSON.stringify(new Map(lastForm(line)).get('chunking_strategy')),
              JSON.stringify(text),
            );
            const { segments } = heard.providerMetadata['openai'] as { segments: { speaker: string }[] }; // What is then checked.
            assert.deepEqual(
              segments.map(({ speaker }) => speaker),
              ['A', 'B'],
            );
            assert.equal(heard.responses[0]?.headers?.['x-antiphon-warnings'], undefined);
          }
        },
        { speakers: true },
      ));
  }
}
