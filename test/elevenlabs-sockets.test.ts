import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { after, describe, test } from 'node:test';
import { decodeMp3, decodeOpus, decodeWav } from './contracts/decode-audio.ts';
import { connectSocket, saying, type Received, type SocketClient } from './socket-client.ts';
import { stuckEngine } from './stuck-engine.ts';
import { listening, testPrincipal, type TestAppOptions } from './support.ts';
import { toneEngine } from './tone-engine.ts';
import type { Core } from '../src/core/core.ts';
import { codecPoolLoad, stopCodecPool } from '../src/media/codec-pool.ts';
import { outputFormatNames, outputFormats } from '../src/dialects/elevenlabs/elevenlabs-formats.ts';

after(() => stopCodecPool());

const VOICE = '21m00Tcm4TlvDq8ikWAM';
const OPEN = { text: ' ' };
const END = { text: '' };
const SENTENCES = ['This is the first sentence, which is long enough. ', 'And this is the second one. '];

interface Server {
  readonly core: Core;
  readonly origin: string;
  /** Connects to one of the two sockets. */
  readonly connect: (
    kind: 'stream' | 'multi-stream',
    query?: string,
    headers?: Record<string, string>,
  ) => Promise<SocketClient>;
}

async function withServer(options: TestAppOptions, use: (server: Server) => Promise<void>): Promise<void> {
  await listening(options, async ({ origin, core }) => {
    await use({
      core,
      origin,
      connect: (kind, query = 'output_format=pcm_16000', headers = {}) =>
        connectSocket({ url: `${origin}/v1/text-to-speech/${VOICE}/${kind}-input?${query}`, headers }),
    });
  });
}

type Message = Readonly<Record<string, unknown>>;

/** The messages that are JSON. */
function messages({ received }: { readonly received: readonly Received[] }): Message[] {
  return received.flatMap((one) => (Buffer.isBuffer(one) ? [] : [one]));
}

const isAudio = (message: Received) => !Buffer.isBuffer(message) && typeof message['audio'] === 'string';
const isFinal = saying('isFinal', true);

function audioOf(client: SocketClient, contextId?: string): Buffer {
  const parts = messages(client).filter(
    (message) => isAudio(message) && (contextId === undefined || message['contextId'] === contextId),
  );
  return Buffer.concat(parts.map((message) => Buffer.from(String(message['audio']), 'base64')));
}

interface Times {
  readonly chars: string[];
  readonly charStartTimesMs: number[];
  readonly charDurationsMs: number[];
  readonly charsDurationsMs: number[];
}

function timesOf(client: SocketClient, contextId?: string): Times[] {
  return messages(client)
    .filter((message) => contextId === undefined || message['contextId'] === contextId)
    .flatMap((message) => (message['alignment'] ? [message['alignment'] as Times] : [])); // The shape is what the tests check.
}

const textOf = (client: SocketClient, contextId?: string) =>
  timesOf(client, contextId)
    .flatMap(({ chars }) => chars)
    .join('');

/** The texts that were spoken in one go each: the first message of each says who speaks. */
function stretchesOf(client: SocketClient): string[] {
  const stretches: string[] = [];
  for (const message of messages(client).filter(isAudio)) {
    if ('antiphon' in message) stretches.push('');
    const chars = (message['alignment'] as Times | null)?.chars ?? []; // The shape is what the tests check.
    stretches.push(`${stretches.pop() ?? ''}${chars.join('')}`);
  }
  return stretches;
}

/** What the tone engine makes of a text at 16 kHz: 50 ms for each character, two bytes for each sample. */
const pcmBytes = (text: string) => text.length * 0.05 * 16_000 * 2;

/** Turns of the event loop until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

function assertIdle(core: Core): void {
  for (const engine of core.engines) assert.deepEqual(core.runner.load(engine), { running: 0, waiting: 0 });
}

/** The server is as good as new: it still speaks, and no slot or encoder is lost. */
async function assertUntouched(server: Server): Promise<void> {
  await until(() => server.core.engines.every((engine) => server.core.runner.load(engine).running === 0));
  const client = await server.connect('stream');
  client.send({ text: 'Still here. ' });
  client.send(END);
  assert.deepEqual(await client.closed, { code: 1000, reason: '' });
  assert.equal(textOf(client), 'Still here. ');
  assertIdle(server.core);
  await until(() => codecPoolLoad().encodings === 0);
}

describe('one speech on a socket', () => {
  test('E39: messages in the order of the Python client give audio, then isFinal, and 1000', async () => {
    await withServer({}, async ({ connect, core }) => {
      const client = await connect('stream');
      client.send({
        text: ' ',
        try_trigger_generation: true,
        voice_settings: null,
        generation_config: { chunk_length_schedule: [50] },
      });
      for (const text of SENTENCES) client.send({ text, try_trigger_generation: true });
      client.send(END);
      assert.deepEqual(await client.closed, { code: 1000, reason: '' });
      const all = messages(client);
      const last = { audio: null, isFinal: true, normalizedAlignment: null, alignment: null };
      assert.deepEqual(all.at(-1), last);
      for (const message of all.slice(0, -1)) {
        assert.equal(message['isFinal'], null);
        assert.ok(String(message['audio']).length > 0);
        // The client takes a last message that has this key for an error.
        assert.ok(!('message' in message));
      }
      assert.equal(textOf(client), SENTENCES.join(''));
      assert.ok(audioOf(client).length >= pcmBytes(SENTENCES.join('')));
      for (const { chars, charStartTimesMs, charDurationsMs, charsDurationsMs } of timesOf(client)) {
        assert.equal(charStartTimesMs.length, chars.length);
        assert.equal(charDurationsMs.length, chars.length);
        assert.deepEqual(charsDurationsMs, charDurationsMs);
      }
      assertIdle(core);
    });
  });

  test('each message tells times from the start of its own sound, which they fill', async () => {
    await withServer({}, async ({ connect }) => {
      const client = await connect('stream');
      client.send({ text: SENTENCES[0], flush: true });
      client.send(END);
      await client.closed;
      for (const message of messages(client).filter(isAudio)) {
        const { charStartTimesMs, charDurationsMs } = message['alignment'] as Times; // Checked above.
        const end = (charStartTimesMs.at(-1) ?? 0) + (charDurationsMs.at(-1) ?? 0);
        const milliseconds = Buffer.from(String(message['audio']), 'base64').length / 32;
        assert.ok(Math.abs(end - milliseconds) <= 1, `${end} of ${milliseconds} ms`);
        assert.ok(charStartTimesMs.every((start) => start >= 0 && start <= milliseconds));
      }
    });
  });

  test('speaks every output_format, and its chunks joined are one file', async () => {
    await withServer({}, async ({ connect }) => {
      const speak = async (name: (typeof outputFormatNames)[number]) => {
        const client = await connect('stream', `output_format=${name}`);
        for (const text of ['One. ', 'Two. ']) client.send({ text, flush: true });
        client.send(END);
        assert.equal((await client.closed).code, 1000);
        const bytes = audioOf(client);
        const { id, sampleRate } = outputFormats[name].format;
        const raw = { sampleRate, channels: 1 } as const;
        const decode = { mp3: decodeMp3, opus: decodeOpus, wav: decodeWav }[id];
        const bytesPerFrame = id === 'pcm' ? 2 : 1;
        const frames = decode ? (await decode(bytes, raw)).frames : bytes.length / bytesPerFrame;
        // Ten characters, and at most a pause where the text runs dry, one between sentences, and what MP3 adds.
        const isRight = frames >= 0.5 * sampleRate && frames <= 1.2 * sampleRate + 3_500;
        return isRight ? [] : [`${name}: ${frames} frames`];
      };
      assert.equal(outputFormatNames.length, 28);
      assert.deepEqual((await Promise.all(outputFormatNames.map(speak))).flat(), []);
    });
  });

  test('a flush speaks what waits, without isFinal; the socket stays open for more', async () => {
    await withServer({}, async ({ connect }) => {
      const client = await connect('stream');
      client.send(OPEN);
      client.send({ text: 'Short. ', flush: true });
      await client.until(() => textOf(client) === 'Short. ');
      assert.ok(!messages(client).some(isFinal));
      client.send({ text: 'More. ' });
      client.send(END);
      await client.closed;
      assert.equal(textOf(client), 'Short. More. ');
    });
  });

  test('text waits for the schedule, and auto_mode for nothing', async () => {
    await withServer({}, async ({ connect }) => {
      const waiting = await connect('stream');
      waiting.send({ text: 'One. ', generation_config: { chunk_length_schedule: [50] } });
      waiting.send({ text: `${'abcd '.repeat(9)}ab` });
      waiting.send({ text: 'cd ' });
      waiting.send(END);
      await waiting.closed;
      assert.deepEqual(stretchesOf(waiting), [`One. ${'abcd '.repeat(9)}`, 'abcd ']);
      const prompt = await connect('stream', 'output_format=pcm_16000&auto_mode=true');
      prompt.send(OPEN);
      prompt.send({ text: 'Now. ' });
      await prompt.until(() => textOf(prompt) === 'Now. ');
      prompt.socket.close();
    });
  });

  test('speed, seed and language reach the engine, and settings may change on the way', async () => {
    const engine = toneEngine();
    await withServer({ engines: [engine] }, async ({ connect }) => {
      const client = await connect('stream', 'output_format=pcm_16000&seed=7&language_code=de');
      client.send({ text: ' ', voice_settings: { stability: 0.5, similarity_boost: 0.8, speed: 0.8 } });
      client.send({ text: 'Eins. ', flush: true });
      client.send({ text: 'Zwei. ', flush: true, voice_settings: { speed: 1.1 } });
      client.send(END);
      await client.closed;
      assert.deepEqual(
        engine.asked.map(({ text, speed, seed, language }) => [text.trim(), speed, seed, language]),
        [
          ['Eins.', 0.8, 7, 'de'],
          ['Zwei.', 1.1, 7, 'de'],
        ],
      );
      const first = messages(client)[0]?.['antiphon'];
      assert.match(JSON.stringify(first), /"model":"tone\/tone".*stability/);
    });
  });

  test('numbers are spoken as words, and each alignment has its own text', async () => {
    await withServer({}, async ({ connect }) => {
      const client = await connect('stream', 'output_format=pcm_16000&apply_text_normalization=on');
      client.send({ text: 'I have 2 cats. ' });
      client.send(END);
      await client.closed;
      const normalized = messages(client)
        .flatMap((message) => (message['normalizedAlignment'] as Times | null)?.chars ?? []) // Checked above.
        .join('');
      assert.deepEqual([textOf(client), normalized.trim()], ['I have 2 cats. ', 'I have two cats.']);
    });
  });

  test('breaks are obeyed and never cut in two with enable_ssml_parsing', async () => {
    const engine = toneEngine();
    await withServer({ engines: [engine] }, async ({ connect }) => {
      const client = await connect('stream', 'output_format=pcm_16000&enable_ssml_parsing=true');
      client.send({ text: ' ', generation_config: { chunk_length_schedule: [50] } });
      client.send({ text: 'This is what comes before the break, and then <break ' });
      client.send({ text: 'time="1.0s" /> there is more. ' });
      client.send(END);
      assert.equal((await client.closed).code, 1000);
      assert.ok(engine.asked.every(({ text }) => !/[<>]|break |time/.test(text.replace('the break', ''))));
      const spoken = 'This is what comes before the break, and then  there is more. ';
      assert.ok(audioOf(client).length >= pcmBytes(spoken) * 0.9 + 32_000, `${audioOf(client).length} bytes`);
    });
  });

  test('what cannot be spoken is no reason to hang up', async () => {
    await withServer({ engines: [toneEngine({ mute: true })] }, async ({ connect }) => {
      const client = await connect('stream');
      client.send({ text: '... ', flush: true });
      client.send(END);
      assert.equal((await client.closed).code, 1000);
      assert.deepEqual(messages(client).length, 1);
    });
  });

  test('the sound of each stretch is in the history, unless that is not wanted', async () => {
    await withServer({}, async ({ connect, origin }) => {
      for (const logging of ['true', 'false']) {
        const client = await connect('stream', `output_format=mp3_44100_128&enable_logging=${logging}`);
        client.send({ text: `Logging ${logging}. ` });
        client.send(END);
        await client.closed;
      }
      const response = await fetch(`${origin}/v1/history`, { headers: { 'xi-api-key': 'any' } });
      const { history } = (await response.json()) as { history: { text: string }[] }; // The reply's documented shape.
      assert.deepEqual(
        history.map(({ text }) => text),
        ['Logging true. '],
      );
    });
  });
});

describe('who calls', () => {
  const keys = { keys: ['secret'] };
  const speak = async (client: SocketClient, first: object = {}) => {
    client.send({ ...OPEN, ...first });
    client.send({ text: 'Hi. ' });
    client.send(END);
    return client.closed;
  };

  for (const query of [
    'authorization=secret',
    'xi-api-key=secret',
    'xi_api_key=secret',
    'authorization=Bearer%20secret',
  ]) {
    test(`is told by the address: ${query}`, async () => {
      await withServer(keys, async ({ connect }) => {
        assert.equal((await speak(await connect('stream', query))).code, 1000);
      });
    });
  }

  for (const field of ['xi_api_key', 'xi-api-key', 'authorization']) {
    test(`is told by the first message: ${field}`, async () => {
      await withServer(keys, async ({ connect }) => {
        assert.equal((await speak(await connect('stream'), { [field]: 'secret' })).code, 1000);
      });
    });
  }

  for (const place of ['query', 'message']) {
    test(`is told by a token that was made with a key, in the ${place}, once`, async () => {
      await withServer(keys, async ({ connect, core }) => {
        const principal = testPrincipal('key:secret');
        const order = {
          principal,
          purpose: 'live_speech',
          prefix: 'sutkn_',
          seconds: 60,
          once: true,
        } as const;
        const { token } = core.passes.issue(order);
        const call = async () =>
          place === 'query'
            ? speak(await connect('stream', `single_use_token=${token}`))
            : speak(await connect('stream'), { single_use_token: token });
        assert.equal((await call()).code, 1000);
        assert.equal((await call()).code, 1008);
      });
    });
  }

  test('is told by the header', async () => {
    await withServer(keys, async ({ connect }) => {
      assert.equal((await speak(await connect('stream', '', { 'xi-api-key': 'secret' }))).code, 1000);
    });
  });

  for (const [what, query, first, word] of [
    ['no key at all', '', {}, 'needs_authorization'],
    ['a wrong key in a message', '', { xi_api_key: 'guess' }, 'invalid_api_key'],
    ['a wrong key in the address', 'xi-api-key=guess', {}, 'invalid_api_key'],
  ] as const) {
    test(`${what}: an error message, then 1008`, async () => {
      await withServer(keys, async ({ connect, core }) => {
        const client = await connect('stream', query);
        const { code, reason } = await speak(client, first);
        const [error] = messages(client);
        assert.equal(messages(client).length, 1);
        assert.deepEqual([code, error?.['error'], error?.['code']], [1008, word, 1008]);
        assert.equal(reason, error?.['message']);
        assertIdle(core);
      });
    });
  }
});

describe('what goes wrong ends with one error message and a close code, and the server is untouched', () => {
  interface Fault {
    readonly what: string;
    readonly query?: string;
    readonly path?: string;
    readonly send?: (client: SocketClient) => void;
    readonly error: string;
    readonly code?: number;
    readonly message: RegExp;
  }

  const FAULTS: readonly Fault[] = [
    {
      what: 'JSON that is no object',
      send: (c) => c.send('[1]'),
      error: 'invalid_input_message',
      message: /JSON object/,
    },
    {
      what: 'a text that is a number',
      send: (c) => c.send({ text: 5 }),
      error: 'invalid_input_message',
      message: /text/,
    },
    {
      what: 'a setting out of range',
      send: (c) => c.send({ text: ' ', voice_settings: { stability: 7 } }),
      error: 'invalid_input_message',
      message: /voice_settings\.stability.*at most 1/,
    },
    {
      what: 'a schedule out of range',
      send: (c) => c.send({ text: ' ', generation_config: { chunk_length_schedule: [3] } }),
      error: 'invalid_input_message',
      message: /chunk_length_schedule/,
    },
    {
      what: 'a binary frame',
      send: (c) => c.send(Buffer.from('{"text":"Hi "}')),
      error: 'invalid_input_message',
      message: /text frame/,
    },
    {
      what: '10 MB of JSON',
      send: (c) => c.send({ text: 'x'.repeat(10 * 1024 * 1024) }),
      error: 'message_too_large',
      code: 1009,
      message: /at most 1048576 bytes/,
    },
    {
      what: 'a text that is longer than the model takes',
      send: (c) => c.send({ text: 'word '.repeat(5_000), flush: true }),
      error: 'max_character_limit_exceeded',
      message: /25000 characters/,
    },
    {
      what: 'more text than can ever be spoken',
      send: (c) => {
        for (let count = 0; count < 3_000; count += 1)
          c.send({ text: 'A sentence that is spoken some time. '.repeat(3) });
      },
      error: 'max_character_limit_exceeded',
      message: /200000 characters wait/,
    },
    {
      what: 'an unknown dictionary',
      send: (c) =>
        c.send({ text: 'Hi. ', pronunciation_dictionary_locators: [{ pronunciation_dictionary_id: 'x' }] }),
      error: 'pronunciation_dictionary_not_found',
      message: /dictionary/,
    },
    { what: 'an unknown voice', path: 'nobody', error: 'voice_not_found', message: /nobody/ },
    { what: 'an unknown model', query: 'model_id=no_such', error: 'model_not_found', message: /no_such/ },
    {
      what: 'a model that cannot speak',
      query: 'model_id=scribe_v1',
      error: 'unsupported_model',
      message: /scribe_v1/,
    },
    {
      what: 'a model that speaks over HTTP only',
      query: 'model_id=eleven_v3',
      error: 'unsupported_model',
      message: /eleven_v3/,
    },
    {
      what: 'an unknown format',
      query: 'output_format=mp3_1_1',
      error: 'invalid_parameters',
      message: /output_format.*mp3_44100_128/,
    },
    {
      what: 'too long a timeout',
      query: 'inactivity_timeout=181',
      error: 'invalid_parameters',
      message: /at most 180/,
    },
  ];

  for (const kind of ['stream', 'multi-stream'] as const) {
    for (const { what, query = '', path = VOICE, send, error, code = 1008, message } of FAULTS) {
      test(`${what} (${kind})`, async () => {
        // Nothing is spoken before it goes wrong, however fast the machine is.
        const stuck = stuckEngine({ concurrency: 2 });
        await withServer({ engines: [stuck.engine, toneEngine()] }, async (server) => {
          const url = `${server.origin}/v1/text-to-speech/${path}/${kind}-input?${query}`;
          const client = await connectSocket({ url });
          send?.(client);
          const closed = await client.closed;
          assert.equal(closed.code, code);
          const last = messages(client).at(-1);
          assert.equal(last?.['error'], error, JSON.stringify(last));
          assert.equal(last?.['code'], code);
          assert.match(String(last?.['message']), message);
          assert.ok(String(last?.['message']).startsWith(closed.reason) && closed.reason.length > 10);
          stuck.free();
          await assertUntouched(server);
        });
      });
    }
  }

  test('E41: bad JSON gives an error message and 1008', async () => {
    await withServer({}, async (server) => {
      for (const kind of ['stream', 'multi-stream'] as const) {
        const client = await server.connect(kind);
        client.send('{"text": "Hel');
        const { code, reason } = await client.closed;
        const expected = { message: reason, error: 'invalid_input_message', code: 1008 };
        assert.deepEqual([code, messages(client)], [1008, [expected]]);
      }
      await assertUntouched(server);
    });
  });

  test('an engine that breaks in the middle: what was said so far, then 1011', async () => {
    await withServer({ engines: [toneEngine({ failAfterChunks: 8 })] }, async ({ connect, core }) => {
      const client = await connect('stream');
      client.send({ text: SENTENCES[0], flush: true });
      assert.equal((await client.closed).code, 1011);
      assert.ok(audioOf(client).length > 0);
      assert.equal(messages(client).at(-1)?.['error'], 'engine_failed');
      assertIdle(core);
    });
  });

  test('half a frame, and a client that is gone', async () => {
    await withServer({}, async (server) => {
      const client = await server.connect('stream');
      client.send(OPEN);
      const { port } = new URL(server.origin);
      const raw = connectTcp(Number(port), '127.0.0.1');
      raw.write(
        `GET /v1/text-to-speech/${VOICE}/stream-input HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await new Promise((resolve) => raw.once('data', resolve));
      raw.write(Buffer.from([0x81, 0xfe, 0x10]));
      raw.destroy();
      client.socket.terminate();
      await assertUntouched(server);
    });
  });
});

describe('silence', () => {
  test('E40: without a message for inactivity_timeout=2 the socket is closed with 1008', async (t) => {
    await withServer({}, async ({ connect }) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const client = await connect('stream', 'inactivity_timeout=2');
      client.send(OPEN);
      await until(() => true);
      t.mock.timers.tick(2000);
      const { code, reason } = await client.closed;
      t.mock.timers.reset();
      const [error] = messages(client);
      assert.deepEqual([code, error?.['error'], error?.['code']], [1008, 'input_timeout_exceeded', 1008]);
      assert.match(reason, /within 2 seconds/);
    });
  });

  test('a message that is one space keeps the socket open, and so does speech that goes on', async (t) => {
    const stuck = stuckEngine();
    await withServer({ engines: [stuck.engine] }, async ({ connect }) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const client = await connect('stream', 'output_format=pcm_16000');
      for (let count = 0; count < 4; count += 1) {
        client.send(OPEN);
        const pong = once(client.socket, 'pong');
        client.socket.ping();
        await pong;
        t.mock.timers.tick(19_000);
      }
      client.send({ text: 'Long. ', flush: true });
      await until(() => stuck.stuck() === 1);
      t.mock.timers.tick(60_000);
      stuck.free();
      client.send(END);
      const { code } = await client.closed;
      t.mock.timers.reset();
      assert.deepEqual([code, textOf(client)], [1000, 'Long. ']);
    });
  });
});

describe('a client that leaves', () => {
  for (const kind of ['stream', 'multi-stream'] as const) {
    for (const leave of ['close', 'terminate'] as const) {
      test(`stops the engine at once and gives the slot back (${kind}, ${leave})`, async () => {
        const stuck = stuckEngine({ after: 2 });
        await withServer({ engines: [stuck.engine] }, async ({ connect, core }) => {
          const client = await connect(kind);
          client.send({ text: SENTENCES[0], flush: true });
          await until(() => stuck.stuck() === 1);
          client.socket[leave]();
          await until(() => stuck.noticed.length === 1);
          await until(() => core.runner.load(stuck.engine).running === 0);
        });
      });
    }
  }

  test('does not make the server fill its memory: a reader that stops reading stops the speech', async () => {
    const engine = toneEngine();
    await withServer({ engines: [engine] }, async ({ connect, core }) => {
      const client = await connect('stream', 'output_format=pcm_48000');
      client.socket.pause();
      for (let count = 0; count < 60; count += 1)
        client.send({ text: 'A sentence to be spoken for a while. '.repeat(8), flush: true });
      // The network takes some megabytes; then everything stands still, one stretch being spoken.
      let spoken = -1;
      while (spoken !== engine.asked.length) {
        spoken = engine.asked.length;
        for (let turn = 0; turn < 2_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(spoken < 60, `${spoken} stretches were spoken to nobody`);
      assert.equal(core.runner.load(engine).running, 1);
      client.socket.resume();
      await client.until(() => engine.asked.length > spoken);
      client.socket.terminate();
      await until(() => core.runner.load(engine).running === 0);
    });
  });
});

describe('several contexts on a socket', () => {
  const multi = (text: string, contextId: string, more: object = {}) => ({
    text,
    context_id: contextId,
    ...more,
  });

  test('E42: a flush gives no isFinal, closing gives one, an empty text without id keeps the socket open', async () => {
    await withServer({}, async ({ connect, core }) => {
      const client = await connect('multi-stream');
      client.send(multi(' ', 'c1'));
      client.send(multi(' ', 'c2'));
      client.send(multi('First. ', 'c1'));
      client.send(multi('Second. ', 'c2'));
      client.send({ context_id: 'c1', flush: true });
      await client.until(() => textOf(client, 'c1') === 'First. ');
      assert.ok(!messages(client).some(isFinal));
      client.send({ context_id: 'c1', close_context: true });
      await client.until(isFinal);
      client.send(END);
      client.send({ text: '', context_id: 'c2' });
      client.send({ text: 'More. ', contextId: 'c2', flush: true });
      await client.until(() => textOf(client, 'c2') === 'Second. More. ');
      const finals = messages(client).filter(isFinal);
      assert.deepEqual(finals, [
        {
          audio: null,
          isFinal: true,
          is_final: true,
          normalizedAlignment: null,
          alignment: null,
          contextId: 'c1',
        },
      ]);
      client.send({ close_socket: true });
      assert.deepEqual(await client.closed, { code: 1000, reason: '' });
      assert.ok(messages(client).every((message) => ['c1', 'c2'].includes(String(message['contextId']))));
      assertIdle(core);
    });
  });

  test('E43: a sixth context is refused with 1008; closing one makes room', async () => {
    await withServer({}, async (server) => {
      const client = await server.connect('multi-stream');
      for (const id of ['1', '2', '3', '4', '5']) client.send(multi(' ', id));
      client.send({ context_id: '5', close_context: true });
      client.send(multi('Room. ', '6', { flush: true }));
      await client.until(() => textOf(client, '6') === 'Room. ');
      client.send(multi(' ', '7'));
      assert.equal((await client.closed).code, 1008);
      const last = messages(client).at(-1);
      assert.deepEqual([last?.['error'], last?.['code']], ['max_active_conversations', 1008]);
      assert.match(String(last?.['message']), /5 contexts/);
      await assertUntouched(server);
    });
  });

  test('a flush and then a close gives all the sound, then one isFinal', async () => {
    await withServer({}, async ({ connect }) => {
      const client = await connect('multi-stream');
      client.send(multi('All of it. ', 'c', { flush: true }));
      client.send({ context_id: 'c', close_context: true });
      client.send({ context_id: 'c', close_context: true });
      await client.until(isFinal);
      assert.equal(textOf(client, 'c'), 'All of it. ');
      client.send({ close_socket: true });
      await client.closed;
      assert.equal(messages(client).filter(isFinal).length, 1);
    });
  });

  test('closing a context that was not flushed stops it at once, and no other one', async () => {
    const stuck = stuckEngine({ after: 1, concurrency: 2 });
    await withServer({ engines: [stuck.engine] }, async ({ connect, core }) => {
      const client = await connect('multi-stream', 'output_format=pcm_16000&auto_mode=true');
      client.send(multi(SENTENCES[0] ?? '', 'old'));
      client.send(multi(SENTENCES[1] ?? '', 'new'));
      await until(() => stuck.stuck() === 2);
      client.send({ context_id: 'old', close_context: true });
      await client.until((message) => isFinal(message));
      assert.equal(stuck.noticed.length, 1);
      assert.equal(core.runner.load(stuck.engine).running, 1);
      stuck.free();
      await client.until(() => textOf(client, 'new') === SENTENCES[1]);
      client.socket.close();
    });
  });

  test('contexts speak side by side, each in its order; an id is free again after it was closed', async () => {
    await withServer({}, async ({ connect }) => {
      const client = await connect('multi-stream');
      for (const word of ['One. ', 'Two. ', 'Three. ']) {
        client.send(multi(word, 'a', { flush: true }));
        client.send(multi(word.toUpperCase(), 'b', { flush: true }));
      }
      client.send({ context_id: 'a', close_context: true });
      client.send(multi('Four. ', 'a', { flush: true }));
      client.send({ context_id: 'a', close_context: true });
      client.send({ context_id: 'b', close_context: true });
      await client.until(isFinal, 3);
      assert.deepEqual(
        [textOf(client, 'a'), textOf(client, 'b')],
        ['One. Two. Three. Four. ', 'ONE. TWO. THREE. '],
      );
      const ofA = messages(client).filter((message) => message['contextId'] === 'a');
      const firstEnd = ofA.findIndex(isFinal);
      const told = ofA
        .slice(0, firstEnd)
        .flatMap((message) => (message['alignment'] as Times | null)?.chars ?? []) // Checked above.
        .join('');
      assert.equal(told, 'One. Two. Three. ');
      client.socket.close();
    });
  });

  test('a message without an id belongs to the default context', async () => {
    await withServer({}, async ({ connect }) => {
      const client = await connect('multi-stream');
      client.send({ text: 'Nameless. ', flush: true });
      await client.until(() => textOf(client, 'default') === 'Nameless. ');
      client.send({ close_socket: true });
      assert.equal((await client.closed).code, 1000);
    });
  });

  test('flushing, closing and keeping alive what does not exist is harmless and opens nothing', async () => {
    await withServer({}, async (server) => {
      const client = await server.connect('multi-stream');
      for (let count = 0; count < 1_000; count += 1) {
        const id = `ghost ${count}`;
        client.send({ context_id: id, flush: true });
        client.send({ context_id: id, close_context: true });
        client.send({ context_id: id, text: '' });
      }
      client.send({ close_socket: true });
      assert.deepEqual(await client.closed, { code: 1000, reason: '' });
      assert.deepEqual(messages(client), []);
      await assertUntouched(server);
    });
  });

  test('thousands of contexts, one after the other, leave nothing behind', async () => {
    await withServer({}, async (server) => {
      const client = await server.connect('multi-stream');
      for (let count = 0; count < 1_000; count += 1) {
        client.send(multi(' ', `c${count}`));
        client.send({ context_id: `c${count}`, close_context: true });
      }
      await client.until(isFinal, 1_000);
      client.send({ close_socket: true });
      assert.equal((await client.closed).code, 1000);
      await assertUntouched(server);
    });
  });

  test('settings that come late are passed over', async () => {
    const engine = toneEngine();
    await withServer({ engines: [engine] }, async ({ connect }) => {
      const client = await connect('multi-stream');
      client.send(multi(' ', 'c', { voice_settings: { speed: 0.9 } }));
      client.send(multi('Hi. ', 'c', { voice_settings: { speed: 1.2 }, flush: true }));
      await client.until(() => textOf(client, 'c') === 'Hi. ');
      assert.equal(engine.asked[0]?.speed, 0.9);
      client.socket.close();
    });
  });
});

describe('what is no WebSocket', () => {
  test('a plain request to the path of a socket is told so, in the envelope', async () => {
    await withServer({}, async ({ origin }) => {
      const response = await fetch(`${origin}/v1/text-to-speech/${VOICE}/stream-input`);
      assert.ok(response.status >= 400 && response.status < 500);
      const { detail } = (await response.json()) as { detail: { message: string } }; // The documented envelope.
      assert.match(detail.message, /WebSocket/);
    });
  });

  test('a request that offers another protocol, as some clients do with every one, is served as usual', async () => {
    await withServer({}, async ({ origin }) => {
      const status = await new Promise<number>((resolve, reject) => {
        const request = httpRequest(`${origin}/v1/text-to-speech/${VOICE}?output_format=pcm_16000`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            connection: 'Upgrade, HTTP2-Settings',
            upgrade: 'h2c',
            'http2-settings': 'AAMAAABkAAQAAP__',
          },
        });
        request.on('response', (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        request.on('error', reject);
        request.end(JSON.stringify({ text: 'Hello.' }));
      });
      assert.equal(status, 200);
    });
  });

  for (const [what, path, headers] of [
    ['a socket on a path that has none', '/v1/voices', {}],
    ['a socket on a path that does not exist', '/elevenlabs/v1/nothing', {}],
    [
      'a handshake without a key',
      `/v1/text-to-speech/${VOICE}/stream-input`,
      { 'sec-websocket-key': undefined },
    ],
    [
      'a handshake of another version',
      `/v1/text-to-speech/${VOICE}/stream-input`,
      { 'sec-websocket-version': '7' },
    ],
  ] as const) {
    test(`${what} is refused in the envelope`, async () => {
      await withServer({}, async (server) => {
        const { port } = new URL(server.origin);
        const sent = {
          host: 'x',
          connection: 'Upgrade',
          upgrade: 'websocket',
          'xi-api-key': 'any',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...headers,
        };
        const lines = Object.entries(sent).flatMap(([name, value]) =>
          value === undefined ? [] : [`${name}: ${value}`],
        );
        const raw = connectTcp(Number(port), '127.0.0.1');
        raw.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        let answer = '';
        for await (const bytes of raw) answer += String(bytes);
        assert.match(answer, /^HTTP\/1\.1 4\d\d /);
        assert.match(answer, /"detail":\{"type":/);
        await assertUntouched(server);
      });
    });
  }
});
