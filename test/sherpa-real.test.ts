/**
 * The way from a recording through decoder, windows, sherpa-onnx and dialect to an official client, on a tiny model
 * that has memorised some clips. What it says of those is exact, and is held to what the bare addon says with the same
 * weights; of other recordings it says nothing of worth.
 */
import assert from 'node:assert/strict';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import OpenAI, { toFile } from 'openai';
import type { Engine } from '../src/core/engine.ts';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { createSpeechFinder } from '../src/engines/sherpa/sherpa-voice-activity.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { concatSamples, toInt16 } from '../src/media/pcm.ts';
import { startBare, type BareEngine } from './bare-engine.ts';
import { requestContext } from './contracts/engine-contract.ts';
import { readTestFile, testData, withoutTestData } from './decode-support.ts';
import type { BareSherpaAnswer, BareSherpaJob } from './fixtures/bare-sherpa.ts';
import { casesOf, isLongForm } from './long-form.ts';
import { miniWhisper, readClip, sileroVad, sourceOf, waveFile } from './sherpa-support.ts';
import { listening } from './support.ts';

const MODEL = miniWhisper.id;
const JFK =
  'And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';
const ENCODINGS = [
  'formats/jfk.webm',
  'formats/jfk_8k_mulaw.wav',
  'formats/jfk.m4a',
  'formats/jfk.opus',
  'formats/jfk.mp3',
  'formats/jfk.mp4',
  'formats/jfk_16k.flac',
  'en/jfk.flac',
];
/** In these scripts the bare addon loses bytes, which ours puts right. */
const DAMAGED_BY_THE_ADDON = ['zh', 'ja', 'ko'];

interface Expected {
  readonly file: string;
  readonly language: string;
  readonly reference: string;
  readonly transcribe: string;
  readonly detected: string;
  readonly translate?: string;
}

/** The memorised clips that are on this machine. */
function memorised(): Expected[] {
  const path = join(testData, 'mini-whisper-test/expected.json');
  // The file is made by a script, as a list of these.
  const all = JSON.parse(readFileSync(path, 'utf8')) as Expected[];
  return all.filter(({ file }) => existsSync(join(testData, 'audio', file)));
}

function oneOfEachLanguage(clips: readonly Expected[]): readonly Expected[] {
  return [...new Map(clips.map((clip) => [clip.language, clip])).values()];
}

describe('sherpa hears through the official clients', { skip: withoutTestData }, () => {
  let engine: Engine;
  let bare: BareEngine<BareSherpaJob, BareSherpaAnswer>;
  const endings: (() => unknown)[] = [];

  before(async () => {
    const created = await sherpaEngine.create({ workers: 1, weights: sourceOf([miniWhisper, sileroVad]) });
    assert(!('unavailable' in created), 'sherpa-onnx has no package for this machine');
    engine = created;
    bare = startBare('bare-sherpa.ts', (stop) => endings.push(stop));
  });
  after(async () => {
    for (const end of endings) end();
    await engine.stop?.();
    await stopDecodePool();
  });

  interface Callers {
    readonly origin: string;
    readonly openai: OpenAI;
    readonly elevenlabs: ElevenLabsClient;
  }

  const calling = (use: (callers: Callers) => Promise<void>) =>
    listening({ engines: [engine] }, ({ origin }) =>
      use({
        origin,
        openai: new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any', maxRetries: 0 }),
        elevenlabs: new ElevenLabsClient({ apiKey: 'any', baseUrl: origin, maxRetries: 0 }),
      }),
    );
  const clip = (path: string) => createReadStream(join(testData, 'audio', path));

  async function hearAsEigen(origin: string, path: string, fields: Readonly<Record<string, string>>) {
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: MODEL, ...fields })) form.append(name, value);
    form.append('file', new Blob([new Uint8Array(await readTestFile(path))]), 'clip.wav');
    const response = await fetch(`${origin}/api/v1/generate`, { method: 'POST', body: form });
    assert.equal(response.status, 200, await response.clone().text());
    return response;
  }

  const hearBare = async ({ file, language }: Expected, task: 'transcribe' | 'translate') =>
    bare.do({ kind: 'hear', folder: miniWhisper.folder, language, task, samples: await readClip(file) });

  test(`says of ${isLongForm ? 'every memorised clip' : 'a clip in each language'} what the bare addon says with the same weights`, () =>
    calling(async ({ openai }) => {
      const clips = memorised().filter(({ file }) => !/tts-roundtrip.*_[1-7]/.test(file));
      assert(clips.length >= 25, `only ${clips.length} clips`);
      for (const expected of isLongForm ? clips : oneOfEachLanguage(clips)) {
        const { file, language, reference } = expected;
        const heard = await openai.audio.transcriptions.create({ model: MODEL, language, file: clip(file) });
        const { text } = await hearBare(expected, 'transcribe');
        const isRepaired = DAMAGED_BY_THE_ADDON.includes(language);
        assert.equal(heard.text, isRepaired ? reference : text, file);
        assert.equal(heard.text, reference, file);
      }
    }));

  test('translates as the bare addon does', () =>
    calling(async ({ origin, openai }) => {
      const clips = memorised().filter(({ translate }) => translate !== undefined);
      assert(clips.length >= 5);
      for (const expected of clips) {
        const { text } = await hearBare(expected, 'translate');
        const heard = await openai.audio.translations.create({ model: MODEL, file: clip(expected.file) });
        assert.equal(heard.text, expected.translate, expected.file);
        assert.equal(heard.text, text, expected.file);
      }
      const german = clips.find(({ language }) => language === 'de');
      assert(german);
      const eigen = await hearAsEigen(origin, german.file, { task: 'ast', response_format: 'text' });
      assert.equal((await eigen.text()).trim(), german.translate);
    }));

  test('finds out the language as the bare addon does, in the words of each dialect', () =>
    calling(async ({ origin, openai, elevenlabs }) => {
      const clips = memorised().filter(({ file }) => file.startsWith('multilingual/'));
      const names: Readonly<Record<string, string>> = {
        de: 'german',
        es: 'spanish',
        fr: 'french',
        ko: 'korean',
        pt: 'portuguese',
        zh: 'chinese',
      };
      const codes: Readonly<Record<string, string>> = {
        de: 'deu',
        es: 'spa',
        fr: 'fra',
        ko: 'kor',
        pt: 'por',
      };
      for (const { file, detected } of clips) {
        const verbose = await openai.audio.transcriptions.create({
          model: MODEL,
          file: clip(file),
          response_format: 'verbose_json',
        });
        assert.equal(verbose.language, names[detected], file);
        const { language } = await bare.do({
          kind: 'hear',
          folder: miniWhisper.folder,
          language: '',
          task: 'transcribe',
          samples: await readClip(file),
        });
        assert.match(language, new RegExp(`^(?:<\\|)?${detected}`), file);
        if (detected === 'zh') continue;
        const scribe = await elevenlabs.speechToText.convert({ modelId: 'scribe_v1', file: clip(file) });
        assert('languageCode' in scribe);
        assert.equal(scribe.languageCode, codes[detected], file);
      }
      const eigen = await hearAsEigen(origin, 'multilingual/leopard_fr.wav', {});
      // The contract says that the reply tells the language.
      assert.equal(((await eigen.json()) as { language: string }).language, 'fr');
    }));

  test('is word for word the same in every response format', () =>
    calling(async ({ origin, openai, elevenlabs }) => {
      const hear = { model: MODEL, language: 'en' } as const;
      const text = await openai.audio.transcriptions.create({
        ...hear,
        file: clip('en/jfk.wav'),
        response_format: 'text',
      });
      assert.equal(text.trim(), JFK);
      const verbose = await openai.audio.transcriptions.create({
        ...hear,
        file: clip('en/jfk.wav'),
        response_format: 'verbose_json',
        timestamp_granularities: ['word', 'segment'],
      });
      assert.equal(verbose.text, JFK);
      assert.equal(verbose.words?.length, JFK.split(' ').length);
      assert.equal(
        verbose.segments
          ?.map((segment) => segment.text)
          .join('')
          .trim(),
        JFK,
      );
      for (const format of ['srt', 'vtt'] as const) {
        const subtitles = await openai.audio.transcriptions.create({
          ...hear,
          file: clip('en/jfk.wav'),
          response_format: format,
        });
        const spoken = subtitles
          .split('\n')
          .filter((line) => /[a-z]/i.test(line) && line !== 'WEBVTT' && !line.includes('-->'));
        assert.equal(spoken.join(' '), JFK, format);
      }
      let streamed = '';
      for await (const event of await openai.audio.transcriptions.create({
        ...hear,
        file: clip('en/jfk.wav'),
        stream: true,
      })) {
        if (event.type === 'transcript.text.delta') streamed += event.delta;
      }
      assert.equal(streamed, JFK);
      const scribe = await elevenlabs.speechToText.convert({
        modelId: 'scribe_v1',
        languageCode: 'en',
        file: clip('en/jfk.wav'),
      });
      assert('words' in scribe);
      assert.equal(scribe.text, JFK);
      assert.equal(scribe.words.map((word) => word.text).join(''), JFK);
      const eigen = await hearAsEigen(origin, 'en/jfk.wav', { language: 'en' });
      // The contract says that the reply has a text under both names.
      const body = (await eigen.json()) as { text: string; transcription: string };
      assert.deepEqual([body.text, body.transcription], [JFK, JFK]);
    }));

  for (const path of casesOf(ENCODINGS, 4)) {
    test(`is the same out of ${path}`, () =>
      calling(async ({ openai }) => {
        const heard = await openai.audio.transcriptions.create({
          model: MODEL,
          language: 'en',
          file: clip(path),
        });
        assert.equal(heard.text, JFK);
      }));
  }

  test('hears nothing in silence, in every dialect', () =>
    calling(async ({ origin, openai, elevenlabs }) => {
      const silence = waveFile(new Int16Array(5 * 16_000), 16_000);
      const heard = await openai.audio.transcriptions.create({
        model: MODEL,
        file: await toFile(silence, 'silence.wav'),
      });
      assert.equal(heard.text, '');
      const verbose = await openai.audio.transcriptions.create({
        model: MODEL,
        file: await toFile(silence, 'silence.wav'),
        response_format: 'verbose_json',
      });
      assert.deepEqual([verbose.text, verbose.segments], ['', []]);
      const scribe = await elevenlabs.speechToText.convert({
        modelId: 'scribe_v1',
        file: new Blob([new Uint8Array(silence)]),
      });
      assert('words' in scribe);
      assert.deepEqual([scribe.text, scribe.words], ['', []]);
      const form = new FormData();
      form.append('model', MODEL);
      form.append('file', new Blob([new Uint8Array(silence)]), 'silence.wav');
      const eigen = await fetch(`${origin}/api/v1/generate`, { method: 'POST', body: form });
      // As above.
      assert.equal(((await eigen.json()) as { text: string }).text, '');
    }));

  test('hears each of the pieces that a voice detector finds in a recording', () =>
    calling(async ({ openai }) => {
      const finder = createSpeechFinder({ weights: sourceOf([sileroVad]) });
      endings.push(() => finder.stop());
      const clips = ['en/librivox_sense_0920.wav', 'en/librivox_sense_0930.wav', 'en/cards_005.wav'];
      const gap = new Float32Array(4 * 16_000);
      const sounds = await Promise.all(clips.map(readClip));
      const recording = concatSamples(sounds.flatMap((sound) => [sound, gap]));
      const pieces = await finder.find(recording, requestContext(), { minimumSilenceSeconds: 1 });
      assert.equal(pieces.length, clips.length, JSON.stringify(pieces));
      const heard: string[] = [];
      for (const { startSeconds, endSeconds } of pieces) {
        const from = Math.max(0, Math.round((startSeconds - 0.3) * 16_000));
        const piece = toInt16(recording.subarray(from, Math.round((endSeconds + 0.3) * 16_000)));
        const file = await toFile(waveFile(piece, 16_000), 'piece.wav');
        heard.push((await openai.audio.transcriptions.create({ model: MODEL, language: 'en', file })).text);
      }
      const references = clips.map((file) => memorised().find((known) => known.file === file)?.reference);
      assert.deepEqual(heard, references);
    }));
});
