import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { AppError } from '../../base/errors.ts';
import {
  createMarkedTextWriter,
  PLAIN_MANNER,
  type Manner,
  type MarkedText,
  type MarkedTextWriter,
  type Saying,
} from './marked-text.ts';
import { findPhonemeProblem } from './pronunciation-checks.ts';
import { SENTENCE_MARKS } from './sentence-boundaries.ts';
import {
  BREAK_SECONDS,
  DEFAULT_BREAK,
  parseEmphasis,
  parsePitch,
  parseRate,
  parseSeconds,
  parseVolume,
} from './ssml-values.ts';
import { xSampaToIpa } from './x-sampa.ts';

/** Longest single break, and all of a text together, in seconds. */
export const BREAK_LIMITS = { one: 10, all: 600 } as const;
/** Elements inside one another. */
const DEEPEST = 32;
/** Elements of one text. */
const MOST_ELEMENTS = 10_000;
/** How long the tone is that is heard instead of an expletive, in seconds. */
const EXPLETIVE_SECONDS = 0.4;

/** Whether a text is one whole SSML document. */
export function isSsml(text: string): boolean {
  return /^\s*(?:<\?xml[^>]*\?>\s*)?<speak[\s>]/u.test(text) && /<\/speak\s*>\s*$/u.test(text);
}

/**
 * Reads SSML 1.1, a whole document or a text with elements in it. The text of unknown elements is spoken, and
 * attributes never are. Throws `invalid_request` (reason `invalid_markup`) with line and column for what is not
 * well-formed or has values that mean nothing, `unsupported_feature` for recordings and pitch contours.
 */
export function readSsml(source: string): MarkedText {
  const whole = isSsml(source);
  const parser = new SaxesParser();
  const opening = '<speak>';
  const place = () => {
    const column = parser.column + 1 - (!whole && parser.line === 1 ? opening.length : 0);
    return `line ${parser.line}, column ${Math.max(1, column)}`;
  };
  const refuse: Refuse = (message, code = 'invalid_request') => {
    const reason = code === 'invalid_request' ? 'invalid_markup' : 'unsupported_markup';
    throw new AppError(code, `The SSML cannot be spoken: ${place()}: ${message}.`, { reason });
  };
  const reader = createReader(refuse);
  parser.on('error', (error) => refuse(error.message.replace(/^\d+:\d+: /u, '').replace(/\.$/u, '')));
  parser.on('doctype', () => refuse('a document type (<!DOCTYPE>) is not read here; leave it out'));
  parser.on('opentag', reader.open);
  parser.on('closetag', reader.close);
  parser.on('text', reader.text);
  parser.on('cdata', reader.text);
  if (whole) refuseBareAmpersand(source);
  parser.write(whole ? source.trim() : `${opening}${withHarmlessMarks(source)}</speak>`).close();
  return reader.finish();
}

const BARE_AMPERSAND = /&(?!(?:[a-z]{1,10}|#\d{1,7}|#x[\da-f]{1,6});)/iu;

/** In a text that is no document, a mark that begins neither tag nor reference is only a mark. */
function withHarmlessMarks(text: string): string {
  return text.replaceAll(new RegExp(BARE_AMPERSAND, 'giu'), '&amp;').replace(/<(?![A-Za-z/!?])/gu, '&lt;');
}

/** The reader itself would notice it only much later. */
function refuseBareAmpersand(source: string): void {
  const text = source
    .trim()
    .replace(/<!--.*?-->|<!\[CDATA\[.*?\]\]>/gsu, (hidden) => hidden.replace(/[^\n]/gu, ' '));
  const at = text.search(BARE_AMPERSAND);
  if (at < 0) return;
  const lines = text.slice(0, at).split('\n');
  const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  throw new AppError(
    'invalid_request',
    `The SSML cannot be spoken: ${place}: an ampersand that stands for itself is written &amp;.`,
    { reason: 'invalid_markup' },
  );
}

type Refuse = (message: string, code?: 'invalid_request' | 'unsupported_feature') => never;

interface Frame {
  readonly name: string;
  readonly manner: Manner;
  /** Whether the text inside is not spoken. */
  readonly mute: boolean;
}

/** Elements whose text belongs to no speech. */
const MUTE = new Set(['metadata', 'meta', 'desc', 'lexicon', 'mark']);
/** Elements that say nothing about how their text is spoken. */
const BARE = new Set(['speak', 'p', 's', 'w', 'token', 'lookup', 'mark', 'metadata', 'meta', 'desc']);

function createReader(refuse: Refuse) {
  const writer = createMarkedTextWriter();
  const prose = createProse(writer);
  const frames: Frame[] = [];
  let elements = 0;
  let breakSeconds = 0;

  const top = () => frames.at(-1) ?? { name: '', manner: PLAIN_MANNER, mute: false };
  const addText = (text: string) => {
    const { manner, mute } = top();
    if (!mute) prose.add(text, manner);
  };
  const pause = (seconds: number, tone = false) => {
    breakSeconds += seconds;
    if (breakSeconds > BREAK_LIMITS.all)
      refuse(`the breaks are longer than ${BREAK_LIMITS.all} seconds together`);
    if (!top().mute) writer.pause(seconds, tone);
  };
  const count = () => {
    elements += 1;
    if (frames.length >= DEEPEST) refuse(`elements stand more than ${DEEPEST} deep inside one another`);
    if (elements > MOST_ELEMENTS) refuse(`there are more than ${MOST_ELEMENTS} elements`);
  };

  return {
    open: (tag: SaxesTagPlain) => {
      const outer = top();
      const { ignore } = writer;
      count();
      prose.boundary(tag.name);
      if (tag.name === 'break') pause(breakLength(tag, { refuse, ignore }));
      const manner = mannerOf(tag, { outer: outer.manner, refuse, ignore });
      const bleeped = outer.manner.saying === undefined && isExpletive(manner.saying);
      if (bleeped) pause(EXPLETIVE_SECONDS, true);
      frames.push({ name: tag.name, manner, mute: outer.mute || bleeped || MUTE.has(tag.name) });
      if (tag.name === 'phoneme' && tag.isSelfClosing && manner.saying?.as === 'phonemes')
        addText(manner.saying.phonemes);
    },
    close: () => {
      const { name } = top();
      frames.pop();
      prose.boundary(name);
    },
    text: addText,
    finish: () => writer.finish(),
  };
}

function isExpletive(saying: Saying | undefined): boolean {
  return saying?.as === 'interpreted' && saying.interpretation === 'expletive';
}

/** Writes text in which white space only parts words, and paragraphs and sentences are elements. */
function createProse(writer: MarkedTextWriter) {
  /** White space that is owed before the next word. */
  let owed = '';
  let lastManner = PLAIN_MANNER;
  return {
    add: (text: string, manner: Manner) => {
      const collapsed = text.replace(/\s+/gu, ' ');
      const words = collapsed.trimStart();
      if (words.length < collapsed.length && owed === '') owed = ' ';
      if (words === '') return;
      const spoken = words.trimEnd();
      if (writer.written !== '') writer.text(owed, mannerBetween(lastManner, manner));
      owed = spoken.length < words.length ? ' ' : '';
      writer.text(spoken, manner);
      lastManner = manner;
    },
    boundary: (name: string) => {
      if (name === 'p') owed = '\n\n';
      if (name === 's' && owed !== '\n\n')
        owed = SENTENCE_MARKS.has(writer.written.at(-1) ?? '') ? ' ' : '\n\n';
    },
  };
}

/** The space between two stretches is not part of what one of them says. */
function mannerBetween(before: Manner, after: Manner): Manner {
  const plain = [before, after].find(({ saying }) => saying === undefined);
  if (plain) return plain;
  const { saying: _, ...manner } = before;
  return manner;
}

interface Surroundings {
  readonly refuse: Refuse;
  readonly ignore: (what: string) => void;
}

function breakLength({ attributes }: SaxesTagPlain, { refuse, ignore }: Surroundings): number {
  const { time, strength } = attributes;
  if (time !== undefined) {
    const seconds = parseSeconds(time) ?? refuse(`'${time}' is no time such as 500ms or 1.5s`);
    if (seconds > BREAK_LIMITS.one) ignore(`a break is at most ${BREAK_LIMITS.one} seconds long`);
    return Math.min(BREAK_LIMITS.one, seconds);
  }
  return (
    BREAK_SECONDS[strength ?? DEFAULT_BREAK] ??
    refuse(`'${strength}' is no strength of a break (${Object.keys(BREAK_SECONDS).join(', ')})`)
  );
}

interface Nesting extends Surroundings {
  readonly outer: Manner;
}

function mannerOf(tag: SaxesTagPlain, nesting: Nesting): Manner {
  const { outer } = nesting;
  const language = tag.attributes['xml:lang'];
  const inner = language === undefined || language === '' ? outer : { ...outer, language };
  const reader = READERS[tag.name];
  // What is said in another way already is not said in a third.
  if (reader) return outer.saying ? outer : reader(tag.attributes, { ...nesting, outer: inner });
  if (!BARE.has(tag.name) && tag.name !== 'break')
    nesting.ignore(`the element <${tag.name}> is not known here; its text is spoken`);
  return inner;
}

type Attributes = Readonly<Record<string, string>>;

const READERS: Readonly<Record<string, (attributes: Attributes, nesting: Nesting) => Manner>> = {
  prosody: readProsody,
  emphasis: ({ level = 'moderate' }, { outer, refuse }) => ({
    ...outer,
    emphasis:
      parseEmphasis(level) ?? refuse(`'${level}' is no level of emphasis (strong, moderate, none, reduced)`),
  }),
  'say-as': (attributes, { outer, refuse }) => {
    const interpretation = attributes['interpret-as'] ?? refuse('<say-as> needs an attribute interpret-as');
    const format = attributes['format'] ?? attributes['detail'] ?? '';
    return { ...outer, saying: { as: 'interpreted', interpretation: interpretation.toLowerCase(), format } };
  },
  sub: ({ alias }, { outer, refuse }) => ({
    ...outer,
    saying: { as: 'alias', alias: alias ?? refuse('<sub> needs an attribute alias') },
  }),
  phoneme: (attributes, nesting) => ({ ...nesting.outer, saying: readPhonemes(attributes, nesting.refuse) }),
  voice: readVoice,
  lang: (_, { outer }) => outer,
  audio: (_, { refuse }) =>
    refuse('recordings (<audio>) cannot be played inside speech', 'unsupported_feature'),
  lexicon: (_, { outer, ignore }) => {
    ignore('the element <lexicon> is not followed; use a pronunciation dictionary');
    return outer;
  },
};

function readVoice({ name, ...wishes }: Attributes, { outer, ignore }: Nesting): Manner {
  const others = Object.keys(wishes).filter((wish) => !['xml:lang', 'required'].includes(wish));
  if (others.length > 0) ignore(`a voice is chosen by its name, not by ${others.join(' or ')}`);
  const first = name?.trim().split(/\s+/u)[0] ?? '';
  return first === '' ? outer : { ...outer, voice: first };
}

function readProsody(attributes: Attributes, { outer, refuse, ignore }: Nesting): Manner {
  const { rate, pitch, volume, contour } = attributes;
  if (contour !== undefined) refuse('a pitch contour cannot be followed', 'unsupported_feature');
  for (const name of ['range', 'duration'] as const)
    if (attributes[name] !== undefined) ignore(`<prosody> has no ${name} here`);
  return {
    ...outer,
    speed:
      outer.speed *
      (rate === undefined
        ? 1
        : (parseRate(rate) ?? refuse(`'${rate}' is no rate such as slow, 120% or +20%`))),
    pitchSemitones: outer.pitchSemitones + (pitch === undefined ? 0 : semitonesOf(pitch, { refuse, ignore })),
    gainDecibels:
      outer.gainDecibels +
      (volume === undefined
        ? 0
        : (parseVolume(volume) ?? refuse(`'${volume}' is no volume such as soft, +6dB or 80`))),
  };
}

function semitonesOf(pitch: string, { refuse, ignore }: Surroundings): number {
  const shift = parsePitch(pitch) ?? refuse(`'${pitch}' is no pitch such as high, +2st or -10%`);
  if (shift !== 'absolute') return shift;
  ignore('a pitch in hertz is not followed; use a shift such as +2st or -10%');
  return 0;
}

function readPhonemes({ ph, alphabet = 'ipa' }: Attributes, refuse: Refuse): Saying {
  if (ph === undefined) return refuse('<phoneme> needs an attribute ph');
  const known = alphabet.trim().toLowerCase();
  const arpabet = ['cmu-arpabet', 'x-cmu-arpabet', 'x-arpabet', 'arpabet'].includes(known);
  const sampa = ['x-sampa', 'x-xsampa', 'sampa'].includes(known);
  if (!arpabet && !sampa && known !== 'ipa')
    return refuse(`the alphabet '${alphabet}' is none of ipa, x-sampa and cmu-arpabet`);
  const phonemes = sampa ? xSampaToIpa(ph) : ph;
  const problem = findPhonemeProblem(phonemes, arpabet ? 'cmu-arpabet' : 'ipa');
  if (problem !== undefined) return refuse(`the attribute ph ${problem}`);
  return { as: 'phonemes', phonemes, alphabet: arpabet ? 'cmu-arpabet' : 'ipa' };
}
