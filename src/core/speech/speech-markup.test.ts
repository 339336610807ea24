import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testApp, testContext, type TestAppOptions } from '../../../test/support.ts';
import { toneEngine, type ToneEngineOptions } from '../../../test/tone-engine.ts';
import { collectBytes } from '../../base/stream.ts';
import { fromInt16 } from '../../media/pcm.ts';
import type { SpeechRequest } from './speech.ts';

const RATE = 16_000;

async function speaker(engines: readonly ToneEngineOptions[] = [{}], options: TestAppOptions = {}) {
  const tones = engines.map(toneEngine);
  const { core, app } = await testApp({ ...options, engines: tones });
  const speak = async (text: string, changes: Partial<SpeechRequest> = {}, context = testContext()) => {
    const request: SpeechRequest = {
      model: 'tts-1',
      text,
      voice: { kind: 'default' },
      format: { id: 'pcm' },
      delivery: 'stream',
      normalization: 'auto',
      alignment: true,
      asked: [],
      spelling: { text: 'input', voice: 'voice', model: 'model', format: 'response_format' },
      ...changes,
    };
    const result = await core.speech.speak(request, context);
    const bytes = await collectBytes(result.chunks);
    const track = result.alignment?.original;
    return {
      result,
      samples: fromInt16(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)),
      words: (track?.words ?? []).map((word) => [track?.text.slice(word.start, word.end), word.startSeconds]),
    };
  };
  return { speak, tones, core, app };
}

describe('markup in a text', () => {
  test('is read out unless somebody asks for it', async () => {
    const { speak, tones } = await speaker();
    await speak('<speak>Hi <break time="1s"/></speak>');
    assert.match(tones[0]?.asked[0]?.text ?? '', /<speak>/);
    await speak('[pause 1s] hi');
    assert.match(tones[0]?.asked[1]?.text ?? '', /^\[pause/);
  });

  for (const [markup, ssml, tags] of [
    ['off', false, false],
    ['ssml', true, false],
    ['tags', false, true],
    ['all', true, true],
  ] as const) {
    test(`is read as the installation says: ${markup}`, async () => {
      const { speak, tones } = await speaker([{}], { markup });
      await speak('<speak>Hi</speak>');
      await speak('Hi [pause 1s]');
      const [first, second] = tones[0]?.asked ?? [];
      assert.equal(first?.text === 'Hi', ssml);
      assert.equal(!second?.text.includes('['), tags);
    });
  }

  test('leaves one request of a sentence in which only words are marked', async () => {
    const { speak, tones } = await speaker();
    await speak(
      '<speak>One <emphasis>two</emphasis> <sub alias="tree">three</sub>, <prosody volume="+3dB">four</prosody>.</speak>',
      { markup: 'ssml' },
    );
    assert.deepEqual(
      tones[0]?.asked.map(({ text }) => text),
      ['One two tree, four.'],
    );
  });

  test('asks for the tempo and the pitch of each run, on top of those of the request', async () => {
    const { speak, tones } = await speaker();
    await speak('<speak>a b c. <prosody rate="50%" pitch="+2st">d e f.</prosody></speak>', {
      markup: 'ssml',
      speed: 2,
    });
    assert.deepEqual(
      tones[0]?.asked.map(({ speed, pitchSemitones }) => [speed, pitchSemitones]),
      [
        [2, 0],
        [1, 2],
      ],
    );
  });

  test('tells of a tempo that the engine has not', async () => {
    const { speak } = await speaker();
    const { result } = await speak('<speak>a. <prosody rate="500%">b.</prosody></speak>', { markup: 'ssml' });
    assert.deepEqual(result.warnings, [
      { type: 'adjusted', setting: 'input', from: 'tempo 5', to: 'tempo 4' },
    ]);
    await assert.rejects(
      speak(
        '<speak>a. <prosody rate="500%">b.</prosody></speak>',
        { markup: 'ssml' },
        testContext({ strict: true }),
      ),
      { code: 'unsupported_feature', param: 'input' },
    );
  });

  test('tells that an engine cannot be told phonemes, and has it say the word', async () => {
    const { speak, tones } = await speaker();
    const { result } = await speak('<speak>a <phoneme ph="bi">b2</phoneme></speak>', { markup: 'ssml' });
    assert.match(JSON.stringify(result.warnings), /tone cannot be told phonemes/);
    assert.deepEqual([tones[0]?.asked[0]?.text, tones[0]?.asked[0]?.phonemes], ['a b2', undefined]);
  });

  test('places words and pauses to the sample', async () => {
    const { speak } = await speaker();
    const { samples, words } = await speak('<speak>one<break time="0.5s"/>two</speak>', { markup: 'ssml' });
    assert.deepEqual(
      words.map(([word]) => word),
      ['one', 'two'],
    );
    // The comma that the engine is given takes 50 ms, as every character does for this one.
    assert.equal(Math.round(Number(words[1]?.[1]) * 10), 7);
    const at = Math.round(Number(words[1]?.[1]) * RATE);
    const last = samples.subarray(0, at - 1).findLastIndex((sample) => Math.abs(sample) > 0.002);
    assert(Math.abs(at - last - RATE / 2) < 0.01 * RATE, `${(at - last) / RATE} s`);
  });

  test('uses two engines at once without waiting for itself, and gives both slots back', async () => {
    const { speak, tones, core } = await speaker([
      { id: 'one', concurrency: 1, implements: ['tts-1'] },
      { id: 'two', concurrency: 1 },
    ]);
    const text =
      '<speak>Hello. <voice name="two/low">Good day.</voice> <voice name="one/low">Bye.</voice></speak>';
    const other = text.replaceAll('one/', 'x/').replaceAll('two/', 'one/').replaceAll('x/', 'two/');
    await Promise.all([
      speak(text, { markup: 'ssml' }),
      speak(other, { markup: 'ssml', voice: { kind: 'id', id: 'two/high' } }),
    ]);
    for (const engine of tones) assert.deepEqual(core.runner.load(engine), { running: 0, waiting: 0 });
    assert(tones.every(({ asked }) => asked.length > 1));
  });

  test('ends every engine when the caller hangs up in the middle', async () => {
    const { tones, core } = await speaker([{ id: 'one', implements: ['tts-1'] }, { id: 'two' }]);
    const caller = new AbortController();
    const result = await core.speech.speak(
      {
        model: 'tts-1',
        text: `<speak>${'Hello there. '.repeat(20)} <voice name="two/low">Good day.</voice></speak>`,
        voice: { kind: 'default' },
        format: { id: 'pcm' },
        delivery: 'stream',
        normalization: 'auto',
        alignment: false,
        markup: 'ssml',
        asked: [],
        spelling: { text: 'input', voice: 'voice', model: 'model', format: 'response_format' },
      },
      testContext({ signal: caller.signal }),
    );
    const iterator = result.chunks[Symbol.asyncIterator]();
    await iterator.next();
    caller.abort();
    await iterator.next().catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    for (const engine of tones) {
      assert.equal(engine.open(), 0, engine.id);
      assert.equal(core.runner.load(engine).running, 0, engine.id);
    }
  });

  test('is counted as the caller sent it', async () => {
    const { speak } = await speaker();
    const { result } = await speak('<speak>Hi</speak>', { markup: 'ssml' });
    assert.equal(result.characters, 17);
  });

  test('of ElevenLabs is read in every text: breaks and phonemes, and nothing else', async () => {
    const { app, tones } = await speaker();
    const say = (text: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb?output_format=pcm_16000',
        payload: { text },
      });
    const plain = await say('Hello there');
    const paused = await say('Hello <break time="1.5s" /> there');
    assert.equal(paused.statusCode, 200);
    assert(paused.rawPayload.length - plain.rawPayload.length >= 1.5 * RATE * 2);
    assert.deepEqual(
      tones[0]?.asked.slice(1).map(({ text }) => text.trim()),
      ['Hello,', 'there'],
    );
    assert.equal((await say('Is 3 <b>bold</b> < 5?')).statusCode, 200);
    assert.match(tones[0]?.asked.at(-1)?.text ?? '', /<b>bold<\/b>/);
  });

  test('of OpenAI is read where the installation says so, and refused in its envelope where it is wrong', async () => {
    const { app, tones } = await speaker([{}], { markup: 'all' });
    const say = (input: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/audio/speech',
        payload: { model: 'tts-1', voice: 'alloy', input },
      });
    assert.equal((await say('<speak>One <break time="1s"/> two</speak>')).statusCode, 200);
    assert.equal(tones[0]?.asked.length, 2);
    const wrong = await say('<speak>One <p>two</speak>');
    assert.equal(wrong.statusCode, 400);
    assert.equal(wrong.json().error.param, 'input');
    assert.match(wrong.json().error.message, /line 1, column \d+/);
  });
});
