import { CommandFailure } from './command-failure.ts';

/** What a command asks of a server. */
export interface Asking {
  /** GET, or POST where something is sent, unless told. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** With its prefix and its query: `/antiphon/v1/jobs?limit=5`. */
  readonly path: string;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly signal?: AbortSignal;
}

/** Whoever does what a command asks: a server elsewhere, or one in this process that nobody else can reach. */
export interface CommandServer {
  /** Sends a request to a path of the server and returns the answer, whatever its status. */
  send(path: string, request: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** Asks, and returns an answer that is no refusal. */
export async function ask(server: CommandServer, asking: Asking): Promise<Response> {
  const { path, json, form, signal } = asking;
  const isSent = json !== undefined || form !== undefined;
  const answer = await server.send(path, {
    method: asking.method ?? (isSent ? 'POST' : 'GET'),
    ...(json === undefined
      ? {}
      : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    ...(form ? { body: form } : {}),
    ...(signal ? { signal } : {}),
  });
  if (answer.ok) return answer;
  throw refusal(answer.status, await answer.text());
}

/** Asks for JSON; undefined where the answer is empty. */
export async function askJson(server: CommandServer, asking: Asking): Promise<unknown> {
  const text = await (await ask(server, asking)).text();
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new CommandFailure('What answers there is no Antiphon: the answer is not JSON.');
  }
}

/** Statuses that say that the request cannot succeed as it was put. */
const WRONG_USE: readonly number[] = [400, 404, 405, 413, 415, 422];

function refusal(status: number, text: string): CommandFailure {
  const message = messageIn(text) ?? `The server answered with status ${status}.`;
  return new CommandFailure(message, WRONG_USE.includes(status) ? 2 : 1);
}

/** The sentence in an error, wherever its dialect puts it. */
function messageIn(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { error, detail, message } = fieldsOf(body);
  return [fieldsOf(error)['message'], fieldsOf(detail)['message'], error, detail, message].find(
    (one) => typeof one === 'string',
  );
}

/** The fields of what may be an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
