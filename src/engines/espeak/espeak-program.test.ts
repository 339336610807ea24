import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import createEspeak, { type EspeakModule } from '@echogarden/espeak-ng-emscripten';
import { present } from '../../base/assert.ts';
import { type EspeakProgram, loadEspeak } from './espeak-program.ts';

describe('the program espeak', () => {
  let module: EspeakModule | undefined;
  let program: EspeakProgram | undefined;

  before(async () => {
    const file = new URL('espeak-ng.data', import.meta.resolve('@echogarden/espeak-ng-emscripten'));
    await using handle = await open(file);
    const { size } = await handle.stat();
    const data = new SharedArrayBuffer(size);
    await handle.read(new Uint8Array(data), 0, size, 0);
    program = await loadEspeak(async (options) => (module = await createEspeak(options)), data);
  });

  const say = (markup: string, voice = 'gmw/en-US', mostCalls = Infinity) => {
    const heard: number[] = [];
    let calls = 0;
    present(program, 'The program').speak({ voice, markup }, (samples) => {
      heard.push(...samples);
      calls += 1;
      return calls >= mostCalls;
    });
    return { heard, calls };
  };

  test('says a text the same way whatever it said before', () => {
    const first = say('The weather is fine.');
    assert(first.heard.length > 22_050);
    say('Etwas ganz anderes!', 'gmw/de+whisper');
    say('Сто двадцать три.', 'zle/ru', 2);
    assert.deepEqual(say('The weather is fine.'), first);
    assert.notDeepEqual(say('The weather is fine.', 'gmw/en-US+f3'), first);
  });

  test('stops at the call that asks for it', () => {
    assert.equal(say('This goes on and on. '.repeat(50), 'gmw/en-US', 3).calls, 3);
  });

  test('takes no more memory after many sentences than after a few', () => {
    const texts = [
      ['zle/ru', 'Раз два три.'],
      ['sit/cmn', '今天天气很好。'],
      ['gmw/en-US', 'a'.repeat(3000)],
    ] as const;
    for (const [voice, text] of texts) say(text, voice);
    const bytes = module?.HEAPU8.length;
    for (let count = 0; count < 500; count += 1) {
      const [voice, text] = present(texts[count % 2], 'A text');
      say(`${count} ${text}`, voice, 4);
    }
    assert.equal(module?.HEAPU8.length, bytes);
  });

  test('takes markup, and plain text that was made into it', () => {
    assert(say('a <break time="2s"/> b').heard.length > 2 * 22_050);
  });
});
