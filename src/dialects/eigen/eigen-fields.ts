import { z } from 'zod';

const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TRUE_TEXT = ['true', '1'];
const FALSE_TEXT = ['false', '0'];

function numberOfText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  return NUMBER_TEXT.test(text) ? Number(text) : value;
}

function booleanOfText(value: unknown): unknown {
  const text = String(value).trim().toLowerCase();
  if (TRUE_TEXT.includes(text)) return true;
  return FALSE_TEXT.includes(text) ? false : value;
}

/** Any finite number, also as text; where it is clamped is the engine's business. */
export const numberField = z.preprocess(numberOfText, z.number()).nullish();

/** A finite number that is not negative, also as text. */
export const positiveField = z.preprocess(numberOfText, z.number().min(0)).nullish();

/** A whole number, also as text. */
export const integerField = z.preprocess(numberOfText, z.int()).nullish();

/** A whole number or null; `null` may come as text too. */
export const seedField = z
  .preprocess((value) => (value === 'null' ? null : numberOfText(value)), z.int().nullable())
  .nullish();

/** A boolean; `true`, `false`, `1` and `0` may come as text, and the last two as numbers. */
export const flagField = z.preprocess(booleanOfText, z.boolean()).nullish();

export const textField = z.string().nullish();
