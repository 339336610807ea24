import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import {
  decodeFlac,
  decodeMp3,
  decodeOpus,
  decodePcm,
  decodeWav,
  decodeAac,
  type DecodeAudio,
} from '../contracts/decode-audio.ts';
import type { MediaFetcher } from '../../src/core/ports/media-fetcher.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { measurePitch } from '../../src/media/pitch.ts';
import { withHouse } from '../eigen-house.ts';
import { toneEngine } from '../tone-engine.ts';

after(stopDecodePool);

const RATE = 24_000;
/** The tone engine speaks each character for this long. */
const SECONDS_PER_CHARACTER = 0.05;
const TEXT = 'Good evening, dear listeners.';
const WAV_MAGIC = 'RIFF';

type Fields = Readonly<Record<string, unknown>>;
type Files = Readonly<Record<string, Uint8Array>>;

async function postForm(
  app: FastifyInstance,
  url: string,
  { fields = {}, files = {} }: { fields?: Fields; files?: Files },
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  for (const [name, bytes] of Object.entries(files))
    form.append(name, new Blob([Uint8Array.from(bytes)]), `${name}.wav`);
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  return app.inject({ method: 'POST', url, headers, payload: Buffer.from(await encoded.arrayBuffer()) });
}

function postJson(app: FastifyInstance, url: string, fields: Fields) {
  return app.inject({ method: 'POST', url, payload: { ...fields } });
}

function postUrlencoded(app: FastifyInstance, url: string, fields: Readonly<Record<string, string>>) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return app.inject({ method: 'POST', url, headers, payload: new URLSearchParams(fields).toString() });
}

const GENERATE = '/api/v1/generate';

function speak(app: FastifyInstance, model: string, fields: Fields = {}) {
  return postJson(app, GENERATE, { model, text: TEXT, ...fields });
}

/** The seconds of a plain WAV answer, which must be what the vendor's WAV always is. */
async function secondsOfWav(response: LightMyRequestResponse): Promise<number> {
  assert.equal(response.statusCode, 200, response.body.slice(0, 300));
  assert.equal(response.headers['content-type'], 'audio/wav');
  assert.equal(response.rawPayload.toString('latin1', 0, 4), WAV_MAGIC);
  assert.equal(Number(response.headers['content-length']), response.rawPayload.length);
  assert.equal(response.rawPayload.readUInt32LE(40), response.rawPayload.length - 44);
  assert.equal(response.rawPayload.readUInt16LE(34), 16);
  const decoded = await decodeWav(response.rawPayload, { sampleRate: RATE, channels: 1 });
  assert.deepEqual([decoded.sampleRate, decoded.channels], [RATE, 1]);
  assert.ok(
    decoded.samples && decoded.samples.some((sample) => Math.abs(sample) > 0.1),
    'the clip is silent',
  );
  return decoded.frames / RATE;
}

function assertNear(seconds: number, expected: number): void {
  assert.ok(Math.abs(seconds - expected) < 0.01, `${seconds} s instead of ${expected} s`);
}

function assertRefused(response: LightMyRequestResponse, status: number, naming: string): void {
  assert.equal(response.statusCode, status, response.body.slice(0, 300));
  assert.match(String(response.headers['content-type']), /^application\/json/);
  const body: { detail?: unknown; error?: unknown } = response.json();
  assert.equal(typeof body.detail, 'string');
  assert.equal(body.error, body.detail);
  assert.ok(String(body.detail).includes(naming), String(body.detail));
}

function eventsOf(response: LightMyRequestResponse): Record<string, unknown>[] {
  assert.equal(response.statusCode, 200, response.body.slice(0, 300));
  assert.equal(response.headers['content-type'], 'text/event-stream');
  assert.ok(response.body.endsWith('\n\n'));
  return response.body
    .slice(0, -2)
    .split('\n\n')
    .map((line) => {
      assert.ok(line.startsWith('data: ') && !line.includes('\n'), line.slice(0, 80));
      return JSON.parse(line.slice('data: '.length));
    });
}

function pcmOf(events: readonly Record<string, unknown>[]): Buffer {
  const chunks = events.filter((event) => event['type'] === 'audio_chunk');
  return Buffer.concat(chunks.map((event) => Buffer.from(String(event['data']), 'base64')));
}

const MODELS = ['higgs2p5', 'chatterbox', 'qwen3-tts'];
const WHOLE_SECONDS = TEXT.length * SECONDS_PER_CHARACTER;

/** How high the voice of the samples is. */
const SAMPLE_HERTZ = 200;

/** A tone like a deep woman's voice, as WAVE. */
function wavOf(seconds: number): Uint8Array {
  const header = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0data\0\0\0\0',
    'latin1',
  );
  header.writeUInt32LE(36 + seconds * 16_000, 4);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.writeUInt32LE(seconds * 16_000, 40);
  const samples = Int16Array.from({ length: seconds * 8_000 }, (_, index) => {
    const phase = (2 * Math.PI * SAMPLE_HERTZ * index) / 8_000;
    return 8_000 * (Math.sin(phase) + 0.5 * Math.sin(2 * phase));
  });
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

for (const model of MODELS) {
  test(`R1 ${model} text: absent or blank is a 400 that names it`, () =>
    withHouse(async ({ app, engine }) => {
      assertRefused(await postJson(app, GENERATE, { model }), 400, 'text');
      for (const text of ['', '  \n\t ', null, 7]) {
        assertRefused(await postJson(app, GENERATE, { model, text }), 400, 'text');
      }
      assertRefused(await postForm(app, GENERATE, { fields: { model, text: '' } }), 400, 'text');
      assert.equal(engine.asked.length, 0);
    }));

  test(`R1 ${model} stream: false is a WAV file of 24 kHz with true lengths, true is the events in their order`, () =>
    withHouse(async ({ app, engine }) => {
      const whole = await speak(app, model, { stream: 'false' });
      assertNear(await secondsOfWav(whole), WHOLE_SECONDS);
      assert.equal(whole.headers['x-credits-remaining'], '0');
      assert.equal(whole.headers['x-antiphon-model'], 'tone/tone');
      assert.equal(whole.headers['x-antiphon-stand-in'], 'true');

      const events = eventsOf(await speak(app, model, { stream: true }));
      const types = events.map((event) => event['type']);
      assert.deepEqual(types.slice(0, 3), ['start', 'metadata', 'audio_chunk']);
      assert.deepEqual(types.slice(-2), ['complete', 'done']);
      assert.deepEqual([...new Set(types.slice(2, -2))], ['audio_chunk']);
      assert.deepEqual(pcmOf(events), whole.rawPayload.subarray(44));
      for (const event of events.slice(2, -2)) {
        assert.equal(Buffer.from(String(event['data']), 'base64').length, event['size']);
      }
      for (const event of events.slice(2, -3)) {
        const size = Number(event['size']);
        assert.ok(size >= 4_800 && size <= 9_600 && size % 2 === 0, `${size} bytes`);
      }
      assert.equal(engine.open(), 0);
    }));

  test(`R1 ${model} (body): multipart, urlencoded and JSON give the same bytes`, () =>
    withHouse(async ({ app }) => {
      const fields = {
        model,
        text: TEXT,
        seed: '5',
        voice_settings: '{"speed":1.25}',
        sampling: '{"temperature":0.5}',
      };
      const json = await postJson(app, GENERATE, {
        ...fields,
        voice_settings: { speed: 1.25 },
        sampling: { temperature: 0.5 },
      });
      const jsonText = await postJson(app, GENERATE, fields);
      const form = await postForm(app, GENERATE, { fields });
      const urlencoded = await postUrlencoded(app, GENERATE, fields);
      const warnings = json.headers['x-antiphon-warnings'];
      for (const other of [jsonText, form, urlencoded]) {
        assert.deepEqual(other.rawPayload, json.rawPayload);
        assert.equal(other.headers['x-antiphon-warnings'], warnings);
      }
      assertNear(await secondsOfWav(json), model === 'chatterbox' ? WHOLE_SECONDS : WHOLE_SECONDS / 1.25);
    }));

  test(`R1 ${model}: unknown fields are ignored`, () =>
    withHouse(async ({ app }) => {
      const fields = { model, text: TEXT, top_secret: 'yes', s3_output_path: 's3://a/b' };
      assertNear(
        await secondsOfWav(await postForm(app, GENERATE, { fields, files: { attachment: wavOf(1) } })),
        WHOLE_SECONDS,
      );
    }));
}

test('R1 higgs2p5 voice: Linda unless another is named; any voice of the house; an unknown one is a 400', () =>
  withHouse(async ({ app, engine }) => {
    for (const voice of [undefined, 'Linda', 'Jack', 'jack', 'Vivian', 'tone/low']) {
      await secondsOfWav(await speak(app, 'higgs2p5', { voice }));
    }
    assert.deepEqual(
      engine.asked.map((asked) => asked.voice),
      ['tone/high', 'tone/high', 'tone/low', 'tone/low', 'tone/high', 'tone/low'],
    );
    assertRefused(
      await speak(app, 'higgs2p5', { voice: 'Nobody at all' }),
      400,
      "voice: there is no voice 'Nobody at all'",
    );
  }));

test('R1 higgs2p5 voice_id and voice_name: a voice of the house, else a 400 that names the field', () =>
  withHouse(async ({ app, engine }) => {
    await secondsOfWav(await speak(app, 'higgs2p5', { voice_id: 'Jack' }));
    await secondsOfWav(await speak(app, 'higgs2p5', { voice_name: 'Jack', voice: 'Linda' }));
    assert.deepEqual(
      engine.asked.map((asked) => asked.voice),
      ['tone/low', 'tone/low'],
    );
    assertRefused(await speak(app, 'higgs2p5', { voice_id: '0'.repeat(32) }), 400, 'voice_id');
    assertRefused(await speak(app, 'higgs2p5', { voice_name: 'mine' }), 400, 'voice_name');
  }));

/** Whatever the address, a sample is there. */
const SAMPLE_EVERYWHERE: MediaFetcher = {
  fetch: async () => ({ bytes: wavOf(1), mediaType: 'audio/wav', filename: 'sample.wav' }),
};

const SAMPLE_FIELDS: Readonly<Record<string, string>> = {
  higgs2p5: 'voice_reference_file',
  chatterbox: 'audio_prompt_file',
};

for (const [model, field] of Object.entries(SAMPLE_FIELDS)) {
  test(`R1 ${model} ${field}: speaks as high as the sample does, and says who plays it`, () =>
    withHouse(async ({ app, engine }) => {
      const spoken = await postForm(app, GENERATE, {
        fields: { model, text: TEXT },
        files: { [field]: wavOf(1) },
      });
      assertNear(await secondsOfWav(spoken), WHOLE_SECONDS);
      const warnings: { type: string; setting: string }[] = JSON.parse(
        String(spoken.headers['x-antiphon-warnings']),
      );
      assert.deepEqual(
        warnings.map(({ type, setting }) => [type, setting]),
        [['adjusted', field]],
      );
      assert.equal(engine.asked.at(-1)?.sample, undefined);
      const { samples } = await decodeWav(spoken.rawPayload, { sampleRate: RATE, channels: 1 });
      const measure = measurePitch(samples ?? new Float32Array(0), RATE);
      assert.ok(Math.abs((measure?.pitchHertz ?? 0) - SAMPLE_HERTZ) < 4, `${measure?.pitchHertz} Hz`);
      const strict = await postForm(app, GENERATE, {
        fields: { model, text: TEXT, strict: 'true' },
        files: { [field]: wavOf(1) },
      });
      assertRefused(strict, 400, field);
    }));

  test(`R1 ${model} ${field}: text, an empty file and what is no audio are 400s that name it`, () =>
    withHouse(async ({ app, engine }) => {
      const fields = { model, text: TEXT };
      const attempts = [
        await postForm(app, GENERATE, { fields: { ...fields, [field]: 'RIFF as text' } }),
        await postJson(app, GENERATE, { ...fields, [field]: 'UklGRg==' }),
        await postForm(app, GENERATE, { fields, files: { [field]: new Uint8Array(0) } }),
        await postForm(app, GENERATE, {
          fields,
          files: { [field]: new TextEncoder().encode('%PDF-1.7 not a voice') },
        }),
      ];
      for (const attempt of attempts) assertRefused(attempt, 400, field);
      assert.equal(engine.asked.length, 0);
    }));
}

test('R1 chatterbox audio_prompt_file: 31 s is a 400, 30 s is not', () =>
  withHouse(async ({ app }) => {
    const fields = { model: 'chatterbox', text: TEXT };
    const tooLong = await postForm(app, GENERATE, { fields, files: { audio_prompt_file: wavOf(31) } });
    assertRefused(tooLong, 400, '31.0 s');
    await secondsOfWav(await postForm(app, GENERATE, { fields, files: { audio_prompt_file: wavOf(30) } }));
  }));

test('R1 files: 25 MiB pass, one byte more is a 413 that names the part and the limit', () =>
  withHouse(async ({ app }) => {
    const fields = { model: 'higgs2p5', text: 'Hi' };
    const sized = (length: number) => {
      const bytes = new Uint8Array(length);
      bytes.set(wavOf(1));
      return { voice_reference_file: bytes };
    };
    const tooLarge = await postForm(app, GENERATE, { fields, files: sized(25 * 1024 * 1024 + 1) });
    assertRefused(tooLarge, 413, "'voice_reference_file' is larger than 26214400 bytes");
    await secondsOfWav(await postForm(app, GENERATE, { fields, files: sized(25 * 1024 * 1024) }));
  }));

test('R1 files: the control of a web form without a chosen file is no file', () =>
  withHouse(async ({ app }) => {
    const boundary = 'b0';
    const part = (head: string, content: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
    const payload =
      part('name="model"', 'higgs2p5') +
      part('name="text"', 'Hello') +
      part('name="voice_id"', '') +
      part('name="voice_reference_file"; filename=""\r\nContent-Type: application/octet-stream', '') +
      `--${boundary}--\r\n`;
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const spoken = await app.inject({ method: 'POST', url: GENERATE, headers, payload });
    assertNear(await secondsOfWav(spoken), 5 * SECONDS_PER_CHARACTER);
    assert.equal(spoken.headers['x-antiphon-warnings'], undefined);
  }));

for (const [model, field] of [
  ['higgs2p5', 'voice_url'],
  ['chatterbox', 'preset_url'],
  ['qwen3-tts', 'voice_url'],
] as const) {
  test(`R1 ${model} ${field}: the sample at a web address is matched; other addresses are 400s that name it`, () =>
    withHouse(
      async ({ app }) => {
        const url = 'https://example.com/sample.mp3';
        const spoken = await speak(app, model, { [field]: url });
        await secondsOfWav(spoken);
        const [warning] = JSON.parse(String(spoken.headers['x-antiphon-warnings']));
        assert.deepEqual([warning.type, warning.setting], ['adjusted', field]);
        const inline = `data:audio/wav;base64,${Buffer.from(wavOf(1)).toString('base64')}`;
        assert.deepEqual((await speak(app, model, { [field]: inline })).rawPayload, spoken.rawPayload);
        for (const wrong of [
          'file:///etc/passwd',
          'ftp://example.com/a.wav',
          'sample.mp3',
          '//example.com/a.wav',
          'data:audio/wav;base64,???',
          'data:audio/wav,RIFF',
        ]) {
          assertRefused(await speak(app, model, { [field]: wrong }), 400, field);
        }
      },
      { fetcher: SAMPLE_EVERYWHERE },
    ));

  test(`R1 ${model} ${field}: what is not on the public internet is never fetched`, () =>
    withHouse(async ({ app, engine }) => {
      for (const inside of [
        'http://127.0.0.1:9/a.wav',
        'http://2130706433/a.wav',
        'http://[::ffff:127.0.0.1]/a.wav',
        'http://169.254.169.254/latest/meta-data/',
        'http://localhost/a.wav',
      ]) {
        assertRefused(await speak(app, model, { [field]: inside }), 400, `${field}: `);
      }
      assert.equal(engine.asked.length, 0);
    }));
}

for (const model of ['higgs2p5', 'qwen3-tts']) {
  test(`R1 ${model} voice_settings: text and object are equal, bad JSON is a 400, far speeds are clamped and told`, () =>
    withHouse(async ({ app }) => {
      const asObject = await speak(app, model, { voice_settings: { speed: 2 } });
      const asText = await speak(app, model, { voice_settings: '{"speed":2}' });
      assert.deepEqual(asText.rawPayload, asObject.rawPayload);
      assertNear(await secondsOfWav(asObject), WHOLE_SECONDS / 2);
      const far = await speak(app, model, { voice_settings: { speed: 99 } });
      assertNear(await secondsOfWav(far), WHOLE_SECONDS / 4);
      assert.match(
        String(far.headers['x-antiphon-warnings']),
        /"adjusted","setting":"voice_settings\.speed"/,
      );
      for (const bad of ['{speed:1}', '"fast"', 'null and void']) {
        assertRefused(await speak(app, model, { voice_settings: bad }), 400, 'voice_settings');
      }
      assertRefused(
        await speak(app, model, { voice_settings: { speed: 'fast' } }),
        400,
        'voice_settings.speed',
      );
    }));
}

test('R1 higgs2p5 sampling: text and object are equal, bad JSON is a 400', () =>
  withHouse(async ({ app }) => {
    const sampling = { temperature: 1, top_p: 0.95, top_k: 50 };
    const asObject = await speak(app, 'higgs2p5', { sampling });
    const asText = await speak(app, 'higgs2p5', { sampling: JSON.stringify(sampling) });
    assert.deepEqual(asText.rawPayload, asObject.rawPayload);
    assert.equal(asText.headers['x-antiphon-warnings'], asObject.headers['x-antiphon-warnings']);
    const warnings: { setting: string }[] = JSON.parse(String(asObject.headers['x-antiphon-warnings']));
    assert.deepEqual(warnings.map(({ setting }) => setting).sort(), [
      'sampling.temperature',
      'sampling.top_k',
      'sampling.top_p',
    ]);
    assertRefused(await speak(app, 'higgs2p5', { sampling: '{' }), 400, 'sampling');
  }));

test('R1 higgs2p5 response_format: ignored, WAV comes, and the caller is told', () =>
  withHouse(async ({ app }) => {
    const spoken = await speak(app, 'higgs2p5', { response_format: 'mp3' });
    await secondsOfWav(spoken);
    assert.match(String(spoken.headers['x-antiphon-warnings']), /response_format/);
  }));

test('R1 chatterbox text: 1,001 characters are still spoken', () =>
  withHouse(async ({ app }) => {
    const spoken = await speak(app, 'chatterbox', { text: 'a'.repeat(1_001) });
    assertNear(await secondsOfWav(spoken), 1_001 * SECONDS_PER_CHARACTER);
  }));

test('R1 chatterbox language_id: 23 codes, an unknown one is a 400', () =>
  withHouse(async ({ app, engine }) => {
    const codes = 'ar da de el en es fi fr he hi it ja ko ms nl no pl pt ru sv sw tr zh'.split(' ');
    assert.equal(codes.length, 23);
    for (const code of codes)
      await secondsOfWav(await speak(app, 'chatterbox', { text: 'Hi', language_id: code }));
    assert.deepEqual(
      engine.asked.map((asked) => asked.language).filter((language) => ['ar', 'de', 'fr'].includes(language)),
      ['ar', 'de', 'fr'],
    );
    for (const code of ['xx', 'English', 'en-US']) {
      assertRefused(await speak(app, 'chatterbox', { language_id: code }), 400, 'language_id');
    }
  }));

test('R1 chatterbox language_id: one that nothing running speaks is told, not hidden', () =>
  withHouse(async ({ app }) => {
    const spoken = await speak(app, 'chatterbox', { language_id: 'sw' });
    await secondsOfWav(spoken);
    assert.match(String(spoken.headers['x-antiphon-warnings']), /"ignored","setting":"language_id"/);
  }));

test('R1 chatterbox numbers: any finite one as number or text, exaggeration not below 0', () =>
  withHouse(async ({ app }) => {
    const numbers = {
      exaggeration: 1.5,
      temperature: -3,
      diffusion_steps: 1e6,
      max_tokens: 12,
      top_p: 7,
      min_p: 0,
      repetition_penalty: 1.2,
    };
    for (const [field, value] of Object.entries(numbers)) {
      await secondsOfWav(await speak(app, 'chatterbox', { [field]: value }));
      await secondsOfWav(await speak(app, 'chatterbox', { [field]: String(value) }));
      assertRefused(await speak(app, 'chatterbox', { [field]: 'much' }), 400, field);
      assertRefused(await speak(app, 'chatterbox', { [field]: [value] }), 400, field);
    }
    assertRefused(await speak(app, 'chatterbox', { exaggeration: -0.01 }), 400, 'exaggeration');
    assertRefused(await speak(app, 'chatterbox', { max_tokens: 1.5 }), 400, 'max_tokens');
  }));

test('R1 chatterbox seed: a whole number or null; the same seed gives the same bytes', () =>
  withHouse(async ({ app, engine }) => {
    const first = await speak(app, 'chatterbox', { seed: 42 });
    const second = await speak(app, 'chatterbox', { seed: '42' });
    assert.deepEqual(first.rawPayload, second.rawPayload);
    assert.deepEqual(
      engine.asked.map((asked) => asked.seed),
      [42, 42],
    );
    await secondsOfWav(await speak(app, 'chatterbox', { seed: null }));
    assert.equal(engine.asked[2]?.seed, undefined);
    assertRefused(await speak(app, 'chatterbox', { seed: 1.5 }), 400, 'seed');
  }));

test('R1 chatterbox: text alone is enough', () =>
  withHouse(async ({ app }) => {
    assertNear(
      await secondsOfWav(await postJson(app, GENERATE, { model: 'chatterbox', text: TEXT })),
      WHOLE_SECONDS,
    );
  }));

test('R1 qwen3-tts voice: the nine names; not beside voice_id or voice_url', () =>
  withHouse(async ({ app, engine }) => {
    const voices = ['Vivian', 'Serena', 'Uncle_Fu', 'Dylan', 'Eric', 'Ryan', 'Aiden', 'Ono_Anna', 'Sohee'];
    for (const voice of voices) await secondsOfWav(await speak(app, 'qwen3-tts', { voice }));
    const heard = engine.asked.map((asked) => `${asked.voice} ${asked.pitchSemitones}`);
    assert.equal(new Set(heard).size, voices.length, heard.join(', '));
    assertRefused(await speak(app, 'qwen3-tts', { voice: 'Nobody' }), 400, 'voice');
    for (const other of [{ voice_id: 'Jack' }, { voice_url: 'https://example.com/a.wav' }]) {
      const [field] = Object.keys(other);
      assertRefused(
        await speak(app, 'qwen3-tts', { voice: 'Vivian', ...other }),
        400,
        `voice: cannot be combined with ${field}`,
      );
    }
    await secondsOfWav(
      await speak(app, 'qwen3-tts', { voice_id: 'Jack', voice_url: 'https://example.com/a.wav' }),
    );
    assertRefused(await speak(app, 'qwen3-tts', { voice_id: 'f'.repeat(32) }), 400, 'voice_id');
  }));

test('R1 qwen3-tts language: eleven names, an unknown one is a 400', () =>
  withHouse(async ({ app, engine }) => {
    const names = [
      'Auto',
      'Chinese',
      'English',
      'French',
      'German',
      'Italian',
      'Japanese',
      'Korean',
      'Portuguese',
      'Russian',
      'Spanish',
    ];
    for (const language of names) await secondsOfWav(await speak(app, 'qwen3-tts', { language }));
    assert.deepEqual([engine.asked[3]?.language, engine.asked[4]?.language], ['fr', 'de']);
    for (const language of ['Dutch', 'xx', 5])
      assertRefused(await speak(app, 'qwen3-tts', { language }), 400, 'language');
  }));

test('R1 qwen3-tts instructions: reach the engine, or the caller is told', () =>
  withHouse(async ({ app, engine }) => {
    const spoken = await speak(app, 'qwen3-tts', { instructions: 'softly, smiling' });
    assert.equal(engine.asked[0]?.instructions, 'softly, smiling');
    assert.match(String(spoken.headers['x-antiphon-warnings']), /"setting":"instructions"/);
  }));

interface ExpectedFormat {
  readonly contentType: string;
  readonly decode: DecodeAudio;
}

const FORMATS: Readonly<Record<string, ExpectedFormat>> = {
  wav: { contentType: 'audio/wav', decode: decodeWav },
  pcm: { contentType: 'audio/pcm', decode: decodePcm },
  mp3: { contentType: 'audio/mpeg', decode: decodeMp3 },
  flac: { contentType: 'audio/flac', decode: decodeFlac },
  aac: { contentType: 'audio/aac', decode: decodeAac },
  opus: { contentType: 'audio/ogg', decode: decodeOpus },
};

for (const [response_format, { contentType, decode }] of Object.entries(FORMATS)) {
  test(`R1 qwen3-tts response_format: ${response_format} decodes to the whole clip and has its length`, () =>
    withHouse(async ({ app }) => {
      const spoken = await speak(app, 'qwen3-tts', { response_format });
      assert.equal(spoken.statusCode, 200, spoken.body.slice(0, 300));
      assert.equal(spoken.headers['content-type'], contentType);
      assert.equal(Number(spoken.headers['content-length']), spoken.rawPayload.length);
      const decoded = await decode(spoken.rawPayload, { sampleRate: RATE, channels: 1 });
      const slack = (decoded.delayFrames + decoded.mostPaddingFrames) / decoded.sampleRate;
      const seconds = decoded.frames / decoded.sampleRate;
      assert.ok(seconds > WHOLE_SECONDS - 0.01 && seconds < WHOLE_SECONDS + slack + 0.01, `${seconds} s`);
    }));
}

test('R1 qwen3-tts response_format: an unknown one is a 400; a stream is PCM whatever it says', () =>
  withHouse(async ({ app }) => {
    assertRefused(await speak(app, 'qwen3-tts', { response_format: 'ogg' }), 400, 'response_format');
    const plain = eventsOf(await speak(app, 'qwen3-tts', { stream: true }));
    const asked = await speak(app, 'qwen3-tts', { stream: true, response_format: 'mp3' });
    assert.deepEqual(pcmOf(eventsOf(asked)), pcmOf(plain));
    assert.match(String(asked.headers['x-antiphon-warnings']), /response_format/);
  }));

for (const model of ['higgs2p5', 'chatterbox']) {
  test(`L1, L3: POST /api/${model} is R1 with the model in the path`, () =>
    withHouse(async ({ app }) => {
      const modern = await speak(app, model);
      const legacy = await postJson(app, `/api/${model}`, { text: TEXT });
      assert.deepEqual(legacy.rawPayload, modern.rawPayload);
      const form = await postForm(app, `/api/${model}`, { fields: { text: TEXT, model: 'nonsense' } });
      assert.deepEqual(form.rawPayload, modern.rawPayload);
      const events = eventsOf(await postJson(app, `/api/${model}?stream=true`, { text: TEXT }));
      assert.deepEqual(pcmOf(events), modern.rawPayload.subarray(44));
      assert.ok(eventsOf(await postJson(app, `/api/${model}`, { text: TEXT, stream: true })).length > 4);
      assertRefused(await postJson(app, `/api/${model}?stream=maybe`, { text: TEXT }), 400, 'stream');
      assertRefused(await postJson(app, `/api/${model}`, {}), 400, 'text');
    }));
}

test('L1: voice and voice_id as in R1', () =>
  withHouse(async ({ app, engine }) => {
    await secondsOfWav(await postJson(app, '/api/higgs2p5', { text: TEXT, voice: 'Jack' }));
    await secondsOfWav(await postJson(app, '/api/higgs2p5', { text: TEXT, voice_id: 'Jack' }));
    assert.deepEqual(
      engine.asked.map((asked) => asked.voice),
      ['tone/low', 'tone/low'],
    );
    assertRefused(await postJson(app, '/api/higgs2p5', { text: TEXT, voice: 'Nobody' }), 400, 'voice');
  }));

test('L1: a version is no model: /api/v1 is not found', () =>
  withHouse(async ({ app }) => {
    const response = await postJson(app, '/api/v1', { text: TEXT });
    assert.equal(response.statusCode, 404);
  }));

test('R7: the own mount lists the models that are served, the shared one lists them too', () =>
  withHouse(async ({ app }) => {
    const own: { object: string; data: { id: string; object: string; created: number; owned_by: string }[] } =
      (await app.inject({ url: '/eigen/api/v1/models' })).json();
    assert.deepEqual([own.object, own.data.map(({ id }) => id)], ['list', MODELS]);
    for (const one of own.data) {
      assert.deepEqual([one.object, typeof one.created, one.owned_by], ['model', 'number', 'eigen']);
    }
    const shared: { data: { id: string }[] } = (await app.inject({ url: '/api/v1/models' })).json();
    for (const model of MODELS)
      assert.ok(
        shared.data.some(({ id }) => id === model),
        model,
      );
  }));

test('R1 model: absent, unknown or of the wrong type is a 400 that says so', () =>
  withHouse(async ({ app }) => {
    assertRefused(await postJson(app, GENERATE, { text: TEXT }), 400, 'model');
    assertRefused(await postJson(app, GENERATE, { model: 5, text: TEXT }), 400, 'model');
    assertRefused(await postJson(app, GENERATE, { model: 'higgs9', text: TEXT }), 400, "'higgs9'");
    assertRefused(await postJson(app, '/api/higgs9', { text: TEXT }), 400, "'higgs9'");
    assertRefused(await postForm(app, GENERATE, { fields: { text: TEXT } }), 400, 'model');
  }));

test('R1 model: what nothing running can make is a 400 with the reason, never a 500', () =>
  withHouse(async ({ app }) => {
    const expected = {
      whisper_v3_turbo: 'transcription',
      asr: 'transcription',
      higgs_asr_3: 'transcription',
      'eigen-image': 'image',
      'qwen-image-edit-2511': 'image',
      'flux-1-kontext': 'image',
      'wan2p2-i2v-14b-turbo': 'video',
    };
    for (const [model, capability] of Object.entries(expected)) {
      assertRefused(
        await postForm(app, GENERATE, { fields: { model }, files: { file: wavOf(1) } }),
        400,
        capability,
      );
      assertRefused(await postJson(app, `/api/${model}`, { prompt: 'a lighthouse' }), 400, capability);
    }
  }));

test('R1 model: a kind of media that is made here but that the vendor has not is a 400 that says so', () => {
  const tone = toneEngine();
  const [card] = tone.models;
  assert.ok(card);
  const drum = { ...card, id: 'tone/drum', capability: 'sound' as const };
  return withHouse(
    async ({ app }) => {
      const drummed = await postJson(app, GENERATE, { model: 'tone/drum', prompt: 'a drum' });
      assertRefused(drummed, 400, 'for sound');
    },
    { engines: [{ ...tone, models: [card, drum] }] },
  );
});

test('R1 model: an engine model of the house can be named as it is', () =>
  withHouse(async ({ app }) => {
    const spoken = await speak(app, 'tone/tone', { voice_settings: { speed: 2 } });
    assertNear(await secondsOfWav(spoken), WHOLE_SECONDS / 2);
  }));

test('R1 body: malformed JSON and forms are 400s, other content types 415s', () =>
  withHouse(async ({ app }) => {
    const post = (contentType: string, payload: string) =>
      app.inject({ method: 'POST', url: GENERATE, headers: { 'content-type': contentType }, payload });
    assertRefused(await post('application/json', '{"model":'), 400, 'JSON');
    assertRefused(await post('application/json', '[]'), 400, 'object');
    assertRefused(await post('application/json', '"higgs2p5"'), 400, 'object');
    assertRefused(await post('multipart/form-data', 'no boundary'), 400, 'form');
    assertRefused(
      await post(
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nhig',
      ),
      400,
      'form',
    );
    assertRefused(await post('text/plain', 'model=higgs2p5'), 415, 'text/plain');
    assertRefused(await post('application/xml', '<model/>'), 415, 'content type');
    assertRefused(await app.inject({ method: 'POST', url: GENERATE }), 400, 'object');
  }));

test('R1 body: a form may send voice_settings as a part of type application/json', () =>
  withHouse(async ({ app }) => {
    const part = (head: string, content: string) =>
      `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
    const payload =
      part('name="model"', 'higgs2p5') +
      part('name="text"', TEXT) +
      part('name="voice_settings"\r\nContent-Type: application/json', '{"speed":2}') +
      '--b--\r\n';
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const spoken = await app.inject({ method: 'POST', url: GENERATE, headers, payload });
    assertNear(await secondsOfWav(spoken), WHOLE_SECONDS / 2);
  }));

test('R1 body: text over a megabyte in a form is a 413, never cut off in silence', () =>
  withHouse(async ({ app, engine }) => {
    const fields = { model: 'higgs2p5', text: 'a'.repeat(1_048_577) };
    assertRefused(await postForm(app, GENERATE, { fields }), 413, 'text');
    assert.equal(engine.asked.length, 0);
  }));

test('R1 strict: a parameter that cannot be honoured is a 400 that names it', () =>
  withHouse(async ({ app }) => {
    assertRefused(await speak(app, 'chatterbox', { temperature: 1, strict: true }), 400, 'temperature');
    assertRefused(
      await speak(app, 'higgs2p5', { response_format: 'mp3', strict: true }),
      400,
      'response_format',
    );
    const form = { fields: { model: 'chatterbox', text: TEXT, temperature: '1', strict: 'true' } };
    assertRefused(await postForm(app, GENERATE, form), 400, 'temperature');
    const exact = await speak(app, 'higgs2p5', { voice_settings: { speed: 1.5 }, strict: true });
    assertNear(await secondsOfWav(exact), WHOLE_SECONDS / 1.5);
  }));

for (const path of [GENERATE, '/api/higgs2p5', '/eigen/api/v1/generate']) {
  test(`all HTTP Authorization: ${path} answers 401 when the key is missing, malformed or unknown`, () =>
    withHouse(
      async ({ app, engine }) => {
        const payload = { model: 'higgs2p5', text: TEXT };
        const as = (headers: Record<string, string>) =>
          app.inject({ method: 'POST', url: path, headers, payload });
        assertRefused(await as({}), 401, 'key');
        for (const authorization of ['sk-right', 'Basic sk-right', 'Bearer', 'Bearer ', 'Bearer sk-wrong']) {
          assertRefused(await as({ authorization }), 401, 'key');
        }
        assertRefused(await as({ 'xi-api-key': 'sk-right' }), 401, 'key');
        assert.equal(engine.asked.length, 0);
        assert.equal((await as({ authorization: 'Bearer sk-right' })).statusCode, 200);
        assert.equal((await as({ authorization: 'bearer sk-right' })).statusCode, 200);
      },
      { keys: ['sk-right'] },
    ));
}

test('all HTTP Authorization: the list of models needs a key too', () =>
  withHouse(
    async ({ app }) => {
      assertRefused(await app.inject({ url: '/eigen/api/v1/models' }), 401, 'key');
    },
    { keys: ['sk-right'] },
  ));

test('errors: wrong paths and methods below /api are answered in this envelope', () =>
  withHouse(async ({ app }) => {
    assertRefused(await app.inject({ url: '/api/v1/generate' }), 405, 'POST');
    assertRefused(await app.inject({ url: '/api/higgs2p5' }), 405, 'POST');
    assertRefused(await app.inject({ method: 'POST', url: '/api/v1/generate/nothing' }), 404, 'nothing');
    assertRefused(await app.inject({ method: 'POST', url: '/api/higgs2p5/nothing' }), 404, 'nothing');
    assertRefused(await app.inject({ method: 'POST', url: '/eigen/nothing' }), 404, 'nothing');
  }));

test('errors: an engine that breaks before the first sample is an error answer, later an error event', async () => {
  const broken = (failAfterChunks: number) => ({ engines: [toneEngine({ failAfterChunks })] });
  await withHouse(async ({ app }) => {
    assertRefused(await speak(app, 'higgs2p5', { stream: true }), 502, 'broke');
    assertRefused(await speak(app, 'higgs2p5'), 502, 'broke');
  }, broken(0));
  await withHouse(async ({ app }) => {
    const events = eventsOf(await speak(app, 'higgs2p5', { stream: true }));
    assert.equal(events.at(-1)?.['type'], 'error');
    assert.match(String(events.at(-1)?.['error']), /broke/);
    assert.ok(pcmOf(events).length > 0);
    assertRefused(await speak(app, 'higgs2p5'), 502, 'broke');
  }, broken(5));
});

test('errors: too many at once are told when to come back', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  await withHouse(
    async ({ app, engine }) => {
      const crowd = Array.from({ length: 258 }, () => speak(app, 'higgs2p5', { text: 'Hi' }));
      const turnedAway = await Promise.race(crowd);
      open();
      assertRefused(turnedAway, 503, 'busy');
      const seconds = Number(turnedAway.headers['retry-after']);
      assert.ok(seconds >= 1 && seconds <= 59, `${seconds} s`);
      const statuses = (await Promise.all(crowd)).map((response) => response.statusCode);
      assert.deepEqual([statuses.filter((status) => status === 200).length, engine.open()], [257, 0]);
    },
    { engines: [toneEngine({ concurrency: 1, gate })] },
  );
});
