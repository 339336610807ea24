import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ask, settled, type Address } from './torture-asking.ts';
import { asCurl } from './torture-asking.ts';
import { judge, vendorsOf } from './torture-judging.ts';
import type { Body, Operation, Schema } from './torture-operations.ts';
import type { Tally } from './torture-report.ts';
import type { Asked } from './torture-requests.ts';

/** A place that counts who comes. */
export interface Watchtower {
  readonly port: number;
  visits(): readonly string[];
  close(): Promise<void>;
}

/** Listens on an address of this machine. What it redirects to is asked anew for every visit. */
export async function watchtower(host: string, redirectTo?: (path: string) => string): Promise<Watchtower> {
  const visits: string[] = [];
  const server: Server = createServer((request, response) => {
    visits.push(`${request.method} ${request.url}`);
    const location = redirectTo?.(request.url ?? '/');
    response
      .writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location })
      .end('secret');
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A server that listens on TCP has an address of this kind.
  return {
    port,
    visits: () => visits,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The network of the one machine that may be fetched from: another loopback address, which redirects. */
export const ALLOWED = '127.0.0.2';

/** This machine, written in every way that anybody's parser may take for something else. */
export function disguises(port: number, redirector: number): readonly string[] {
  const hosts = [
    '127.0.0.1',
    'localhost',
    'LOCALHOST.',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:0001]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    'user:secret@127.0.0.1',
    `${ALLOWED}:80@127.0.0.1`,
    '127。0。0。1',
    '①②⑦.0.0.1',
    '%31%32%37.0.0.1',
    '127.0.0.1%00.invalid',
    '169.254.169.254',
    '[fd00:ec2::254]',
  ];
  return [
    ...hosts.map((host) => `http://${host}:${port}/x.wav`),
    `https://127.0.0.1:${port}/x.png`,
    `HTTP:127.0.0.1:${port}`,
    `http:\\\\127.0.0.1:${port}\\x`,
    `//127.0.0.1:${port}/x`,
    ` http://127.0.0.1:${port}/x\n`,
    `ws://127.0.0.1:${port}/`,
    `ftp://127.0.0.1:${port}/`,
    `gopher://127.0.0.1:${port}/_GET`,
    'file:///etc/passwd',
    '/etc/passwd',
    'data:audio/wav;base64,UklGRg==',
    'data:image/png;base64,iVBORw0KGgo=',
    'blob:http://127.0.0.1/x',
    // The redirector may be fetched from; where it sends the server may not.
    ...['plain', 'decimal', 'mapped', 'scheme', 'userinfo', 'again'].map(
      (way) => `http://${ALLOWED}:${redirector}/${way}`,
    ),
  ];
}

/** Where the redirector sends those who come. */
export function detour(port: number): (path: string) => string {
  const ways: Readonly<Record<string, string>> = {
    '/plain': `http://127.0.0.1:${port}/from-redirect`,
    '/decimal': `http://2130706433:${port}/from-redirect`,
    '/mapped': `http://[::ffff:127.0.0.1]:${port}/from-redirect`,
    '/scheme': 'file:///etc/passwd',
    '/userinfo': `http://${ALLOWED}@127.0.0.1:${port}/from-redirect`,
    '/again': '/again',
  };
  return (path) => ways[path] ?? `http://localhost:${port}/from-redirect`;
}

const ADDRESS_NAME =
  /url|uri|href|link|image|picture|audio|video|film|voice|recording|reference|path|file|input|source|mask|webhook|callback/i;

/** Every body of a route with an address in one member that may be one, by the name of that member. */
function bodiesWith(
  { schema, examples }: Body,
  address: string,
): readonly (readonly [string, Record<string, unknown>])[] {
  const starts = examples.length > 0 ? examples.map((one) => ({ ...one })) : [{}];
  const places = placesIn(schema);
  return starts.flatMap((start) =>
    places.map((place) => [place.join('.'), planted(start, place, address)] as const),
  );
}

type Place = readonly string[];

/** Members by name; `0` is the first of a list. */
function placesIn({ properties = {}, items, anyOf = [] }: Schema, at: Place = []): Place[] {
  if (at.length > 4) return [];
  const inner = Object.entries(properties).flatMap(([name, schema]) => {
    const own = [...at, name];
    return [...(ADDRESS_NAME.test(name) ? [own] : []), ...placesIn(schema, own)];
  });
  const listed = items
    ? [...(ADDRESS_NAME.test(at.at(-1) ?? '') ? [[...at, '0']] : []), ...placesIn(items, [...at, '0'])]
    : [];
  const all = [...inner, ...listed, ...anyOf.flatMap((one) => placesIn(one, at))];
  return [...new Map(all.map((place) => [place.join('.'), place])).values()];
}

function planted(
  start: Record<string, unknown>,
  [first = '', ...rest]: Place,
  address: string,
): Record<string, unknown> {
  if (rest.length === 0) return { ...start, [first]: address };
  const inner = start[first];
  const [next = ''] = rest;
  if (next === '0') {
    const item = Array.isArray(inner) ? inner[0] : undefined;
    const list =
      rest.length === 1 ? [address] : [planted(isObject(item) ? item : {}, rest.slice(1), address)];
    return { ...start, [first]: list };
  }
  return { ...start, [first]: planted(isObject(inner) ? inner : {}, rest, address) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is asked with addresses. */
export interface AddressCampaign {
  readonly operations: readonly Operation[];
  readonly address: Address;
  readonly port: number;
  readonly redirector: number;
  readonly deadline: number;
  readonly tally: Tally;
  /** Only one of so many, where there is no time for all. */
  readonly every?: number;
}

/** Sends every disguise in every member of every body that may be an address, and as a webhook. */
export async function tortureAddresses(campaign: AddressCampaign): Promise<void> {
  const { operations, address, port, redirector, deadline, tally, every = 1 } = campaign;
  const all = operations.flatMap((operation) =>
    disguises(port, redirector).flatMap((url) =>
      addressedRequests(operation, url).map((asked) => [operation, asked] as const),
    ),
  );
  const waiting = all.filter((_, index) => index % every === 0);
  const vendors = vendorsOf(operations);
  const lane = async () => {
    for (let next = waiting.pop(); next && Date.now() < deadline; next = waiting.pop()) {
      const [operation, asked] = next;
      const real = settled(asked, address);
      const answer = await ask(real, address);
      tally.count(operation.name, answer);
      for (const fault of judge(real, answer, { vendor: operation.vendor, vendors })) {
        const finding = { route: operation.name, fault, seed: 0, curl: asCurl(real, address.origin) };
        if (!tally.knows(finding)) tally.report(finding);
      }
    }
  };
  await Promise.all(Array.from({ length: 6 }, lane));
}

function addressedRequests(
  { bodies, template, parameters, ownMount, method }: Operation,
  url: string,
): Asked[] {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters.find((one) => one.name === name)?.example ?? 'a')),
  );
  const request = (headers: Record<string, string>, text: string | Buffer): Asked => ({
    method,
    url: ownMount + path,
    headers,
    body: Buffer.from(text),
    credential: 'ours',
    isMaking: true,
    isOwnMount: true,
  });
  const json = { 'content-type': 'application/json' };
  const bodied = bodies.flatMap((body) =>
    bodiesWith(body, url).map(([, value]) =>
      body.mediaType === 'application/json' ? request(json, JSON.stringify(value)) : formOf(value, request),
    ),
  );
  const [first] = bodies;
  const takesWebhooks = parameters.some(({ name }) => name === 'x-antiphon-webhook');
  const header = encodeURI(url);
  const hooked =
    takesWebhooks && first
      ? [
          request(
            { ...json, prefer: 'respond-async', 'x-antiphon-webhook': header },
            JSON.stringify(first.examples[0] ?? {}),
          ),
        ]
      : [];
  return [...bodied, ...hooked];
}

function formOf(
  value: Record<string, unknown>,
  request: (headers: Record<string, string>, text: Buffer) => Asked,
): Asked {
  const boundary = 'torture-addresses';
  const parts = Object.entries(value).map(
    ([name, one]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${typeof one === 'string' ? one : JSON.stringify(one)}\r\n`,
  );
  return request(
    { 'content-type': `multipart/form-data; boundary=${boundary}` },
    Buffer.from(`${parts.join('')}--${boundary}--\r\n`),
  );
}
