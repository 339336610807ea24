import type { Dialect } from '../dialects/dialect.ts';
import { ONLY_EXAMPLE, type DialectDocs, type OperationDocs } from '../dialects/operation-docs.ts';
import { errorAnswers, errorTable, type ErrorAnswer } from './error-answers.ts';
import { answersOf } from './openapi-answers.ts';
import { requestBody } from './openapi-body.ts';
import { componentsOf, MAKING_PARAMETERS } from './openapi-components.ts';
import { pathParameters, queryParameters, templateOf } from './openapi-parameters.ts';
import { operationKey, ownMount, type CollectedRoute } from './route-collection.ts';
import type { JsonSchema } from './wire-schemas.ts';

/** What a document is made of. */
export interface DocumentParts {
  readonly dialect: Dialect;
  /** The routes of this dialect. */
  readonly routes: readonly CollectedRoute[];
  readonly version: string;
}

/** Everything that can be done in a dialect, as an OpenAPI document of version 3.1. */
export async function openapiDocument({ dialect, routes, version }: DocumentParts): Promise<JsonSchema> {
  const docs = await dialect.docs();
  const errors = errorAnswers(dialect);
  return {
    openapi: '3.1.1',
    info: {
      title: `${dialect.title} on Antiphon`,
      version,
      summary: `What this server answers of ${dialect.title}, with the models that run here`,
      description: aboutOf(docs, errors),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: serversOf(dialect),
    tags: Object.entries(docs.tags).map(([name, description]) => ({ name, description })),
    // Nobody needs a key before there is one.
    security: [...Object.keys(docs.security).map((name) => ({ [name]: [] })), {}],
    paths: pathsOf(docs, routes),
    components: componentsOf(docs, errors),
  };
}

function aboutOf({ about }: DialectDocs, errors: readonly ErrorAnswer[]): string {
  return [
    about,
    '',
    '## Errors',
    '',
    'A refusal or failure comes with the status of its kind and a message that says what to do. What may work in a moment',
    'carries `Retry-After`. The bodies of all of them stand beside the 4XX and 5XX of every operation.',
    '',
    errorTable(errors),
  ].join('\n');
}

/** Relative to wherever the document was found. The root comes last: other dialects have paths there, too. */
function serversOf(dialect: Dialect): readonly JsonSchema[] {
  const ordered = [...dialect.mounts].sort((a, b) => Number(a === '') - Number(b === ''));
  return ordered.map((mount) => {
    if (mount === '') {
      const description = 'Where the clients look. A few paths there belong to other APIs as well.';
      return { url: '/', description };
    }
    const isOwn = mount === ownMount(dialect);
    return { url: mount, description: isOwn ? 'A prefix that nothing else has' : 'Where the clients look' };
  });
}

/** Path by path, in the order of the tags. */
function pathsOf({ tags, operations, answers }: DialectDocs, routes: readonly CollectedRoute[]): JsonSchema {
  const order = Object.keys(tags);
  const described = routes
    .flatMap((route) => {
      const docs = operations[operationKey(route)];
      return docs ? [{ route, docs }] : [];
    })
    .toSorted((a, b) => order.indexOf(a.docs.tag) - order.indexOf(b.docs.tag));
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { route, docs } of described) {
    const path = templateOf(route.path);
    const recorded = answers[operationKey(route)] ?? shownAnswer(docs);
    const operation = {
      ...operationOf(docs, route),
      responses: answersOf(docs, recorded, route),
    };
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation };
  }
  return paths;
}

function shownAnswer({ shows }: OperationDocs): DialectDocs['answers'][string] {
  if (!shows) return {};
  return { [ONLY_EXAMPLE]: { status: 200, mediaType: 'application/json', body: shows } };
}

function operationOf(docs: OperationDocs, route: CollectedRoute): JsonSchema {
  const parameters = [
    ...pathParameters(docs, route.path),
    ...queryParameters(docs),
    ...(route.generates ? MAKING_PARAMETERS : []),
  ];
  return {
    operationId: idOf(route),
    tags: [docs.tag],
    summary: docs.summary,
    ...(docs.about === undefined ? {} : { description: docs.about }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(docs.bodies ? { requestBody: requestBody(docs.bodies) } : {}),
    ...(docs.alsoAt ? { 'x-also-at': docs.alsoAt.map(templateOf) } : {}),
    ...(docs.socket ? { 'x-websocket': true } : {}),
  };
}

function idOf({ method, path }: CollectedRoute): string {
  return `${method.toLowerCase()}_${templateOf(path)
    .replace('{', 'by_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')}`;
}
