/**
 * The way from a recording through decoder, windows, whisper.cpp and dialect to an official client, on a tiny model
 * that has memorised a few clips: what it says of those is exact, and of others worthless.
 */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import OpenAI from 'openai';
import type { Engine } from '../src/core/engine.ts';
import { whisperEngine } from '../src/engines/whisper/whisper-engine.ts';
import { findWhisperPackages } from '../src/engines/whisper/whisper-binding.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { toInt16 } from '../src/media/pcm.ts';
import { startBare } from './bare-engine.ts';
import { decodeWhole, readTestFile, testData, withoutTestData } from './decode-support.ts';
import type { BareWhisperAnswer, BareWhisperJob } from './fixtures/bare-whisper.ts';
import { pieces } from './live-support.ts';
import { connectSocket, saying } from './socket-client.ts';
import { listening } from './support.ts';
import { casesOf } from './long-form.ts';

const skip =
  withoutTestData ||
  (findWhisperPackages().length === 0 ? 'whisper.cpp has no package for this machine' : false);
const JFK =
  'And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';
const GERMAN = 'Der hinter diesem Portal liegenden Raum wurde als Leichenhalle genutzt.';

describe('a memorised clip comes out word for word', { skip }, () => {
  let engine: Engine;

  before(async () => {
    const weights = {
      id: 'whisper/mini-test',
      kind: 'transcription',
      title: 'Whisper mini-test',
      licence: 'MIT',
      languages: 'any',
      folder: join(testData, 'ggml'),
      files: ['ggml-mini-test.bin'],
    } as const;
    const created = await whisperEngine.create({
      workers: 1,
      weights: { installed: async (id) => (id === 'whisper' ? [weights] : []) },
    });
    assert(!('unavailable' in created));
    engine = created;
  });
  after(async () => {
    await engine.stop?.();
    await stopDecodePool();
  });

  const withOpenai = (use: (client: OpenAI, origin: string) => Promise<void>) =>
    listening({ engines: [engine] }, ({ origin }) =>
      use(new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any' }), origin),
    );
  const clip = (path: string) => createReadStream(join(testData, 'audio', path));

  test('through every response format of the OpenAI client', () =>
    withOpenai(async (client) => {
      const hear = { model: 'whisper-1', language: 'en' } as const;
      const json = await client.audio.transcriptions.create({ ...hear, file: clip('en/jfk.wav') });
      assert.equal(json.text, JFK);
      const text = await client.audio.transcriptions.create({
        ...hear,
        file: clip('en/jfk.wav'),
        response_format: 'text',
      });
      assert.equal(text.trim(), JFK);
      const verbose = await client.audio.transcriptions.create({
        ...hear,
        file: clip('en/jfk.wav'),
        response_format: 'verbose_json',
        timestamp_granularities: ['word', 'segment'],
      });
      assert.equal(verbose.text, JFK);
      assert.equal(verbose.language, 'english');
      assert.equal(verbose.words?.length, JFK.split(' ').length);
      assert.ok(Math.abs(verbose.duration - 11) < 0.01);
      for (const format of ['srt', 'vtt'] as const) {
        const subtitles = await client.audio.transcriptions.create({
          ...hear,
          file: clip('en/jfk.wav'),
          response_format: format,
        });
        const spoken = subtitles
          .split('\n')
          .filter((line) => /[a-z]/i.test(line) && line !== 'WEBVTT' && !line.includes('-->'));
        assert.equal(spoken.join(' '), JFK);
      }
      let streamed = '';
      for await (const event of await client.audio.transcriptions.create({
        ...hear,
        file: clip('en/jfk.wav'),
        stream: true,
      })) {
        if (event.type === 'transcript.text.delta') streamed += event.delta;
      }
      assert.equal(streamed, JFK);
    }));

  test('live, in real pieces and without waiting, through the sockets of both vendors', () =>
    withOpenai(async (_client, origin) => {
      const { samples } = await decodeWhole(await readTestFile('en/jfk.wav'), {
        sampleRate: 16_000,
        mono: true,
      });
      const integers = toInt16(samples);
      const sound = Buffer.from(integers.buffer, integers.byteOffset, integers.byteLength);
      const scribe = await connectSocket({
        url: `${origin}/v1/speech-to-text/realtime?model_id=scribe_v2_realtime&language_code=en`,
      });
      for (const piece of pieces(sound, 6_400)) {
        scribe.send({ message_type: 'input_audio_chunk', audio_base_64: piece.toString('base64') });
      }
      scribe.send({ message_type: 'input_audio_chunk', audio_base_64: '', commit: true });
      const [committed] = await scribe.until(saying('message_type', 'committed_transcript'));
      assert.deepEqual(committed, { message_type: 'committed_transcript', text: JFK });
      scribe.socket.terminate();
      const realtime = await connectSocket({ url: `${origin}/v1/realtime?intent=transcription` });
      const format = { type: 'audio/pcm', rate: 16_000 };
      const input = { format, transcription: { model: 'whisper-1', language: 'en' }, turn_detection: null };
      realtime.send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
      for (const piece of pieces(sound, 6_400)) {
        realtime.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
      }
      realtime.send({ type: 'input_audio_buffer.commit' });
      const done = saying('type', 'conversation.item.input_audio_transcription.completed');
      const [completed] = await realtime.until(done);
      assert.ok(completed && !Buffer.isBuffer(completed));
      assert.equal(completed['transcript'], JFK);
      realtime.socket.terminate();
    }));

  const containers = [
    'formats/jfk.mp3',
    'formats/jfk.mp4',
    'formats/jfk.m4a',
    'formats/jfk_16k.flac',
    'en/jfk.flac',
  ];
  for (const path of casesOf(containers, 2)) {
    test(`out of ${path}`, () =>
      withOpenai(async (client) => {
        const heard = await client.audio.transcriptions.create({
          model: 'whisper-1',
          language: 'en',
          file: clip(path),
        });
        assert.equal(heard.text, JFK);
      }));
  }

  test('as the bare whisper.cpp writes it with the same weights, translations too', (t) =>
    withOpenai(async (client) => {
      const [found] = findWhisperPackages().filter(({ useGpu }) => !useGpu);
      assert(found);
      const bare = startBare<BareWhisperJob, BareWhisperAnswer>('bare-whisper.ts', (stop) => t.after(stop));
      const hearBare = async (path: string, language: string, translate: boolean) => {
        const { samples } = await decodeWhole(await readTestFile(path), { sampleRate: 16_000, mono: true });
        const modelFile = join(testData, 'ggml/ggml-mini-test.bin');
        return bare.do({
          addon: found.name,
          modelFile,
          language,
          translate,
          samples: toInt16(samples),
        });
      };
      const clips = { 'en/jfk.wav': 'en', 'en/leopard_en.wav': 'en', 'multilingual/leopard_fr.wav': 'fr' };
      for (const [path, language] of Object.entries({ ...clips, 'multilingual/leopard_de.wav': 'de' })) {
        const { text } = await hearBare(path, language, false);
        assert.notEqual(text, '', path);
        const ours = await client.audio.transcriptions.create({
          model: 'whisper-1',
          language,
          file: clip(path),
        });
        assert.equal(ours.text, text, path);
      }
      const { text } = await hearBare('multilingual/leopard_de.wav', 'auto', true);
      const translated = await client.audio.translations.create({
        model: 'whisper-1',
        file: clip('multilingual/leopard_de.wav'),
      });
      assert.equal(translated.text, text);
      assert.notEqual(text, GERMAN);
    }));

  test('in German, through the clients of ElevenLabs and Eigen AI too', () =>
    withOpenai(async (client, origin) => {
      const file = 'multilingual/leopard_de.wav';
      const openai = await client.audio.transcriptions.create({
        model: 'gpt-4o-transcribe',
        language: 'de',
        file: clip(file),
      });
      assert.equal(openai.text, GERMAN);
      const elevenlabs = await new ElevenLabsClient({ apiKey: 'any', baseUrl: origin }).speechToText.convert({
        modelId: 'scribe_v1',
        languageCode: 'de',
        file: new Blob([new Uint8Array(await readTestFile(file))]),
      });
      assert.ok('words' in elevenlabs);
      assert.equal(elevenlabs.text, GERMAN);
      assert.equal(elevenlabs.words.map((word) => word.text).join(''), GERMAN);
      const form = new FormData();
      form.append('model', 'whisper_v3_turbo');
      form.append('language', 'de');
      form.append('file', new Blob([new Uint8Array(await readTestFile(file))]), 'clip.wav');
      const eigen = await fetch(`${origin}/api/v1/generate`, { method: 'POST', body: form });
      const body = (await eigen.json()) as { text: string }; // The contract says that the reply has a text.
      assert.equal(body.text, GERMAN);
    }));
});
