import { lookup as systemLookup } from 'node:dns/promises';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { AppError, cancelledError } from '../base/errors.ts';
import { concatBytes } from '../base/stream.ts';
import type { FetchBounds, FetchedMedia, MediaFetcher } from '../core/ports/media-fetcher.ts';
import { isInNetworks, isPublicAddress } from './public-address.ts';

/** How an installation lets callers name addresses. */
export interface GuardedFetcherSettings {
  /** Networks in CIDR form that may be fetched from besides the public internet. */
  readonly allowedNetworks: readonly string[];
  /** For the whole fetch, redirects included. */
  readonly timeoutMs?: number;
  /** Finds the addresses of a host; the system's resolver unless told. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Addresses that count as public; the real ones unless told. */
  readonly isPublic?: (address: string) => boolean;
}

const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Fetches what callers name without ever speaking to a machine that only this one can reach. A host is resolved
 * once per hop, every address of it must be allowed, and the connection goes to the address that was judged, so
 * that a name cannot answer differently the second time. Redirects are followed by hand, each judged anew.
 */
export function createGuardedFetcher(settings: GuardedFetcherSettings): MediaFetcher {
  return {
    fetch: async (url, bounds) => {
      const deadline = AbortSignal.timeout(settings.timeoutMs ?? TIMEOUT_MS);
      const signal = AbortSignal.any([bounds.signal, deadline]);
      try {
        return await follow(url, { settings, bounds: { ...bounds, signal } });
      } catch (error) {
        if (bounds.signal.aborted) throw cancelledError();
        if (deadline.aborted) throw tookTooLong(settings);
        throw error instanceof AppError ? error : unreachable(error);
      }
    },
  };
}

/** What is sent to an address that a caller named. */
export interface GuardedMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends something under the same rules, and returns the status of the answer, of which nothing is read. Redirects are
 * not followed: whoever moves says so to the one who gave the address.
 */
export async function guardedPost(
  { url: address, headers, body }: GuardedMessage,
  settings: GuardedFetcherSettings,
  signal: AbortSignal,
): Promise<number> {
  const url = parseUrl(address);
  const options = {
    lookup: always(await judgedAddress(url, settings, signal)),
    agent: false,
    signal,
    headers,
  };
  signal.throwIfAborted();
  const client = url.protocol === 'https:' ? https : http;
  const request = client.request(url, { ...options, method: 'POST' });
  const answered = answerTo(request);
  request.end(body);
  const answer = await answered;
  answer.destroy();
  return answer.statusCode ?? 0;
}

interface Fetching {
  readonly settings: GuardedFetcherSettings;
  readonly bounds: FetchBounds;
}

async function follow(start: string, fetching: Fetching): Promise<FetchedMedia> {
  let url = parseUrl(start);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const answer = await ask(url, fetching);
    const { statusCode = 0, headers } = answer;
    if (!REDIRECTS.includes(statusCode) || headers.location === undefined) {
      return read(answer, { url, bounds: fetching.bounds });
    }
    answer.destroy();
    url = parseUrl(new URL(headers.location, url).href);
  }
  throw refused(`The address redirects more than ${MAX_REDIRECTS} times.`, 'too_many_redirects');
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw refused('The address is no URL.', 'malformed');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused(`Only http and https addresses are fetched, not '${url.protocol}'.`, 'scheme');
  }
  if (url.username !== '' || url.password !== '') {
    throw refused('An address with a user name or password is not fetched.', 'credentials');
  }
  return url;
}

async function ask(url: URL, { settings, bounds }: Fetching): Promise<IncomingMessage> {
  const address = await judgedAddress(url, settings, bounds.signal);
  if (bounds.signal.aborted) throw cancelledError();
  const options = {
    lookup: always(address),
    // A pooled connection could have been made to another address.
    agent: false,
    signal: bounds.signal,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'antiphon' },
  };
  const request = url.protocol === 'https:' ? https.get(url, options) : http.get(url, options);
  return answerTo(request);
}

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
}

/** Resolves a host and returns the address to connect to, after all of them were judged. */
async function judgedAddress(
  url: URL,
  settings: GuardedFetcherSettings,
  signal: AbortSignal,
): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const resolve = settings.resolve ?? resolveWithSystem;
  const addresses = await unlessStopped(
    resolve(host).catch(() => []),
    signal,
  );
  const [first] = addresses;
  if (first === undefined) throw refused(`The host '${host}' cannot be found.`, 'unknown_host');
  const isPublic = settings.isPublic ?? isPublicAddress;
  const allowed = (address: string) => isPublic(address) || isInNetworks(address, settings.allowedNetworks);
  if (!addresses.every(allowed)) {
    throw refused(
      `The host '${host}' is not on the public internet, and nothing is fetched from it.`,
      'private_address',
    );
  }
  if (isPortOfOthers(url) && !isInNetworks(first, settings.allowedNetworks)) {
    throw refused(`Nothing is fetched from port ${url.port}, which is not one of web servers.`, 'port');
  }
  return first;
}

/** Below 1024 every port belongs to one service, such as mail, and some take a request for words of their own. */
function isPortOfOthers({ port }: URL): boolean {
  return port !== '' && Number(port) < 1024 && !['80', '443'].includes(port);
}

/** A name server may take its time, and there is no way to call the question back. */
async function unlessStopped<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([answer, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function resolveWithSystem(host: string): Promise<readonly string[]> {
  const found = await systemLookup(host, { all: true });
  return found.map(({ address }) => address);
}

function always(address: string): LookupFunction {
  const family = address.includes(':') ? 6 : 4;
  return (_host, options, callback) => {
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

interface Reading {
  readonly url: URL;
  readonly bounds: FetchBounds;
}

async function read(answer: IncomingMessage, { url, bounds }: Reading): Promise<FetchedMedia> {
  try {
    checkAnswer(answer, bounds);
    const pieces: Uint8Array[] = [];
    let byteLength = 0;
    for await (const piece of answer) {
      // A response without an encoding gives buffers.
      const bytes = piece as Uint8Array;
      byteLength += bytes.length;
      if (byteLength > bounds.maxBytes) throw tooLarge(bounds);
      pieces.push(bytes);
    }
    const mediaType = answer.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    const filename = decodeURIComponentSafely(url.pathname.split('/').at(-1) ?? '');
    return { bytes: concatBytes(pieces), mediaType, filename: filename === '' ? undefined : filename };
  } finally {
    answer.destroy();
  }
}

function checkAnswer(answer: IncomingMessage, bounds: FetchBounds): void {
  const { statusCode = 0, headers } = answer;
  if (statusCode < 200 || statusCode > 299) {
    throw refused(`The address answers with status ${statusCode}.`, 'bad_status');
  }
  if (Number(headers['content-length'] ?? 0) > bounds.maxBytes) throw tooLarge(bounds);
  if (headers['content-type']?.startsWith('text/html')) {
    throw refused('The address answers with a web page.', 'web_page');
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refused(message: string, reason: string): AppError {
  return new AppError('invalid_request', message, { reason });
}

function unreachable(cause: unknown): AppError {
  return new AppError('invalid_request', 'The address cannot be reached.', { reason: 'unreachable', cause });
}

function tookTooLong(settings: GuardedFetcherSettings): AppError {
  const seconds = (settings.timeoutMs ?? TIMEOUT_MS) / 1000;
  return new AppError('timed_out', `Fetching from the address took longer than ${seconds} s.`);
}

function tooLarge(bounds: FetchBounds): AppError {
  return new AppError(
    'payload_too_large',
    `The file at the address is larger than ${bounds.maxBytes} bytes.`,
  );
}
