import { SaxesParser, type SaxesTagNS } from 'saxes';
import { AppError } from '../../base/errors.ts';
import { findPronunciationProblem, PRONUNCIATION_LIMITS } from './pronunciation-checks.ts';
import type { PhonemeAlphabet, PronunciationRule } from './pronunciation-rules.ts';

/** Bytes of the largest lexicon that is read. */
export const PLS_BYTES = 1_048_576;
/** Elements inside one another: a lexicon needs three, and metadata may bring some of its own. */
const DEEPEST = 16;

/** The namespace of the Pronunciation Lexicon Specification 1.0. */
const PLS = 'http://www.w3.org/2005/01/pronunciation-lexicon';
/** The namespace of what the specification has no word for: how a rule looks at case and at words. */
const OURS = 'urn:antiphon:pronunciation-lexicon';
const XML = 'http://www.w3.org/XML/1998/namespace';

const ALPHABETS: Readonly<Record<string, PhonemeAlphabet>> = {
  ipa: 'ipa',
  'cmu-arpabet': 'cmu-arpabet',
  'x-cmu-arpabet': 'cmu-arpabet',
  'x-arpabet': 'cmu-arpabet',
};

/**
 * Reads a W3C pronunciation lexicon (PLS 1.0) into rules, in the order of the file; a lexeme gives one for each of
 * its graphemes, with its preferred pronunciation. Throws `payload_too_large`, or `invalid_request` (reason
 * `invalid_lexicon`) that tells line and column; document types, and so entities of one's own, are refused.
 */
export function readPls(bytes: Uint8Array): PronunciationRule[] {
  if (bytes.length > PLS_BYTES) {
    throw new AppError(
      'payload_too_large',
      `A lexicon may have at most ${PLS_BYTES} bytes; this one has ${bytes.length}.`,
    );
  }
  const parser = new SaxesParser({ xmlns: true });
  const fail = (message: string): never => {
    throw invalidLexicon(`line ${parser.line}, column ${parser.column}: ${message}.`);
  };
  const reader = lexiconReader(fail);
  parser.on('error', (error) => fail(error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')));
  parser.on('doctype', () => fail('a document type (<!DOCTYPE) is not read here; leave it out'));
  parser.on('opentag', reader.open);
  parser.on('text', reader.text);
  parser.on('cdata', reader.text);
  parser.on('closetag', reader.close);
  parser.write(textOf(bytes)).close();
  return reader.rules;
}

function invalidLexicon(message: string): AppError {
  return new AppError('invalid_request', `The lexicon cannot be read: ${message}`, {
    reason: 'invalid_lexicon',
  });
}

const DECLARED = /^<\?xml[^>]*?encoding\s*=\s*["'](?<encoding>[\w.:-]+)["']/;

/** The text of the bytes: in UTF-16 where they begin so, else in the encoding that they declare, else in UTF-8. */
function textOf(bytes: Uint8Array): string {
  const declaration = String.fromCharCode(...bytes.subarray(0, 128));
  const declared = DECLARED.exec(declaration)?.groups?.['encoding'];
  const encoding = byteOrderOf(bytes) ?? declared ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw invalidLexicon(`its bytes are not text in ${encoding}. Save it in UTF-8.`);
  }
}

function byteOrderOf([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

type Refuse = (message: string) => never;

interface Pronunciation {
  readonly kind: 'alias' | 'phoneme';
  readonly text: string;
  readonly alphabet: string | undefined;
  readonly preferred: boolean;
}

interface Lexeme {
  readonly graphemes: string[];
  readonly pronunciations: Pronunciation[];
  readonly caseSensitive: boolean;
  readonly wordBoundaries: boolean;
}

/** Takes the events of an XML reader and collects rules. */
function lexiconReader(refuse: Refuse) {
  const rules: PronunciationRule[] = [];
  const path: SaxesTagNS[] = [];
  let lexeme: Lexeme | undefined;
  let content = '';
  let rootAlphabet: string | undefined;
  /** The outermost element whose content says nothing about pronunciation, if the reader is inside one. */
  let passedOver: SaxesTagNS | undefined;

  const open = (tag: SaxesTagNS) => {
    path.push(tag);
    if (path.length > DEEPEST) refuse(`elements stand more than ${DEEPEST} deep inside one another`);
    if (passedOver) return;
    content = '';
    if (path.length === 1) rootAlphabet = openLexicon(tag, refuse);
    else if (isForeign(tag) || isRemark(tag)) passedOver = tag;
    else if (path.length === 2 && tag.local === 'lexeme') lexeme = openLexeme(tag);
    else if (path.length !== 3 || !['grapheme', 'alias', 'phoneme'].includes(tag.local)) {
      refuse(`<${tag.name}> does not belong inside <${path.at(-2)?.name}>`);
    }
  };
  const close = (tag: SaxesTagNS) => {
    path.pop();
    if (passedOver === tag) passedOver = undefined;
    else if (!passedOver && lexeme && path.length === 2) readPart(lexeme, tag, content);
    else if (!passedOver && lexeme && path.length === 1) {
      rules.push(...toRules(lexeme, { refuse, rootAlphabet }));
      if (rules.length > PRONUNCIATION_LIMITS.rules) {
        refuse(`there are more than ${PRONUNCIATION_LIMITS.rules} graphemes, the most that are read`);
      }
      lexeme = undefined;
    }
  };
  const text = (part: string) => {
    if (passedOver) return;
    if (path.length === 3) content += part;
    else if (part.trim() !== '') refuse(`text stands where only elements belong, in <${path.at(-1)?.name}>`);
  };
  return { rules, open, close, text };
}

function openLexicon(tag: SaxesTagNS, refuse: Refuse): string | undefined {
  if (tag.local !== 'lexicon' || isForeign(tag)) {
    refuse(`the outermost element is <${tag.name}>, not the <lexicon> of a PLS file`);
  }
  const version = attributeOf(tag, 'version');
  if (version !== undefined && version.trim() !== '1.0') {
    refuse(`the lexicon is of version ${version}; only 1.0 is read`);
  }
  return attributeOf(tag, 'alphabet');
}

function openLexeme(tag: SaxesTagNS): Lexeme {
  return {
    graphemes: [],
    pronunciations: [],
    caseSensitive: attributeOf(tag, 'case-sensitive', OURS) !== 'false',
    wordBoundaries: attributeOf(tag, 'word-boundaries', OURS) !== 'false',
  };
}

/** Files without a namespace are common, and meant as PLS. */
function isForeign(tag: SaxesTagNS): boolean {
  return tag.uri !== PLS && tag.uri !== '';
}

function isRemark(tag: SaxesTagNS): boolean {
  return ['meta', 'metadata', 'example'].includes(tag.local);
}

function attributeOf(tag: SaxesTagNS, local: string, uri = ''): string | undefined {
  return Object.values(tag.attributes).find((one) => one.local === local && one.uri === uri)?.value;
}

function readPart(lexeme: Lexeme, tag: SaxesTagNS, content: string): void {
  const text = attributeOf(tag, 'space', XML) === 'preserve' ? content : collapsed(content);
  if (tag.local === 'grapheme') {
    lexeme.graphemes.push(text);
    return;
  }
  lexeme.pronunciations.push({
    kind: tag.local === 'alias' ? 'alias' : 'phoneme',
    text,
    alphabet: attributeOf(tag, 'alphabet'),
    preferred: attributeOf(tag, 'prefer') === 'true',
  });
}

function collapsed(text: string): string {
  return text.trim().replace(/\s+/gu, ' ');
}

/** The specification (section 4.9.3): the first preferred pronunciation, else the first. */
function toRules(
  { graphemes, pronunciations, ...matching }: Lexeme,
  { refuse, rootAlphabet }: { readonly refuse: Refuse; readonly rootAlphabet: string | undefined },
): PronunciationRule[] {
  if (graphemes.length === 0) refuse('the lexeme has no <grapheme>');
  const chosen =
    pronunciations.find((one) => one.preferred) ??
    pronunciations[0] ??
    refuse('the lexeme has neither <alias> nor <phoneme>');
  return graphemes.map((grapheme) => {
    const rule: PronunciationRule =
      chosen.kind === 'alias'
        ? { type: 'alias', grapheme, alias: chosen.text, ...matching }
        : {
            type: 'phoneme',
            grapheme,
            phonemes: chosen.text,
            alphabet: toAlphabet(chosen.alphabet ?? rootAlphabet, refuse),
            ...matching,
          };
    const problem = findPronunciationProblem(rule);
    if (problem) refuse(`the ${NOUNS[problem.part]} of '${grapheme}' ${problem.message}`);
    return rule;
  });
}

const NOUNS = { grapheme: 'grapheme', alias: 'alias', phonemes: 'phoneme' } as const;

function toAlphabet(name: string | undefined, refuse: Refuse): PhonemeAlphabet {
  if (name === undefined) return refuse('neither the phoneme nor the lexicon names its alphabet');
  return (
    ALPHABETS[name.trim().toLowerCase()] ?? refuse(`the alphabet '${name}' is neither ipa nor cmu-arpabet`)
  );
}

/** Rules as a lexicon that any reader of PLS 1.0 understands and that `readPls` reads back as the same rules. */
export function writePls(rules: readonly PronunciationRule[]): string {
  const alphabet = rules.find((rule) => rule.type === 'phoneme')?.alphabet ?? 'ipa';
  const own = rules.some((rule) => !rule.caseSensitive || !rule.wordBoundaries);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<lexicon version="1.0" xmlns="${PLS}"${own ? ` xmlns:antiphon="${OURS}"` : ''} alphabet="${alphabet}" xml:lang="und">`,
    ...rules.map((rule) => writeLexeme(rule, alphabet)),
    '</lexicon>',
    '',
  ].join('\n');
}

function writeLexeme(rule: PronunciationRule, alphabet: PhonemeAlphabet): string {
  const matching =
    (rule.caseSensitive ? '' : ' antiphon:case-sensitive="false"') +
    (rule.wordBoundaries ? '' : ' antiphon:word-boundaries="false"');
  const spoken =
    rule.type === 'alias'
      ? writeElement('alias', rule.alias)
      : writeElement(
          'phoneme',
          rule.phonemes,
          rule.alphabet === alphabet ? '' : ` alphabet="${rule.alphabet}"`,
        );
  return `  <lexeme${matching}>\n    ${writeElement('grapheme', rule.grapheme)}\n    ${spoken}\n  </lexeme>`;
}

function writeElement(name: string, text: string, attributes = ''): string {
  const space = text === collapsed(text) ? '' : ' xml:space="preserve"';
  return `<${name}${attributes}${space}>${escaped(text)}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Line ends are written as references, since a reader may turn one kind into another. */
function escaped(text: string): string {
  return text.replace(/[&<>\r\n\u0085\u2028]/gu, (one) => ESCAPES[one] ?? `&#${one.codePointAt(0)};`);
}
