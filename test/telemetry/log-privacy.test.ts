import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { createLogger } from '../../src/platform/log.ts';
import { createServerTelemetry } from '../../src/platform/telemetry/server-telemetry.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { filmEngine } from '../film-engine.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { mediaEndpoints } from '../media-endpoints.ts';
import { openMediaHouse, type HouseEngines, type MediaHouse } from '../media-house.ts';
import { plainPng } from '../odd-pictures.ts';
import { paintEngine } from '../paint-engine.ts';
import { filePart, rawForm, textPart } from '../raw-form.ts';
import { connectSocket } from '../socket-client.ts';
import { fixedKeys, testPrincipal, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { toneSounds } from '../tone-sounds.ts';
import { hearingVendors } from '../upload-support.ts';

after(() => stopDecodePool());

/** Stands in everything that a caller says, sends or has, and must stand nowhere else. */
const MARKER = 'Xylophagous';
const KEY = `sk-${MARKER}`;
const VOICE = '21m00Tcm4TlvDq8ikWAM';
const RECORDING = burstRecording({ bursts: bursts(3) });

/** Something that a caller sends. */
interface Call {
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function saying(name: string, url: string, body: object): Call {
  return { name, url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function sending(name: string, url: string, fields: Readonly<Record<string, string>>, file: string): Call {
  const parts = Object.entries(fields).map(([field, text]) => textPart(field, text));
  const [headers, bytes] = filePart(RECORDING, `${MARKER}.wav`);
  const named: readonly [readonly string[], string | Uint8Array] = [
    headers.map((line) => line.replace('name="file"', `name="${file}"`)),
    bytes,
  ];
  const form = rawForm([...parts, named]);
  return { name, url, headers: form.headers, body: form.payload };
}

const TEXT = `${MARKER} beetles eat wood.`;

/** Every way to have something spoken, heard or made in which a caller says something. */
function callsTo(picture: string): readonly Call[] {
  const media = mediaEndpoints({ picture, film: 'video_0' }).map(({ name, url, body, prompt }) =>
    saying(name, url, { ...body, [prompt]: TEXT }),
  );
  const spoken = { text: TEXT, model_id: 'eleven_multilingual_v2' };
  const speech = { model: 'tts-1', voice: 'alloy', input: TEXT, instructions: TEXT };
  const dialogue = { inputs: [{ text: TEXT, voice_id: VOICE }] };
  const chat = { model: 'gpt-4o', messages: [{ role: 'user', content: TEXT }] };
  return [
    ...media,
    saying('OpenAI speech', '/v1/audio/speech', speech),
    saying('OpenAI speech events', '/v1/audio/speech', { ...speech, stream_format: 'sse' }),
    saying('ElevenLabs speech', `/v1/text-to-speech/${VOICE}`, spoken),
    saying('ElevenLabs stream', `/v1/text-to-speech/${VOICE}/stream`, spoken),
    saying('ElevenLabs times', `/v1/text-to-speech/${VOICE}/with-timestamps`, spoken),
    saying('ElevenLabs timed stream', `/v1/text-to-speech/${VOICE}/stream/with-timestamps`, spoken),
    saying('ElevenLabs dialogue', '/v1/text-to-dialogue', dialogue),
    saying('ElevenLabs design', '/v1/text-to-voice/design', {
      voice_description: TEXT,
      text: TEXT.repeat(6),
    }),
    saying('Eigen AI speech', '/api/v1/generate', { model: 'qwen3-tts', text: TEXT }),
    saying('Eigen AI stream', '/api/v1/generate', { model: 'chatterbox', text: TEXT, stream: true }),
    saying('OpenAI chat', '/v1/chat/completions', chat),
    saying('Eigen AI chat', '/api/v1/chat/completions', chat),
    saying('dictionary', '/v1/pronunciation-dictionaries/add-from-rules', {
      name: TEXT,
      rules: [{ type: 'alias', string_to_replace: MARKER, alias: MARKER }],
    }),
    ...hearingVendors.map(({ name, url, fields, model }) =>
      sending(`${name} hears`, url, { [fields.model]: model, prompt: TEXT }, 'file'),
    ),
    sending('OpenAI translation', '/v1/audio/translations', { model: 'whisper-1', prompt: TEXT }, 'file'),
    sending('ElevenLabs conversion', `/v1/speech-to-speech/${VOICE}`, {}, 'audio'),
    sending('ElevenLabs isolation', '/v1/audio-isolation', {}, 'audio'),
    sending('ElevenLabs voice', '/v1/voices/add', { name: TEXT, description: TEXT }, 'files'),
    { ...saying('broken JSON', '/v1/audio/speech', {}), body: `{"input": "${TEXT}", "model` },
    saying('unknown voice', '/v1/audio/speech', { ...speech, voice: MARKER }),
    saying('unknown format', '/v1/audio/speech', { ...speech, response_format: MARKER }),
  ];
}

/** A server whose log is kept, line by line, as it would be written. */
async function withLoggedHouse(
  engines: HouseEngines,
  options: Partial<TestAppOptions>,
  use: (house: MediaHouse, lines: readonly string[]) => Promise<void>,
): Promise<void> {
  const lines: string[] = [];
  const log = createLogger('debug', { write: (line) => void lines.push(line) });
  const telemetry = await createServerTelemetry({ environment: {}, log, version: '1', ofProcess: false });
  const usual = fixedKeys([KEY]);
  const owner = testPrincipal('key-1');
  const authenticator = {
    ...usual,
    findAdmitted: async () => owner,
    authenticate: async (credential: string | undefined) => {
      await usual.authenticate(credential);
      return owner;
    },
  };
  const house = await openMediaHouse(engines, { log, telemetry, authenticator, ...options });
  try {
    await use(house, lines);
  } finally {
    await house.close();
  }
}

const SENT = { authorization: `Bearer ${KEY}`, 'xi-api-key': KEY };

/** Sends a call, once as it is and once to be answered later, and tells with which statuses it was answered. */
async function make(
  origin: string,
  call: Call,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(`${origin}${call.url}${call.url.includes('?') ? '&' : '?'}note=${MARKER}`, {
    method: 'POST',
    headers: { ...SENT, ...call.headers, ...more },
    body: typeof call.body === 'string' ? call.body : Uint8Array.from(call.body),
  });
  await response.arrayBuffer().catch(() => undefined);
  return response.status;
}

function assertSilent(lines: readonly string[]): void {
  const telling = lines.filter((line) => line.toLowerCase().includes(MARKER.toLowerCase()));
  assert.deepEqual(telling, []);
}

function eventsIn(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.map((line) => String(JSON.parse(line).msg)));
}

test('nothing that a caller says, sends or has is in the log, whatever is made of it', async () => {
  const more = [toneEngine(), hearingEngine()];
  await withLoggedHouse({ more }, {}, async (house, lines) => {
    const statuses = new Map<string, number>();
    for (const call of callsTo(await pictureOf(house))) {
      statuses.set(call.name, await make(house.origin, call));
      await make(house.origin, call, { prefer: 'respond-async' });
    }
    await speakThroughSockets(house.origin);
    const made = [...statuses].filter(([, status]) => status >= 200 && status < 300).map(([name]) => name);
    assert.ok(made.length >= 25, `only these were made: ${made.join(', ')}`);
    await settled(house);
    const events = eventsIn(lines);
    for (const event of [
      'request-end',
      'speech-end',
      'transcription-end',
      'image-end',
      'sound-end',
      'job-end',
    ])
      assert.ok(events.has(event), `${event} is among ${[...events].join(', ')}`);
    assertSilent(lines);
  });
});

test('nor is it where engines break', async () => {
  const more = [toneEngine({ failAfterChunks: 0 }), hearingEngine({ failInWindow: 0 })];
  const engines = {
    more,
    sound: toneSounds({ failAfterChunks: 0 }),
    image: paintEngine({ fails: 'engine_failed' }),
    video: filmEngine({ failure: new AppError('engine_failed', 'The film tore.') }),
  };
  await withLoggedHouse(engines, {}, async (house, lines) => {
    const statuses: number[] = [];
    for (const call of callsTo(await pictureOf(house))) statuses.push(await make(house.origin, call));
    await settled(house);
    assert.ok(statuses.filter((status) => status >= 500).length >= 10, statuses.join(' '));
    assert.ok(eventsIn(lines).has('request-failed'));
    assertSilent(lines);
  });
});

test('nor is it where the key is wrong or the address leads nowhere', async () => {
  await withLoggedHouse({}, { authenticator: fixedKeys(['another']) }, async (house, lines) => {
    const call = saying('speech', '/v1/audio/speech', { input: TEXT });
    assert.equal(await make(house.origin, call), 401);
    assert.equal(await make(house.origin, { ...call, url: `/v1/${MARKER}` }), 404);
    assert.equal(await make(house.origin, { ...call, url: `/v1/files/${MARKER}` }), 404);
    await settled(house);
    assert.ok(lines.length >= 3);
    assertSilent(lines);
  });
});

test('only where the operator wants that, what a caller sends is in a field of its own', async () => {
  const watching = { logContent: () => true };
  await withLoggedHouse({ more: [toneEngine()] }, { watching }, async (house, lines) => {
    const long = { model: 'tts-1', voice: 'alloy', input: TEXT.repeat(100), tags: [{ of: MARKER }] };
    assert.equal(await make(house.origin, saying('speech', '/v1/audio/speech', long)), 200);
    await settled(house);
    const line = lines.map((one) => JSON.parse(one)).find(({ msg }) => msg === 'request-end');
    const { pii, ...rest } = line;
    assert.equal(pii.query.note, MARKER);
    assert.equal(pii.body.input.length, 2000);
    assert.deepEqual(pii.body.tags, [{ of: MARKER }]);
    assertSilent([JSON.stringify(rest)]);
  });
});

async function pictureOf(house: MediaHouse): Promise<string> {
  const bytes = await plainPng(house.tools, [64, 64]);
  return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
}

async function speakThroughSockets(origin: string): Promise<void> {
  const headers = { 'xi-api-key': KEY };
  const query = `output_format=pcm_16000&note=${MARKER}`;
  const url = `${origin}/v1/text-to-speech/${VOICE}/stream-input?${query}`;
  const client = await connectSocket({ url, headers });
  client.send({ text: ' ' });
  client.send({ text: `${TEXT} `, flush: true });
  client.send({ text: '' });
  await client.closed;
  const eigen = await connectSocket({ url: `${origin}/api/v1/generate/ws`, headers: SENT });
  eigen.send({ token: KEY, model: 'higgs2p5' });
  eigen.send({ text: TEXT, voice: MARKER });
  eigen.socket.close();
  await eigen.closed;
}

/** Waits for the lines of requests that have ended, and for jobs. */
async function settled(house: MediaHouse): Promise<void> {
  await house.core.jobRunner.stop();
  await house.atRest();
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
