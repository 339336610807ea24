import type { Answer } from './torture-asking.ts';
import { outlineOf, type Operation, type Vendor } from './torture-operations.ts';
import type { Asked } from './torture-requests.ts';

/** What is too large or too odd for HTTP itself has statuses of its own. */
const OF_HTTP: readonly number[] = [404, 405, 408, 413, 414, 415, 416, 422, 431];
/** What may be tried again says when. */
const AGAIN: readonly number[] = [429, 502, 503, 504];
/** Whoever has the address needs no key: it is signed, or a ticket. */
const WITHOUT_KEY =
  /^(GET|HEAD) (\/elevenlabs)?\/v1\/voices\/previews\/|^(GET|HEAD) \/antiphon\/v1\/files\/|^(GET|HEAD) \/aiml\/v1\/models/;
const INSIDES = /node_modules|\.ts:\d+|at (async )?\w+ \(|ENOENT|SQLITE_|sqlite3/;

/** Everything that is wrong with an answer; nothing when it is one of those that are promised. */
export function judge(asked: Asked, answer: Answer, { vendor, vendors }: Judges): readonly string[] {
  const { status, trouble } = answer;
  if (trouble === 'silent')
    return [`no byte for too long (status ${status || 'none'}, ${answer.body.length} bytes before)`];
  if (trouble === 'endless') return ['the answer does not end'];
  if (trouble === 'left') return [];
  if (trouble === 'cut')
    return status === 0
      ? ['the connection was cut before any answer']
      : [`an answer of status ${status} was cut`];
  if (status >= 500) return [...serverFault(answer), ...refusalFaults(asked, answer, { vendor, vendors })];
  if (status >= 400) return refusalFaults(asked, answer, { vendor, vendors });
  return [...goodFaults(asked, answer)];
}

/** Chat has the envelope that its clients know wherever it is served. */
const CHAT = /\/chat\/completions|^\/eigen\/api\/|^\/api\//;
/** The one error that its vendor documents outside of the envelope. */
const DOWNLOAD = /\/v1\/history\/download/;
const DOWNLOAD_OUTLINE = outlineOf({ error: '', message: '' });
const CHAT_OUTLINE = outlineOf({ error: { message: '', type: '', param: '', code: '' } });

/** Who may have answered: the dialect of the route, and where several share a path all of them. */
export interface Judges {
  readonly vendor: Vendor;
  readonly vendors: readonly Vendor[];
}

/** Overload is no fault; whatever else the server blames itself for is one here, where nothing is broken. */
function serverFault({ status, body }: Answer): string[] {
  if (status === 503) return [];
  return [`status ${status}: ${body.toString().slice(0, 300)}`];
}

function refusalFaults(
  { method, url, isOwnMount }: Asked,
  { status, headers, body }: Answer,
  { vendor, vendors }: Judges,
): string[] {
  const able = isOwnMount ? [vendor] : vendors;
  const faults: string[] = [];
  const isKnown = able.some(({ statuses }) => statuses.has(status)) || OF_HTTP.includes(status);
  if (!isKnown) faults.push(`status ${status} is not documented`);
  if (AGAIN.includes(status) && headers['retry-after'] === undefined && !/quota/.test(body.toString()))
    faults.push(`status ${status} without Retry-After`);
  if (method === 'HEAD') return faults;
  const text = body.toString();
  if (INSIDES.test(text)) faults.push(`tells of the inside: ${text.slice(0, 300)}`);
  const outline = outlineIn(text);
  if (outline === undefined) return [...faults, `status ${status} is no JSON: ${text.slice(0, 200)}`];
  const isOwnShape =
    (CHAT.test(url) && outline === CHAT_OUTLINE) || (DOWNLOAD.test(url) && outline === DOWNLOAD_OUTLINE);
  if (!isOwnShape && !able.some(({ outlines }) => outlines.has(outline)))
    faults.push(`status ${status} in a foreign envelope: ${text.slice(0, 300)}`);
  return faults;
}

function outlineIn(text: string): string | undefined {
  try {
    return outlineOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function goodFaults({ method, url, credential }: Asked, { status, headers, body }: Answer): string[] {
  const faults: string[] = [];
  if (credential !== 'ours' && status < 300 && method !== 'OPTIONS' && !WITHOUT_KEY.test(`${method} ${url}`))
    faults.push(`status ${status} without a key of ours`);
  const type = headers['content-type'] ?? '';
  if (method === 'HEAD' || body.length === 0 || !type.startsWith('application/json')) return faults;
  const text = body.toString().trim();
  // One vendor sends several values under the name of one, each in a line of its own.
  const isJson =
    outlineIn(text) !== undefined || text.split('\n').every((line) => outlineIn(line) !== undefined);
  return isJson ? faults : [...faults, `status ${status} says JSON and is none: ${text.slice(0, 200)}`];
}

/** The vendors of all operations, each once. */
export function vendorsOf(operations: readonly Operation[]): readonly Vendor[] {
  return [...new Set(operations.map(({ vendor }) => vendor))];
}
