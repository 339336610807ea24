import { AppError } from '../base/errors.ts';

/** What a server elsewhere said instead of what was wanted. */
export interface RemoteRefusal {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Longest part of a server's own words that is repeated. */
const MOST_WORDS = 300;
const BUSY: readonly number[] = [429, 503];
const GATEWAY: readonly number[] = [502, 504];

/**
 * A refusal in our words. What the server blames on the request is the caller's to mend; a wrong key, model or route is
 * the operator's, so that another engine may serve; a busy or loading server is `overloaded`, whatever wrote the page.
 */
export function readRefusal({ status, contentType, retryAfter, text }: RemoteRefusal): AppError {
  const { message, param, type } = readBody(text, contentType);
  const words = message === undefined ? '' : `: ${message.slice(0, MOST_WORDS)}`;
  if (BUSY.includes(status)) {
    const what = type === 'model_loading' ? 'is still loading its model' : 'is busy';
    const told = retryMs(retryAfter);
    return new AppError('overloaded', `The engine's server ${what}${words}.`.replace(/\.\.$/, '.'), {
      reason: type ?? 'busy',
      ...(told === undefined ? {} : { retryAfterMs: told }),
    });
  }
  if (status === 413) return new AppError('payload_too_large', `The engine refused the size${words}`);
  if (status === 400 || status === 422) {
    return new AppError('invalid_request', `The engine refused the request${words}`, {
      reason: 'engine_refusal',
      ...(param === undefined ? {} : { param }),
    });
  }
  const own = retryMs(retryAfter);
  return new AppError('engine_failed', `The engine's server answered ${status}${words}`, {
    reason: GATEWAY.includes(status) ? 'gateway' : 'refused',
    ...(own === undefined ? {} : { retryAfterMs: own }),
  });
}

/** Whether the same call may go better in a moment. */
export function isWorthAnother({ code, reason }: AppError): boolean {
  if (code === 'overloaded') return true;
  return code === 'engine_failed' && (reason === 'gateway' || reason === 'unreachable');
}

/** The connection could not be made, or was lost before anything came back. */
export function unreachable(cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new AppError('engine_failed', `The engine's server cannot be reached${code}.`, {
    cause,
    reason: 'unreachable',
  });
}

/** What is read of an error in any of the shapes that servers have. */
export interface RemoteWords {
  readonly message?: string;
  readonly param?: string;
  readonly type?: string;
}

function readBody(text: string, contentType: string): RemoteWords {
  if (contentType === 'text/html' || text.trimStart().startsWith('<')) return {};
  try {
    return readErrorObject(JSON.parse(text));
  } catch {
    const plain = text.trim();
    return plain === '' ? {} : { message: plain };
  }
}

/** Reads `{error: {message, type, param}}`, `{error: "text"}`, `{detail: "text"}` and `{detail: [{loc, msg}]}`. */
export function readErrorObject(body: unknown): RemoteWords {
  if (!isRecord(body)) return {};
  const { error, detail, message } = body;
  if (isRecord(error)) {
    return {
      ...textField('message', error['message']),
      ...textField('param', error['param']),
      ...textField('type', error['type']),
    };
  }
  if (typeof error === 'string') return { message: typeof message === 'string' ? message : error };
  if (typeof detail === 'string') return { message: detail };
  if (Array.isArray(detail)) return readIssues(detail);
  return textField('message', message);
}

function readIssues(issues: readonly unknown[]): RemoteWords {
  const [first] = issues;
  if (!isRecord(first)) return {};
  const place = Array.isArray(first['loc']) ? first['loc'].at(-1) : undefined;
  return { ...textField('message', first['msg']), ...textField('param', place) };
}

function textField(name: keyof RemoteWords, value: unknown): RemoteWords {
  return typeof value === 'string' && value !== '' ? { [name]: value } : {};
}

function retryMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) * 1000 : undefined;
}

/** Whether something is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
