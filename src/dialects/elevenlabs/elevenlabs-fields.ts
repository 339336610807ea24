import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { parseBody } from '../parse-body.ts';

/** Where the fields of a schema stand in the request. */
export type FieldPlace = 'body' | 'query';

/** The `reason` of an error about fields in the query; fields stand in the body unless it says so. */
export const IN_QUERY = 'in_query';

/** Checks a part of the request, so that the error says which part it was. */
export function parseFields<Schema extends z.ZodType>(
  place: FieldPlace,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  if (place === 'body') return parseBody(schema, value);
  try {
    return parseBody(schema, value);
  } catch (error) {
    if (!(error instanceof AppError) || error.issues.length === 0) throw error;
    const param = error.param === undefined ? {} : { param: error.param };
    throw new AppError(error.code, error.message, { ...param, issues: error.issues, reason: IN_QUERY });
  }
}

/** A number, also one written as text: the vendor's server takes both, and form builders send the second. */
export function looseNumber<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(numberFromText, schema);
}

function numberFromText(value: unknown): unknown {
  const isNumeric = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  return isNumeric ? Number(value) : value;
}

const WORDS_FOR_TRUE = ['true', '1', 'yes', 'on', 't', 'y'];
const WORDS_FOR_FALSE = ['false', '0', 'no', 'off', 'f', 'n'];

/** Yes or no, also written as text or as 1 and 0. */
export function looseBoolean<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(booleanFromText, schema);
}

function booleanFromText(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const word = String(value).toLowerCase();
  if (WORDS_FOR_TRUE.includes(word)) return true;
  return WORDS_FOR_FALSE.includes(word) ? false : value;
}

/** A single value of the query: of a repeated one the last counts, and an empty one is as good as none. */
export function queryValue<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => {
    const single = Array.isArray(value) ? value.at(-1) : value;
    return single === '' ? undefined : single;
  }, schema);
}

/** A list of the query, which is a repeated parameter: `language=en&language=de`. */
export function queryList(maximum = Number.POSITIVE_INFINITY) {
  return z.preprocess(
    (value) => (value === undefined ? [] : [value].flat()),
    z.array(z.string()).max(maximum),
  );
}
