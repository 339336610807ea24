import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElevenLabs, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import type { Warning } from '../../src/core/warning.ts';
import { soundFormatNames } from '../../src/dialects/elevenlabs/elevenlabs-formats.ts';
import { decodeMp3, decodeMulaw, decodeOpus, decodePcm } from '../contracts/decode-audio.ts';
import { rootMeanSquare } from '../../src/media/pcm.ts';
import { callingForSounds, readBytes } from '../elevenlabs-house.ts';
import { TONE_SECONDS, toneSounds } from '../tone-sounds.ts';

/** For what the client itself would not send. */
function post(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function failure(call: () => Promise<unknown>): Promise<ElevenLabsError> {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ElevenLabsError, `got ${String(error)}`);
  return error;
}

function detailOf(error: ElevenLabsError): Record<string, unknown> {
  return (error.body as { detail: Record<string, unknown> }).detail; // What the tests then check.
}

function warningsIn({ headers }: { readonly headers: { get(name: string): string | null } }): Warning[] {
  return JSON.parse(headers.get('x-antiphon-warnings') ?? '[]');
}

/** The level of a tone of 0.5 and one of half of that, mixed: what 0.375 has as its root mean square. */
const MIXED_LEVEL = 0.375 / Math.SQRT2;

test('E26: a sound lasts as long as was asked, from 0.5 to 30 seconds, or as long as it likes', () =>
  callingForSounds(async ({ client, sent }) => {
    for (const durationSeconds of [0.5, 22, 30]) {
      const { data, rawResponse } = await client.textToSoundEffects
        .convert({ text: 'Thunder', durationSeconds, outputFormat: 'pcm_8000' })
        .withRawResponse();
      assert.equal((await readBytes(data)).length, durationSeconds * 16_000);
      assert.equal(rawResponse.headers.get('character-cost'), String(40 * durationSeconds));
      assert.equal(rawResponse.headers.get('x-antiphon-stand-in'), 'true');
    }
    for (const durationSeconds of [0.49, 30.5]) {
      const error = await failure(() =>
        client.textToSoundEffects.convert({ text: 'Thunder', durationSeconds }),
      );
      assert.ok(error instanceof ElevenLabs.UnprocessableEntityError);
      assert.match(JSON.stringify(error.body), /"loc":\["body","duration_seconds"\]/);
    }
    const asked = { text: 'Thunder', outputFormat: 'pcm_16000' } as const;
    const { data, rawResponse } = await client.textToSoundEffects.convert(asked).withRawResponse();
    assert.equal((await readBytes(data)).length, TONE_SECONDS * 32_000);
    assert.equal(rawResponse.headers.get('character-cost'), '200');
    assert.equal(sent(), 6);
  }));

test('E26: a length of null is as good as none', () =>
  callingForSounds(async ({ origin }) => {
    const reply = await post(`${origin}/v1/sound-generation?output_format=pcm_8000`, {
      text: 'Thunder',
      duration_seconds: null,
      prompt_influence: null,
      loop: null,
      model_id: null,
    });
    assert.equal(reply.status, 200);
    assert.equal((await reply.arrayBuffer()).byteLength, TONE_SECONDS * 16_000);
    assert.equal(reply.headers.get('x-antiphon-warnings'), null);
  }));

test('E27: the prompt’s influence goes from 0 to 1', () =>
  callingForSounds(async ({ client, engine }) => {
    const make = async (promptInfluence?: number) =>
      readBytes(
        await client.textToSoundEffects.convert({
          text: 'Rain',
          durationSeconds: 0.5,
          ...(promptInfluence === undefined ? {} : { promptInfluence }),
        }),
      );
    for (const influence of [-0.1, 1.1]) {
      assert.ok((await failure(() => make(influence))) instanceof ElevenLabs.UnprocessableEntityError);
    }
    await make(0);
    await make(1);
    await make();
    assert.deepEqual(
      engine.asked.map(({ promptInfluence }) => promptInfluence),
      [0, 1, 0.3],
    );
  }));

test('E28: two seconds of pcm_44100 are 176,400 bytes', () =>
  callingForSounds(async ({ client }) => {
    const asked = { text: 'Rain', durationSeconds: 2, outputFormat: 'pcm_44100' } as const;
    const bytes = await readBytes(await client.textToSoundEffects.convert(asked));
    assert.equal(bytes.length, 176_400);
    const { samples = new Float32Array(0) } = await decodePcm(bytes, { sampleRate: 44_100, channels: 1 });
    assert.ok(Math.abs(rootMeanSquare(samples) - MIXED_LEVEL) < 0.01);
  }));

test('every output format of sounds decodes to the asked length, and to the level that was made', () =>
  callingForSounds(async ({ client, origin }) => {
    assert.equal(soundFormatNames.length, 21);
    for (const outputFormat of soundFormatNames) {
      const asked = { text: 'Rain', durationSeconds: 1, outputFormat };
      const bytes = await readBytes(await client.textToSoundEffects.convert(asked));
      const [codec, rate] = outputFormat.split('_');
      const raw = { sampleRate: Number(rate), channels: 1 as const };
      if (codec === 'pcm') assert.equal(bytes.length, raw.sampleRate * 2, outputFormat);
      if (codec === 'ulaw' || codec === 'alaw') assert.equal(bytes.length, 8000, outputFormat);
      const decode = { mp3: decodeMp3, opus: decodeOpus, ulaw: decodeMulaw, pcm: decodePcm }[codec ?? ''];
      if (!decode) continue;
      const sound = await decode(bytes, raw);
      const surplus = sound.frames - sound.sampleRate;
      assert.ok(
        surplus >= 0 && surplus <= sound.delayFrames + sound.mostPaddingFrames,
        `${outputFormat}: ${surplus}`,
      );
      const level = rootMeanSquare(
        (sound.samples ?? new Float32Array(0)).subarray(0, sound.frames * sound.channels),
      );
      assert.ok(level > 0.2 && level < 0.4, `${outputFormat}: ${level}`);
    }
    const refused = await post(`${origin}/v1/sound-generation?output_format=wav_44100`, { text: 'Rain' });
    assert.equal(refused.status, 422);
  }));

test('a sound that loops says so to the engine, and all fields of the client are taken', () =>
  callingForSounds(async ({ client, engine }) => {
    const { data, rawResponse } = await client.textToSoundEffects
      .convert({
        text: 'A brook',
        loop: true,
        durationSeconds: 1.25,
        promptInfluence: 0.7,
        modelId: 'eleven_text_to_sound_v2',
        outputFormat: 'mp3_44100_192',
      })
      .withRawResponse();
    const { channels, sampleRate } = await decodeMp3(await readBytes(data), {
      sampleRate: 44_100,
      channels: 2,
    });
    assert.deepEqual([channels, sampleRate], [2, 44_100]);
    const { seed, ...asked } = engine.asked[0] ?? { seed: undefined };
    assert.equal(typeof seed, 'number');
    assert.deepEqual(asked, {
      kind: 'effect',
      prompt: 'A brook',
      model: 'tones/sound',
      durationSeconds: 1.25,
      promptInfluence: 0.7,
      loop: true,
    });
    assert.deepEqual(warningsIn(rawResponse), []);
  }));

test('descriptions of nothing and of 100,000 characters, and unknown models, are refused and asked for once', () =>
  callingForSounds(async ({ client, origin, sent, engine }) => {
    const errors = [
      await failure(() => client.textToSoundEffects.convert({ text: ' ' })),
      await failure(() => client.textToSoundEffects.convert({ text: 'a'.repeat(100_000) })),
      await failure(() => client.music.compose({ prompt: 'a'.repeat(100_000) })),
    ];
    assert.deepEqual(
      errors.map((error) => [error.statusCode, detailOf(error)['code'], detailOf(error)['param']]),
      [
        [400, 'empty_text', 'text'],
        [400, 'text_too_long', 'text'],
        [400, 'text_too_long', 'prompt'],
      ],
    );
    assert.deepEqual([sent(), engine.asked.length], [3, 0]);
    const unknown = await post(`${origin}/v1/sound-generation`, { text: 'Rain', model_id: 'nothing' });
    assert.equal(unknown.status, 404);
    assert.match(await unknown.text(), /"code":"model_not_found".*"param":"model_id"/);
  }));

test('an engine that is down is a 5xx that the client repeats, and one that has no sounds a 400', () =>
  callingForSounds(
    async ({ client }) => {
      const error = await failure(() =>
        client.textToSoundEffects.convert({ text: 'Rain' }, { maxRetries: 0 }),
      );
      assert.equal(error.statusCode, 500);
    },
    { engines: [toneSounds({ failAfterChunks: 0 })] },
  ).then(() =>
    callingForSounds(
      async ({ client, sent }) => {
        const error = await failure(() => client.textToSoundEffects.convert({ text: 'Rain' }));
        assert.deepEqual([error.statusCode, sent()], [400, 1]);
      },
      { engines: [] },
    ),
  ));
