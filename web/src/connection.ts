import { signal } from '@preact/signals';

const KEY = 'antiphon-key';

/** The API key that goes with every request; empty where the server needs none. It stays in this browser. */
export const apiKey = signal(localStorage.getItem(KEY) ?? '');

/** Keeps a key for the next visit, or forgets it when it is empty. */
export function keepKey(key: string): void {
  apiKey.value = key.trim();
  if (apiKey.value === '') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, apiKey.value);
}

/** Where the server answers, for code that people copy. */
export const origin = location.origin;

/** What the server refused, in its own words. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** The field at fault, where one was named. */
  readonly field: string | undefined;

  constructor(message: string, status: number, field: string | undefined) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Asks the server. Throws `Refusal` for every answer that is none of success. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (apiKey.value !== '') headers.set('authorization', `Bearer ${apiKey.value}`);
  const response = await fetch(path, { ...init, headers });
  if (response.ok) return response;
  throw await refusalOf(response);
}

/** Sends JSON. */
export function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('content-type', 'application/json');
  return ask(path, { method: 'POST', ...init, headers, body: JSON.stringify(body) });
}

/** Asks for JSON. What comes is as the server's own contract says. */
export async function load<Shape>(path: string, init?: RequestInit): Promise<Shape> {
  const answer: Shape = await (await ask(path, init)).json();
  return answer;
}

async function refusalOf(response: Response): Promise<Refusal> {
  const text = await response.text();
  try {
    const { message, param } = envelopeOf(JSON.parse(text));
    return new Refusal(message ?? text, response.status, param);
  } catch {
    return new Refusal(
      text || `The server answered with status ${response.status}.`,
      response.status,
      undefined,
    );
  }
}

/** The message of an error, in whichever vendor's envelope it stands. */
function envelopeOf(body: unknown): { message?: string; param?: string } {
  const outer = asRecord(body);
  const inner = asRecord(outer['error'] ?? outer['detail'] ?? outer);
  const message = inner['message'] ?? outer['message'] ?? outer['error'];
  const param = inner['param'];
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof param === 'string' ? { param } : {}),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
