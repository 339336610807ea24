import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  expectedAnswers,
  hearsAsTheAddon,
  openHearing,
  textOf,
} from '../../../test/sherpa-hearing-support.ts';
import { miniWhisper, needsData, readClip, startSherpa } from '../../../test/sherpa-support.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import { concatSamples } from '../../media/pcm.ts';

after(stopDecodePool);

const MODEL = 'mini-whisper-test/mini-encoder.onnx';

test('writes what the bare addon writes, and in Chinese and Korean what was really said', async (t) => {
  if (!needsData(t, MODEL, 'audio')) return;
  const engine = await startSherpa(t, [miniWhisper]);
  const all = expectedAnswers();
  const english = all.filter(({ language }) => language === 'en');
  const foreign = all.filter(({ language }) => language !== 'en');
  // sherpa-hearing.long.ts has every clip heard.
  const some = [...english.filter((_, index) => index % 8 === 1), ...foreign];
  assert(some.length >= 8, `only ${some.length} clips`);
  await hearsAsTheAddon(engine, some);
});

test('finds the language out, and translates', async (t) => {
  if (!needsData(t, MODEL, 'audio/multilingual')) return;
  const engine = await startSherpa(t, [miniWhisper]);
  const listener = await openHearing(engine);
  const translator = await openHearing(engine, { task: 'translate' });
  const foreign = expectedAnswers().filter(({ translate }) => translate !== undefined);
  assert(foreign.length >= 4);
  for (const { file, detected, translate } of foreign) {
    const samples = await readClip(file);
    assert.equal((await listener.hear({ samples })).language, detected, file);
    assert.equal(textOf(await translator.hear({ samples })), translate, file);
  }
});

test('hears the same in MP3, WebM and the sound of a telephone', async (t) => {
  if (!needsData(t, MODEL, 'audio/formats')) return;
  const engine = await startSherpa(t, [miniWhisper]);
  const session = await openHearing(engine, { language: 'en' });
  const expected = expectedAnswers().find(({ file }) => file === 'en/jfk.wav')?.transcribe;
  for (const name of ['jfk.mp3', 'jfk.webm', 'jfk_8k_mulaw.wav']) {
    const heard = await session.hear({ samples: await readClip(`formats/${name}`) });
    assert.equal(textOf(heard), expected, name);
  }
});

test('hears nothing in silence, and takes the shortest window', async (t) => {
  if (!needsData(t, MODEL)) return;
  const session = await openHearing(await startSherpa(t, [miniWhisper]));
  for (const samples of [new Float32Array(48_000), new Float32Array(1), new Float32Array(400)]) {
    assert.deepEqual((await session.hear({ samples })).segments, []);
  }
});

test('gives words in order, inside their segment, that make up its text', async (t) => {
  if (!needsData(t, MODEL, 'audio/en/jfk.wav')) return;
  const session = await openHearing(await startSherpa(t, [miniWhisper]), { wordTimes: true });
  const { segments } = await session.hear({ samples: await readClip('en/jfk.wav') });
  for (const segment of segments) {
    assert.equal(segment.words?.map(({ text }) => text).join(' '), segment.text.trim());
    let clock = segment.startSeconds;
    for (const { text, startSeconds, endSeconds } of segment.words ?? []) {
      assert(startSeconds >= clock && endSeconds >= startSeconds && endSeconds <= segment.endSeconds, text);
      clock = startSeconds;
    }
  }
  assert.equal(segments.flatMap(({ words = [] }) => words).length, 22);
  assert.equal(segments.flatMap(({ tokens = [] }) => tokens).length, 25);
});

test('hears all of a window of 30 s, of which the bare addon drops the end', async (t) => {
  const clips = ['en/leopard_en.wav', 'en/librivox_sense_0930.wav'];
  if (!needsData(t, MODEL, ...clips.map((clip) => `audio/${clip}`))) return;
  const session = await openHearing(await startSherpa(t, [miniWhisper]), { language: 'en' });
  const [first, second] = await Promise.all(clips.map(readClip));
  assert(first && second);
  const rest = 480_000 - first.length - second.length;
  const samples = concatSamples([first, new Float32Array(rest), second]);
  const { segments } = await session.hear({ samples });
  for (const { startSeconds, endSeconds } of segments) assert(endSeconds >= startSeconds && endSeconds <= 30);
  const starts = segments.map(({ startSeconds }) => startSeconds);
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  );
  assert(starts.length >= 2 && (starts.at(-1) ?? 0) > 24, `segments begin at ${starts.join(', ')}`);
});

test('refuses a language and a task that the model does not have, and a model that is not there', async (t) => {
  if (!needsData(t, MODEL)) return;
  const engine = await startSherpa(t, [miniWhisper]);
  await assert.rejects(openHearing(engine, { language: 'tlh' }), {
    code: 'invalid_request',
    param: 'language',
    message: /does not know the language 'tlh'\. It knows: en, zh, de/,
  });
  await assert.rejects(openHearing(engine, { model: 'sherpa/parakeet-tdt-0.6b-v2' }), {
    code: 'unsupported_feature',
    reason: 'not_installed',
    message: /antiphon models pull sherpa\/parakeet-tdt-0\.6b-v2/,
  });
  (await openHearing(engine, { language: 'jv' })).close();
});

test('keeps four recordings at once apart', async (t) => {
  if (!needsData(t, MODEL, 'audio/en/cards_001.wav')) return;
  const engine = await startSherpa(t, [miniWhisper]);
  const answers = expectedAnswers()
    .filter(({ file }) => file.startsWith('en/'))
    .slice(0, 4);
  const heard = await Promise.all(
    answers.map(async ({ file, language }) => {
      const session = await openHearing(engine, { language });
      const samples = await readClip(file);
      const texts = [textOf(await session.hear({ samples })), textOf(await session.hear({ samples }))];
      session.close();
      return texts;
    }),
  );
  assert.deepEqual(
    heard,
    answers.map(({ transcribe }) => [transcribe, transcribe]),
  );
});

test('lets a caller who hangs up go at once, and serves the next', async (t) => {
  if (!needsData(t, MODEL, 'audio/en/jfk.wav')) return;
  const engine = await startSherpa(t, [miniWhisper]);
  const caller = new AbortController();
  const samples = await readClip('en/jfk.wav');
  const long = concatSamples([samples, samples]);
  const session = await openHearing(engine, {}, caller.signal);
  const other = await openHearing(engine, { language: 'en' });
  const hearing = session.hear({ samples: long });
  const waiting = other.hear({ samples });
  let gone = false;
  void assert.rejects(hearing, { code: 'cancelled' }).then(() => (gone = true));
  caller.abort();
  // No message of another process is read within a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  assert(gone, 'who hung up waits for the model');
  assert.match(textOf(await waiting), /^And so my fellow Americans/);
  await assert.rejects(openHearing(engine, {}, caller.signal), { code: 'cancelled' });
});
