import type { OperationDocs } from '../dialects/operation-docs.ts';
import { propertiesOf, schemaOf, type JsonSchema } from './wire-schemas.ts';

/** Parameters in our spelling of a path. */
const PARAMETER = /:(\w+)|\*/g;

/** `/voices/:id` as OpenAPI writes it; a star is whatever follows. */
export function templateOf(path: string): string {
  return path.replace(PARAMETER, (_, name: string | undefined) => `{${name ?? 'rest'}}`);
}

/** What stands in a path for something else. */
export function pathParameters({ path: parts = {} }: OperationDocs, path: string): readonly JsonSchema[] {
  return [...path.matchAll(PARAMETER)].map(([spelled, name]) => {
    const part = parts[name ?? spelled];
    return {
      name: name ?? 'rest',
      in: 'path',
      required: true,
      ...(part ? { description: part.about, example: part.example } : {}),
      schema: { type: 'string' },
    };
  });
}

/** What may stand in a query, by the schema that checks it. */
export function queryParameters(docs: OperationDocs): readonly JsonSchema[] {
  const { query, asks = {} } = docs;
  if (!query) return [];
  const { properties, required } = propertiesOf(schemaOf(query));
  return Object.entries(properties).map(([name, schema]) => {
    const isRequired = required.includes(name);
    const asked = asks[name];
    return {
      name,
      in: 'query',
      required: isRequired,
      ...(asked === undefined ? {} : { example: asked }),
      ...(asked === undefined && !isRequired ? unsentExamples(schema, docs) : {}),
      schema,
    };
  });
}

/**
 * What an optional parameter may be. The page of the reference would choose something by itself and send it; it is told
 * here to leave it alone until somebody wants it, once for each example of the body, which is how it looks for it.
 */
function unsentExamples(
  { enum: choices, type, default: usual, minimum = 1 }: JsonSchema,
  { bodies = [] }: OperationDocs,
): JsonSchema {
  const plain: Readonly<Record<string, unknown>> = { boolean: false, integer: minimum, number: minimum };
  const value: unknown = usual ?? (Array.isArray(choices) ? choices[0] : plain[String(type)]);
  if (value === undefined || Array.isArray(value)) return {};
  const names = ['default', ...bodies.flatMap(({ examples }) => Object.keys(examples))];
  return {
    examples: Object.fromEntries(names.map((name) => [name, { value, 'x-disabled': true }])),
  };
}

/** A header that nobody has to send. It is told in words what it may be: the page would send the first of a list of values. */
export function optionalHeader(name: string, description: string): JsonSchema {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}
