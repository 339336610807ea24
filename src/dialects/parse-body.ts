import type { z } from 'zod';
import { AppError, type FieldIssue } from '../base/errors.ts';

/**
 * Checks a body or query against a wire schema. Throws `invalid_request` that names the first wrong field in the
 * caller's spelling and lists all of them in `issues`.
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidFields(parsed.error.issues.map((issue) => toFieldIssue(issue, body)));
}

/** The error for one or several wrong fields. */
export function invalidFields(issues: readonly FieldIssue[]): AppError {
  const first = issues[0];
  const param = first ? spell(first.path) : undefined;
  const message = issues.map((issue) => `${spell(issue.path) || 'The body'}: ${issue.message}`).join('; ');
  return new AppError('invalid_request', message, { issues, ...(param ? { param } : {}) });
}

/** A path as a caller would write it: `voice_settings.stability`, `images[2]`. */
function spell(path: FieldIssue['path']): string {
  return path.reduce<string>(
    (spelled, part) =>
      typeof part === 'number' ? `${spelled}[${part}]` : spelled ? `${spelled}.${part}` : part,
    '',
  );
}

function toFieldIssue(issue: z.core.$ZodIssue, body: unknown): FieldIssue {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const received = valueAt(body, path);
  if (received === undefined && issue.code !== 'custom') {
    return { path, kind: 'missing', message: 'this field is required', received };
  }
  return { path, received, ...describe(issue) };
}

type Description = Pick<FieldIssue, 'kind' | 'message' | 'expected' | 'allowed' | 'limit'>;

function describe(issue: z.core.$ZodIssue): Description {
  if (issue.code === 'invalid_type') return wrongType(issue.expected);
  if (issue.code === 'too_small') return bounded(issue.origin, Number(issue.minimum), 'small');
  if (issue.code === 'too_big') return bounded(issue.origin, Number(issue.maximum), 'big');
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String));
  return { kind: 'malformed', message: issue.message };
}

const JSON_TYPES: Readonly<Record<string, NonNullable<FieldIssue['expected']>>> = {
  string: 'string',
  number: 'number',
  nan: 'number',
  int: 'integer',
  boolean: 'boolean',
  array: 'array',
  object: 'object',
  record: 'object',
};

function wrongType(zodName: string): Description {
  const expected = JSON_TYPES[zodName];
  return {
    kind: 'wrong_type',
    message: `must be of type ${expected ?? zodName}`,
    ...(expected ? { expected } : {}),
  };
}

function bounded(origin: string, limit: number, side: 'small' | 'big'): Description {
  const counted = origin === 'string' || origin === 'array' || origin === 'set';
  const unit = origin === 'string' ? ' characters' : counted ? ' items' : '';
  const bound = side === 'small' ? 'at least' : 'at most';
  const kinds = counted
    ? ({ small: 'too_short', big: 'too_long' } as const)
    : ({ small: 'too_small', big: 'too_big' } as const);
  return { kind: kinds[side], message: `must be ${bound} ${limit}${unit}`, limit };
}

function oneOf(allowed: readonly string[]): Description {
  return { kind: 'not_allowed_value', message: `must be one of ${allowed.join(', ')}`, allowed };
}

function valueAt(body: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.entries(value).find(([key]) => key === String(part))?.[1];
  }, body);
}
