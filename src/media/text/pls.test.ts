import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AppError } from '../../base/errors.ts';
import { PLS_BYTES, readPls, writePls } from './pls.ts';
import type { PronunciationRule } from './pronunciation-rules.ts';

const usual = { caseSensitive: true, wordBoundaries: true } as const;

function read(text: string): PronunciationRule[] {
  return readPls(new TextEncoder().encode(text));
}

function lexicon(lexemes: string, attributes = 'alphabet="ipa"'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" ${attributes} xml:lang="en-US">
${lexemes}
</lexicon>`;
}

function refusal(bytes: string | Uint8Array): AppError {
  try {
    readPls(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error;
  }
  throw new Error('was read');
}

test('aliases and phonemes are read in the order of the file', () => {
  const rules = read(
    lexicon(`
      <lexeme><grapheme>Apple</grapheme><phoneme>ˈæpl̩</phoneme></lexeme>
      <lexeme><grapheme> UN </grapheme><alias>United
        Nations</alias></lexeme>`),
  );
  assert.deepEqual(rules, [
    { type: 'phoneme', grapheme: 'Apple', phonemes: 'ˈæpl̩', alphabet: 'ipa', ...usual },
    { type: 'alias', grapheme: 'UN', alias: 'United Nations', ...usual },
  ]);
});

test('each grapheme of a lexeme becomes a rule', () => {
  const rules = read(
    lexicon(`<lexeme><grapheme>colour</grapheme><grapheme>color</grapheme><alias>cull er</alias></lexeme>`),
  );
  assert.deepEqual(
    rules.map((rule) => [rule.grapheme, rule.type === 'alias' && rule.alias]),
    [
      ['colour', 'cull er'],
      ['color', 'cull er'],
    ],
  );
});

test('of several pronunciations the preferred one counts, else the first', () => {
  const spoken = (pronunciations: string) =>
    read(lexicon(`<lexeme><grapheme>x</grapheme>${pronunciations}</lexeme>`)).map((rule) =>
      rule.type === 'alias' ? rule.alias : rule.phonemes,
    );
  assert.deepEqual(spoken('<phoneme>a</phoneme><alias>b</alias>'), ['a']);
  assert.deepEqual(
    spoken('<phoneme>a</phoneme><alias prefer="true">b</alias><alias prefer="true">c</alias>'),
    ['b'],
  );
});

test('the alphabet of a phoneme goes before that of the lexicon', () => {
  const rules = read(
    lexicon(
      `<lexeme><grapheme>a</grapheme><phoneme>EY1</phoneme></lexeme>
       <lexeme><grapheme>b</grapheme><phoneme alphabet="ipa">biː</phoneme></lexeme>`,
      'alphabet="cmu-arpabet"',
    ),
  );
  assert.deepEqual(
    rules.map((rule) => rule.type === 'phoneme' && rule.alphabet),
    ['cmu-arpabet', 'ipa'],
  );
});

test('metadata, examples, comments and elements of other namespaces are passed over', () => {
  const rules = read(
    lexicon(
      `<metadata><rdf:RDF xmlns:rdf="urn:rdf"><rdf:Description>text</rdf:Description></rdf:RDF></metadata>
       <meta name="author" content="x"/><!-- a remark --><?target body?>
       <lexeme role="noun"><grapheme>a &amp; b &#x2764;</grapheme><example>An <b xmlns="urn:html">a</b>.</example>
         <x:note xmlns:x="urn:x">no</x:note><alias><![CDATA[a and b]]></alias></lexeme>`,
    ),
  );
  assert.deepEqual(rules, [{ type: 'alias', grapheme: 'a & b ❤', alias: 'a and b', ...usual }]);
});

test('a file without a namespace or declaration, and one without lexemes, are read', () => {
  assert.equal(read('<lexicon><lexeme><grapheme>a</grapheme><alias>b</alias></lexeme></lexicon>').length, 1);
  assert.deepEqual(read(lexicon('')), []);
});

test('UTF-16 and declared encodings are read, and bytes that fit none are refused', () => {
  const text = '<lexicon><lexeme><grapheme>ü</grapheme><alias>b</alias></lexeme></lexicon>';
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  assert.equal(readPls(little)[0]?.grapheme, 'ü');
  assert.equal(readPls(Buffer.from(little).swap16())[0]?.grapheme, 'ü');
  const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 'latin1');
  assert.equal(readPls(latin)[0]?.grapheme, 'ü');
  assert.match(refusal(Buffer.from(text, 'latin1')).message, /not text in utf-8/);
  const unknown = Buffer.from('<?xml version="1.0" encoding="x-klingon"?><lexicon/>');
  assert.match(refusal(unknown).message, /not text in x-klingon/);
});

const alias = '<alias>b</alias>';
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'broken XML',
    `<lexicon>\n  <lexeme><grapheme>a</grapheme>${alias}\n</lexicon>`,
    /line 3, column \d+: unexpected close tag/,
  ],
  ['another document', '<html></html>', /line 1, column 6: the outermost element is <html>/],
  ['a lexicon of something else', '<lexicon xmlns="urn:x"/>', /not the <lexicon> of a PLS file/],
  ['a text', 'tomato = tom-ah-to', /line 1, column 1/],
  ['nothing', '', /line 1, column 0/],
  ['another version', '<lexicon version="2.0"/>', /version 2\.0/],
  [
    'a lexeme without grapheme',
    lexicon(`<lexeme>${alias}</lexeme>`),
    /line 3, column \d+: the lexeme has no <grapheme>/,
  ],
  [
    'a lexeme without pronunciation',
    lexicon('<lexeme><grapheme>a</grapheme></lexeme>'),
    /neither <alias> nor/,
  ],
  ['an empty grapheme', lexicon(`<lexeme><grapheme> </grapheme>${alias}</lexeme>`), /must not be empty/],
  [
    'an empty alias',
    lexicon('<lexeme><grapheme>a</grapheme><alias/></lexeme>'),
    /alias of 'a' must not be empty/,
  ],
  [
    'a wrong phoneme',
    lexicon('<lexeme><grapheme>a</grapheme><phoneme>Q!</phoneme></lexeme>'),
    /phoneme of 'a' has 'Q'/,
  ],
  [
    'an unknown alphabet',
    lexicon('<lexeme><grapheme>a</grapheme><phoneme>a</phoneme></lexeme>', 'alphabet="x-sampa"'),
    /'x-sampa' is neither/,
  ],
  [
    'no alphabet',
    lexicon('<lexeme><grapheme>a</grapheme><phoneme>a</phoneme></lexeme>', ''),
    /names its alphabet/,
  ],
  ['an unknown element', lexicon('<word/>'), /<word> does not belong inside <lexicon>/],
  [
    'an element in a grapheme',
    lexicon(`<lexeme><grapheme><i>a</i></grapheme>${alias}</lexeme>`),
    /<i> does not belong inside <grapheme>/,
  ],
  ['loose text', lexicon('tomato'), /text stands where only elements belong, in <lexicon>/],
  [
    'an unknown entity',
    lexicon(`<lexeme><grapheme>&eacute;</grapheme>${alias}</lexeme>`),
    /undefined entity/,
  ],
  ['deep nesting', lexicon(`<metadata>${'<a>'.repeat(50)}`), /more than 16 deep/],
  [
    'an entity bomb',
    '<!DOCTYPE lexicon [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<lexicon><lexeme><grapheme>&b;</grapheme></lexeme></lexicon>',
    /line 1, column \d+: a document type/,
  ],
  [
    'a file from elsewhere',
    '<!DOCTYPE lexicon SYSTEM "file:///etc/hostname"><lexicon/>',
    /a document type .* is not read/,
  ],
];

for (const [what, text, message] of REFUSED) {
  test(`${what} is refused, and where it stands is told`, () => {
    const error = refusal(text);
    assert.equal(error.code, 'invalid_request');
    assert.equal(error.reason, 'invalid_lexicon');
    assert.match(error.message, message);
  });
}

test('more bytes or more graphemes than the limit are refused, and as many are read', () => {
  const lexeme = `<lexeme><grapheme>a</grapheme>${alias}</lexeme>`;
  assert.equal(read(lexicon(lexeme.repeat(10_000))).length, 10_000);
  assert.match(refusal(lexicon(lexeme.repeat(10_001))).message, /more than 10000 graphemes/);
  const full = lexicon(lexeme).padEnd(PLS_BYTES, ' ');
  assert.equal(read(full).length, 1);
  const error = refusal(`${full} `);
  assert.equal(error.code, 'payload_too_large');
  assert.match(error.message, /at most 1048576 bytes; this one has 1048577/);
});

test('what is written is read back as the same rules', () => {
  const word = fc.oneof(
    fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
    fc.constantFrom(' ', 'a  b', ' x\n', 'a\r\nb', '<&>"\'', ']]>', '\u0085'),
  );
  const printable = word.filter((one) => !/[\p{Cc}\ufffe\uffff]/u.test(one.replace(/[\r\n\t\u0085]/g, '')));
  const matching = { grapheme: printable, caseSensitive: fc.boolean(), wordBoundaries: fc.boolean() };
  const rule: fc.Arbitrary<PronunciationRule> = fc.oneof(
    fc.record({ type: fc.constant('alias'), alias: printable, ...matching }),
    fc.record({
      type: fc.constant('phoneme'),
      phonemes: fc.constantFrom('ˈkæt', 'a  b'),
      alphabet: fc.constant('ipa'),
      ...matching,
    }),
    fc.record({
      type: fc.constant('phoneme'),
      phonemes: fc.constant('K AE1 T'),
      alphabet: fc.constant('cmu-arpabet'),
      ...matching,
    }),
  );
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
      // The generator's objects have no prototype.
      assert.deepEqual(
        read(writePls(rules)),
        rules.map((one) => ({ ...one })),
      );
    }),
  );
});

test('a plain dictionary is written as plain PLS', () => {
  assert.equal(
    writePls([{ type: 'alias', grapheme: 'R&D', alias: 'research', ...usual }]),
    `<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="und">
  <lexeme>
    <grapheme>R&amp;D</grapheme>
    <alias>research</alias>
  </lexeme>
</lexicon>
`,
  );
});
