import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toneEngine } from '../tone-engine.ts';
import { burstRecording } from '../burst-recording.ts';
import { hearingEngine } from '../hearing-engine.ts';
import {
  connectSocket,
  refusedHandshake,
  saying,
  type Received,
  type SocketClient,
} from '../socket-client.ts';
import { listening, type TestAppOptions } from '../support.ts';

const KEY = 'sk-0123abcd';

function sizes(received: readonly Received[]): number[] {
  return received.flatMap((message) => (Buffer.isBuffer(message) ? [message.length] : []));
}

function kinds(received: readonly Received[]): unknown[] {
  return received.map((message) =>
    Buffer.isBuffer(message) ? 'sound' : (message['status'] ?? message['type']),
  );
}

async function withSocket(
  use: (client: SocketClient, tone: ReturnType<typeof toneEngine>) => Promise<void>,
  options: TestAppOptions & { readonly path?: string } = {},
): Promise<void> {
  const tone = toneEngine();
  await listening({ keys: [KEY], engines: [tone], ...options }, async ({ origin }) => {
    const client = await connectSocket({ url: `${origin}${options.path ?? '/api/v1/generate/ws'}` });
    await use(client, tone);
    client.socket.terminate();
  });
}

const COMPLETE = saying('type', 'complete');
const FAILED = saying('type', 'error');
const GREETED = saying('status', 'authenticated');

describe('Eigen AI speech over a socket', () => {
  test('R3 any: both messages at once are answered in order, by sound in whole samples of 100 to 200 ms', () =>
    withSocket(async (client, tone) => {
      client.send({ token: KEY, model: 'higgs2p5' });
      client.send({ text: 'Good evening to everybody here.', voice: 'Linda' });
      await client.until(COMPLETE);
      const [first, second, ...rest] = client.received;
      assert.deepEqual(first, { status: 'authenticated' });
      assert.ok(second && saying('type', 'metadata')(second) && !Buffer.isBuffer(second));
      assert.deepEqual([second['sample_rate'], second['channels'], second['format']], [24_000, 1, 'pcm16']);
      assert.deepEqual(rest.at(-1), { type: 'complete' });
      const lengths = sizes(rest);
      assert.equal(lengths.length, rest.length - 1);
      assert.ok(lengths.slice(0, -1).every((length) => length >= 4_800 && length <= 9_600));
      assert.ok(lengths.every((length) => length % 2 === 0));
      // 31 characters of 50 ms at 24 kHz and 16 bits.
      assert.equal(
        lengths.reduce((sum, length) => sum + length, 0),
        31 * 0.05 * 48_000,
      );
      assert.equal(tone.asked[0]?.text, 'Good evening to everybody here.');
    }));

  test('R3 any: a client that waits for the acknowledgement gets it before it asks for anything', () =>
    withSocket(async (client) => {
      client.send({ token: KEY, model: 'qwen3-tts' });
      await client.until(GREETED);
      assert.equal(client.received.length, 1);
      client.send({ text: 'Bonjour', voice: 'Serena', language: 'French', voice_settings: { speed: 2 } });
      await client.until(COMPLETE);
      assert.equal(
        sizes(client.received).reduce((sum, length) => sum + length, 0),
        7 * 0.025 * 48_000,
      );
    }));

  test('R3: a text that comes before the token waits for it, and one that comes with it is spoken', () =>
    withSocket(async (client) => {
      client.send({ text: 'Early.', voice: 'Linda' });
      client.send({ token: KEY, model: 'higgs2p5', text: 'With it.', voice: 'Jack' });
      await client.until(COMPLETE, 2);
      assert.deepEqual(
        kinds(client.received).filter((kind) => kind !== 'sound'),
        ['authenticated', 'metadata', 'complete', 'metadata', 'complete'],
      );
    }));

  test('R3 all three: several texts of one socket are spoken one after another', async () => {
    for (const [model, fields] of [
      ['higgs2p5', { voice: 'Linda', sampling: { temperature: 1 } }],
      ['chatterbox', { language_id: 'de', exaggeration: 0.5, temperature: 0.8 }],
      ['qwen3-tts', { voice: 'Vivian', instructions: 'calm' }],
    ] as const) {
      await withSocket(async (client, tone) => {
        client.send({ token: KEY, model });
        for (const text of ['One.', 'Two.', 'Three.']) client.send({ text, ...fields });
        await client.until(COMPLETE, 3);
        assert.deepEqual(
          tone.asked.map(({ text }) => text),
          ['One.', 'Two.', 'Three.'],
        );
        assert.equal(tone.open(), 0);
      });
    }
  });

  test('R3: a bad token is told so and the socket closed with 1008, also where the vendor has a mount of its own', async () => {
    for (const path of ['/api/v1/generate/ws', '/eigen/api/v1/generate/ws']) {
      await withSocket(
        async (client, tone) => {
          client.send({ token: 'sk-wrong', model: 'higgs2p5' });
          client.send({ text: 'Never spoken.' });
          assert.equal((await client.closed).code, 1008);
          assert.deepEqual(kinds(client.received), ['error']);
          const [error] = client.received;
          assert.ok(error && !Buffer.isBuffer(error) && typeof error['error'] === 'string');
          assert.equal(error['code'], 401);
          assert.equal(tone.asked.length, 0);
        },
        { path },
      );
    }
  });

  test('R3: what is not JSON closes with 1003, bytes too', async () => {
    for (const garbage of ['{"text":', '[1]', 'null', Buffer.from([0, 1, 2, 255])]) {
      await withSocket(async (client) => {
        client.send({ token: KEY, model: 'higgs2p5' });
        client.send(garbage);
        assert.equal((await client.closed).code, 1003);
        assert.deepEqual(kinds(client.received), ['authenticated', 'error']);
      });
    }
  });

  test('R3: a wrong request is answered, and the socket stays open for a right one', () =>
    withSocket(async (client) => {
      client.send({ token: KEY, model: 'qwen3-tts' });
      const wrong = [
        { voice: 'Vivian' },
        { text: '  ' },
        { text: 'Hi', voice: 'Vivian', voice_url: 'https://example.com/a.wav' },
        { text: 'Hi', voice: 'Nobody' },
        { text: 'Hi', language: 'Klingon' },
        { text: 5 },
        {},
      ];
      for (const request of wrong) client.send(request);
      const errors = await client.until(FAILED, wrong.length);
      assert.ok(errors.every((error) => !Buffer.isBuffer(error) && error['code'] === 400));
      client.send({ text: 'Hi', voice: 'Vivian' });
      await client.until(COMPLETE);
    }));

  test('R3: an engine that breaks ends the socket with 1011', () =>
    withSocket(
      async (client) => {
        client.send({ token: KEY, model: 'higgs2p5' });
        client.send({ text: 'A sentence that breaks in the middle.', voice: 'Linda' });
        assert.equal((await client.closed).code, 1011);
        const last = client.received.at(-1);
        assert.ok(last && FAILED(last));
      },
      { engines: [toneEngine({ failAfterChunks: 2 })] },
    ));

  test('R3: a model that does not exist, or does not speak, is an error of the request', async () => {
    for (const model of ['no-such-model', 'whisper_v3_turbo']) {
      await withSocket(
        async (client) => {
          client.send({ token: KEY, model });
          client.send({ text: 'Hi' });
          const [error] = await client.until(FAILED);
          assert.ok(error && !Buffer.isBuffer(error) && error['code'] === 400);
        },
        { engines: [toneEngine(), hearingEngine()] },
      );
    }
  });

  test('R3 chatterbox: a voice sample comes as base64 or as a data URL, and anything else is refused', () =>
    withSocket(async (client) => {
      const sample = burstRecording({ bursts: [150, 150, 150, 150] }).toString('base64');
      client.send({ token: KEY, model: 'chatterbox' });
      for (const audio_prompt_file of ['not base64!', 7]) client.send({ text: 'Hi', audio_prompt_file });
      const errors = await client.until(FAILED, 2);
      assert.ok(errors.every((error) => JSON.stringify(error).includes('audio_prompt_file')));
      for (const audio_prompt_file of [sample, `data:audio/wav;base64,${sample}`]) {
        client.send({ text: 'Hi', audio_prompt_file });
      }
      await client.until((message) => COMPLETE(message) || FAILED(message), 4);
      const last = client.received.filter((message) => FAILED(message)).slice(2);
      // Without a model that takes on voices the sample is ignored or refused by name, but it was understood.
      assert.ok(
        last.every((error) => !JSON.stringify(error).includes('base64')),
        JSON.stringify(last),
      );
    }));

  test('R3: who closes in the middle stops the engine and gives the slot back', async () => {
    const gate = Promise.withResolvers<void>();
    const tone = toneEngine({ gate: gate.promise });
    await listening({ engines: [tone] }, async ({ origin, core }) => {
      const client = await connectSocket({ url: `${origin}/api/v1/generate/ws` });
      client.send({ token: '', model: 'higgs2p5' });
      client.send({ text: 'A long sentence that nobody waits for.', voice: 'Linda' });
      while (tone.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
      client.socket.terminate();
      await client.closed;
      gate.resolve();
      while (tone.open() > 0 || core.runner.load(tone).running > 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  });

  test('R3: a slow reader holds up the engine instead of filling the memory', async () => {
    const tone = toneEngine();
    await listening({ engines: [tone] }, async ({ origin }) => {
      const client = await connectSocket({ url: `${origin}/api/v1/generate/ws` });
      client.send({ token: '', model: 'higgs2p5' });
      await client.until(GREETED);
      client.socket.pause();
      client.send({ text: 'Word '.repeat(1_500), voice: 'Linda' });
      while (tone.open() === 0) await new Promise((resolve) => setImmediate(resolve));
      for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(tone.open(), 1);
      client.socket.terminate();
      while (tone.open() > 0) await new Promise((resolve) => setImmediate(resolve));
    });
  });

  test('R3: nobody introduces himself within 10 seconds, or asks for anything within 60: the socket closes', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    await withSocket(async (client) => {
      t.mock.timers.tick(9_999);
      t.mock.timers.tick(1);
      assert.equal((await client.closed).code, 1008);
      assert.deepEqual(kinds(client.received), ['error']);
    });
    await withSocket(async (client) => {
      client.send({ token: KEY, model: 'higgs2p5' });
      await client.until(GREETED);
      t.mock.timers.tick(59_999);
      client.send({ text: 'Hi', voice: 'Linda' });
      await client.until(COMPLETE);
      t.mock.timers.tick(59_999);
      client.send({ text: 'Hi', voice: 'Linda' });
      await client.until(COMPLETE, 2);
      await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(60_000);
      assert.equal((await client.closed).code, 1000);
    });
  });

  test('R3: strangers cannot fill the memory before they say who they are', () =>
    withSocket(async (client) => {
      for (let count = 0; count < 20; count += 1) client.send({ text: 'Hi' });
      assert.equal((await client.closed).code, 1008);
    }));

  test('R3: a message that is too large closes this socket only, and a plain request is told what to do', () =>
    withSocket(async (client) => {
      const url = client.socket.url.replace(/^ws/, 'http');
      client.send(Buffer.alloc(22 * 1024 * 1024));
      assert.equal((await client.closed).code, 1009);
      const plain = await fetch(url);
      assert.equal(plain.status, 400);
      assert.match(await plain.text(), /WebSockets only/);
      const again = await connectSocket({ url });
      again.send({ token: KEY, model: 'higgs2p5', text: 'Hi', voice: 'Linda' });
      await again.until(COMPLETE);
      again.socket.terminate();
    }));

  test('R3: a page from elsewhere may not talk to a server that serves only this machine', async () => {
    await listening({ engines: [toneEngine()], cors: 'loopback' }, async ({ origin }) => {
      const url = `${origin}/api/v1/generate/ws`;
      const refusal = await refusedHandshake({ url, origin: 'https://elsewhere.example' });
      assert.ok(refusal.status >= 400);
      const own = await connectSocket({ url, origin: 'http://localhost:3000' });
      own.socket.terminate();
    });
  });
});
