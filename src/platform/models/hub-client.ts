import { z } from 'zod';
import { answerFailure, HubFailure } from './hub-failure.ts';
import { DEFAULT_RETRIES, withRetries, type RetryPolicy } from './hub-retries.ts';

/** The hub that is asked when nobody names another. */
export const DEFAULT_HUB = 'https://huggingface.co';

/** What to ask a hub for. */
export interface HubPlace {
  /** `organisation/name`. */
  readonly repository: string;
  readonly revision: string;
}

/** A file as the hub lists it. Large files carry their SHA-256, small ones the id of their git object. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256?: string;
  readonly gitId?: string;
}

/** An answer whose body has not been read. `offset` is where the body starts in the file. */
export interface HubAnswer {
  readonly offset: number;
  readonly totalBytes: number | undefined;
  readonly etag: string | undefined;
  /** What the hub itself says of the file behind the redirect. */
  readonly linkedSha256: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HubClient {
  readonly policy: RetryPolicy;
  /** The address of a file, as it may be shown and logged. */
  url(place: HubPlace, path: string): string;
  /** Every file of a repository; `undefined` when this hub lists nothing, as a plain mirror does. */
  tree(place: HubPlace, signal: AbortSignal): Promise<readonly HubFile[] | undefined>;
  /** Asks for a file once, from an offset on. Throws `HubFailure`. */
  open(request: OpenRequest): Promise<HubAnswer>;
}

export interface OpenRequest {
  readonly place: HubPlace;
  readonly path: string;
  readonly offset: number;
  /** Of the part that is there already: another one makes the hub send the whole file. */
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
}

export interface HubClientParts {
  readonly endpoint: string;
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
  readonly retries?: RetryPolicy;
}

const treeItem = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().optional(),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
});

const MOST_REDIRECTS = 5;
const MOST_PAGES = 100;

/** Where the environment says the hub is; `HF_ENDPOINT` and `HF_TOKEN` as everywhere else in this trade. */
export function hubSettings(environment: Readonly<Record<string, string | undefined>>): {
  readonly endpoint: string;
  readonly token: string | undefined;
} {
  return {
    endpoint: environment['HF_ENDPOINT']?.trim() || DEFAULT_HUB,
    token: environment['HF_TOKEN']?.trim() || undefined,
  };
}

/** Talks to a hub of the Hugging Face layout. Throws when the endpoint is no web address. */
export function createHubClient(parts: HubClientParts): HubClient {
  const base = parseEndpoint(parts.endpoint);
  const policy = parts.retries ?? DEFAULT_RETRIES;
  const shown = `${base.origin}${base.pathname.replace(/\/+$/, '')}`;
  const url = (place: HubPlace, path: string) =>
    `${shown}/${escaped(place.repository)}/resolve/${encodeURIComponent(place.revision)}/${escaped(path)}`;
  const ask = (address: string, headers: Record<string, string>, signal: AbortSignal) =>
    follow({ fetch: parts.fetch, address, headers, token: parts.token, origin: base.origin, signal });

  const page = (address: string, signal: AbortSignal) =>
    withRetries({
      url: address,
      signal,
      policy,
      attempt: async () => {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(policy.stallMs)]);
        const { response } = await ask(address, { accept: 'application/json' }, limit);
        if (response.status === 404) return undefined;
        if (response.status !== 200) throw answerFailure(response, address);
        return { items: parseTree(await response.text(), address), next: nextPage(response, address) };
      },
    });

  return {
    policy,
    url,
    tree: async (place, signal) => {
      const files: HubFile[] = [];
      const start = `${shown}/api/models/${escaped(place.repository)}/tree/${encodeURIComponent(place.revision)}?recursive=true`;
      let address: string | undefined = start;
      for (let pages = 0; address !== undefined && pages < MOST_PAGES; pages += 1) {
        const found = await page(address, signal);
        if (!found) return undefined;
        files.push(...found.items);
        address = found.next;
      }
      return files;
    },
    open: async ({ place, path, offset, etag, signal }) => {
      const address = url(place, path);
      const { response, linkedSha256 } = await ask(address, rangeHeaders(offset, etag), signal);
      return toAnswer(response, { address, offset, linkedSha256 });
    },
  };
}

function parseEndpoint(endpoint: string): URL {
  const parsed = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '')
    throw new Error(`HF_ENDPOINT must be an http or https address without a user name, like ${DEFAULT_HUB}.`);
  return parsed;
}

function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function rangeHeaders(offset: number, etag: string | undefined): Record<string, string> {
  // A body that the sender compressed would make lengths and ranges meaningless.
  const plain = { 'accept-encoding': 'identity' };
  if (offset === 0) return plain;
  return { ...plain, range: `bytes=${offset}-`, ...(etag === undefined ? {} : { 'if-range': etag }) };
}

interface Followed {
  readonly fetch: typeof fetch;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly token: string | undefined;
  readonly origin: string;
  readonly signal: AbortSignal;
}

/** Follows redirects by hand, because the token may go to the hub itself and to nobody else. */
async function follow(request: Followed): Promise<{ response: Response; linkedSha256: string | undefined }> {
  let address = request.address;
  let linkedSha256: string | undefined;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const trusted = request.token !== undefined && new URL(address).origin === request.origin;
    const response = await request.fetch(address, {
      headers: { ...request.headers, ...(trusted ? { authorization: `Bearer ${request.token}` } : {}) },
      redirect: 'manual',
      signal: request.signal,
    });
    linkedSha256 ??= sha256In(response.headers.get('x-linked-etag'));
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null)
      return { response, linkedSha256 };
    await response.body?.cancel();
    address = new URL(location, address).href;
    if (!/^https?:/.test(address)) break;
  }
  throw new HubFailure(`The hub's redirects lead nowhere for ${request.address}.`, { retryable: false });
}

function toAnswer(
  response: Response,
  asked: { readonly address: string; readonly offset: number; readonly linkedSha256: string | undefined },
): HubAnswer {
  const { headers, status } = response;
  const facts = {
    etag: strongEtag(headers.get('etag')),
    linkedSha256: asked.linkedSha256,
    body: bodyOf(response),
  };
  if (status === 200) return { ...facts, offset: 0, totalBytes: lengthIn(headers.get('content-length')) };
  if (status !== 206) throw answerFailure(response, asked.address);
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  if (!range || Number(range[1]) !== asked.offset)
    throw new HubFailure(`The hub sent another part than was asked for, for ${asked.address}.`, {
      retryable: false,
    });
  return { ...facts, offset: asked.offset, totalBytes: lengthIn(range[2] ?? null) };
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body) yield* response.body;
}

function lengthIn(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}

/** A weak validator does not promise equal bytes, so it cannot guard a resumed download. */
function strongEtag(value: string | null): string | undefined {
  return value === null || value.startsWith('W/') ? undefined : value;
}

function sha256In(etag: string | null): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(etag ?? '')?.[1];
}

function parseTree(text: string, address: string): HubFile[] {
  const parsed = z.array(treeItem).safeParse(parseJson(text));
  if (!parsed.success)
    throw new HubFailure(`The hub's listing is not understood: ${address}.`, { retryable: false });
  return parsed.data
    .filter((item) => item.type === 'file')
    .map((item) => ({
      path: item.path,
      bytes: item.lfs?.size ?? item.size ?? 0,
      ...(item.lfs && /^[0-9a-f]{64}$/.test(item.lfs.oid) ? { sha256: item.lfs.oid } : {}),
      ...(!item.lfs && /^[0-9a-f]{40}$/.test(item.oid ?? '') ? { gitId: item.oid ?? '' } : {}),
    }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A mirror may repeat the original hub's links: only their query is taken, the address stays ours. */
function nextPage(response: Response, address: string): string | undefined {
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (link === undefined) return undefined;
  const next = new URL(address);
  next.search = new URL(link, address).search;
  return next.href === address ? undefined : next.href;
}
