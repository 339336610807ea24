/**
 * Voices that callers add, on the engines that need no weights: what is heard comes near to the recording that was
 * uploaded, and a voice lives as long as its owner wants.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { collectBytes } from '../src/base/stream.ts';
import type { Engine } from '../src/core/engine.ts';
import type { NewVoice } from '../src/core/voices/voice-studio.ts';
import { engineEntries } from '../src/engines/index.ts';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { measurePitch, semitonesBetween } from '../src/media/pitch.ts';
import { createGuardedFetcher } from '../src/platform/guarded-fetcher.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { decodeWav } from './contracts/decode-audio.ts';
import { decodeWhole, readTestFile } from './decode-support.ts';
import { needsData } from './sherpa-support.ts';
import { memoryBlobs, testApp, testContext } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const TEXT = 'The boats came back to the harbour late in the evening, one after another.';
const RATE = 24_000;

let engines: readonly Engine[];

before(async () => {
  engines = await Promise.all(['flite', 'espeak'].map(startEngine));
});
after(async () => {
  await Promise.all([...engines.map((engine) => engine.stop?.()), stopCodecPool(), stopDecodePool()]);
});

async function startEngine(id: string): Promise<Engine> {
  const created = await (
    await engineEntries.find((entry) => entry.id === id)?.load()
  )?.create({ workers: 2 });
  if (!created || 'unavailable' in created) throw new Error(`${id} does not run`);
  return created;
}

function added(id: string, bytes: Uint8Array, changes: Partial<NewVoice> = {}): NewVoice {
  const uploads = [{ audio: { kind: 'bytes', bytes }, filename: 'me.wav' }] as const;
  return { id, name: id, source: { kind: 'samples', uploads, denoise: false }, param: 'files', ...changes };
}

function pitchOf(samples: Float32Array | undefined, sampleRate: number): number {
  return measurePitch(samples ?? new Float32Array(0), sampleRate)?.pitchHertz ?? Number.NaN;
}

/** The recordings are of women and men; each is one speaker. */
for (const [clip, models] of [
  ['en/leopard_en.wav', ['flite', 'espeak']],
  ['en/two_cities_16k.wav', ['flite']],
] as const) {
  test(`the voice of ${clip} is played at its pitch, to two semitones`, async (t: TestContext) => {
    if (!needsData(t, `audio/${clip}`)) return;
    const { app, core } = await testApp({ engines });
    const bytes = await readTestFile(clip);
    const { samples: raw } = await decodeWhole(bytes, { sampleRate: 16_000, mono: true });
    const { samples } = await core.studio.create(added('me', bytes), testContext());
    const heard = pitchOf(raw.subarray(0, 12 * 16_000), 16_000);
    const measured = samples[0]?.measure?.pitchHertz ?? Number.NaN;
    assert.ok(Math.abs(semitonesBetween(heard, measured)) < 1, `${heard} Hz was measured as ${measured} Hz`);
    for (const model of models) {
      const payload = { model, voice: 'me', input: TEXT, response_format: 'wav' };
      const spoken = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
      assert.equal(spoken.statusCode, 200, spoken.body.slice(0, 300));
      const decoded = await decodeWav(spoken.rawPayload, { sampleRate: RATE, channels: 1 });
      const apart = semitonesBetween(measured, pitchOf(decoded.samples, RATE));
      assert.ok(Math.abs(apart) < 2, `${model}: ${apart} semitones from ${measured} Hz`);
    }
    await app.close();
  });
}

test('voices of different height are played by different engine voices or shifts, each at its own pitch', async () => {
  const { app, core } = await testApp({ engines });
  const found = new Set<string | number | string[] | undefined>();
  for (const hertz of [95, 125, 165, 215, 270]) {
    await core.studio.create(added(`v${hertz}`, burstRecording({ bursts: bursts(5, hertz) })), testContext());
    const payload = { model: 'tts-1', voice: `v${hertz}`, input: TEXT, response_format: 'wav' };
    const spoken = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
    const decoded = await decodeWav(spoken.rawPayload, { sampleRate: RATE, channels: 1 });
    const apart = semitonesBetween(hertz, pitchOf(decoded.samples, RATE));
    assert.ok(Math.abs(apart) < 2, `${apart} semitones from ${hertz} Hz`);
    found.add(spoken.headers['x-antiphon-warnings']);
  }
  assert.equal(found.size, 5);
  await app.close();
});

test('a voice that is removed while it speaks finishes its sentence, and the next request does not find it', async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const measuring = toneEngine();
  const held = toneEngine({ gate });
  // Measured through one engine that waits for nobody; spoken through the one that is held.
  const engine = {
    ...held,
    speech: {
      ...measuring.speech,
      voices: held.speech?.voices ?? [],
      settings: held.speech?.settings ?? {},
      synthesize: async (...call: Parameters<NonNullable<Engine['speech']>['synthesize']>) => {
        const from = call[0].text === TEXT ? held.speech : measuring.speech;
        assert.ok(from);
        return from.synthesize(...call);
      },
    },
  };
  const blobs = memoryBlobs();
  const { core } = await testApp({ engines: [engine], blobs });
  const context = testContext();
  await core.studio.create(added('me', burstRecording({ bursts: bursts(3, 230) })), context);
  const request = {
    model: 'tts-1',
    text: TEXT,
    voice: { kind: 'id', id: 'me' },
    format: { id: 'pcm' },
    delivery: 'stream',
    normalization: 'off',
    alignment: false,
    asked: [],
    spelling: { text: 'input', voice: 'voice', model: 'model', format: 'format' },
  } as const;
  const speaking = core.speech.speak(request, context);
  while (held.open() === 0) await new Promise(setImmediate);
  await core.studio.remove('me', context);
  assert.equal(blobs.kept.size, 0);
  open();
  const bytes = await collectBytes((await speaking).chunks);
  assert.equal(bytes.length, TEXT.length * 0.05 * 16_000 * 2);
  await assert.rejects(core.speech.speak(request, context), { code: 'not_found', param: 'voice' });
});

test('the usual speed of a voice counts where a request says nothing, and is multiplied into a designed one', async () => {
  const engine = toneEngine();
  const { app, core } = await testApp({ engines: [engine] });
  const recording = burstRecording({ bursts: bursts(3, 230) });
  await core.studio.create(added('fast', recording, { traits: { speed: 1.2 } }), testContext());
  const design = { prompt: 'hasty', baseVoice: 'tone/high', pitchSemitones: 3, speed: 1.5 };
  await core.studio.create(
    { id: 'made', name: 'made', source: { kind: 'design', design }, param: 'description' },
    testContext(),
  );
  const speak = async (fields: object) => {
    const payload = { model: 'tts-1', input: TEXT, ...fields };
    const spoken = await app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
    assert.equal(spoken.statusCode, 200);
    return { asked: engine.asked.at(-1), spoken };
  };
  assert.equal((await speak({ voice: 'fast' })).asked?.speed, 1.2);
  assert.equal((await speak({ voice: 'fast', speed: 0.8 })).asked?.speed, 0.8);
  const { asked, spoken } = await speak({ voice: 'made', speed: 2 });
  assert.deepEqual([asked?.speed, asked?.voice, asked?.pitchSemitones], [3, 'tone/high', 3]);
  assert.equal(spoken.headers['x-antiphon-warnings'], undefined);
  await app.close();
});

test('strict callers are refused a voice that can only be played by another', async () => {
  const { app, core } = await testApp();
  await core.studio.create(added('me', burstRecording({ bursts: bursts(3, 230) })), testContext());
  const payload = { model: 'tts-1', input: TEXT, voice: 'me' };
  const headers = { 'x-antiphon-strict': '1' };
  const spoken = await app.inject({ method: 'POST', url: '/v1/audio/speech', headers, payload });
  assert.equal(spoken.statusCode, 400);
  assert.match(spoken.body, /Strict mode: voice was changed from the voice 'me'/);
  await app.close();
});

test('a sample is fetched over HTTP where the network is allowed, and a web page, a flood and a redirect inside are not', async () => {
  const recording = burstRecording({ bursts: bursts(3, 230) });
  const server = createServer((request, response) => {
    if (request.url === '/page') {
      response.setHeader('content-type', 'text/html').end('<h1>Hello</h1>');
    } else if (request.url === '/flood') {
      response.setHeader('content-length', 2 ** 31).flushHeaders();
    } else if (request.url === '/away') {
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    } else {
      response.setHeader('content-type', 'audio/wav').end(recording);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const fetcher = createGuardedFetcher({ allowedNetworks: ['127.0.0.0/8'] });
  const { app } = await testApp({ fetcher });
  const speak = (path: string) => {
    const voice = `http://127.0.0.1:${port}${path}`;
    const payload = { model: 'higgs2p5', text: TEXT, voice_url: voice };
    return app.inject({ method: 'POST', url: '/api/v1/generate', payload });
  };
  try {
    const spoken = await speak('/a.wav');
    assert.equal(spoken.statusCode, 200, spoken.body.slice(0, 300));
    const decoded = await decodeWav(spoken.rawPayload, { sampleRate: RATE, channels: 1 });
    assert.ok(Math.abs(semitonesBetween(230, pitchOf(decoded.samples, RATE))) < 0.3);
    for (const [path, status, why] of [
      ['/page', 400, 'web page'],
      ['/flood', 413, 'larger than 26214400 bytes'],
      ['/away', 400, 'not on the public internet'],
    ] as const) {
      const refused = await speak(path);
      assert.equal(refused.statusCode, status, refused.body);
      assert.ok(refused.body.includes(why) && refused.body.includes('voice_url'), refused.body);
    }
  } finally {
    await app.close();
    server.closeAllConnections();
    server.close();
  }
});
