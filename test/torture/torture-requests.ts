import * as fc from 'fast-check';
import { damaged, damages, type RealFile } from './torture-files.ts';
import type { Body, Operation, Parameter, Schema } from './torture-operations.ts';
import { fragment, ODD_TEXTS, valid, withFragment, without } from './torture-values.ts';

/** A request as it goes over the wire. Places like `~id7~` become ids of what there is. */
export interface Asked {
  readonly method: string;
  /** Path and query, encoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Whose key it carries. */
  readonly credential: 'ours' | 'none' | 'wrong';
  /** After which share of its body the caller hangs up. */
  readonly hangUpAt?: number;
  /** The route makes something, and may take the time that this takes. */
  readonly isMaking?: boolean;
  /** The path is where only one dialect is. */
  readonly isOwnMount: boolean;
}

/** What requests are made with. */
export interface Material {
  readonly files: readonly RealFile[];
  /** An address of this machine that nobody may be made to visit. */
  readonly forbidden: string;
}

const BOUNDARY = 'torture-0123456789';

/** Requests of every kind for a route: good ones, nearly good ones and nonsense. */
export function requestFor(operation: Operation, material: Material): fc.Arbitrary<Asked> {
  return fc
    .record({
      path: pathFor(operation),
      mount: fc.oneof(
        { weight: 8, arbitrary: fc.constant(operation.ownMount) },
        { weight: 1, arbitrary: fc.constantFrom(...operation.otherMounts, operation.ownMount) },
      ),
      query: queryFor(operation.parameters),
      headers: headersFor(operation, material),
      body: bodyFor(operation, material),
      method: fc.oneof(
        { weight: 25, arbitrary: fc.constant(operation.method) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'GET',
            'POST',
            'PUT',
            'PATCH',
            'DELETE',
            'HEAD',
            'OPTIONS',
            'TRACE',
            'PROPFIND',
            'QUERY',
          ),
        },
      ),
      credential: fc.oneof(
        { weight: 14, arbitrary: fc.constant('ours' as const) },
        { weight: 1, arbitrary: fc.constantFrom('none' as const, 'wrong' as const) },
      ),
      hangUpAt: fc.oneof(
        { weight: 30, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.double({ min: 0, max: 0.99, noNaN: true }) },
      ),
    })
    .map(({ path, mount, query, headers, body, method, credential, hangUpAt }) => ({
      method,
      url: `${mount}${path}${query}`,
      headers: { ...body.headers, ...headers },
      body: body.bytes,
      credential,
      isMaking: operation.parameters.some(({ name }) => name === 'Prefer'),
      isOwnMount: mount === operation.ownMount,
      ...(hangUpAt === undefined || !body.bytes ? {} : { hangUpAt }),
    }));
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

const KNOWN_ID = fc.integer({ min: 0, max: 60 }).map((index) => `~id${index}~`);

function pathFor({ template, parameters }: Operation): fc.Arbitrary<string> {
  const parts = parameters.filter((one) => one.in === 'path');
  const choices = Object.fromEntries(
    parts.map(({ name, example }) => [
      name,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(encoded(String(example ?? 'a'))) },
        { weight: 6, arbitrary: KNOWN_ID },
        { weight: 2, arbitrary: fc.constantFrom(...ODD_TEXTS.filter((odd) => odd !== '')).map(encoded) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map(encoded) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '%',
            '%zz',
            '%ff%fe',
            '%c0%af',
            '..',
            '.',
            'a%2fb',
            'a;b=1',
            'x'.repeat(300),
          ),
        },
      ),
    ]),
  );
  const filled = fc
    .record(choices)
    .map((values) => template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'a'));
  const bent = fc
    .tuple(filled, fc.constantFrom('/', '//', '/.', '?', '%20', '%00', '/../', '#x', '\\'))
    .map(([path, end]) => path + end);
  return fc.oneof({ weight: 30, arbitrary: filled }, { weight: 1, arbitrary: bent });
}

function queryFor(parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const own = parameters.filter((one) => one.in === 'query');
  if (own.length === 0) {
    return fc.oneof(
      { weight: 15, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('?', '?&&', '?a=1&a=2', '?__proto__=1', '?%', '?stream=true') },
    );
  }
  const pair = fc
    .constantFrom(...own)
    .chain(({ name, schema = {}, example }) =>
      fc
        .oneof(
          { weight: 5, arbitrary: valid(schema, name).map(String) },
          { weight: 2, arbitrary: fc.constant(String(example ?? '')) },
          { weight: 1, arbitrary: KNOWN_ID },
          { weight: 3, arbitrary: fc.constantFrom(...ODD_TEXTS) },
          { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
        )
        .map((value) => `${encoded(name)}=${value.startsWith('~id') ? value : encoded(value)}`),
    );
  const odd = fc.constantFrom(
    'a=%zz',
    '=',
    '&',
    'a[]=1',
    '%ff=1',
    `${own[0]?.name}[]=1`,
    `${own[0]?.name}[a]=1`,
    `${own[0]?.name}`,
  );
  return fc
    .array(fc.oneof({ weight: 12, arbitrary: pair }, { weight: 1, arbitrary: odd }), { maxLength: 5 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
}

function headersFor(operation: Operation, { forbidden }: Material): fc.Arbitrary<Record<string, string>> {
  const makes = operation.parameters.some(({ name }) => name === 'Prefer');
  const ordinary: [string, string][] = [
    ['accept', '*/*'],
    ['accept', 'application/xml;q=1, text/*;q=abc'],
    ['accept', 'text/event-stream'],
    ['accept-encoding', 'gzip, br;q=x, *;q=0'],
    ['range', 'bytes=0-'],
    ['range', 'bytes=9-1,-5,a-b'],
    ['range', 'bytes=99999999999999999999-'],
    ['if-none-match', '*'],
    ['if-modified-since', 'never'],
    ['expect', 'something'],
    ['x-forwarded-for', '1.2.3.4, ::1'],
    ['x-forwarded-host', 'evil.invalid'],
    ['x-request-id', 'a'.repeat(300)],
    ['x-client-request-id', '\u00e9<script>'],
    ['traceparent', '00-00000000000000000000000000000000-0000000000000000-ff'],
    ['origin', 'null'],
    ['cookie', '__proto__=1; a="'],
    ['content-encoding', 'gzip'],
    ['content-type', 'application/json; charset=utf-16'],
    ['content-type', 'application/json; charset="'],
    ['content-type', 'text/plain'],
    ['content-type', 'application/x-www-form-urlencoded'],
    ['content-type', 'multipart/form-data'],
    ['content-type', 'multipart/form-data; boundary='],
    ['content-type', `multipart/form-data; boundary=${'b'.repeat(200)}`],
    ['content-type', 'multipart/mixed; boundary=x'],
    ['content-type', ''],
    ['content-type', '/'],
    ['content-type', 'application/JSON;;;'],
    ['content-type', 'application/json, application/json'],
    ['openai-beta', 'realtime=v1'],
    ['connection', 'close, content-type'],
    ['te', 'trailers'],
    ['http2-settings', 'AAMAAABkAAQAAP__'],
    ['x-http-method-override', 'DELETE'],
    ['authorization', 'Basic Og=='],
    ['xi-api-key', ''],
  ];
  const making: [string, string][] = [
    ['prefer', 'respond-async'],
    ['prefer', 'respond-async; wait=abc, ,'],
    ['x-antiphon-strict', '1'],
    ['x-antiphon-strict', 'perhaps'],
    ['x-antiphon-priority', 'batch'],
    ['x-antiphon-priority', 'constructor'],
    ['x-antiphon-webhook', forbidden],
    ['x-antiphon-webhook', 'file:///etc/passwd'],
    ['x-antiphon-webhook-secret', 'whsec_\u00ff'],
  ];
  const pair = fc.constantFrom(...ordinary, ...(makes ? [...making, ...making] : []));
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc.array(pair, { minLength: 1, maxLength: 2 }).map((pairs) => Object.fromEntries(pairs)),
    },
  );
}

interface Written {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer | undefined;
}

function bodyFor({ bodies }: Operation, material: Material): fc.Arbitrary<Written> {
  const none = fc.constant({ headers: {}, bytes: undefined });
  const stray = fc.constant({
    headers: { 'content-type': 'application/json' },
    bytes: Buffer.from('{"a":1}'),
  });
  if (bodies.length === 0) return fc.oneof({ weight: 15, arbitrary: none }, { weight: 1, arbitrary: stray });
  const [first] = bodies;
  const kinds = bodies.map((body) =>
    body.mediaType === 'application/json' ? jsonBody(body) : formBody(body, material),
  );
  const other =
    first?.mediaType === 'application/json'
      ? formBody(first, material)
      : jsonBody(first ?? { mediaType: '', schema: {}, examples: [] });
  return fc.oneof(
    { weight: 20, arbitrary: fc.oneof(...kinds) },
    { weight: 1, arbitrary: other },
    { weight: 1, arbitrary: none },
  );
}

/** Addresses in examples are on the internet, which nobody here asks. */
function atHome(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/https?:\/\/[^/"\\]+/g, 'http://127.0.0.1:9'));
}

function goodBody({ schema, examples }: Body): fc.Arbitrary<unknown> {
  const made = valid(schema).map((value) => value);
  if (examples.length === 0) return made;
  const shown = fc.constantFrom(...examples.map(atHome));
  const joined = fc
    .tuple(shown, made)
    .map(([one, more]) => (isObject(one) && isObject(more) ? { ...more, ...one } : one));
  return fc.oneof(
    { weight: 2, arbitrary: shown },
    { weight: 1, arbitrary: joined },
    { weight: 1, arbitrary: made },
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const WHICH = fc.nat({ max: 200 });

function jsonBody(body: Body): fc.Arbitrary<Written> {
  const good = goodBody(body);
  const texts = fc.oneof(
    { weight: 4, arbitrary: good.map((value) => JSON.stringify(value)) },
    {
      weight: 9,
      arbitrary: fc
        .tuple(good, WHICH, fragment)
        .map(([value, which, piece]) => withFragment(value, which, piece)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(good, WHICH).map(([value, which]) => JSON.stringify(without(value, which))),
    },
    { weight: 2, arbitrary: withMembers(good) },
    { weight: 1, arbitrary: fragment },
  );
  const bytes = fc.oneof(
    { weight: 14, arbitrary: texts.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.tuple(texts, WHICH).map(([text, at]) => Buffer.from(text).subarray(0, at)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          texts,
          WHICH,
          fc.constantFrom([0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0], [0xef, 0xbb, 0xbf]),
        )
        .map(([text, at, odd]) => {
          const whole = Buffer.from(text);
          return Buffer.concat([whole.subarray(0, at), Buffer.from(odd), whole.subarray(at)]);
        }),
    },
  );
  return bytes.map((written) => ({ headers: { 'content-type': 'application/json' }, bytes: written }));
}

/** With members that are nobody's business. */
function withMembers(good: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc
    .tuple(
      good,
      fc.constantFrom('__proto__', 'constructor', 'toString', 'then', '', 'a b', '\ud800', 'length'),
      fragment,
    )
    .map(([value, name, piece]) => {
      const text = JSON.stringify(value);
      if (!text.startsWith('{')) return text;
      return `{${JSON.stringify(name)}:${piece}${text === '{}' ? '' : ','}${text.slice(1)}`;
    });
}

type Part = readonly [head: string, body: Buffer];

function formBody({ schema, examples }: Body, { files }: Material): fc.Arbitrary<Written> {
  const { properties = {} } = schema;
  const fileNames = Object.entries(properties)
    .filter(([, one]) => isFile(one))
    .map(([name]) => name);
  const texts = Object.fromEntries(Object.entries(properties).filter(([name]) => !fileNames.includes(name)));
  const fields = goodBody({
    mediaType: '',
    schema: {
      ...schema,
      properties: texts,
      required: [...(schema.required ?? [])].filter((name) => name in texts),
    },
    examples: examples.map((example) =>
      Object.fromEntries(Object.entries(example).filter(([name]) => !fileNames.includes(name))),
    ),
  });
  const textParts = fc
    .tuple(fields, WHICH, fc.option(fc.oneof(fc.constantFrom(...ODD_TEXTS), fragment), { nil: undefined }))
    .map(([value, which, odd]): Part[] => {
      const entries = isObject(value) ? Object.entries(value) : [];
      const wrong = which % Math.max(1, entries.length);
      return entries.map(([name, one], index) => [
        `form-data; name="${name}"`,
        Buffer.from(odd !== undefined && index === wrong ? odd : asField(one)),
      ]);
    });
  const fileParts = fc.tuple(...fileNames.map((name) => filePart(name, files)));
  return fc
    .tuple(textParts, fileParts, damageToForm)
    .map(([some, others, bend]) => bend([...some, ...others.flat()]));
}

function isFile({ format, items }: Schema): boolean {
  return format === 'binary' || items?.format === 'binary';
}

function asField(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function filePart(name: string, files: readonly RealFile[]): fc.Arbitrary<Part[]> {
  const content = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...files).map(({ bytes }) => Buffer.from(bytes)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom(...files), fc.constantFrom(...files), damages)
        .map(([file, other, done]) => damaged(file.bytes, done, other.bytes)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          '',
          'text',
          '<lexicon',
          '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        )
        .map((text) => Buffer.from(text)),
    },
  );
  const filename = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('speech.wav', 'a.mp3', 'a.png', 'lexicon.pls') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '../../../etc/passwd',
        'a\0b',
        '',
        'x'.repeat(2_000),
        'ré"su%mé',
        '\u202e.wav',
        '.',
        'CON',
        'a/b\\c',
      ),
    },
  );
  const one = fc
    .tuple(content, filename)
    .map(([bytes, called]): Part => [
      `form-data; name="${name}"; filename="${called.replaceAll('"', '%22')}"\r\nContent-Type: application/octet-stream`,
      bytes,
    ]);
  return fc.oneof(
    { weight: 10, arbitrary: one.map((part) => [part]) },
    { weight: 1, arbitrary: fc.constant<Part[]>([]) },
    { weight: 1, arbitrary: fc.array(one, { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant<Part[]>([[`form-data; name="${name}"`, Buffer.from('RIFF')]]) },
  );
}

function asForm(parts: readonly Part[]): Buffer {
  const blocks = parts.map(([head, body]) =>
    Buffer.concat([
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: ${head}\r\n\r\n`),
      body,
      Buffer.from('\r\n'),
    ]),
  );
  return Buffer.concat([...blocks, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

const FORM = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

/** What is done to a form as a whole; mostly nothing. */
const damageToForm: fc.Arbitrary<(parts: readonly Part[]) => Written> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constant((parts: readonly Part[]) => ({ headers: FORM, bytes: asForm(parts) })),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0, max: 1_000 }).map((share) => (parts: readonly Part[]) => {
      const whole = asForm(parts);
      return { headers: FORM, bytes: whole.subarray(0, Math.floor((share / 1_001) * whole.length)) };
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('__proto__', 'constructor', '', 'model[]', 'a\r\nb', 'toString')
      .map((name) => (parts: readonly Part[]) => ({
        headers: FORM,
        bytes: asForm([...parts, [`form-data; name="${name}"`, Buffer.from('1')]]),
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        'attachment',
        'form-data',
        'form-data; name',
        'form-data; name="a',
        `form-data; name="${'n'.repeat(5_000)}"`,
        "form-data; name=a; filename*=utf-8''%ff",
      )
      .map((head) => (parts: readonly Part[]) => ({
        headers: FORM,
        bytes: asForm([[head, Buffer.from('x')], ...parts]),
      })),
  },
  {
    weight: 1,
    arbitrary: fc.constant((parts: readonly Part[]) => ({
      headers: FORM,
      bytes: asForm([...parts, ...parts]),
    })),
  },
);

export { BOUNDARY as FORM_BOUNDARY, asForm, type Part };
