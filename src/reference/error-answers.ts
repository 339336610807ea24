import { AppError, ERROR_CODES, type ErrorCode } from '../base/errors.ts';
import type { Dialect, ErrorPlace } from '../dialects/dialect.ts';
import { schemaOfExample, type JsonSchema } from './wire-schemas.ts';

/** Where the errors of the reference happened. */
const PLACE: ErrorPlace = {
  requestId: '0123456789abcdef'.repeat(2),
  method: 'POST',
  path: '/somewhere',
  at: Date.UTC(2027, 0, 31, 12),
};

/** What each code is told with, where a request of somebody is the reason. */
const MESSAGES: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'a_field: must be at most 4',
  unauthenticated: 'This API key is not one of ours.',
  quota_exceeded: 'The allowance of this key is spent until tomorrow.',
  permission_denied: 'This key is not for this.',
  not_found: "There is no model 'a-name'.",
  method_not_allowed: 'This path does not take PUT, only GET, POST.',
  conflict: 'The job has ended already.',
  payload_too_large: "The part 'file' is larger than 26214400 bytes.",
  unsupported_media: 'The file is no recording that can be read here.',
  unsupported_feature: 'No model that is installed here does this.',
  content_rejected: 'A safety rule of this server said no.',
  rate_limited: 'This key has sent too many requests. Try again in 2 seconds.',
  cancelled: 'The caller hung up.',
  internal: 'Something went wrong on our side. The request id finds it in the log.',
  engine_failed: 'The engine broke while it was at work.',
  overloaded: 'All places are taken. Try again shortly.',
  timed_out: 'The work took longer than it may.',
};

/** One of our codes in a dialect's words. */
export interface ErrorAnswer {
  readonly code: ErrorCode;
  readonly status: number;
  readonly body: unknown;
}

/** Every code, rendered by the dialect itself. */
export function errorAnswers(dialect: Dialect): readonly ErrorAnswer[] {
  const codes = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES);
  return codes.map((code) => {
    const error = new AppError(code, MESSAGES[code], detailsOf(code));
    const { status, body } = dialect.renderError(error, PLACE);
    return { code, status, body };
  });
}

function detailsOf(code: ErrorCode) {
  if (code === 'not_found') return { subject: 'model' as const, param: 'model' };
  if (code === 'invalid_request') {
    const message = 'must be at most 4';
    return {
      param: 'a_field',
      issues: [{ path: ['a_field'], kind: 'too_big' as const, message, limit: 4, received: 5 }],
    };
  }
  return ERROR_CODES[code].retryable ? { retryAfterMs: 2_000 } : {};
}

/** The answers that every operation may give instead of a good one, by their range of statuses. */
export function errorResponses(answers: readonly ErrorAnswer[]): Readonly<Record<string, JsonSchema>> {
  const range = (name: string, description: string, from: number) => {
    const within = answers.filter(({ status }) => status >= from && status < from + 100);
    const examples = within.map(({ code, status, body }) => [
      code,
      { summary: `${status}: ${code}`, value: body },
    ]);
    const schema = { anyOf: uniqueSchemas(within) };
    return {
      [name]: {
        description,
        headers: { 'retry-after': RETRY_AFTER },
        content: { 'application/json': { schema, examples: Object.fromEntries(examples) } },
      },
    };
  };
  return {
    ...range('Refused', 'The request is at fault, or too much was asked; the message says what to do.', 400),
    ...range(
      'Failed',
      'The server or what runs on it is at fault; most of these are worth another try.',
      500,
    ),
  };
}

const RETRY_AFTER = {
  description: 'Seconds after which another try may help.',
  schema: { type: 'integer', minimum: 1 },
};

/** Vendors have one shape for everything or a few; each is listed once. */
function uniqueSchemas(answers: readonly ErrorAnswer[]): readonly JsonSchema[] {
  const known = new Map(
    answers.map(({ body }) => schemaOfExample(body)).map((schema) => [JSON.stringify(schema), schema]),
  );
  return [...known.values()];
}

/** Our codes and the status of each, as a table in Markdown, and what a body looks like. */
export function errorTable(answers: readonly ErrorAnswer[]): string {
  const [first] = answers;
  const rows = answers.map(({ code, status }) => `| ${status} | ${code.replaceAll('_', ' ')} |`);
  const example = ['```json', JSON.stringify(first?.body, null, 2), '```'];
  return ['| status | kind |', '| --- | --- |', ...rows, '', ...example].join('\n');
}
