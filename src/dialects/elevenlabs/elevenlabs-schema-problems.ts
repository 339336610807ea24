import type { FieldIssue } from '../../base/errors.ts';

/** One wrong field as the vendor's validator reports it. */
export interface SchemaProblem {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

type Verdict = Pick<SchemaProblem, 'type' | 'msg' | 'ctx'>;

/** A wrong field in the vendor's words, which are those of pydantic 2. `origin` is the part of the request it is in. */
export function toSchemaProblem(issue: FieldIssue, origin: 'body' | 'query'): SchemaProblem {
  return { loc: [origin, ...issue.path], input: toEcho(issue.received), ...verdictOn(issue) };
}

/** What is nested deeper than this is not repeated: nobody writes it by hand, and it may be too deep to be written. */
const DEEPEST_ECHO = 50;

function toEcho(received: unknown): unknown {
  return depthExceeds(received, DEEPEST_ECHO) ? null : (received ?? null);
}

function depthExceeds(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((one) => depthExceeds(one, most - 1));
}

function verdictOn(issue: FieldIssue): Verdict {
  switch (issue.kind) {
    case 'missing':
      return { type: 'missing', msg: 'Field required' };
    case 'wrong_type':
      return wrongType(issue);
    case 'not_allowed_value':
      return notAllowed(issue.allowed ?? []);
    case 'too_small':
      return {
        type: 'greater_than_equal',
        msg: `Input should be greater than or equal to ${issue.limit}`,
        ctx: { ge: issue.limit },
      };
    case 'too_big':
      return {
        type: 'less_than_equal',
        msg: `Input should be less than or equal to ${issue.limit}`,
        ctx: { le: issue.limit },
      };
    case 'too_short':
      return wrongLength(issue, 'least');
    case 'too_long':
      return wrongLength(issue, 'most');
    case 'malformed':
    case 'excluded':
      return malformed(issue);
  }
}

/** Only a body that is no JSON at all is malformed without being in a field. */
function malformed(issue: FieldIssue): Verdict {
  if (issue.kind === 'malformed' && issue.path.length === 0) {
    return { type: 'json_invalid', msg: 'JSON decode error', ctx: { error: issue.message } };
  }
  return { type: 'value_error', msg: `Value error, ${issue.message}`, ctx: { error: issue.message } };
}

function wrongType(issue: FieldIssue): Verdict {
  switch (issue.expected ?? 'string') {
    case 'integer':
      return typeof issue.received === 'number'
        ? {
            type: 'int_from_float',
            msg: 'Input should be a valid integer, got a number with a fractional part',
          }
        : notANumber(issue, { type: 'int', noun: 'integer' });
    case 'number':
      return notANumber(issue, { type: 'float', noun: 'number' });
    case 'boolean':
      return ['string', 'number'].includes(typeof issue.received)
        ? { type: 'bool_parsing', msg: 'Input should be a valid boolean, unable to interpret input' }
        : { type: 'bool_type', msg: 'Input should be a valid boolean' };
    case 'array':
      return { type: 'list_type', msg: 'Input should be a valid list' };
    case 'object':
      return {
        type: 'model_attributes_type',
        msg: 'Input should be a valid dictionary or object to extract fields from',
      };
    case 'string':
      return { type: 'string_type', msg: 'Input should be a valid string' };
  }
}

/** Text where a number belongs is told from other wrong things. */
function notANumber(
  issue: FieldIssue,
  wanted: { readonly type: 'int' | 'float'; readonly noun: string },
): Verdict {
  const msg = `Input should be a valid ${wanted.noun}`;
  if (typeof issue.received !== 'string') return { type: `${wanted.type}_type`, msg };
  const article = wanted.type === 'int' ? 'an' : 'a';
  return {
    type: `${wanted.type}_parsing`,
    msg: `${msg}, unable to parse string as ${article} ${wanted.noun}`,
  };
}

function notAllowed(allowed: readonly string[]): Verdict {
  const quoted = allowed.map((value) => `'${value}'`);
  const expected =
    quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}` : (quoted[0] ?? 'nothing');
  return { type: 'literal_error', msg: `Input should be ${expected}`, ctx: { expected } };
}

function wrongLength({ received, limit }: FieldIssue, bound: 'least' | 'most'): Verdict {
  const side = bound === 'least' ? 'short' : 'long';
  const key = bound === 'least' ? 'min_length' : 'max_length';
  if (!Array.isArray(received)) {
    return {
      type: `string_too_${side}`,
      msg: `String should have at ${bound} ${limit} characters`,
      ctx: { [key]: limit },
    };
  }
  return {
    type: `too_${side}`,
    msg: `List should have at ${bound} ${limit} items after validation, not ${received.length}`,
    ctx: { field_type: 'List', [key]: limit, actual_length: received.length },
  };
}
