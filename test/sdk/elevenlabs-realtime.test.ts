import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AudioFormat, CommitStrategy, ElevenLabsClient, RealtimeEvents } from '@elevenlabs/elevenlabs-js';
import { createElevenLabs } from 'ai-elevenlabs-v3';
import { experimental_streamTranscribe as streamTranscribe } from 'ai-v7';
import { WebSocket } from 'ws';
import { burstRecording, bursts } from '../burst-recording.ts';
import { hearingEngine, type HearingEngine, type HearingEngineOptions } from '../hearing-engine.ts';
import { atRate, liveSound, pieces, streamed } from '../live-support.ts';
import { connectSocket, saying, type Received, type SocketClient } from '../socket-client.ts';
import { listening, type TestAppOptions } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';

type SdkOptions = NonNullable<Parameters<typeof createElevenLabs>[0]>;

const KEY = 'xi-test';
const PATH = '/v1/speech-to-text/realtime?model_id=scribe_v2_realtime';
const STARTED = saying('message_type', 'session_started');
const COMMITTED = saying('message_type', 'committed_transcript');
const TIMED = saying('message_type', 'committed_transcript_with_timestamps');

interface Scribe {
  readonly client: SocketClient;
  readonly ear: HearingEngine;
  readonly origin: string;
}

async function withScribe(
  query: string,
  use: (scribe: Scribe) => Promise<void>,
  options: HearingEngineOptions & TestAppOptions = {},
): Promise<void> {
  const ear = hearingEngine(options);
  await listening({ keys: [KEY], engines: [ear], ...options }, async ({ origin }) => {
    const client = await connectSocket({ url: `${origin}${PATH}${query}`, headers: { 'xi-api-key': KEY } });
    await use({ client, ear, origin });
    client.socket.terminate();
  });
}

function chunk(sound: Buffer, others: object = {}): object {
  return {
    message_type: 'input_audio_chunk',
    audio_base_64: sound.toString('base64'),
    commit: false,
    ...others,
  };
}

function memberOf(message: Received | undefined, name: string): unknown {
  return message && !Buffer.isBuffer(message) ? message[name] : undefined;
}

function texts(messages: readonly Received[]): unknown[] {
  return messages.map((message) => memberOf(message, 'text'));
}

describe('live transcription for ElevenLabs clients', () => {
  test('the JavaScript library sends sound, commits it, and gets its text with words', () =>
    withScribe('', async ({ origin }) => {
      const client = new ElevenLabsClient({ apiKey: KEY, baseUrl: origin });
      const connection = await client.speechToText.realtime.connect({
        modelId: 'scribe_v2_realtime',
        audioFormat: AudioFormat.PCM_24000,
        sampleRate: 24_000,
        includeTimestamps: true,
        includeLanguageDetection: true,
        keyterms: ['Antiphon'],
        languageCode: 'eng',
      });
      const failed = Promise.withResolvers<never>();
      connection.on(RealtimeEvents.ERROR, (error) => failed.reject(new Error(JSON.stringify(error))));
      const done = Promise.withResolvers<void>();
      const heard: unknown[] = [];
      connection.on(RealtimeEvents.SESSION_STARTED, ({ session_id: id, config }) => {
        heard.push(config.sample_rate, config.commit_strategy);
        assert.ok(id.length > 0);
        for (const piece of pieces(atRate(liveSound(3), 24_000), 4_801)) {
          connection.send({ audioBase64: piece.toString('base64') });
        }
        connection.commit();
      });
      connection.on(RealtimeEvents.COMMITTED_TRANSCRIPT, ({ text }) => heard.push(text));
      connection.on(
        RealtimeEvents.COMMITTED_TRANSCRIPT_WITH_TIMESTAMPS,
        ({ text, words, language_code: code }) => {
          heard.push(text, code, words?.map((word) => word.text).join(''));
          assert.ok(
            words?.every(
              ({ start, end, logprob }) =>
                typeof start === 'number' && typeof end === 'number' && typeof logprob === 'number',
            ),
          );
          done.resolve();
        },
      );
      await Promise.race([done.promise, failed.promise]);
      connection.close();
      assert.deepEqual(heard, [
        24_000,
        'manual',
        'one two three.',
        'one two three.',
        'eng',
        'one two three.',
      ]);
    }));

  test('the JavaScript library leaves the commits to the voice, and hears each turn', () =>
    withScribe('', async ({ origin }) => {
      const client = new ElevenLabsClient({ apiKey: KEY, baseUrl: `${origin}/` });
      const connection = await client.speechToText.realtime.connect({
        modelId: 'scribe_v2_realtime',
        audioFormat: AudioFormat.PCM_16000,
        sampleRate: 16_000,
        commitStrategy: CommitStrategy.VAD,
        vadSilenceThresholdSecs: 0.5,
      });
      const heard: string[] = [];
      const done = Promise.withResolvers<void>();
      connection.on(RealtimeEvents.ERROR, (error) => done.reject(new Error(JSON.stringify(error))));
      connection.on(RealtimeEvents.COMMITTED_TRANSCRIPT, ({ text }) => {
        heard.push(text);
        if (heard.length === 2) done.resolve();
      });
      connection.on(RealtimeEvents.SESSION_STARTED, () => {
        for (const count of [2, 4]) connection.send({ audioBase64: liveSound(count, 1).toString('base64') });
      });
      await done.promise;
      connection.close();
      assert.deepEqual(heard, ['one two.', 'one two three four.']);
    }));

  test('the AI SDK streams a recording without waiting, in each of its ways to commit', () =>
    withScribe('', async ({ origin }) => {
      const elevenlabs = createElevenLabs({
        apiKey: KEY,
        // A class of the package is one of the constructors that it means; only the types of events differ.
        webSocket: redirected(origin) as unknown as NonNullable<SdkOptions['webSocket']>,
      });
      for (const streaming of [
        {},
        { includeTimestamps: true, includeLanguageDetection: true },
        { commitStrategy: 'vad', vadSilenceThresholdSecs: 0.3, includeTimestamps: true },
      ] as const) {
        const result = streamTranscribe({
          model: elevenlabs.transcription('scribe_v2_realtime'),
          audio: streamed(liveSound(6, 1), 3_201),
          inputAudioFormat: { type: 'audio/pcm', rate: 16_000 },
          providerOptions: { elevenlabs: { streaming } },
        });
        for await (const part of result.fullStream) assert.notEqual(part.type, 'error');
        assert.equal(await result.text, 'one two three four five. six.');
        if ('includeTimestamps' in streaming) assert.equal(await result.language, 'eng');
      }
    }));

  test('partial texts come while somebody speaks, and times are those of all the sound', () =>
    withScribe('&include_timestamps=true', async ({ client }) => {
      await client.until(STARTED);
      for (const piece of pieces(liveSound(8, 0), 16_000)) {
        client.send(chunk(piece));
      }
      await client.until(saying('message_type', 'partial_transcript'));
      client.send(chunk(Buffer.alloc(0), { commit: true }));
      await client.until(TIMED);
      client.send(chunk(liveSound(2), { commit: true }));
      const [, second] = await client.until(TIMED, 2);
      assert.deepEqual(texts(client.received.filter(COMMITTED)), [
        'one two three four five. six seven eight.',
        'one two.',
      ]);
      const words = memberOf(second, 'words');
      assert.ok(Array.isArray(words) && Math.abs(words[0].start - 4.8) < 0.05, JSON.stringify(words));
      assert.deepEqual(
        words.map(({ type }) => type),
        ['word', 'spacing', 'word'],
      );
    }));

  test('a rate in the message counts where it is another one, and text from before goes with the first sound only', () =>
    withScribe('', async ({ client, ear }) => {
      client.send(
        chunk(atRate(liveSound(3), 44_100), {
          sample_rate: 44_100,
          previous_text: 'As I said',
          commit: true,
        }),
      );
      assert.deepEqual(texts(await client.until(COMMITTED)), ['one two three.']);
      assert.match(ear.heard.at(-1)?.prompt ?? '', /As I said/);
      client.send(chunk(liveSound(1), { previous_text: 'Again' }));
      const [error] = await client.until(saying('message_type', 'input_error'));
      assert.match(String(memberOf(error, 'error')), /previous_text/);
    }));

  test('a commit is always answered, and a noise that is no speech never is', () =>
    withScribe('&commit_strategy=vad&vad_silence_threshold_secs=0.3', async ({ client }) => {
      client.send(chunk(Buffer.alloc(32_000)));
      client.send(chunk(Buffer.alloc(0), { commit: true }));
      client.send(chunk(Buffer.alloc(0), { commit: true }));
      assert.deepEqual(texts(await client.until(COMMITTED, 2)), ['', '']);
      client.send(chunk(liveSound(2, 1)));
      await client.until(COMMITTED, 3);
      assert.deepEqual(texts(client.received.filter(COMMITTED)), ['', '', 'one two.']);
    }));

  test('who may not, or asks for what does not exist, is told why and the socket closed', async () => {
    const cases: readonly (readonly [query: string, headers: object, kind: string, about: RegExp])[] = [
      ['', {}, 'auth_error', /key/],
      ['', { 'xi-api-key': 'wrong' }, 'auth_error', /key/],
      ['&token=sutkn_unknown', {}, 'auth_error', /token/],
      ['&audio_format=mp3_44100', { 'xi-api-key': KEY }, 'invalid_request', /audio_format/],
      ['&vad_threshold=2', { 'xi-api-key': KEY }, 'invalid_request', /vad_threshold/],
      ['&commit_strategy=never', { 'xi-api-key': KEY }, 'invalid_request', /commit_strategy/],
      ['&language_code=qqq', { 'xi-api-key': KEY }, 'invalid_request', /language_code/],
      ['&model_id=no-such', { 'xi-api-key': KEY }, 'transcriber_error', /no-such/],
    ];
    await withScribe('', async ({ origin }) => {
      for (const [query, headers, kind, about] of cases) {
        const client = await connectSocket({ url: `${origin}${PATH}${query}`, headers: { ...headers } });
        client.send(chunk(liveSound(1), { commit: true }));
        assert.equal((await client.closed).code, 1008, query);
        assert.equal(client.received.length, 1);
        assert.equal(memberOf(client.received[0], 'message_type'), kind);
        assert.match(String(memberOf(client.received[0], 'error')), about);
      }
    });
    await withScribe(
      '',
      async ({ client }) => {
        assert.equal((await client.closed).code, 1008);
        assert.match(String(memberOf(client.received[0], 'error')), /models pull/);
      },
      { engines: [toneEngine()] },
    );
  });

  test('a wrong message is answered, and the socket stays open', () =>
    withScribe('', async ({ client }) => {
      const wrong = [
        '{"a":',
        '7',
        Buffer.from([1, 2, 3]),
        {},
        { message_type: 'hello' },
        chunk(Buffer.alloc(0), { sample_rate: 1 }),
      ];
      for (const message of wrong) client.send(message);
      client.send({ message_type: 'input_audio_chunk', audio_base_64: 'n*t b@se64' });
      await client.until(saying('message_type', 'input_error'), wrong.length + 1);
      client.send({
        message_type: 'input_audio_chunk',
        audio_base_64: Buffer.alloc(15 * 1024 * 1024 + 3).toString('base64'),
      });
      await client.until(saying('message_type', 'chunk_size_exceeded'));
      client.send(chunk(liveSound(2).subarray(0, -1)));
      client.send(chunk(Buffer.alloc(0), { commit: true }));
      assert.deepEqual(texts(await client.until(COMMITTED)), ['one two.']);
    }));

  test('an engine that breaks is a transcriber_error', () =>
    withScribe(
      '',
      async ({ client }) => {
        client.send(chunk(liveSound(2), { commit: true }));
        await client.until(saying('message_type', 'transcriber_error'));
      },
      { failInWindow: 0 },
    ));

  test('a single-use token opens what it is for, once', () =>
    withScribe('', async ({ origin }) => {
      const client = new ElevenLabsClient({ apiKey: KEY, baseUrl: origin });
      const { token } = await client.tokens.singleUse.create('realtime_scribe');
      const page = new ElevenLabsClient({ apiKey: 'unused', baseUrl: origin });
      const connection = await page.speechToText.realtime.connect({
        modelId: 'scribe_v2_realtime',
        audioFormat: AudioFormat.PCM_16000,
        sampleRate: 16_000,
        token,
      });
      const started = Promise.withResolvers<void>();
      connection.on(RealtimeEvents.SESSION_STARTED, () => started.resolve());
      connection.on(RealtimeEvents.ERROR, (error) => started.reject(new Error(JSON.stringify(error))));
      await started.promise;
      connection.close();
      const again = await connectSocket({ url: `${origin}${PATH}&token=${token}` });
      assert.equal((await again.closed).code, 1008);
      const { token: batch } = await client.tokens.singleUse.create('batch_scribe');
      const hear = (query: string) => {
        const form = new FormData();
        form.set('model_id', 'scribe_v2');
        form.set('file', new Blob([Uint8Array.from(burstRecording({ bursts: bursts(2) }))]), 'a.wav');
        return fetch(`${origin}/v1/speech-to-text${query}`, { method: 'POST', body: form });
      };
      assert.equal((await hear('')).status, 401);
      assert.equal((await hear(`?token=${batch}`)).status, 200);
      assert.equal((await hear(`?token=${batch}`)).status, 401);
      await assert.rejects(client.tokens.singleUse.create('something' as 'batch_scribe'));
    }));

  test('who hangs up in the middle stops the engine', async () => {
    const gate = Promise.withResolvers<void>();
    const ear = hearingEngine({ gate: gate.promise });
    await listening({ engines: [ear] }, async ({ origin, core }) => {
      const client = await connectSocket({ url: `${origin}${PATH}` });
      client.send(chunk(liveSound(2), { commit: true }));
      while (ear.open() === 0) await new Promise((resolve) => setImmediate(resolve));
      client.socket.terminate();
      await client.closed;
      while (ear.open() > 0) await new Promise((resolve) => setImmediate(resolve));
      gate.resolve();
      while (core.runner.load(ear).running > 0) await new Promise((resolve) => setImmediate(resolve));
    });
  });
});

/** The provider knows one host only; its sockets are led elsewhere. */
function redirected(origin: string) {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[], options?: object) {
      const target = String(url).replace('wss://api.elevenlabs.io', origin.replace('http', 'ws'));
      super(target, protocols, options);
    }
  };
}
