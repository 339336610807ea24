import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { AppError, ERROR_CODES, type ErrorCode } from '../../src/base/errors.ts';
import type { Dialect, ErrorPlace } from '../../src/dialects/dialect.ts';
import { testApp, type TestAppOptions } from '../support.ts';

/** One request that the dialect has to answer. */
export interface ContractRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its mount. */
  readonly url: string;
  readonly payload?: string | Buffer | Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the assertion about an envelope is told. */
export interface EnvelopeFacts {
  readonly status: number;
  /** Known where the error was made by the test itself. */
  readonly code?: ErrorCode;
  /** The wrong field, where there is one. */
  readonly param?: string;
}

export interface DialectContractOptions {
  /** What runs on the server; tones for voices unless told. */
  readonly engines?: NonNullable<TestAppOptions['engines']>;
  /** Requests that succeed on a server with tones for voices; at least one for every route. */
  readonly routes: readonly ContractRequest[];
  /** Fails unless the body, parsed from JSON, is the vendor's error envelope. */
  readonly assertEnvelope: (body: unknown, facts: EnvelopeFacts) => void;
  /** The headers in which this vendor's clients send a key. */
  readonly withKey: (key: string) => Readonly<Record<string, string>>;
  /** Headers, in lower case, that every answer has, an error too. */
  readonly commonHeaders: readonly string[];
  /** Paths that nothing serves and whose caller is this dialect's. */
  readonly unknownPaths: readonly ContractRequest[];
  /** Paths that exist, asked with a method that they do not take. */
  readonly wrongMethods: readonly ContractRequest[];
  /** Requests with one wrong field, and how the envelope has to name it. */
  readonly wrongFields: readonly (ContractRequest & { readonly param: string })[];
}

const ERROR_CODE_LIST = Object.keys(ERROR_CODES) as ErrorCode[]; // The keys of the table are its codes.

const PLACE: ErrorPlace = {
  requestId: '0123456789abcdef'.repeat(2),
  method: 'POST',
  path: '/somewhere',
  at: 1_800_000_000_000,
};

/** What every wire contract promises, whatever its vendor. */
export function describeDialectContract(dialect: Dialect, options: DialectContractOptions): void {
  if (options.engines) house = { engines: options.engines };
  describe(`${dialect.title} dialect`, () => {
    describeRoutes(options);
    describeErrors(dialect, options);
    describeKeys(options);
    describeNames(dialect);
    after(async () => {
      await Promise.all([...servers.values()].map(async (server) => (await server).app.close()));
    });
  });
}

function describeRoutes(options: DialectContractOptions): void {
  for (const route of options.routes) {
    test(`answers ${nameOf(route)}`, async () => {
      const response = await ask(route);
      assert.ok(response.statusCode < 300, `${response.statusCode}: ${response.body.slice(0, 500)}`);
      assertHeaders(response, options.commonHeaders);
    });

    test(`accepts unknown fields on ${nameOf(route)}`, async () => {
      const response = await ask(withUnknownField(route));
      assert.ok(response.statusCode < 300, `${response.statusCode}: ${response.body.slice(0, 500)}`);
    });
  }

  for (const { param, ...request } of options.wrongFields) {
    test(`blames '${param}' by name on ${nameOf(request)}`, async () => {
      const response = await ask(request);
      assert.ok(response.statusCode >= 400 && response.statusCode < 500, `status ${response.statusCode}`);
      assert.ok(response.body.includes(lastPart(param)), `not named in ${response.body}`);
      options.assertEnvelope(response.json(), { status: response.statusCode, param });
    });
  }

  for (const [what, requests, statuses] of [
    ['an unknown path', options.unknownPaths, [404]],
    ['a wrong method', options.wrongMethods, [404, 405]],
  ] as const) {
    for (const request of requests) {
      test(`refuses ${what} in its own envelope: ${nameOf(request)}`, async () => {
        const response = await ask(request);
        assert.ok(statuses.includes(response.statusCode as never), `status ${response.statusCode}`);
        assertHeaders(response, options.commonHeaders);
        assert.match(String(response.headers['content-type']), /^application\/json/);
        options.assertEnvelope(response.json(), { status: response.statusCode });
      });
    }
  }
}

function describeErrors(dialect: Dialect, options: DialectContractOptions): void {
  for (const code of ERROR_CODE_LIST) {
    test(`renders ${code}`, () => {
      const { retryable } = ERROR_CODES[code];
      const message = `A sentence about ${code}, with a "quote", for a stranger.`;
      const cause = new Error('a secret for the log');
      const details = { param: 'a_field', cause, ...(retryable ? { retryAfterMs: 1_500 } : {}) };
      const rendered = dialect.renderError(new AppError(code, message, details), PLACE);
      assert.ok(Number.isInteger(rendered.status) && rendered.status >= 400 && rendered.status < 600);
      const text = JSON.stringify(rendered.body);
      assert.ok(!text.includes('secret'), 'the cause is shown');
      assert.ok(text.includes(`A sentence about ${code}`), 'the message is not shown');
      options.assertEnvelope(JSON.parse(text), { status: rendered.status, code });
      for (const [name, value] of Object.entries(rendered.headers)) {
        assert.match(name, /^[a-z0-9-]+$/);
        assert.match(value, /^[\x20-\x7e]*$/);
      }
    });
  }

  test('what is retryable has a status that clients repeat, and what is not has none', () => {
    const repeated = (status: number) => status === 408 || status === 429 || status >= 500;
    for (const code of ERROR_CODE_LIST) {
      const { status, headers } = dialect.renderError(new AppError(code, 'A sentence.'), PLACE);
      if (ERROR_CODES[code].retryable) assert.ok(repeated(status), `${code} is ${status}`);
      else if (code !== 'internal' && headers['x-should-retry'] !== 'false')
        assert.ok(!repeated(status), `${code} is ${status}`);
    }
  });
}

function describeKeys(options: DialectContractOptions): void {
  const keys = ['the-right-key'];
  for (const route of options.routes) {
    test(`needs a key on ${nameOf(route)} once there is one`, async () => {
      for (const headers of [{}, options.withKey('a-wrong-key')]) {
        const response = await ask({ ...route, headers: { ...route.headers, ...headers } }, keys);
        assert.equal(response.statusCode, 401, response.body.slice(0, 500));
        assertHeaders(response, options.commonHeaders);
        options.assertEnvelope(response.json(), { status: 401, code: 'unauthenticated' });
      }
      const headers = { ...route.headers, ...options.withKey('the-right-key') };
      const response = await ask({ ...route, headers }, keys);
      assert.ok(response.statusCode < 300, `${response.statusCode}: ${response.body.slice(0, 500)}`);
    });
  }
}

function describeNames(dialect: Dialect): void {
  test('its model and voice names are its own, each once, and fit for a table', () => {
    for (const [what, names] of [
      ['model', dialect.models.map((model) => model.name)],
      ['voice', dialect.voices.map((voice) => voice.id)],
    ] as const) {
      assert.deepEqual(
        names.filter((name, index) => names.indexOf(name) !== index),
        [],
        `${what} named twice`,
      );
    }
    for (const named of [...dialect.models, ...dialect.voices]) {
      assert.equal(named.dialect, dialect.id);
      assert.ok(named.description.length > 0);
    }
    for (const voice of dialect.voices) {
      assert.ok(Math.abs(voice.pitchSemitones) <= 6, `${voice.id} is shifted beyond recognition`);
      assert.ok(Number.isInteger(voice.variant) && voice.variant >= 0);
    }
  });
}

/** What runs on every server of these questions. */
let house: Pick<TestAppOptions, 'engines'> = {};

/** One server for all questions with the same keys: hundreds of them would take longer to build than to ask. */
const servers = new Map<string, ReturnType<typeof testApp>>();

function serverWith(keys: readonly string[]): ReturnType<typeof testApp> {
  const name = keys.join(' ');
  const server = servers.get(name) ?? testApp({ keys, ...house });
  servers.set(name, server);
  return server;
}

async function ask(request: ContractRequest, keys: readonly string[] = []): Promise<LightMyRequestResponse> {
  const { app } = await serverWith(keys);
  const { method, url, payload, headers } = request;
  const options: InjectOptions = { method, url, ...(headers ? { headers } : {}) };
  return app.inject(payload === undefined ? options : { ...options, payload });
}

function withUnknownField(request: ContractRequest): ContractRequest {
  const { payload } = request;
  if (typeof payload === 'object' && !Buffer.isBuffer(payload)) {
    return { ...request, payload: { ...payload, a_field_nobody_knows: { deep: [1, 'two', null] } } };
  }
  const join = request.url.includes('?') ? '&' : '?';
  return { ...request, url: `${request.url}${join}a_field_nobody_knows=1` };
}

function assertHeaders(response: LightMyRequestResponse, names: readonly string[]): void {
  for (const name of names) assert.ok(response.headers[name], `no ${name} header`);
}

function nameOf(request: ContractRequest): string {
  const fields =
    typeof request.payload === 'object' && !Buffer.isBuffer(request.payload)
      ? ` ${JSON.stringify(request.payload).slice(0, 80)}`
      : '';
  return `${request.method} ${request.url}${fields}`;
}

/** The last name in a path: `stability` of `voice_settings.stability`, for envelopes that list the parts. */
function lastPart(param: string): string {
  return param.split('.').at(-1) ?? param;
}
