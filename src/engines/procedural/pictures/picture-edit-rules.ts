import type { PixelSize } from '../../../core/image/image.ts';
import type { ImageStep } from '../../../core/image/image-tools.ts';
import type { PixelChange } from './picture-pixels.ts';
import { COLOUR_WORDS } from './picture-words.ts';

/** One change of a picture that can really be made. */
export type PictureEdit =
  | {
      readonly kind: 'steps';
      readonly steps: (size: PixelSize) => readonly ImageStep[];
      readonly reshapes?: true;
    }
  | { readonly kind: 'pixels'; readonly change: (size: PixelSize) => PixelChange }
  | { readonly kind: 'text'; readonly text: string; readonly at: 'top' | 'middle' | 'bottom' }
  | { readonly kind: 'join'; readonly how: 'beside' | 'below' | 'over' }
  | { readonly kind: 'fill'; readonly colour: string };

/** How an edit is asked for, and what it is then. */
export interface EditRule {
  readonly words: RegExp;
  readonly read: (match: RegExpExecArray) => PictureEdit | undefined;
}

export const COLOUR = Object.keys(COLOUR_WORDS).join('|');
export const DEGREE =
  '(?:(slightly|a little|a bit|somewhat|a touch|much|a lot|very|strongly|heavily|extremely) )?';
export const THING =
  '(?: (?:it|this|everything|them|(?:the|this|my) (?:whole |entire )?(?:image|picture|photo|photograph|pic|scene)))?';
export const PERCENT = '(?: by (\\d{1,3}) ?(?:%|percent))?';

export function words(pattern: string): RegExp {
  return new RegExp(`\\b${pattern}`, 'gi');
}

/** How far a word goes: less than usual, or more. */
export function degree(word: string | undefined): number {
  if (!word) return 1;
  return /slight|little|bit|somewhat|touch/i.test(word) ? 0.5 : 1.8;
}

export function colourOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : COLOUR_WORDS[name.toLowerCase()];
}

export function steps(...list: readonly ImageStep[]): PictureEdit {
  return { kind: 'steps', steps: () => list };
}

export function reshaping(list: (size: PixelSize) => readonly ImageStep[]): PictureEdit {
  return { kind: 'steps', steps: list, reshapes: true };
}

export function shareOf(percent: string | undefined, word: string | undefined, usual: number): number {
  return percent === undefined ? usual * degree(word) : Number(percent) / 100;
}
