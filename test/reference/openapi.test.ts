import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import fastify from 'fastify';
import { ERROR_CODES } from '../../src/base/errors.ts';
import { acceptForms } from '../../src/dialects/accept-forms.ts';
import { dialectPlugin } from '../../src/dialects/dialect-plugin.ts';
import { dialects } from '../../src/dialects/index.ts';
import { acceptWebSockets } from '../../src/dialects/web-sockets.ts';
import { collectRoutes, operationKey, ownMount } from '../../src/reference/route-collection.ts';
import { testApp } from '../support.ts';

const { app, core } = await testApp({ keys: ['a-key'] });
after(() => app.close());

/** As much of an OpenAPI document as is looked at here. */
interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Content>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly {
    readonly name?: string;
    readonly in?: string;
    readonly example?: unknown;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly $ref?: string }>>;
  readonly 'x-also-at'?: readonly string[];
  readonly 'x-websocket'?: boolean;
}

interface Content {
  readonly content?: Readonly<
    Record<
      string,
      { readonly schema?: unknown; readonly examples?: Readonly<Record<string, { value: unknown }>> }
    >
  >;
}

async function documentOf(id: string): Promise<Document> {
  const response = await app.inject({ url: `/openapi/${id}.json` });
  assert.equal(response.statusCode, 200, response.body);
  return response.json<Document>();
}

async function routesOf(id: string) {
  const house = fastify();
  const routes = collectRoutes(house, dialects);
  await acceptForms(house, core);
  await acceptWebSockets(house, core, { isAllowed: async () => true, take: () => () => undefined });
  for (const dialect of dialects) {
    await house.register(dialectPlugin(dialect, core), { prefix: ownMount(dialect), shared: false });
  }
  await house.ready();
  await house.close();
  return routes.filter((route) => route.dialect === id);
}

for (const dialect of dialects) {
  test(`every route of ${dialect.title} is described, and nothing is described that is no route`, async () => {
    const { operations } = await dialect.docs();
    const described = Object.entries(operations).flatMap(([key, { alsoAt = [] }]) => {
      const [method = ''] = key.split(' ');
      return [key, ...alsoAt.map((path) => `${method} ${path}`)];
    });
    const routes = await routesOf(dialect.id);
    assert.ok(routes.length > 0);
    assert.deepEqual(described.toSorted(), [...new Set(routes.map(operationKey))].toSorted());
  });

  test(`the document of ${dialect.title} is valid OpenAPI 3.1 and shows an operation for everything described`, async () => {
    const document = await documentOf(dialect.id);
    assert.match(document.openapi, /^3\.1\./);
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    assert.equal(valid, true, JSON.stringify(errors));
    const { operations } = await dialect.docs();
    const shown = Object.values(document.paths).flatMap((path) => Object.values(path));
    assert.equal(shown.length, Object.keys(operations).length);
    const ids = shown.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length, 'operationId is unique');
    const tags = document.tags.map(({ name }) => name);
    for (const { tags: own, summary } of shown) {
      assert.ok(
        own.every((tag) => tags.includes(tag)),
        `${own.join()} is a tag`,
      );
      assert.ok(summary.length > 0 && !summary.endsWith('.'), summary);
    }
    assert.deepEqual(
      document.servers.map(({ url }) => url).toSorted(),
      dialect.mounts.map((mount) => mount || '/').toSorted(),
    );
  });

  test(`every operation of ${dialect.title} has an example and names every parameter of its path`, async () => {
    const { paths } = await documentOf(dialect.id);
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const where = `${method} ${path}`;
        const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path');
        assert.deepEqual(
          inPath.map(({ name }) => name),
          [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
          where,
        );
        assert.ok(
          inPath.every(({ example }) => typeof example === 'string'),
          where,
        );
        const answers = Object.entries(operation.responses);
        assert.ok(
          answers.some(([, { $ref }]) => $ref === '#/components/responses/Refused'),
          where,
        );
        assert.ok(hasExample(operation), `${where} has no example`);
      }
    }
  });

  test(`the document of ${dialect.title} tells every error in the body that the dialect sends`, async () => {
    const { components, info } = await documentOf(dialect.id);
    const { Refused, Failed } = components.responses;
    const told = [Refused, Failed].flatMap((one) =>
      Object.keys(one?.content?.['application/json']?.examples ?? {}),
    );
    assert.deepEqual(told.toSorted(), Object.keys(ERROR_CODES).toSorted());
    const real = await app.inject({ method: 'GET', url: `${ownMount(dialect)}/nothing-is-here` });
    assert.ok(real.statusCode >= 400);
    const shapes = [Refused, Failed].flatMap((one) =>
      Object.values(one?.content?.['application/json']?.examples ?? {}).map(({ value }) => keysOf(value)),
    );
    assert.ok(shapes.includes(keysOf(real.json())), `${keysOf(real.json())} is none of ${shapes.join(' ')}`);
    assert.match(info.description, /## Errors/);
  });
}

/** Of what is sent, of what comes back, or of an operation that needs neither: all there is to say is its path. */
function hasExample({ requestBody, responses, parameters = [], ...operation }: Operation): boolean {
  const isShown = (one: Content | undefined) =>
    Object.values(one?.content ?? {}).some(({ examples }) => Object.keys(examples ?? {}).length > 0);
  if (operation['x-websocket'] || Object.keys(responses).every((status) => /^[45]XX$/.test(status)))
    return true;
  if (requestBody) return isShown(requestBody);
  return Object.values(responses).some(isShown) || parameters.some(({ example }) => example !== undefined);
}

function keysOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).toSorted().join('+') : '';
}

test('documents need no key, and a name that is none is told the right ones', async () => {
  const wrong = await app.inject({ url: '/openapi/nobody.json' });
  assert.equal(wrong.statusCode, 404);
  assert.match(wrong.body, /\/openapi\/openai\.json/);
});

test('bodies are described by the schemas that check them: limits, choices and what must be there', async () => {
  const { paths } = await documentOf('openai');
  const schema = paths['/audio/speech']?.['post']?.requestBody?.content?.['application/json']?.schema;
  const { properties, required } = schema as {
    properties: Record<string, Record<string, unknown>>;
    required: string[];
  };
  assert.deepEqual(required.toSorted(), ['input', 'model', 'voice']);
  assert.deepEqual(
    [properties['speed']?.['minimum'], properties['speed']?.['maximum'], properties['speed']?.['type']],
    [0.25, 4, ['number', 'null']],
  );
  assert.deepEqual(properties['stream_format']?.['enum'], ['audio', 'sse', null]);
});

test('routes that make something say that their answer may come later, and others do not', async () => {
  const { paths } = await documentOf('elevenlabs');
  const speech = paths['/v1/text-to-speech/{voice_id}']?.['post'];
  assert.ok(speech?.responses['202']);
  assert.deepEqual(speech['x-also-at'], ['/v1/text-to-speech/{voice_id}/{rest}']);
  assert.equal(paths['/v1/voices']?.['get']?.responses['202'], undefined);
});

test('optional parameters with a choice are shown switched off, so that the page does not send what nobody asked for', async () => {
  const { paths } = await documentOf('elevenlabs');
  const query = paths['/v1/sound-generation']?.['post']?.parameters ?? [];
  const { examples } = query.find(({ name }) => name === 'output_format') as { examples?: object };
  const off = { value: 'mp3_22050_32', 'x-disabled': true };
  assert.deepEqual(examples, { default: off, effect: off });
});
