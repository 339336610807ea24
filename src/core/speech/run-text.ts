import { arpabetToIpa } from '../../media/text/arpabet.ts';
import type { Emphasis, MarkedPart } from '../../media/text/marked-text.ts';
import { composeNormalized } from '../../media/text/normalized-composition.ts';
import type { PhonemeSpan, PronunciationRule } from '../../media/text/pronunciation-rules.ts';
import { applyPronunciations } from '../../media/text/pronounced-text.ts';
import { sayAs } from '../../media/text/say-as.ts';
import type { NormalizedText } from '../../media/text/normalized-text.ts';
import { normalizeForSpeech } from '../../media/text/speech-normalizer.ts';
import type { SpokenPhonemes } from '../engine.ts';
import { primaryLanguage } from '../voices/voice-parts.ts';
import type { GainSpan } from './level-curve.ts';
import type { ScriptRun } from './speech-script.ts';

/** How a run's text is written out. */
export interface WritingRules {
  /** BCP 47. */
  readonly language: string;
  /** Whether numbers and the like become words. */
  readonly normalizes: boolean;
  readonly pronunciations: readonly (readonly PronunciationRule[])[];
  /** Whether the engine can be told phonemes. */
  readonly phonemes: boolean;
}

/** What an engine is asked to say for a run. Sources of the pieces are offsets in the text without markup. */
export interface WrittenRun extends NormalizedText {
  readonly phonemes: readonly SpokenPhonemes[];
  /** Where the level changes, in order. */
  readonly gains: readonly GainSpan[];
  /** Whether phonemes were wanted and the engine cannot be told any. */
  readonly skippedPhonemes: boolean;
  /** What was to be interpreted and could not be. */
  readonly unknownInterpretations: readonly string[];
}

/** How much louder or softer an emphasis is, in decibels. */
const EMPHASIS_DECIBELS: Readonly<Record<Emphasis, number>> = {
  strong: 4,
  moderate: 2.5,
  none: 0,
  reduced: -4,
};

type Stretch = ScriptRun['stretches'][number];
type Piece = NormalizedText['pieces'][number];

interface WrittenStretch extends NormalizedText {
  readonly phonemes: readonly SpokenPhonemes[];
  readonly skippedPhonemes?: boolean;
  readonly unknown?: string;
}

/** Writes out a run of the text without markup. */
export function writeRun(run: ScriptRun, text: string, rules: WritingRules): WrittenRun {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  const phonemes: SpokenPhonemes[] = [];
  const gains: GainSpan[] = [];
  const unknownInterpretations: string[] = [];
  let skippedPhonemes = false;
  let at = 0;
  for (const stretch of run.stretches) {
    const written = writeStretch(text.slice(stretch.start, stretch.end), stretch, rules);
    const [sourceShift, shift] = [stretch.start, at];
    parts.push(written.text);
    pieces.push(...written.pieces.map((piece) => movedPiece(piece, sourceShift, shift)));
    phonemes.push(
      ...written.phonemes.map((one) => ({ ...one, start: one.start + shift, end: one.end + shift })),
    );
    if (written.unknown !== undefined) unknownInterpretations.push(written.unknown);
    skippedPhonemes ||= written.skippedPhonemes ?? false;
    at += written.text.length;
    addGain(gains, { start: shift, end: at, decibels: decibelsOf(stretch) });
  }
  return { text: parts.join(''), pieces, phonemes, gains, skippedPhonemes, unknownInterpretations };
}

function movedPiece(piece: Piece, sourceShift: number, shift: number): Piece {
  return {
    ...piece,
    sourceStart: piece.sourceStart + sourceShift,
    sourceEnd: piece.sourceEnd + sourceShift,
    start: piece.start + shift,
    end: piece.end + shift,
  };
}

function decibelsOf({ manner }: Extract<MarkedPart, { readonly kind: 'text' }>): number {
  return manner.gainDecibels + (manner.emphasis ? EMPHASIS_DECIBELS[manner.emphasis] : 0);
}

function addGain(gains: GainSpan[], span: GainSpan): void {
  const last = gains.at(-1);
  if (last && last.decibels === span.decibels) gains[gains.length - 1] = { ...last, end: span.end };
  else gains.push(span);
}

function writeStretch(text: string, { manner }: Stretch, rules: WritingRules): WrittenStretch {
  const { saying } = manner;
  switch (saying?.as) {
    case undefined:
      return writePlain(text, rules);
    case 'alias':
      return replaced(text, normalized(saying.alias, rules).text);
    case 'interpreted': {
      const { interpretation, format } = saying;
      const spoken = sayAs(text, { interpretation, format, language: primaryLanguage(rules.language) });
      if (spoken !== undefined) return replaced(text, spoken);
      return { ...writePlain(text, rules), unknown: interpretation };
    }
    case 'phonemes':
      if (!rules.phonemes) return { ...writePlain(text, rules), skippedPhonemes: true };
      return { ...verbatim(text), phonemes: spokenPhonemes([{ ...saying, start: 0, end: text.length }]) };
  }
}

function replaced(text: string, spoken: string): WrittenStretch {
  const piece: Piece = {
    sourceStart: 0,
    sourceEnd: text.length,
    start: 0,
    end: spoken.length,
    replaced: true,
  };
  return { text: spoken, pieces: [piece], phonemes: [] };
}

function verbatim(text: string): NormalizedText {
  return { text, pieces: [{ sourceStart: 0, sourceEnd: text.length, start: 0, end: text.length }] };
}

/** Off still passes through the normaliser's identity form, so that both alignments exist. */
function normalized(text: string, { normalizes, language }: WritingRules): NormalizedText {
  return normalizes ? normalizeForSpeech(text, { language: primaryLanguage(language) }) : verbatim(text);
}

/** Dictionaries first, then the normaliser, which leaves alone what is said by phonemes. */
function writePlain(text: string, rules: WritingRules): WrittenStretch {
  const pronounced = applyPronunciations(text, rules.pronunciations, { phonemes: rules.phonemes });
  const { skippedPhonemes, phonemeSpans: spans } = pronounced;
  if (spans.length === 0)
    return {
      ...composeNormalized(pronounced, normalized(pronounced.text, rules)),
      phonemes: [],
      skippedPhonemes,
    };
  const parts: string[] = [];
  const pieces: Piece[] = [];
  const moved: PhonemeSpan[] = [];
  let read = 0;
  let at = 0;
  const add = (end: number, part: NormalizedText) => {
    pieces.push(...part.pieces.map((piece) => movedPiece(piece, read, at)));
    parts.push(part.text);
    read = end;
    at += part.text.length;
  };
  for (const span of spans) {
    add(span.start, normalized(pronounced.text.slice(read, span.start), rules));
    moved.push({ ...span, start: at, end: at + span.end - span.start });
    add(span.end, verbatim(pronounced.text.slice(span.start, span.end)));
  }
  add(pronounced.text.length, normalized(pronounced.text.slice(read), rules));
  const whole = composeNormalized(pronounced, { text: parts.join(''), pieces });
  return { ...whole, phonemes: spokenPhonemes(moved), skippedPhonemes };
}

/** What is not valid was refused where it came from; here it is passed over. */
function spokenPhonemes(spans: readonly PhonemeSpan[]): SpokenPhonemes[] {
  return spans.flatMap(({ start, end, phonemes, alphabet }) => {
    const ipa = alphabet === 'ipa' ? phonemes : arpabetToIpa(phonemes);
    return ipa === undefined ? [] : [{ start, end, ipa }];
  });
}
