import type { Emphasis } from './marked-text.ts';
import { ownValue } from '../../base/own-value.ts';

/** Seconds of a time such as `500ms`, `1.5s` or `.5s`; undefined when it is none. */
export function parseSeconds(text: string): number | undefined {
  const { number = '', unit } =
    /^\+?(?<number>\d+(?:\.\d*)?|\.\d+)(?<unit>ms|s)$/u.exec(text.trim())?.groups ?? {};
  if (unit === undefined) return undefined;
  return unit === 'ms' ? Number(number) / 1000 : Number(number);
}

/** How long a break of a strength is, in seconds. */
export const BREAK_SECONDS: Readonly<Record<string, number>> = {
  none: 0,
  'x-weak': 0.1,
  weak: 0.2,
  medium: 0.4,
  strong: 0.7,
  'x-strong': 1.2,
};

/** A break without a strength. */
export const DEFAULT_BREAK = 'medium';

const RATES: Readonly<Record<string, number>> = {
  'x-slow': 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.25,
  'x-fast': 1.6,
};

/** The slowest and the fastest tempo that markup can ask for. */
const RATE_LIMITS = { least: 0.2, most: 5 } as const;

/** A tempo, 1 = as it was: a label, `120%`, `+20%` or `1.2`; undefined when it is none. */
export function parseRate(text: string): number | undefined {
  const value = text.trim().toLowerCase();
  const label = ownValue(RATES, value);
  if (label !== undefined) return label;
  const { sign = '', number = '', unit = '' } = signedNumber(value);
  if (number === '' || !['', '%'].includes(unit)) return undefined;
  const amount = unit === '%' ? Number(number) / 100 : Number(number);
  const rate = sign === '' ? amount : 1 + (sign === '-' ? -amount : amount);
  return rate >= RATE_LIMITS.least && rate <= RATE_LIMITS.most ? rate : undefined;
}

const PITCHES: Readonly<Record<string, number>> = {
  'x-low': -6,
  low: -3,
  medium: 0,
  default: 0,
  high: 3,
  'x-high': 6,
};

/** Furthest that markup can move the pitch, in semitones. */
const MOST_SEMITONES = 12;

/**
 * A shift of pitch in semitones: a label, `+2st`, `-10%`; undefined when it is none, and `absolute` for a frequency,
 * which says nothing about a shift.
 */
export function parsePitch(text: string): number | 'absolute' | undefined {
  const value = text.trim().toLowerCase();
  const label = ownValue(PITCHES, value);
  if (label !== undefined) return label;
  const { sign = '', number = '', unit = '' } = signedNumber(value);
  if (number === '') return undefined;
  if (unit === 'hz') return 'absolute';
  if (unit !== 'st' && unit !== '%') return undefined;
  const semitones = semitonesIn(sign, Number(number), unit);
  return Math.abs(semitones) <= MOST_SEMITONES ? semitones : undefined;
}

function semitonesIn(sign: string, amount: number, unit: string): number {
  const signed = sign === '-' ? -amount : amount;
  if (unit === 'st') return signed;
  // Without a sign a percentage is one of the whole: 100% changes nothing.
  return 12 * Math.log2((sign === '' ? 0 : 1) + signed / 100);
}

const VOLUMES: Readonly<Record<string, number>> = {
  silent: Number.NEGATIVE_INFINITY,
  'x-soft': -12,
  soft: -6,
  medium: 0,
  default: 0,
  loud: 4,
  'x-loud': 8,
};

/** Furthest up and down that markup can move the level, in decibels. */
const GAIN_LIMITS = { least: -60, most: 12 } as const;

/** A change of level in decibels: a label, `+6dB`, `-20%`, or SSML 1.0's scale to 100; undefined when it is none. */
export function parseVolume(text: string): number | undefined {
  const value = text.trim().toLowerCase();
  const label = ownValue(VOLUMES, value);
  if (label !== undefined) return label;
  const { sign = '', number = '', unit = '' } = signedNumber(value);
  if (number === '' || !['', '%', 'db'].includes(unit)) return undefined;
  const gain = gainOf(sign, Number(number), unit);
  if (gain === Number.NEGATIVE_INFINITY) return gain;
  return gain >= GAIN_LIMITS.least && gain <= GAIN_LIMITS.most ? gain : undefined;
}

function gainOf(sign: string, amount: number, unit: string): number {
  const signed = sign === '-' ? -amount : amount;
  if (unit === 'db') return signed;
  const factor = (sign === '' ? 0 : 1) + signed / 100;
  return factor <= 0 ? Number.NEGATIVE_INFINITY : 20 * Math.log10(factor);
}

const EMPHASES: readonly string[] = ['strong', 'moderate', 'none', 'reduced'] satisfies Emphasis[];

/** A level of emphasis; undefined when it is none. */
export function parseEmphasis(text: string): Emphasis | undefined {
  return isEmphasis(text) ? text : undefined;
}

function isEmphasis(text: string): text is Emphasis {
  return EMPHASES.includes(text);
}

function signedNumber(text: string): Partial<Record<'sign' | 'number' | 'unit', string>> {
  return /^(?<sign>[+-]?)(?<number>\d+(?:\.\d*)?|\.\d+)(?<unit>%|st|hz|db)?$/u.exec(text)?.groups ?? {};
}
