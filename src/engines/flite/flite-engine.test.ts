import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import {
  describeEngineContract,
  hear,
  requestContext,
  speechRequest,
} from '../../../test/contracts/engine-contract.ts';
import { present } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import type { SpeechEngine, SynthesisRequest } from '../../core/engine.ts';
import { rootMeanSquare } from '../../media/pcm.ts';
import { fliteEngine } from './flite-engine.ts';

const SENTENCE = 'The old clock on the wall says half past nine.';

describeEngineContract(fliteEngine, { voice: 'flite/slt', sentence: () => SENTENCE });

describe('flite', async () => {
  const engine = await fliteEngine.create({ workers: 2 });
  assert(!('unavailable' in engine), 'The package is a dependency of ours.');
  const speech: SpeechEngine = present(engine.speech, 'The speech of flite');
  after(() => engine.stop?.());

  const request = (changes: Partial<SynthesisRequest>) => {
    return speechRequest({ model: 'flite/flite', voice: 'flite/slt', text: SENTENCE, ...changes });
  };

  test('has one woman and three men, and speaks each at its own rate', async () => {
    assert.deepEqual(
      speech.voices.map((voice) => [voice.id, voice.gender, voice.languages[0]]),
      [
        ['flite/slt', 'female', 'en-US'],
        ['flite/awb', 'male', 'en-GB'],
        ['flite/rms', 'male', 'en-US'],
        ['flite/kal', 'male', 'en-US'],
      ],
    );
    const heard = await Promise.all(speech.voices.map((voice) => hear(speech, request({ voice: voice.id }))));
    assert.deepEqual(
      heard.map(({ sampleRate }) => sampleRate),
      [16_000, 16_000, 16_000, 8000],
    );
    const levels = heard.map(({ samples }) => rootMeanSquare(samples));
    assert.equal(new Set(levels).size, 4, 'Four voices cannot sound the same.');
  });

  for (const voice of ['flite/slt', 'flite/kal']) {
    for (const speed of [1, 1.6]) {
      test(`begins each word of ${voice} where its sound begins, at tempo ${speed}`, async () => {
        const text = 'Many, kinds, of, dogs, bark, loudly.';
        const heard = await hear(speech, request({ text, voice, speed }));
        assert.equal(heard.words.length, 6);
        for (const [index, word] of heard.words.entries()) {
          const before = heard.words[index - 1]?.endSeconds;
          const level = (from: number, to: number) => {
            return rootMeanSquare(heard.samples.slice(from * heard.sampleRate, to * heard.sampleRate));
          };
          const spoken = level(word.startSeconds, word.endSeconds);
          assert(spoken > 0.02, `${text.slice(word.start, word.end)} is heard at ${spoken}`);
          if (before === undefined) continue;
          const quiet = level(before + 0.03, word.startSeconds - 0.02);
          assert(quiet < spoken / 5, `${quiet} before and ${spoken} in ${text.slice(word.start, word.end)}`);
        }
      });
    }
  }

  test('times what is written, also where several words are spoken for it', async () => {
    const text = 'Dr. Smith paid $5.30 in 1984 (a “well-known” naïve price…) — déjà vu?';
    const { words } = await hear(speech, request({ text }));
    assert.deepEqual(
      words.map((word) => text.slice(word.start, word.end)),
      ['Dr', 'Smith', 'paid', '$5.30', 'in', '1984', 'a', 'well-known', 'naïve', 'price', 'déjà', 'vu'],
    );
    const seconds = (index: number) => (words[index]?.endSeconds ?? 0) - (words[index]?.startSeconds ?? 0);
    assert(seconds(3) > 3 * seconds(2), 'Five dollars thirty cents takes longer than paid.');
  });

  test('sounds the same with every seed and with or without word times', async () => {
    const [first, second, third] = await Promise.all([
      hear(speech, request({ seed: 1 })),
      hear(speech, request({ seed: 2 })),
      hear(speech, request({ alignment: false })),
    ]);
    assert.deepEqual(second.samples, first.samples);
    assert.deepEqual(third.samples, first.samples);
  });

  test('says what it left out, and speaks the rest', async () => {
    const output = await speech.synthesize(request({ text: 'Hello мир. 東京. Good bye.' }), requestContext());
    const [warning] = output.warnings ?? [];
    assert(warning?.type === 'ignored');
    assert.match(warning.reason, /^5 different characters .*м и р 東 京/);
    const { words } = await hear(speech, request({ text: 'Hello мир. 東京. Good bye.' }));
    assert.deepEqual(
      words.map((word) => word.start),
      [0, 15, 20],
    );
    assert.deepEqual((await speech.synthesize(request({}), requestContext())).warnings, []);
  });

  for (const text of ['Привет, мир', '😀', '?!…', '\0']) {
    test(`leaves ${JSON.stringify(text)} to another engine`, async () => {
      const refused = speech.synthesize(request({ text }), requestContext());
      await assert.rejects(refused, (error) => {
        assert(error instanceof AppError);
        assert.equal(error.code, 'unsupported_feature');
        assert.equal(error.reason, 'nothing_to_speak');
        return true;
      });
    });
  }

  test('has no voice but its own', async () => {
    const refused = speech.synthesize(request({ voice: 'flite/nobody' }), requestContext());
    await assert.rejects(refused, (error) => error instanceof AppError && error.subject === 'voice');
  });

  test('begins a text of 100,000 characters at once and leaves it when asked', async () => {
    const caller = new AbortController();
    const text = `${SENTENCE} `.repeat(2200).slice(0, 100_000);
    const output = await speech.synthesize(
      request({ text, voice: 'flite/kal' }),
      requestContext(caller.signal),
    );
    assert(output.kind === 'pcm');
    let seconds = 0;
    const read = async () => {
      for await (const chunk of output.pcm.chunks) {
        seconds += chunk.length / output.pcm.sampleRate;
        if (seconds > 10) caller.abort();
      }
    };
    await assert.rejects(read, (error) => error instanceof AppError && error.code === 'cancelled');
    assert(seconds < 11, `${seconds} s were heard although the caller had hung up.`);
  });

  test('prints nothing, and lets the process end by itself', async () => {
    const program = `
      const { fliteEngine } = await import(${JSON.stringify(new URL('flite-engine.ts', import.meta.url).href)});
      const { speech } = await fliteEngine.create({ workers: 1 });
      await speech.warm();
      const context = { signal: new AbortController().signal };
      const output = await speech.synthesize(${JSON.stringify(request({}))}, context);
      let frames = 0;
      for await (const chunk of output.pcm.chunks) frames += chunk.length;
      process.exitCode = frames > 16000 ? 7 : 1;
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { timeout: 20_000 });
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (printed += bytes.toString()));
    const [code] = await once(child, 'close');
    assert.equal(printed, '');
    assert.equal(code, 7);
  });
});
