import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/core/engine.ts';
import { apiError, clientsWith, lastJson, openaiSdks, thrownName } from '../ai-sdk-support.ts';
import {
  decodeAac,
  decodeFlac,
  decodeMp3,
  decodeOpus,
  decodePcm,
  decodeWav,
  type DecodeAudio,
} from '../contracts/decode-audio.ts';
import { toneEngine } from '../tone-engine.ts';

const TEXT = 'Good evening, dear listeners, and welcome.';
const RAW = { sampleRate: 24_000, channels: 1 } as const;
/** The tone engine speaks a character for 50 ms. */
const FRAMES = TEXT.length * 1_200;

const { calling } = clientsWith({
  hear: { model: 'whisper-1', audio: new Uint8Array() },
  speak: { model: 'tts-1', text: TEXT },
});

/** A tone engine that speaks only when `before` lets it. */
function guarded(tone: Engine, before: (signal: AbortSignal) => void): Engine {
  const { speech } = tone;
  assert.ok(speech);
  return {
    ...tone,
    speech: {
      ...speech,
      synthesize: async (request, context) => {
        before(context.signal);
        return speech.synthesize(request, context);
      },
    },
  };
}

/** Formats, and the media type that the newest generation gives them; older ones take what they do not know for MP3. */
const FORMATS: readonly (readonly [string, string, DecodeAudio])[] = [
  ['mp3', 'audio/mpeg', decodeMp3],
  ['opus', 'audio/ogg', decodeOpus],
  ['aac', 'audio/aac', decodeAac],
  ['flac', 'audio/flac', decodeFlac],
  ['wav', 'audio/wav', decodeWav],
  ['pcm', 'audio/pcm', decodePcm],
];

for (const sdk of openaiSdks) {
  const { name, generation } = sdk;

  test(`S1: ${name} speaks with nothing but a text`, async () => {
    const engine = toneEngine();
    await calling(sdk, { engines: [engine] }, async ({ speak, line }) => {
      const { audio, warnings, responses } = await speak();
      assert.ok((await decodeMp3(Buffer.from(audio.uint8Array), RAW)).frames >= FRAMES);
      assert.deepEqual([audio.mediaType, audio.format, warnings], ['audio/mpeg', 'mp3', []]);
      assert.equal(responses[0]?.headers?.['x-antiphon-model'], 'tone/tone');
      assert.deepEqual(lastJson(line), {
        model: 'tts-1',
        input: TEXT,
        voice: 'alloy',
        response_format: 'mp3',
      });
      assert.equal(engine.asked.length, 1);
    });
  });

  test(`S2: ${name} gets every format whole`, () =>
    calling(sdk, {}, async ({ speak }) => {
      for (const [outputFormat, mediaType, decode] of FORMATS) {
        const { audio } = await speak({ outputFormat });
        const decoded = await decode(Buffer.from(audio.uint8Array), RAW);
        assert.ok(decoded.frames >= FRAMES, `${outputFormat}: ${decoded.frames}`);
        if (generation === 7 || !['aac', 'pcm'].includes(outputFormat))
          assert.equal(audio.mediaType, mediaType, outputFormat);
      }
    }));

  test(`S6: ${name} hands on the speed, and says itself what it leaves out`, async () => {
    const engine = toneEngine();
    await calling(sdk, { engines: [engine] }, async ({ speak }) => {
      const { audio, warnings } = await speak({
        speed: 2,
        voice: 'nova',
        language: 'de',
        outputFormat: 'vox',
        instructions: 'Whisper.',
        model: 'gpt-4o-mini-tts',
      });
      assert.equal(engine.asked[0]?.speed, 2);
      const { frames } = await decodeMp3(Buffer.from(audio.uint8Array), RAW);
      assert.ok(frames >= FRAMES / 2 && frames < FRAMES, `${frames}`);
      const told = JSON.stringify(warnings);
      assert.match(told, /outputFormat/);
      assert.match(told, /language/);
      assert.equal(warnings.length, 2);
    });
  });

  test(`${name} finds the server's warnings in the headers that it keeps`, () =>
    calling(sdk, {}, async ({ speak }) => {
      const { responses } = await speak({ instructions: 'Whisper.', model: 'gpt-4o-mini-tts' });
      const told: { setting: string; type: string }[] = JSON.parse(
        responses[0]?.headers?.['x-antiphon-warnings'] ?? '[]',
      );
      assert.deepEqual(
        told.map(({ type, setting }) => [type, setting]),
        [['ignored', 'instructions']],
      );
    }));

  test(`S4 S5 S6 S8: ${name} shows what the server says about a wrong request, and asks once`, () =>
    calling(sdk, {}, async ({ speak, line }) => {
      for (const [call, message] of [
        [{ voice: 'nobody' }, /nobody/],
        [{ text: 'a'.repeat(4_097) }, /4096/],
        [{ speed: 5 }, /speed/],
        [{ text: '' }, /input/],
      ] as const) {
        const before = line.sent.length;
        const error = await apiError(speak({ ...call, maxRetries: 2 }));
        const { error: told } = JSON.parse(error.responseBody ?? '{}');
        assert.deepEqual([error.statusCode, error.isRetryable], [400, false], error.message);
        assert.equal(error.message, told.message);
        assert.match(error.message, message);
        assert.equal(line.sent.length, before + 1);
      }
    }));

  test(`S8: ${name} is told that there is nothing to speak, and never gets an empty sound`, () =>
    calling(sdk, { engines: [toneEngine({ mute: true })] }, async ({ speak }) => {
      const error = await apiError(speak());
      assert.equal(error.statusCode, 400);
      assert.equal(error.message, JSON.parse(error.responseBody ?? '{}').error.message);
    }));

  test(`E5: ${name} with a wrong key is told so before it can speak`, () =>
    calling(sdk, { keys: ['right'], apiKey: 'wrong' }, async ({ speak }) => {
      const error = await apiError(speak());
      assert.deepEqual([error.statusCode, error.message], [401, 'This API key is not one of ours.']);
    }));

  test(`E2: ${name} comes back to a server that was too busy to speak, as soon as it is told`, async () => {
    let attempts = 0;
    const engine = guarded(toneEngine(), () => {
      attempts += 1;
      if (attempts <= 2) throw new AppError('overloaded', 'All slots are taken.', { retryAfterMs: 20 });
    });
    await calling(sdk, { engines: [engine] }, async ({ speak, line }) => {
      const begun = performance.now();
      assert.ok((await speak({ maxRetries: 2 })).audio.uint8Array.length > 1_000);
      // The client's own patience would be 2 s and then 4 s.
      assert.ok(performance.now() - begun < 5_000, 'it waited as long as without being told');
      assert.equal(line.sent.length, 3);
    });
  });

  test(`S9: ${name} that is aborted stops the engine`, async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    const tone = toneEngine({ gate: gate.promise });
    const engine = guarded(tone, (signal) => {
      signal.addEventListener('abort', () => noticed.resolve());
      begun.resolve();
    });
    await calling(sdk, { engines: [engine] }, async ({ speak }) => {
      const hangUp = new AbortController();
      const call = thrownName(speak({ abortSignal: hangUp.signal, maxRetries: 2 }));
      await begun.promise;
      hangUp.abort();
      assert.equal(await call, 'AbortError');
      await noticed.promise;
      gate.resolve();
      while (tone.open() > 0) await new Promise((resolve) => setImmediate(resolve));
    });
  });
}
