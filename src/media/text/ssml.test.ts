import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { MarkedText } from './marked-text.ts';
import { isSsml, readSsml } from './ssml.ts';

/** Each part on its own: text with what is not plain about it, pauses as numbers. */
function outline({ text, parts }: MarkedText): unknown[] {
  return parts.map((part) => {
    if (part.kind === 'pause') return part.tone ? { tone: part.seconds } : part.seconds;
    const { speed, pitchSemitones, gainDecibels, ...rest } = part.manner;
    const changed = {
      ...(speed === 1 ? {} : { speed: rounded(speed) }),
      ...(pitchSemitones === 0 ? {} : { pitch: rounded(pitchSemitones) }),
      ...(gainDecibels === 0 ? {} : { gain: rounded(gainDecibels) }),
      ...rest,
    };
    const slice = text.slice(part.start, part.end);
    return Object.keys(changed).length === 0 ? slice : [slice, changed];
  });
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function speak(inner: string): unknown[] {
  return outline(readSsml(`<speak version="1.1">${inner}</speak>`));
}

function refusal(source: string): AppError {
  try {
    readSsml(source);
  } catch (error) {
    assert(error instanceof AppError);
    return error;
  }
  throw new Error('was accepted');
}

const said = (phonemes: string) => ({ saying: { as: 'phonemes', phonemes, alphabet: 'ipa' } });
const interpreted = (interpretation: string, format = '') => ({
  saying: { as: 'interpreted', interpretation, format },
});

const READ: readonly (readonly [what: string, inner: string, parts: readonly unknown[]])[] = [
  ['plain text', 'Hello', ['Hello']],
  ['white space as a word space', ' Hello \n\t there ', ['Hello there']],
  ['entities and CDATA', 'a &lt; b &amp; <![CDATA[<c>]]>', ['a < b & <c>']],
  ['comments as nothing', 'one <!-- not <this> --> two', ['one two']],
  ['paragraphs', '<p>One</p><p>Two.</p>Three', ['One\n\nTwo.\n\nThree']],
  [
    'sentences, which their mark ends, or nothing does',
    '<s>One.</s><s>Two</s><s>Three</s>',
    ['One. Two\n\nThree'],
  ],
  ['a break of a time', 'a<break time="1.5s"/>b<break time="200ms"/>', ['a', 1.5, 'b', 0.2]],
  [
    'a break of a strength',
    '<break strength="strong"/>a<break strength="none"/>b<break/>c',
    [0.7, 'ab', 0.4, 'c'],
  ],
  ['a rate by label', '<prosody rate="x-slow">a</prosody>', [['a', { speed: 0.5 }]]],
  ['a rate as a share', '<prosody rate="80%">a</prosody>', [['a', { speed: 0.8 }]]],
  ['a rate as a change', '<prosody rate="-20%">a</prosody>', [['a', { speed: 0.8 }]]],
  ['a rate as a factor', '<prosody rate="1.5">a</prosody>', [['a', { speed: 1.5 }]]],
  [
    'rates inside one another',
    '<prosody rate="50%">a<prosody rate="50%">b</prosody></prosody>',
    [
      ['a', { speed: 0.5 }],
      ['b', { speed: 0.25 }],
    ],
  ],
  ['a pitch by label', '<prosody pitch="high">a</prosody>', [['a', { pitch: 3 }]]],
  ['a pitch in semitones', '<prosody pitch="-2st">a</prosody>', [['a', { pitch: -2 }]]],
  ['a pitch as a change', '<prosody pitch="+100%">a</prosody>', [['a', { pitch: 12 }]]],
  ['a volume in decibels', '<prosody volume="-6dB">a</prosody>', [['a', { gain: -6 }]]],
  ['a volume by label', '<prosody volume="silent">a</prosody>', [['a', { gain: Number.NEGATIVE_INFINITY }]]],
  ['a volume on the old scale', '<prosody volume="50">a</prosody>', [['a', { gain: -6.02 }]]],
  [
    'an emphasis',
    '<emphasis>a</emphasis> <emphasis level="strong">b</emphasis>',
    [
      ['a ', { emphasis: 'moderate' }],
      ['b', { emphasis: 'strong' }],
    ],
  ],
  [
    'a substitution',
    'the <sub alias="World Wide Web">WWW</sub> is',
    ['the ', ['WWW', { saying: { as: 'alias', alias: 'World Wide Web' } }], ' is'],
  ],
  [
    'a space as part of no substitution',
    '<sub alias="x">a</sub> <sub alias="y">b</sub>',
    [['a', { saying: { as: 'alias', alias: 'x' } }], ' ', ['b', { saying: { as: 'alias', alias: 'y' } }]],
  ],
  [
    'an interpretation',
    '<say-as interpret-as="date" format="dmy">1/2</say-as>',
    [['1/2', interpreted('date', 'dmy')]],
  ],
  [
    'an expletive as a tone',
    'so <say-as interpret-as="expletive">damn</say-as> good',
    ['so', { tone: 0.4 }, ' good'],
  ],
  ['phonemes in IPA', '<phoneme ph="təˈmɑːtəʊ">tomato</phoneme>', [['tomato', said('təˈmɑːtəʊ')]]],
  [
    'phonemes in X-SAMPA',
    '<phoneme alphabet="x-sampa" ph="t@&quot;mA:t@U">tomato</phoneme>',
    [['tomato', said('təˈmɑːtəʊ')]],
  ],
  [
    'phonemes in ARPABET',
    '<phoneme alphabet="cmu-arpabet" ph="HH AH0 L OW1">hello</phoneme>',
    [['hello', { saying: { as: 'phonemes', phonemes: 'HH AH0 L OW1', alphabet: 'cmu-arpabet' } }]],
  ],
  ['phonemes without a word', 'a <phoneme ph="pi"/>', ['a ', ['pi', said('pi')]]],
  ['a language', 'a <lang xml:lang="de-DE">b</lang> c', ['a ', ['b ', { language: 'de-DE' }], 'c']],
  ['a language of a paragraph', '<p xml:lang="fr">b</p>', [['b', { language: 'fr' }]]],
  [
    'voices',
    '<voice name="Linda">a</voice><voice name="b c">d</voice>',
    [
      ['a', { voice: 'Linda' }],
      ['d', { voice: 'b' }],
    ],
  ],
  ['words and tokens', '<w role="x">a</w> <token>b</token>', ['a b']],
  ['marks and metadata as nothing', '<metadata>x</metadata><mark name="m"/>a<desc>y</desc>', ['a']],
  [
    'what is said in one way as not said in another',
    '<sub alias="x"><say-as interpret-as="digits">1</say-as></sub>',
    [['1', { saying: { as: 'alias', alias: 'x' } }]],
  ],
];

describe('SSML', () => {
  for (const [what, inner, parts] of READ) {
    test(`reads ${what}`, () => {
      assert.deepEqual(speak(inner), parts);
    });
  }

  test('has text parts that make up the text', () => {
    const marked = readSsml('<speak>a <emphasis>b</emphasis><break/> <p>c</p></speak>');
    const texts = marked.parts.flatMap((part) =>
      part.kind === 'text' ? [marked.text.slice(part.start, part.end)] : [],
    );
    assert.equal(texts.join(''), marked.text);
  });

  test('speaks the text of elements that it does not know, and says so', () => {
    const { text, ignored } = readSsml('<speak><amazon:effect name="whispered">hush</amazon:effect></speak>');
    assert.equal(text, 'hush');
    assert.deepEqual(ignored, ['the element <amazon:effect> is not known here; its text is spoken']);
  });

  test('says what it does not follow', () => {
    const { ignored, parts } = readSsml(
      '<speak><prosody pitch="200Hz" range="high">a</prosody><voice gender="female">b</voice><break time="60s"/></speak>',
    );
    assert.equal(ignored.length, 4);
    assert.deepEqual(parts.at(-1), { kind: 'pause', at: 2, seconds: 10 });
  });

  const WRONG: readonly (readonly [what: string, source: string, place: string])[] = [
    ['an element that is not closed', '<speak>a\n<p>b</speak>', 'line 2, column 13'],
    ['a mark that should be an entity', '<speak>a\nb & c</speak>', 'line 2, column 3'],
    ['an entity of nobody', '<speak>&bomb;</speak>', 'line 1, column'],
    [
      'a document type',
      '<?xml version="1.0"?><!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>',
      'line 1',
    ],
    ['a time that is none', '<speak><break time="soon"/></speak>', 'line 1, column 28'],
    ['a strength that is none', '<speak><break strength="huge"/></speak>', 'line 1'],
    ['a rate that is none', '<speak><prosody rate="warp">a</prosody></speak>', 'line 1'],
    ['a rate that every object has', '<speak><prosody rate="constructor">a</prosody></speak>', 'line 1'],
    ['a pitch that every object has', '<speak><prosody pitch="__proto__">a</prosody></speak>', 'line 1'],
    ['a volume that every object has', '<speak><prosody volume="constructor">a</prosody></speak>', 'line 1'],
    ['a rate without measure', '<speak><prosody rate="9000%">a</prosody></speak>', 'line 1'],
    ['a pitch that is none', '<speak><prosody pitch="5">a</prosody></speak>', 'line 1'],
    ['a volume that is none', '<speak><prosody volume="+99dB">a</prosody></speak>', 'line 1'],
    ['an emphasis that is none', '<speak><emphasis level="huge">a</emphasis></speak>', 'line 1'],
    ['a sound of no alphabet', '<speak>\n<phoneme ph="t7m">a</phoneme></speak>', 'line 2, column'],
    ['an alphabet of nobody', '<speak><phoneme alphabet="x" ph="t">a</phoneme></speak>', 'line 1'],
    ['breaks without end', `<speak>${'<break time="10s"/>'.repeat(61)}a</speak>`, 'line 1'],
    ['elements without end', `<speak>${'<s>a</s>'.repeat(10_001)}</speak>`, 'line 1'],
    ['a tower of elements', `<speak>${'<s>'.repeat(40)}a${'</s>'.repeat(40)}</speak>`, 'line 1'],
  ];
  for (const [what, source, place] of WRONG) {
    test(`refuses ${what}, and says where it stands`, () => {
      const { code, reason, message } = refusal(source);
      assert.deepEqual([code, reason], ['invalid_request', 'invalid_markup']);
      assert(message.includes(place), message);
    });
  }

  test('cannot play recordings or follow contours', () => {
    for (const inner of ['<audio src="a.mp3"/>', '<prosody contour="(0%,+20Hz)">a</prosody>']) {
      const { code, reason } = refusal(`<speak>${inner}</speak>`);
      assert.deepEqual([code, reason], ['unsupported_feature', 'unsupported_markup']);
    }
  });

  test('is read in a text without a root too, where lone marks are only marks', () => {
    assert.deepEqual(outline(readSsml('Tom & Jerry: 1 < 2 <break time="0.4s" /> yes')), [
      'Tom & Jerry: 1 < 2',
      0.4,
      ' yes',
    ]);
    assert(refusal('a <break time="x"/>').message.includes('line 1, column 20'));
  });

  test('is a whole document or it is not', () => {
    assert(isSsml('\n<speak>a</speak> '));
    assert(isSsml('<?xml version="1.0"?>\n<speak xml:lang="de">a</speak>'));
    for (const text of ['a <speak>b</speak>', '<speak>a', '<speaker>a</speaker>', 'plain'])
      assert(!isSsml(text), text);
  });
});
