import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenAI } from 'ai-openai-v4';
import { experimental_streamTranscribe as streamTranscribe } from 'ai-v7';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { mulawFormat } from '../../src/media/formats/mulaw-format.ts';
import { alawFormat } from '../../src/media/formats/alaw-format.ts';
import { collectBytes } from '../../src/base/stream.ts';
import { fromInt16 } from '../../src/media/pcm.ts';
import { resample } from '../../src/media/resample.ts';
import { hearingEngine, type HearingEngine, type HearingEngineOptions } from '../hearing-engine.ts';
import { atRate, liveSound, pieces, streamed, withTls } from '../live-support.ts';
import {
  connectSocket,
  refusedHandshake,
  saying,
  type Received,
  type SocketClient,
} from '../socket-client.ts';
import { listening, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

const KEY = 'sk-test';
const HEARD = 'conversation.item.input_audio_transcription';
const COMPLETED = saying('type', `${HEARD}.completed`);
const ERROR = saying('type', 'error');
const UPDATED = saying('type', 'session.updated');
const PATH = '/v1/realtime?intent=transcription';

interface Realtime {
  readonly client: SocketClient;
  readonly ear: HearingEngine;
  readonly origin: string;
}

async function withRealtime(
  use: (realtime: Realtime) => Promise<void>,
  options: HearingEngineOptions & TestAppOptions & { readonly path?: string } = {},
): Promise<void> {
  const ear = hearingEngine(options);
  await listening({ keys: [KEY], engines: [ear], ...options }, async ({ origin }) => {
    const client = await connectSocket({
      url: `${origin}${options.path ?? PATH}`,
      headers: { authorization: `Bearer ${KEY}` },
    });
    await use({ client, ear, origin });
    client.socket.terminate();
  });
}

function append(client: SocketClient, sound: Buffer, bytes = 4_800): void {
  for (const piece of pieces(sound, bytes)) {
    client.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
  }
}

function update(client: SocketClient, input: object, others: object = {}): void {
  client.send({ type: 'session.update', session: { type: 'transcription', audio: { input }, ...others } });
}

function memberOf(message: Received | undefined, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : undefined,
    message,
  );
}

function deltasOf(received: readonly Received[]): string {
  return received
    .filter(saying('type', `${HEARD}.delta`))
    .map((message) => memberOf(message, 'delta'))
    .join('');
}

function kinds(received: readonly Received[]): unknown[] {
  return received.map((message) => memberOf(message, 'type'));
}

const MANUAL = { turn_detection: null, transcription: { model: 'whisper-1' } };

describe('live transcription for OpenAI clients', () => {
  test('R1: the AI SDK streams a recording without waiting and gets deltas, the text and the end', () =>
    withRealtime(async ({ origin, ear }) => {
      for (const model of ['gpt-live-transcribe', 'gpt-realtime-whisper']) {
        const openai = createOpenAI({ apiKey: KEY, baseURL: `${origin}/v1` });
        const result = streamTranscribe({
          model: openai.transcription(model),
          audio: streamed(atRate(liveSound(7), 24_000), 4_801),
          inputAudioFormat: { type: 'audio/pcm', rate: 24_000 },
          providerOptions: { openai: { language: 'en' } },
        });
        const types = new Set<string>();
        for await (const part of result.fullStream) types.add(part.type);
        assert.equal(await result.text, 'one two three four five. six seven.');
        assert.ok(types.has('transcript-delta') && types.has('transcript-final'), [...types].join());
      }
      assert.ok(ear.opened.every(({ language }) => language === 'en'));
      assert.equal(ear.open(), 0);
    }));

  test('R1: the AI SDK is told when nothing can hear, when the engine breaks and when the key is wrong', async () => {
    const fails = async (origin: string, apiKey: string) => {
      const result = streamTranscribe({
        model: createOpenAI({ apiKey, baseURL: `${origin}/v1` }).transcription('gpt-live-transcribe'),
        audio: streamed(atRate(liveSound(2), 24_000), 4_800),
        inputAudioFormat: { type: 'audio/pcm', rate: 24_000 },
      });
      await assert.rejects(async () => {
        for await (const part of result.fullStream) if (part.type === 'error') throw part.error;
        await result.text;
      });
    };
    await withRealtime(({ origin }) => fails(origin, 'sk-wrong'));
    await withRealtime(({ origin }) => fails(origin, KEY), { engines: [toneEngine()] });
    await withRealtime(({ origin }) => fails(origin, KEY), { failInWindow: 0 });
  });

  test('R2: a client in the order of the Python library gets created, updated, committed, deltas and completed', () =>
    withRealtime(async ({ client }) => {
      await client.until(saying('type', 'session.created'));
      update(client, { ...MANUAL, transcription: { model: 'gpt-4o-transcribe', language: 'en' } });
      await client.until(UPDATED);
      append(client, atRate(liveSound(3), 24_000));
      client.send({ type: 'input_audio_buffer.commit' });
      const [completed] = await client.until(COMPLETED);
      const others = kinds(client.received).filter((kind) => kind !== `${HEARD}.delta`);
      assert.deepEqual(others, [
        'session.created',
        'session.updated',
        'input_audio_buffer.committed',
        `${HEARD}.completed`,
      ]);
      assert.equal(memberOf(completed, 'transcript'), 'one two three.');
      assert.equal(memberOf(completed, 'content_index'), 0);
      assert.equal(memberOf(completed, 'usage', 'type'), 'tokens');
      assert.equal(memberOf(completed, 'usage', 'input_tokens'), 20);
      assert.equal(deltasOf(client.received), 'one two three.');
      const [committed] = client.received.filter(saying('type', 'input_audio_buffer.committed'));
      assert.equal(memberOf(committed, 'item_id'), memberOf(completed, 'item_id'));
      assert.equal(memberOf(committed, 'previous_item_id'), null);
      const ids = client.received.map((message) => memberOf(message, 'event_id'));
      assert.ok(ids.every((id) => /^event_\w+$/.test(String(id))) && new Set(ids).size === ids.length);
    }));

  test('R3: openai 7 connects through TLS, hears turns and gets their texts in order', () =>
    withRealtime(async ({ origin }) => {
      await withTls(origin, async (secure) => {
        const client = new OpenAI({ apiKey: KEY, baseURL: `${secure}/v1` });
        const realtime = new OpenAIRealtimeWS(
          { intent: 'transcription', options: { rejectUnauthorized: false } },
          client,
        );
        const failed = Promise.withResolvers<never>();
        realtime.on('error', (error) => failed.reject(error));
        const events: string[] = [];
        realtime.on('event', ({ type }) => events.push(type));
        const texts: string[] = [];
        const done = Promise.withResolvers<void>();
        realtime.on(`${HEARD}.completed`, ({ transcript, usage }) => {
          texts.push(transcript);
          assert.equal(usage.type, 'duration');
          if (texts.length === 2) done.resolve();
        });
        realtime.socket.on('open', () => {
          realtime.send({
            type: 'session.update',
            session: {
              type: 'transcription',
              audio: {
                input: {
                  transcription: { model: 'whisper-1' },
                  turn_detection: { type: 'server_vad', silence_duration_ms: 500 },
                },
              },
            },
          });
          for (const count of [2, 3]) {
            for (const piece of pieces(atRate(liveSound(count, 1), 24_000), 9_600)) {
              realtime.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
            }
          }
        });
        await Promise.race([done.promise, failed.promise]);
        assert.deepEqual(texts, ['one two.', 'one two three.']);
        const heard = events.filter((type) => type.startsWith('input_audio_buffer'));
        const turn = ['speech_started', 'speech_stopped', 'committed'].map(
          (word) => `input_audio_buffer.${word}`,
        );
        assert.deepEqual(heard, [...turn, ...turn]);
        realtime.close();
      });
    }));

  test('a session shows what it hears with, and an update changes only what it names', () =>
    withRealtime(async ({ client }) => {
      const [created] = await client.until(saying('type', 'session.created'));
      assert.equal(memberOf(created, 'session', 'object'), 'realtime.transcription_session');
      assert.deepEqual(memberOf(created, 'session', 'audio', 'input'), {
        format: { type: 'audio/pcm', rate: 24_000 },
        transcription: null,
        noise_reduction: null,
        turn_detection: {
          type: 'server_vad',
          threshold: 0.5,
          prefix_padding_ms: 300,
          silence_duration_ms: 200,
          idle_timeout_ms: null,
        },
      });
      update(client, {
        transcription: { model: 'whisper-1', prompt: 'Antiphon' },
        noise_reduction: { type: 'near_field' },
      });
      update(client, {
        turn_detection: { type: 'server_vad', threshold: 0.7 },
        transcription: { language: 'de' },
      });
      const [first, second] = await client.until(UPDATED, 2);
      assert.equal(memberOf(first, 'session', 'antiphon', 'model'), 'ear/ear');
      assert.match(JSON.stringify(memberOf(first, 'session', 'antiphon', 'warnings')), /noise_reduction/);
      assert.deepEqual(memberOf(second, 'session', 'audio', 'input', 'transcription'), {
        model: 'whisper-1',
        prompt: 'Antiphon',
        language: 'de',
      });
      assert.equal(memberOf(second, 'session', 'audio', 'input', 'turn_detection', 'threshold'), 0.7);
      assert.equal(
        memberOf(second, 'session', 'audio', 'input', 'turn_detection', 'silence_duration_ms'),
        200,
      );
    }));

  test('the first version of the session is understood and answered in its own words', () =>
    withRealtime(async ({ client }) => {
      client.send({
        type: 'transcription_session.update',
        session: {
          input_audio_format: 'pcm16',
          input_audio_transcription: { model: 'gpt-4o-mini-transcribe', language: '' },
          turn_detection: null,
        },
      });
      const [updated] = await client.until(saying('type', 'transcription_session.updated'));
      assert.equal(memberOf(updated, 'session', 'input_audio_format'), 'pcm16');
      append(client, atRate(liveSound(1), 24_000));
      client.send({ type: 'input_audio_buffer.commit' });
      assert.equal(memberOf((await client.until(COMPLETED))[0], 'transcript'), 'one.');
    }));

  test('telephone sound is heard in both of its codings', async () => {
    const samples = liveSound(4);
    const integers = new Int16Array(
      samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.length),
    );
    for (const [type, format] of [
      ['audio/pcmu', mulawFormat],
      ['audio/pcma', alawFormat],
    ] as const) {
      const pcm = { sampleRate: 16_000, channels: 1, chunks: once(fromInt16(integers)) } as const;
      const bytes = Buffer.from(
        await collectBytes(format.encode(resample(pcm, 8_000), { id: format.id, sampleRate: 8_000 })),
      );
      await withRealtime(async ({ client }) => {
        update(client, { ...MANUAL, format: { type } });
        append(client, bytes, 801);
        client.send({ type: 'input_audio_buffer.commit' });
        assert.equal(memberOf((await client.until(COMPLETED))[0], 'transcript'), 'one two three four.');
      });
    }
  });

  test('log probabilities, languages and speakers come where they are asked for', async () => {
    await withRealtime(
      async ({ client }) => {
        const include = ['item.input_audio_transcription.logprobs'];
        update(
          client,
          { ...MANUAL, transcription: { model: 'gpt-transcribe', languages: ['en'] } },
          { include },
        );
        append(client, atRate(liveSound(2), 24_000));
        client.send({ type: 'input_audio_buffer.commit' });
        const [first] = await client.until(COMPLETED);
        assert.deepEqual(memberOf(first, 'languages'), [{ code: 'en' }]);
        const logprobs = memberOf(first, 'logprobs');
        assert.ok(Array.isArray(logprobs));
        assert.deepEqual(logprobs[0], { token: 'one', logprob: -0.1, bytes: [...Buffer.from('one')] });
        update(
          client,
          { transcription: { model: 'gpt-4o-transcribe-diarize', languages: null } },
          { include: null },
        );
        append(client, atRate(liveSound(2), 24_000));
        client.send({ type: 'input_audio_buffer.commit' });
        await client.until(COMPLETED, 2);
        const [segment] = client.received.filter(saying('type', `${HEARD}.segment`));
        assert.equal(memberOf(segment, 'speaker'), 'A');
        assert.equal(memberOf(segment, 'id'), 'seg_0');
        assert.ok(Number(memberOf(segment, 'start')) < 0.1 && Number(memberOf(segment, 'end')) < 1.2);
      },
      { speakers: true },
    );
  });

  test('silence is reported after the time that the caller named, and cleared sound is forgotten', () =>
    withRealtime(async ({ client, ear }) => {
      update(client, {
        transcription: { model: 'whisper-1' },
        turn_detection: { type: 'server_vad', idle_timeout_ms: 1_000 },
      });
      append(client, Buffer.alloc(24_000 * 2 * 2));
      const [timeout] = await client.until(saying('type', 'input_audio_buffer.timeout_triggered'));
      assert.equal(memberOf(timeout, 'audio_start_ms'), 0);
      assert.equal(memberOf((await client.until(COMPLETED))[0], 'transcript'), '');
      update(client, { turn_detection: null });
      append(client, atRate(liveSound(3), 24_000));
      client.send({ type: 'input_audio_buffer.clear' });
      await client.until(saying('type', 'input_audio_buffer.cleared'));
      append(client, atRate(liveSound(1), 24_000));
      client.send({ type: 'input_audio_buffer.commit' });
      await client.until((message) => COMPLETED(message) && memberOf(message, 'transcript') === 'one.');
      assert.equal(ear.heard.filter(({ samples }) => samples.length > 16_000 * 1.5).length <= 1, true);
    }));

  test('a wrong event is answered with its id and what is wrong, and the socket stays open', () =>
    withRealtime(async ({ client }) => {
      update(client, MANUAL);
      const wrong: readonly (readonly [message: object | string | Buffer, about: RegExp])[] = [
        ['{"type":', /JSON/],
        ['[]', /JSON/],
        [Buffer.from([0, 255, 1]), /JSON/],
        [{ type: 'response.create' }, /session\.update/],
        [{}, /type/],
        [{ type: 'session.update' }, /session/],
        [{ type: 'session.update', session: { type: 'realtime' } }, /realtime/],
        [
          { type: 'session.update', session: { audio: { input: { format: { type: 'audio/mp3' } } } } },
          /format/,
        ],
        [
          { type: 'session.update', session: { audio: { input: { turn_detection: { threshold: 2 } } } } },
          /threshold/,
        ],
        [
          { type: 'session.update', session: { audio: { input: { transcription: { model: 'x-9' } } } } },
          /x-9/,
        ],
        [
          { type: 'session.update', session: { audio: { input: { transcription: { language: 'qqq' } } } } },
          /language/,
        ],
        [{ type: 'input_audio_buffer.append' }, /audio/],
        [{ type: 'input_audio_buffer.append', audio: 'n*t b@se64!' }, /base64/],
        [{ type: 'input_audio_buffer.commit' }, /0\.1 s/],
      ];
      for (const [message] of wrong) {
        const named = typeof message === 'object' && !Buffer.isBuffer(message);
        client.send(named ? { ...message, event_id: 'mine' } : message);
      }
      const errors = await client.until(ERROR, wrong.length);
      for (const [index, [message, about]] of wrong.entries()) {
        const error = memberOf(errors[index], 'error');
        assert.match(JSON.stringify(error), about);
        assert.deepEqual(Object.keys(error ?? {}).sort(), ['code', 'event_id', 'message', 'param', 'type']);
        const named = typeof message === 'object' && !Buffer.isBuffer(message);
        assert.equal(memberOf(errors[index], 'error', 'event_id'), named ? 'mine' : null);
      }
      append(client, atRate(liveSound(2), 24_000), 4_801);
      client.send({ type: 'input_audio_buffer.commit' });
      assert.equal(memberOf((await client.until(COMPLETED))[0], 'transcript'), 'one two.');
    }));

  test('without a model the first sound is told which command installs one, and the rest is not', () =>
    withRealtime(
      async ({ client }) => {
        append(client, Buffer.alloc(48_000));
        client.send({ type: 'input_audio_buffer.commit' });
        const errors = await client.until(ERROR, 2);
        assert.equal(memberOf(errors[0], 'error', 'param'), 'model');
        assert.equal(client.received.filter(ERROR).length, 2);
      },
      { engines: [toneEngine()] },
    ));

  test('an engine that breaks fails the item, and is an error event for clients that listen for nothing else', () =>
    withRealtime(
      async ({ client }) => {
        update(client, MANUAL);
        append(client, atRate(liveSound(2), 24_000));
        client.send({ type: 'input_audio_buffer.commit' });
        const [failed] = await client.until(saying('type', `${HEARD}.failed`));
        assert.equal(memberOf(failed, 'error', 'type'), 'server_error');
        await client.until(ERROR);
      },
      { failInWindow: 0 },
    ));

  test('E5: a wrong key is refused before the socket opens, and a hidden one in the subprotocol is as good as a header', () =>
    withRealtime(async ({ origin }) => {
      const url = `${origin}${PATH}`;
      for (const headers of [{}, { authorization: 'Bearer sk-wrong' }]) {
        const { status, body } = await refusedHandshake({ url, headers });
        assert.equal(status, 401);
        assert.equal(JSON.parse(body).error.type, 'invalid_request_error');
      }
      const protocols = ['realtime', `openai-insecure-api-key.${KEY}`];
      const client = await connectSocket({ url, protocols });
      assert.equal(client.socket.protocol, 'realtime');
      await client.until(saying('type', 'session.created'));
      client.socket.terminate();
      for (const path of ['/v1/realtime?model=gpt-realtime-2', '/v1/realtime?intent=conversation']) {
        const refusal = await refusedHandshake({
          url: origin + path,
          headers: { authorization: `Bearer ${KEY}` },
        });
        assert.equal(refusal.status, 400);
      }
      const plain = await fetch(url, { headers: { authorization: `Bearer ${KEY}` } });
      assert.equal(plain.status, 400);
    }));

  test('a secret made with the key opens a socket with the session that belongs to it, for its owner and until it expires', () =>
    withRealtime(async ({ origin, ear }) => {
      const client = new OpenAI({ apiKey: KEY, baseURL: `${origin}/v1` });
      const secret = await client.realtime.clientSecrets.create({
        expires_after: { anchor: 'created_at', seconds: 60 },
        session: {
          type: 'transcription',
          audio: { input: { transcription: { model: 'whisper-1', language: 'de' }, turn_detection: null } },
        },
      });
      assert.match(secret.value, /^ek_/);
      assert.ok(Math.abs(secret.expires_at - Date.now() / 1000 - 60) < 30);
      assert.equal(secret.session.type, 'transcription');
      const old = await client.beta.realtime.transcriptionSessions.create({
        input_audio_transcription: { model: 'whisper-1', language: 'de' },
      });
      assert.match(old.client_secret.value, /^ek_/);
      for (const value of [secret.value, old.client_secret.value]) {
        const page = await connectSocket({
          url: `${origin}/v1/realtime`,
          protocols: ['realtime', `openai-insecure-api-key.${value}`],
        });
        const [created] = await page.until(saying('type', 'session.created'));
        assert.equal(memberOf(created, 'session', 'audio', 'input', 'transcription', 'language'), 'de');
        append(page, atRate(liveSound(2, 0.5), 24_000));
        page.send({ type: 'input_audio_buffer.commit' });
        await page.until(COMPLETED);
        page.socket.terminate();
      }
      assert.ok(ear.opened.every(({ language }) => language === 'de'));
      for (const url of [`${origin}/v1/models`, `${origin}/v1/realtime/client_secrets`]) {
        const call = await fetch(url, {
          method: url.endsWith('models') ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${secret.value}` },
        });
        assert.equal(call.status, 401);
      }
      const unknown = await refusedHandshake({
        url: `${origin}/v1/realtime`,
        headers: { authorization: 'Bearer ek_unknown' },
      });
      assert.equal(unknown.status, 401);
      for (const body of [
        { expires_after: { seconds: 9 } },
        { session: { type: 'realtime' } },
        { session: { audio: { input: { transcription: { language: 'klingonese' } } } } },
      ]) {
        const refused = await fetch(`${origin}/v1/realtime/client_secrets`, {
          method: 'POST',
          headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        assert.equal(refused.status, 400);
      }
      const bare = await fetch(`${origin}/v1/realtime/client_secrets`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}` },
      });
      assert.equal(bare.status, 200);
    }));

  test('ten megabytes at once, thousands of pieces and silence only are taken without harm', () =>
    withRealtime(async ({ client, ear }) => {
      update(client, MANUAL);
      const large = atRate(liveSound(20), 24_000);
      const padded = Buffer.concat([large, Buffer.alloc(7_500_000 - large.length)]);
      append(client, padded, padded.length);
      client.send({ type: 'input_audio_buffer.commit' });
      const [heard] = await client.until(COMPLETED);
      assert.equal(String(memberOf(heard, 'transcript')).split(' ').length, 20);
      for (let count = 0; count < 5_000; count += 1) {
        client.send({ type: 'input_audio_buffer.append', audio: 'AAAA' });
      }
      client.send({ type: 'input_audio_buffer.commit' });
      const [, silent] = await client.until(COMPLETED, 2);
      assert.equal(memberOf(silent, 'transcript'), '');
      const tooMuch = Buffer.alloc(15 * 1024 * 1024 + 3).toString('base64');
      client.send({ type: 'input_audio_buffer.append', audio: tooMuch });
      await client.until(ERROR);
      assert.equal(ear.open(), 0);
    }));

  test('who hangs up in the middle stops the engine', async () => {
    const gate = Promise.withResolvers<void>();
    const ear = hearingEngine({ gate: gate.promise });
    await listening({ engines: [ear] }, async ({ origin, core }) => {
      const client = await connectSocket({ url: `${origin}${PATH}` });
      update(client, MANUAL);
      append(client, atRate(liveSound(2), 24_000));
      client.send({ type: 'input_audio_buffer.commit' });
      while (ear.open() === 0) await new Promise((resolve) => setImmediate(resolve));
      client.socket.terminate();
      await client.closed;
      while (ear.open() > 0) await new Promise((resolve) => setImmediate(resolve));
      gate.resolve();
      while (core.runner.load(ear).running > 0) await new Promise((resolve) => setImmediate(resolve));
    });
  });
});

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
