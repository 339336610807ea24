import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { createTextBuffer, type SpeakWhen } from './text-buffer.ts';

/** Adds texts one after the other and tells what came out at each. */
function feed(schedule: readonly number[], texts: readonly string[], when: SpeakWhen = 'scheduled') {
  const buffer = createTextBuffer(schedule);
  return texts.map((text) => buffer.add(text, when));
}

const WORD = 'abcd ';
const words = (count: number) => WORD.repeat(count);

describe('a schedule', () => {
  test('speaks when so many characters wait, and takes its next number for the next stretch', () => {
    const spoken = feed([50, 100], [words(9), WORD, words(19), WORD, words(19), WORD]);
    assert.deepEqual(
      spoken.map((stretches) => stretches.map((one) => one.length)),
      [[], [50], [], [100], [], [100]],
    );
  });

  test('ends a stretch with a sentence where one ends late enough', () => {
    const [spoken] = feed([50], ['This is the first sentence, and it is over. This one is not ']);
    assert.deepEqual(spoken, ['This is the first sentence, and it is over. ']);
  });

  test('takes a sentence that ends early together with what follows, up to a clause', () => {
    const [spoken] = feed([50], ['Yes. After that there is more to come, and yet more of it ']);
    assert.deepEqual(spoken, ['Yes. After that there is more to come, ']);
  });

  test('knows that an abbreviation is no end of a sentence', () => {
    const buffer = createTextBuffer([44]);
    assert.deepEqual(buffer.add('We were all told to wait for the famous Mr. Miller of ', 'scheduled'), [
      'We were all told to wait for the famous Mr. Miller of ',
    ]);
  });

  test('never cuts a word that may still go on', () => {
    const spoken = feed([50], [`${words(10)}unfin`, 'ished ', words(9)]);
    assert.deepEqual(spoken, [[words(10)], [], [`unfinished ${words(9)}`]]);
  });

  test('waits for the end of a long word, but not for ever', () => {
    assert.deepEqual(feed([50], ['x'.repeat(400), 'x'.repeat(99), 'x']).flat(), ['x'.repeat(500)]);
  });

  test('cuts scripts without spaces between their words', () => {
    const [spoken = []] = feed([10], ['今日はとても良い天気ですから散歩に行きましょうと言']);
    assert.equal(spoken.length, 1);
    assert.ok(spoken[0]?.endsWith('と'), spoken[0]);
    assert.deepEqual(feed([10], ['今日は良い天気です。散歩に行き']).flat(), ['今日は良い天気です。']);
  });
});

describe('what is asked for early', () => {
  test('is spoken soon when fifty characters wait, and not before', () => {
    assert.deepEqual(feed([300], [words(9), WORD], 'soon'), [[], [words(10)]]);
  });

  test('is spoken now to its last character', () => {
    assert.deepEqual(feed([300], ['Hi', ' there'], 'now'), [['Hi'], [' there']]);
  });

  test('is nothing when there is nothing but white space', () => {
    assert.deepEqual(feed([50], [' ', '', '\n'], 'now'), [[], [], []]);
  });
});

test('a tag is never cut in two where there are tags', () => {
  const text = `${words(6)}<sub alias="Dr. No, and one, and more."> it is </sub> ${words(2)}<break `;
  const whole = text.slice(0, text.lastIndexOf('<'));
  assert.deepEqual(createTextBuffer([50], { tags: true }).add(text, 'scheduled'), [whole]);
  assert.notDeepEqual(createTextBuffer([50]).add(text, 'scheduled'), [whole]);
});

test('white space to stay connected ends a word and is otherwise dropped', () => {
  const buffer = createTextBuffer([300]);
  for (const text of [' ', ' ', 'one', ' ', ' ', 'two ', ' ']) buffer.add(text, 'scheduled');
  assert.equal(buffer.length, 'one two '.length);
  assert.deepEqual(buffer.add('', 'now'), ['one two ']);
});

test('the stretches joined are the text, however it comes, and no word is cut', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.stringMatching(/^[a-z]{1,9}[.,!?]? $/),
    fc.stringMatching(/^[a-z]{1,9}$/),
  );
  const schedule = fc.array(fc.integer({ min: 50, max: 500 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(schedule, fc.array(part, { maxLength: 60 }), (numbers, parts) => {
      const texts = parts.filter((text) => text.trim() !== '');
      const buffer = createTextBuffer(numbers);
      const early = texts.flatMap((text) => buffer.add(text, 'scheduled'));
      const stretches = [...early, ...buffer.add('', 'now')];
      assert.equal(stretches.join(''), texts.join(''));
      for (const stretch of early) {
        assert.ok(stretch.length >= Math.min(...numbers) / 2, stretch);
        if (stretch.length < 500) assert.match(stretch, /[\s，、；：。]$|[^\p{ASCII}]/u);
      }
    }),
  );
});

test('waits for the end of a long word where there is next to nothing before it', () => {
  const buffer = createTextBuffer([50]);
  assert.deepEqual(buffer.add(`Well, well, ${'x'.repeat(45)}`, 'scheduled'), []);
  assert.deepEqual(buffer.add(' so', 'scheduled'), [`Well, well, ${'x'.repeat(45)} `]);
});

test('takes a book in one message, without a space in it, in the twinkling of an eye', () => {
  const started = process.cpuUsage().user;
  const buffer = createTextBuffer([120, 160, 250, 290]);
  const book = 'x'.repeat(500_000);
  assert.equal(buffer.add(book, 'scheduled').join(''), book);
  const prose = 'Well said. '.repeat(50_000);
  assert.equal([...buffer.add(prose, 'scheduled'), ...buffer.add('', 'now')].join(''), prose);
  assert.ok(process.cpuUsage().user - started < 5_000_000, 'more than five seconds of work');
});
