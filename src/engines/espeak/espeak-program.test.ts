import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, mock, test } from 'node:test';
import createEspeak, { type EspeakModule } from '@echogarden/espeak-ng-emscripten';
import { present } from '../../base/assert.ts';
import { plainIpa } from '../../media/text/ipa-sounds.ts';
import { ESPEAK_SAMPLE_RATE, type EspeakProgram, loadEspeak } from './espeak-program.ts';
import { takeInventory } from './espeak-inventory.ts';
import { toEspeakMnemonics } from './espeak-sounds.ts';
import { type EspeakSound, performEspeakTask } from './espeak-task.ts';
import { toEspeakMarkup } from './espeak-text.ts';

describe('the program espeak', () => {
  let module: EspeakModule | undefined;
  let program: EspeakProgram | undefined;

  // The package takes hold of the console when it is loaded.
  const printed = [mock.method(console, 'log'), mock.method(console, 'error')];

  before(async () => {
    const file = new URL('espeak-ng.data', import.meta.resolve('@echogarden/espeak-ng-emscripten'));
    const bytes = await readFile(file);
    const data = new SharedArrayBuffer(bytes.length);
    new Uint8Array(data).set(bytes);
    program = await loadEspeak(async (options) => (module = await createEspeak(options)), data);
  });

  after(() => mock.restoreAll());

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

  test('keeps its complaints to itself', () => {
    // This voice has no sounds, of which the package complains aloud.
    say('Bonjour', 'nobody');
    assert.deepEqual(
      printed.map((method) => method.mock.callCount()),
      [0, 0],
    );
  });

  const PRONOUNCED: Readonly<Record<string, readonly string[]>> = {
    'gmw/en-US': ['həˈloʊ', 'ˈtʃɪldɹən', 'ˈdʒʌdʒ', 'ˈθɪŋk', 'ˈvɪʒən', 'ˈbʁɔt', 'ˈwʊstɚ'],
    'gmw/de': ['ˈtɔxtɜ', 'ˈdʒɔŋəl', 'ˈmyːdə', 'ˈtsaɪt', 'ˈfʏnf'],
    'roa/fr': ['bɔ̃ʒuʁ', 'ʒaʁdɛ̃', 'fœj', 'œ̃'],
    'roa/es': ['ˈkaʎe', 'ˈpero', 'ˈpeɾo', 'ˈniɲo'],
    'sem/ar': ['maɾħaban'],
  };

  for (const [voice, words] of Object.entries(PRONOUNCED)) {
    test(`says in the voice ${voice} exactly the sounds that it is told`, () => {
      const espeak = present(program, 'The program');
      const inventory = takeInventory(espeak, voice);
      for (const ipa of words) {
        const { mnemonics, changes } = toEspeakMnemonics(ipa, inventory);
        assert.deepEqual(changes, [], ipa);
        const { markup } = toEspeakMarkup('word', [{ start: 0, end: 4, mnemonics }]);
        let heard = '';
        espeak.speak({ voice, markup }, (_, events) => {
          for (const { type, id } of events) if (type === 'phoneme') heard += String(id ?? '');
          return false;
        });
        // espeak gives a word without stress one of its own, and marks it before the vowel.
        const sounds = (text: string) => plainIpa(text).replace(/[ˈˌ]/gu, '');
        assert.equal(sounds(heard), sounds(ipa));
        assert.equal(heard.includes('ˈ') || !ipa.includes('ˈ'), true, heard);
      }
    });
  }

  test('tells which sounds a language has not, and takes the nearest', () => {
    const english = takeInventory(present(program, 'The program'), 'gmw/en-US');
    assert.deepEqual(toEspeakMnemonics('ɶ', english).changes.length, 1);
    assert.deepEqual(toEspeakMnemonics('', english), { mnemonics: '', changes: [] });
  });

  /** Speaks as a worker does for somebody who hangs up when so many tenths of a second were made. */
  const perform = (text: string, mostCalls = Infinity) => {
    const sent: EspeakSound[] = [];
    let calls = 0;
    const task = { kind: 'speech', voice: 'gmw/en-US', language: 'en', text } as const;
    performEspeakTask(present(program, 'The program'), task, {
      send: (sound) => sent.push(sound),
      isCancelled: () => {
        calls += 1;
        return calls >= mostCalls;
      },
    });
    const frames = sent.reduce((sum, { samples }) => sum + samples.length, 0);
    return { sent, seconds: frames / ESPEAK_SAMPLE_RATE };
  };

  test('sends each word no later than the samples that it begins in', () => {
    const { sent, seconds } = perform('One, two, three, four and five.');
    let sentSeconds = 0;
    for (const [index, { samples, words }] of sent.entries()) {
      sentSeconds += samples.length / ESPEAK_SAMPLE_RATE;
      const later = sent.slice(index + 1).flatMap((sound) => sound.words);
      for (const word of later) assert(word.startSeconds >= sentSeconds - 1e-4);
      assert(words.length > 0);
    }
    assert(sent.length >= 6 && seconds > 1);
  });

  test('does not go on for somebody who has hung up', () => {
    const text = 'One, two, three, four and five.';
    const { seconds, sent } = perform(text, 10);
    assert(sent.length > 0 && seconds < 1.01, `${seconds} s`);
    assert(perform(text).seconds > 1.2);
  });
});
