import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { PAUSE_SECONDS, splitSentences, type Sentence, type SplitOptions } from './sentence-splitter.ts';

function texts(text: string, options?: SplitOptions): string[] {
  return splitSentences(text, options).map((sentence) => sentence.text);
}

function assertPartition(text: string, sentences: readonly Sentence[]): void {
  assert.equal(sentences.map(({ start, end }) => text.slice(start, end)).join(''), text);
  let offset = 0;
  for (const sentence of sentences) {
    assert.equal(sentence.start, offset);
    assert.ok(sentence.end > sentence.start);
    assert.equal(sentence.text, text.slice(sentence.start, sentence.end).trim());
    offset = sentence.end;
  }
  assert.equal(offset, text.length);
}

describe('finds sentences', () => {
  const rows: readonly (readonly [text: string, sentences: readonly string[]])[] = [
    ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
    ['Mr. Smith met Dr. Jones. They talked.', ['Mr. Smith met Dr. Jones.', 'They talked.']],
    ['Fruit, e.g. apples, is good. Eat it.', ['Fruit, e.g. apples, is good.', 'Eat it.']],
    [
      'U.S. exports rose. He lives in the U.S. He works.',
      ['U.S. exports rose.', 'He lives in the U.S.', 'He works.'],
    ],
    [
      'It opens at 7 a.m. on Monday. It closes at 5 p.m. Come early.',
      ['It opens at 7 a.m. on Monday.', 'It closes at 5 p.m.', 'Come early.'],
    ],
    ['J. K. Rowling wrote it. I read it.', ['J. K. Rowling wrote it.', 'I read it.']],
    ['Pi is 3.14 or so. Version 2.0.1 is out.', ['Pi is 3.14 or so.', 'Version 2.0.1 is out.']],
    ['See No. 5. I said no. I left.', ['See No. 5.', 'I said no.', 'I left.']],
    ['Am 3. Oktober kam er. Sie nicht.', ['Am 3. Oktober kam er.', 'Sie nicht.']],
    ['Visit https://example.com/a.b?c=1. Then go.', ['Visit https://example.com/a.b?c=1.', 'Then go.']],
    [
      'He left... but came back. Well… Then he slept.',
      ['He left... but came back.', 'Well…', 'Then he slept.'],
    ],
    [
      '"Really?" she said. "Yes." (He nodded.) Then silence.',
      ['"Really?" she said.', '"Yes."', '(He nodded.)', 'Then silence.'],
    ],
    ['„Komm.“ Er ging. « Oui. » Elle rit.', ['„Komm.“', 'Er ging.', '« Oui. »', 'Elle rit.']],
    [
      'Cats, dogs, etc. are pets. Cats, etc. Then dogs.',
      ['Cats, dogs, etc. are pets.', 'Cats, etc.', 'Then dogs.'],
    ],
    ['What?! No way!!! Go.', ['What?!', 'No way!!!', 'Go.']],
    ['hello there. how are you? i am fine', ['hello there.', 'how are you?', 'i am fine']],
    [
      'こんにちは。元気ですか？「はい。」と言った。',
      ['こんにちは。', '元気ですか？', '「はい。」と言った。'],
    ],
    ['你好！今天怎么样？很好。', ['你好！', '今天怎么样？', '很好。']],
    ['مرحبا. كيف حالك؟ بخير.', ['مرحبا.', 'كيف حالك؟', 'بخير.']],
    ['یہ کتاب ہے۔ وہ قلم ہے۔', ['یہ کتاب ہے۔', 'وہ قلم ہے۔']],
    ['नमस्ते। आप कैसे हैं?', ['नमस्ते।', 'आप कैसे हैं?']],
    [
      'A heading\n\nA paragraph\nthat was wrapped. Next',
      ['A heading', 'A paragraph\nthat was wrapped.', 'Next'],
    ],
    ['1. First\n2. Second', ['1. First', '2. Second']],
    ['Hi 👋🏽! 🎉 Party. 😀', ['Hi 👋🏽!', '🎉 Party. 😀']],
    ['  padded.  ', ['padded.']],
    ['no punctuation at all', ['no punctuation at all']],
  ];
  for (const [text, sentences] of rows) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(texts(text), sentences);
      assertPartition(text, splitSentences(text));
    });
  }
});

test('a language that dots its ordinals keeps them with their noun', () => {
  assert.deepEqual(texts('Er kam am 3. Tag. Er lachte.', { language: 'de' }), [
    'Er kam am 3. Tag.',
    'Er lachte.',
  ]);
  assert.deepEqual(texts('He has 3. Tag it.'), ['He has 3.', 'Tag it.']);
});

test('gives nothing for an empty text and one silent piece for white space', () => {
  assert.deepEqual(splitSentences(''), []);
  assert.deepEqual(splitSentences(' \n '), [
    { start: 0, end: 3, text: '', pauseAfterSeconds: PAUSE_SECONDS.line },
  ]);
});

test('pauses by the mark that closes, and longer before a new line or paragraph', () => {
  const pauses = (text: string, options?: SplitOptions) =>
    splitSentences(text, options).map((sentence) => sentence.pauseAfterSeconds);
  assert.deepEqual(pauses('One. Two? Three… Four'), [
    PAUSE_SECONDS.sentence,
    PAUSE_SECONDS.sentence,
    PAUSE_SECONDS.ellipsis,
    PAUSE_SECONDS.none,
  ]);
  assert.deepEqual(pauses('One.\nTwo.\r\nThree.\n\nFour.'), [
    PAUSE_SECONDS.line,
    PAUSE_SECONDS.line,
    PAUSE_SECONDS.paragraph,
    PAUSE_SECONDS.sentence,
  ]);
  assert.deepEqual(pauses('“One.” (Two.)'), [PAUSE_SECONDS.sentence, PAUSE_SECONDS.sentence]);
  assert.deepEqual(pauses('one two three, four five six', { maxCharacters: 16 }), [
    PAUSE_SECONDS.comma,
    PAUSE_SECONDS.none,
  ]);
  assert.deepEqual(pauses('one two three; four five six', { maxCharacters: 16 }), [
    PAUSE_SECONDS.clause,
    PAUSE_SECONDS.none,
  ]);
});

describe('cuts long text without punctuation where it hurts least', () => {
  test('at clause marks before white space', () => {
    assert.deepEqual(texts('alpha beta gamma, delta epsilon zeta eta theta', { maxCharacters: 30 }), [
      'alpha beta gamma,',
      'delta epsilon zeta eta theta',
    ]);
  });
  test('never inside a number or a time', () => {
    assert.deepEqual(texts('it costs 1,000,000 at 10:30 today then', { maxCharacters: 24 }), [
      'it costs 1,000,000 at',
      '10:30 today then',
    ]);
  });
  test('at white space where there is no clause', () => {
    assert.deepEqual(texts('alpha beta gamma delta', { maxCharacters: 12 }), ['alpha beta', 'gamma delta']);
  });
  test('between words of a script without spaces', () => {
    const pieces = texts('ภาษาไทยเป็นภาษาที่สวยงาม', { maxCharacters: 10 });
    assert.equal(pieces.join(''), 'ภาษาไทยเป็นภาษาที่สวยงาม');
    assert.equal(pieces[0], 'ภาษาไทย');
  });
  test('between whole characters inside one endless word', () => {
    assert.deepEqual(texts('👨‍👩‍👧‍👦'.repeat(3), { maxCharacters: 12 }), ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦']);
    assert.deepEqual(texts('e\u0301'.repeat(5), { maxCharacters: 3 }), [
      'e\u0301',
      'e\u0301',
      'e\u0301',
      'e\u0301',
      'e\u0301',
    ]);
  });
});

describe('lets speech start early', () => {
  test('after the last clause that fits', () => {
    const [first, second] = texts(
      'When the sun rose over the hills, the birds sang and the whole village woke up slowly.',
    );
    assert.equal(first, 'When the sun rose over the hills,');
    assert.equal(second, 'the birds sang and the whole village woke up slowly.');
  });
  test('before a new phrase of an English sentence without clauses', () => {
    const [first] = texts(
      'The quick brown fox jumps over the lazy dog and runs away with the very big chicken today',
    );
    assert.equal(first, 'The quick brown fox jumps over the lazy dog and runs away');
  });
  test('not in a language whose phrases it does not know, nor in a short sentence, nor when told not to', () => {
    const long = 'The quick brown fox jumps over the lazy dog and runs away with the very big chicken today';
    assert.equal(texts(long, { language: 'fr' }).length, 1);
    assert.equal(texts(long, { firstMaxCharacters: 0 }).length, 1);
    assert.equal(texts('Well, this one is short and sweet.').length, 1);
  });
  test('only the first sentence is cut', () => {
    const later = 'After that long and winding introduction, the second sentence stays in one piece anyway.';
    assert.deepEqual(texts(`Hello. ${later}`), ['Hello.', later]);
  });
});

const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      '. ',
      '.',
      '! ',
      '…',
      '。',
      '؟',
      '\n',
      '\r\n',
      ' ',
      '   ',
      ',',
      ', ',
      ' - ',
      '"',
      '“',
      '」',
      ')',
      'Mr. ',
      '3. ',
      'a',
      'Word ',
      'wo',
      '汉字',
      'ไทย',
      '👨‍👩‍👧',
      '🇩🇪',
      '\u0301',
      '\u200d',
      '\ud83d',
      '\udc00',
      'é',
      '각',
    ),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
  { maxLength: 80 },
);

test('sentences partition any text and none is longer than asked', () => {
  fc.assert(
    fc.property(
      hostile,
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 0, max: 80 }),
      (parts, maxCharacters, firstMaxCharacters) => {
        const text = parts.join('');
        const sentences = splitSentences(text, { maxCharacters, firstMaxCharacters });
        assertPartition(text, sentences);
        for (const sentence of sentences)
          assert.ok(sentence.text.length <= maxCharacters, `${sentence.text.length} > ${maxCharacters}`);
      },
    ),
    { numRuns: 3000 },
  );
});

test('no surrogate pair is ever cut, at any limit', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (text, maxCharacters) => {
        for (const { start } of splitSentences(text, { maxCharacters })) {
          const pair =
            /[\ud800-\udbff]/u.test(text[start - 1] ?? '') && /[\udc00-\udfff]/u.test(text[start] ?? '');
          assert.equal(pair, false);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('no character as the reader sees it is cut where it fits the limit', () => {
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const readable = fc.array(
    fc.constantFrom(
      '. ',
      '。',
      '\r\n',
      ' ',
      ', ',
      'a',
      'Word ',
      '汉',
      '👨‍👩‍👧',
      '👋🏽',
      '🇩🇪',
      'e\u0301',
      ' \u0301',
      'नि',
      '각',
      'ก็',
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(readable, (parts) => {
      const text = parts.join('');
      const boundaries = new Set([...graphemes.segment(text)].map(({ index }) => index));
      for (const { start } of splitSentences(text, { maxCharacters: 20 }))
        assert.ok(boundaries.has(start), `${start} in ${JSON.stringify(text)}`);
    }),
    { numRuns: 2000 },
  );
});

describe('takes linear time for 100,000 characters', () => {
  const units = [
    'Hello there, this is a test. ',
    ' ',
    '.',
    'a',
    '. ',
    '\n',
    ',',
    '汉',
    'ไทย',
    'Mr. ',
    '3. ',
    'a ',
    '"',
    '." ',
    '👨‍👩‍👧‍👦',
    '\u0301',
    '? ',
    '.\n',
  ];
  for (const unit of units) {
    test(JSON.stringify(unit), () => {
      const text = unit.repeat(Math.ceil(100_000 / unit.length));
      const begun = performance.now();
      const sentences = splitSentences(text);
      const elapsed = performance.now() - begun;
      assertPartition(text, sentences);
      // Ten to sixty milliseconds by itself; the rest is for a busy machine.
      assert.ok(elapsed < 1000, `${elapsed} ms`);
      for (const sentence of sentences) assert.ok(sentence.text.length <= 220);
    });
  }
});
