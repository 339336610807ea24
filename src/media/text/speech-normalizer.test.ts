import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { mapRangeToSource, type NormalizedText } from './normalized-text.ts';
import { normalizeForSpeech } from './speech-normalizer.ts';

function spoken(text: string, language = 'en'): string {
  return normalizeForSpeech(text, { language }).text;
}

function assertPartition(source: string, normalized: NormalizedText): void {
  let read = 0;
  let written = 0;
  for (const piece of normalized.pieces) {
    assert.equal(piece.sourceStart, read);
    assert.equal(piece.start, written);
    assert.ok(piece.sourceEnd > piece.sourceStart && piece.end > piece.start, 'no piece is empty');
    if (!piece.replaced) {
      assert.equal(
        normalized.text.slice(piece.start, piece.end),
        source.slice(piece.sourceStart, piece.sourceEnd),
      );
    }
    read = piece.sourceEnd;
    written = piece.end;
  }
  assert.equal(read, source.length);
  assert.equal(written, normalized.text.length);
}

const TABLES: Record<string, readonly (readonly [written: string, spoken: string])[]> = {
  'spells numbers': [
    ['I have 2 cats', 'I have two cats'],
    [
      '1,234,567.89',
      'one million two hundred thirty-four thousand five hundred sixty-seven point eight nine',
    ],
    ['0, 10, 11, 20, 100', 'zero, ten, eleven, twenty, one hundred'],
    ['It is -5.5 or −3.', 'It is minus five point five or minus three.'],
    ['about .5', 'about zero point five'],
    ['1,2,3', 'one, two, three'],
    ['agent 007', 'agent zero zero seven'],
    [
      'card 1234567890123456',
      'card one two three four five six seven eight nine zero one two three four five six',
    ],
    ['version 1.2.3', 'version one point two point three'],
    ['192.168.0.1', 'one hundred ninety-two dot one hundred sixty-eight dot zero dot one'],
    ['10k users, 5M, 2x', 'ten thousand users, five million, two times'],
    ['a 5-year-old', 'a five-year-old'],
  ],
  'spells ordinals': [
    ['1st 2nd 3rd 4th 11th 12th 13th', 'first second third fourth eleventh twelfth thirteenth'],
    ['20th 21st 22nd 103rd', 'twentieth twenty-first twenty-second one hundred third'],
    ['the 1,000th', 'the one thousandth'],
  ],
  'reads years and decades': [
    [
      '1984 1905 1900 2000 2005 2010 2024',
      'nineteen eighty-four nineteen oh five nineteen hundred two thousand two thousand five twenty ten twenty twenty-four',
    ],
    ['the 1990s, the 80s and the ’60s', 'the nineteen nineties, the eighties and the sixties'],
    [
      '2024 apples and 1984 people',
      'two thousand twenty-four apples and one thousand nine hundred eighty-four people',
    ],
    ['1990-2000, 1914–18', 'nineteen ninety to two thousand, nineteen fourteen to eighteen'],
    ['wait 30s', 'wait thirty seconds'],
  ],
  'reads fractions': [
    ['1/2 3/4 2/3 1/8', 'one half three quarters two thirds one eighth'],
    ['1 1/2 hours, 2½ cups, ¼', 'one and a half hours, two and a half cups, one quarter'],
    ['24/7', 'twenty-four seven'],
  ],
  'reads money': [
    [
      '$5.30 $1 $0.99 $1.01',
      'five dollars and thirty cents one dollar ninety-nine cents one dollar and one cent',
    ],
    ['£1.2m, €3 billion, US$5', 'one point two million pounds, three billion euros, five US dollars'],
    ['-$5, $5k, $10-20', 'minus five dollars, five thousand dollars, ten to twenty dollars'],
    ['5€, 5.30 USD, EUR 7', 'five euros, five US dollars and thirty cents, seven euros'],
    ['$1,000,000.', 'one million dollars.'],
    ['¥500', 'five hundred yen'],
  ],
  'reads dates': [
    ['12/31/2024', 'December thirty-first, twenty twenty-four'],
    ['31/12/2024', 'December thirty-first, twenty twenty-four'],
    ['2024-12-31', 'December thirty-first, twenty twenty-four'],
    ['2024-12-31T15:30:00Z', 'December thirty-first, twenty twenty-four, fifteen thirty UTC'],
    ['Dec 31, 2024', 'December thirty-first, twenty twenty-four'],
    ['on the 31st of December', 'on the thirty-first of December'],
    ['31 December 2024', 'the thirty-first of December twenty twenty-four'],
    ['Feb 2023', 'February twenty twenty-three'],
    ['Jan. 5', 'January fifth'],
    ['4-1 in 99/99/2024', 'four to one in ninety-nine/ninety-nine over two thousand twenty-four'],
  ],
  'reads times': [
    ['3:45 pm, 15:30, 7am', 'three forty-five p.m., fifteen thirty, seven a.m.'],
    ['3:00, 3:05, 15:00, 00:30', "three o'clock, three oh five, fifteen hundred, zero thirty"],
    ['9am-5pm', 'nine a.m. to five p.m.'],
    ['a 16:9 picture', 'a sixteen to nine picture'],
  ],
  'reads telephone numbers digit by digit': [
    ['555-123-4567', 'five five five, one two three, four five six seven'],
    ['(555) 123-4567', 'five five five, one two three, four five six seven'],
    ['+44 20 7946 0958', 'plus four four, two zero, seven nine four six, zero nine five eight'],
    ['555-1234', 'five five five, one two three four'],
    ['100-2000', 'one hundred to two thousand'],
  ],
  'reads ranges and units': [
    [
      '10-20, 10–20, 5-10 km, 10-20%',
      'ten to twenty, ten to twenty, five to ten kilometers, ten to twenty percent',
    ],
    [
      '1 km, 10kg, 25°C, -40°F',
      'one kilometer, ten kilograms, twenty-five degrees Celsius, minus forty degrees Fahrenheit',
    ],
    [
      '60 mph, 3 GB, 120 V, 100 km/h',
      'sixty miles per hour, three gigabytes, one hundred twenty volts, one hundred kilometers per hour',
    ],
    ['50% 0.5 %', 'fifty percent zero point five percent'],
    ['5 in a row', 'five in a row'],
    ['5\'10" tall', 'five foot ten tall'],
  ],
  'reads Roman numerals only where they are numbers': [
    ['Henry VIII and Louis XIV', 'Henry the eighth and Louis the fourteenth'],
    ['Chapter IV of World War II', 'Chapter four of World War two'],
    ['Elizabeth I.', 'Elizabeth the first.'],
    ['With George I went home', 'With George I went home'],
    ['I see. IV drip. XL shirt', 'I see. IV drip. XL shirt'],
  ],
  'writes out abbreviations and keeps the end of the sentence': [
    ['Dr. Smith of Main St. met Mr. Jones', 'Doctor Smith of Main Street met Mister Jones'],
    ['St. Mary and Mr and Mrs Hill', 'Saint Mary and Mister and Missus Hill'],
    ['cats, dogs, etc. Then', 'cats, dogs, et cetera. Then'],
    ['cats, etc., and', 'cats, et cetera, and'],
    ['e.g. this, i.e. that', 'for example this, that is that'],
    ['No. 5, pp. 3-4', 'Number five, pages three to four'],
    ['I said no. Then', 'I said no. Then'],
    ['us vs. them', 'us versus them'],
  ],
  'reads signs': [
    ['AT&T, you & me', 'AT and T, you and me'],
    ['@john, me @ home', 'at john, me at home'],
    ['#1 and #fun', 'number one and hashtag fun'],
    ['2+2=4, 5 > 3', 'two plus two equals four, five is greater than three'],
    ['C++ and C#', 'C plus plus and C sharp'],
    ['~50, ±5', 'about fifty, plus or minus five'],
  ],
  'spells addresses': [
    ['john.doe@example.com', 'john dot doe at example dot com'],
    ['https://example.com', 'example dot com'],
    ['(see www.example.org/a_b)', '(see www dot example dot org slash a underscore b)'],
    ['Open main.ts. Done', 'Open main dot ts. Done'],
  ],
  'leaves alone what engines read themselves': [
    ['NASA, the U.S., B2B, mp3, 4K', 'NASA, the U.S., B2B, mp3, 4K'],
    ['Hello, world! How are you?', 'Hello, world! How are you?'],
    ['😀 naïve café — “quote”…', '😀 naïve café — “quote”…'],
  ],
};

for (const [claim, rows] of Object.entries(TABLES)) {
  describe(claim, () => {
    for (const [written, expected] of rows) {
      test(written, () => {
        const normalized = normalizeForSpeech(written, { language: 'en' });
        assert.equal(normalized.text, expected);
        assertPartition(written, normalized);
      });
    }
  });
}

describe('spells numbers of other languages', () => {
  const rows = [
    [
      'de',
      'Es sind 21 Bücher, 101 und 1.234,5',
      'Es sind einundzwanzig Bücher, einhunderteins und eintausendzweihundertvierunddreißig Komma fünf',
    ],
    [
      'de',
      'Im Jahr 1984, 2.000.000, -5',
      'Im Jahr neunzehnhundertvierundachtzig, zwei Millionen, minus fünf',
    ],
    ['de', 'am 31.12.2024 um 15:30, 3. Oktober, 1 Katze', 'am 31.12.2024 um 15:30, 3. Oktober, 1 Katze'],
    [
      'fr',
      '21, 70, 71, 80, 81, 91, 99',
      'vingt et un, soixante-dix, soixante et onze, quatre-vingts, quatre-vingt-un, quatre-vingt-onze, quatre-vingt-dix-neuf',
    ],
    [
      'fr',
      '200, 201, 80 000, 1 500, 50 %',
      'deux cents, deux cent un, quatre-vingt mille, mille cinq cents, cinquante pour cent',
    ],
    [
      'es',
      '21, 31, 100, 101, 500, 1.500',
      'veintiuno, treinta y uno, cien, ciento uno, quinientos, mil quinientos',
    ],
    ['es', '1.000.000, 21.000 y 3,14', 'un millón, veintiún mil y tres coma catorce'],
    ['it', 'Ho 2 gatti', 'Ho 2 gatti'],
  ] as const;
  for (const [language, written, expected] of rows) {
    test(`${written} (${language})`, () => assert.equal(spoken(written, language), expected));
  }
});

test('takes a language tag with a region', () => {
  assert.equal(spoken('2 cats', 'en-GB'), 'two cats');
});

test('turns control characters into one mapped space, in every language', () => {
  for (const language of ['en', 'de', 'ja', '']) {
    const normalized = normalizeForSpeech('a\u0000\u0001b\tc\nd', { language });
    assert.equal(normalized.text, 'a b\tc\nd');
    assert.deepEqual(mapRangeToSource(normalized, 1, 2), { start: 1, end: 3 });
  }
});

test('an address ends before a control character', () => {
  assert.equal(spoken('https://a.com/b\u0000c'), 'a dot com slash b c');
});

test('maps a spoken word back to all of what it stands for', () => {
  const source = 'It cost $5.30 in 2024.';
  const normalized = normalizeForSpeech(source, { language: 'en' });
  const at = (word: string) => {
    const start = normalized.text.indexOf(word);
    const range = mapRangeToSource(normalized, start, start + word.length);
    return source.slice(range.start, range.end);
  };
  assert.equal(at('cost'), 'cost');
  assert.equal(at('thirty'), '$5.30');
  assert.equal(at('cents in'), '$5.30 in');
  assert.equal(at('twenty-four'), '2024');
  assert.deepEqual(mapRangeToSource(normalized, 0, normalized.text.length), { start: 0, end: source.length });
});

test('maps ranges of an empty text to nothing', () => {
  assert.deepEqual(mapRangeToSource(normalizeForSpeech('', { language: 'en' }), 0, 5), { start: 0, end: 0 });
});

const troublesome = fc.array(
  fc.oneof(
    fc.constantFrom(
      '1',
      '23',
      '2024',
      '.',
      ',',
      '-',
      '/',
      ':',
      '$',
      '€',
      '%',
      '#',
      '@',
      '&',
      '+',
      '=',
      ' ',
      '\n',
      '\0',
      'St.',
      'Dr.',
      'etc.',
      'Jan',
      'am',
      'km',
      '°',
      "'",
      '½',
      's',
      'th',
      'x',
      'IV',
      'Henry',
      'http://',
      'a.com',
      '(',
      ')',
      'ü',
      '汉',
      '😀',
      '\ud800',
      '\u0301',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
  { maxLength: 30 },
);

test('pieces partition the written and the spoken text, whatever the text and language', () => {
  fc.assert(
    fc.property(troublesome, fc.constantFrom('en', 'de', 'fr', 'es', 'xx', ''), (parts, language) => {
      const source = parts.join('');
      const normalized = normalizeForSpeech(source, { language });
      assertPartition(source, normalized);
      assert.equal(/\0/u.test(normalized.text), false);
    }),
    { numRuns: 3000 },
  );
});

test('every range of the spoken text maps inside the written one and in order', () => {
  fc.assert(
    fc.property(troublesome, fc.nat(60), fc.nat(20), (parts, from, length) => {
      const source = parts.join('');
      const normalized = normalizeForSpeech(source, { language: 'en' });
      const start = Math.min(from, normalized.text.length);
      const range = mapRangeToSource(normalized, start, Math.min(start + length, normalized.text.length));
      assert.ok(range.start >= 0 && range.start <= range.end && range.end <= source.length);
    }),
    { numRuns: 1000 },
  );
});

test('never loses a letter: words of letters alone come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/u), { minLength: 1, maxLength: 12 }), (words) => {
      fc.pre(!words.includes('vs'));
      const source = words.join(' ');
      assert.equal(spoken(source), source);
    }),
  );
});

test('no figure is left in English but inside labels', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
      fc.pre(!String(value).includes('e'));
      assert.doesNotMatch(spoken(`It is ${String(value)} now.`), /\d/u);
    }),
  );
});

describe('stays linear for 100,000 hostile characters', () => {
  const units = [
    '1',
    '1,',
    '1.',
    '1-',
    '1/',
    '1:',
    '1 ',
    '$',
    '$1',
    '+1',
    '(555)',
    'a@',
    'a.',
    'a-',
    'www.',
    'http://',
    '&',
    '#',
    "'",
    'Mr. ',
    'Jan 1 ',
    'Henry I ',
    '\0',
    ' ',
    'a',
    '2024-12-31T',
    ',111',
    '½',
    '1x',
    '1 1/2',
  ];
  for (const unit of units) {
    test(JSON.stringify(unit), () => {
      for (const ending of ['', 'x']) {
        const source = unit.repeat(Math.ceil(100_000 / unit.length)) + ending;
        const begun = performance.now();
        assertPartition(source, normalizeForSpeech(source, { language: 'en' }));
        // Generous, for a busy machine; a quadratic rule takes tens of seconds.
        assert.ok(performance.now() - begun < 3000);
      }
    });
  }
});
