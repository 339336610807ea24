import type { PhonemeSpan } from './pronunciation-rules.ts';

/** How a stretch is to be said other than as it is spelled. */
export type Saying =
  | ({ readonly as: 'phonemes' } & Pick<PhonemeSpan, 'phonemes' | 'alphabet'>)
  | { readonly as: 'alias'; readonly alias: string }
  | { readonly as: 'interpreted'; readonly interpretation: string; readonly format: string };

/** How strongly a stretch is brought out. */
export type Emphasis = 'strong' | 'moderate' | 'none' | 'reduced';

/** In which manner a stretch of text is spoken. Whatever is absent is as the request has it. */
export interface Manner {
  /** BCP 47. */
  readonly language?: string;
  /** Name or id of a voice. */
  readonly voice?: string;
  /** Tempo against that of the request, 1 = the same. */
  readonly speed: number;
  /** Shift against the pitch of the request. */
  readonly pitchSemitones: number;
  /** Level against that of the voice; minus infinity is silence. */
  readonly gainDecibels: number;
  readonly emphasis?: Emphasis;
  readonly saying?: Saying;
}

/** The manner in which nothing is changed. */
export const PLAIN_MANNER: Manner = { speed: 1, pitchSemitones: 0, gainDecibels: 0 };

/** A part of a marked text, in order. Stretches of text partition the text; offsets are UTF-16 offsets in it. */
export type MarkedPart =
  | { readonly kind: 'text'; readonly start: number; readonly end: number; readonly manner: Manner }
  | {
      readonly kind: 'pause';
      /** Where in the text it is made. */
      readonly at: number;
      readonly seconds: number;
      /** Whether a tone sounds instead of silence, as over a word that is not to be heard. */
      readonly tone?: true;
    };

/** A text with what its markup says. */
export interface MarkedText {
  /** What is to be said, without any markup. */
  readonly text: string;
  readonly parts: readonly MarkedPart[];
  /** What the markup asked for and nobody does, each a sentence without its full stop. */
  readonly ignored: readonly string[];
}

/** Collects a marked text from its beginning to its end. */
export interface MarkedTextWriter {
  /** Adds text as it is. */
  text(text: string, manner: Manner): void;
  pause(seconds: number, tone?: boolean): void;
  readonly ignore: (what: string) => void;
  /** What was added so far. */
  readonly written: string;
  finish(): MarkedText;
}

/** Most different remarks about one text. */
const MOST_REMARKS = 10;

/** Makes a writer. Stretches of the very same manner that touch become one. */
export function createMarkedTextWriter(): MarkedTextWriter {
  const parts: MarkedPart[] = [];
  const ignored = new Set<string>();
  let written = '';
  return {
    text: (text, manner) => {
      if (text === '') return;
      const start = written.length;
      written += text;
      const last = parts.at(-1);
      if (last?.kind === 'text' && last.manner === manner)
        parts[parts.length - 1] = { ...last, end: written.length };
      else parts.push({ kind: 'text', start, end: written.length, manner });
    },
    pause: (seconds, tone = false) => {
      if (seconds > 0) parts.push({ kind: 'pause', at: written.length, seconds, ...(tone ? { tone } : {}) });
    },
    ignore: (what) => {
      if (ignored.size < MOST_REMARKS) ignored.add(what);
    },
    get written() {
      return written;
    },
    finish: () => ({ text: written, parts, ignored: [...ignored] }),
  };
}

/** A text without markup. */
export function unmarked(text: string): MarkedText {
  return { text, parts: [{ kind: 'text', start: 0, end: text.length, manner: PLAIN_MANNER }], ignored: [] };
}
