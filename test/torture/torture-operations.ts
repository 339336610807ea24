import { dialects } from '../../src/dialects/index.ts';

/** A JSON Schema, as far as it is looked at here. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly additionalProperties?: Schema | boolean;
}

/** A parameter of a path or query. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
  readonly example?: string | number | boolean;
}

/** One media type that a route takes. */
export interface Body {
  readonly mediaType: string;
  readonly schema: Schema;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** A route as the server's own reference tells it. */
export interface Operation {
  /** `openai POST /audio/speech`. */
  readonly name: string;
  readonly dialect: string;
  readonly method: string;
  readonly template: string;
  /** Where the dialect is alone. */
  readonly ownMount: string;
  readonly otherMounts: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly bodies: readonly Body[];
  readonly isSocket: boolean;
  readonly vendor: Vendor;
}

/** What is common to the routes of a dialect: how it refuses. */
export interface Vendor {
  readonly statuses: ReadonlySet<number>;
  /** The outlines of its error bodies. */
  readonly outlines: ReadonlySet<string>;
}

interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, { readonly content: Content }>>;
  };
}

type Content = Readonly<
  Record<
    string,
    {
      readonly schema?: Schema;
      readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>;
    }
  >
>;

interface DocumentOperation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Content };
  readonly 'x-websocket'?: boolean;
  readonly 'x-also-at'?: readonly string[];
}

/** Every route of every dialect, from the documents that a server makes of itself. */
export async function readOperations(origin: string): Promise<readonly Operation[]> {
  const found = await Promise.all(
    dialects.map(async ({ id }) => {
      const response = await fetch(`${origin}/openapi/${id}.json`);
      if (!response.ok) throw new Error(`There is no document of ${id}: ${response.status}`);
      // The document is held to OpenAPI by a test of its own.
      return operationsOf(id, (await response.json()) as Document);
    }),
  );
  return found.flat();
}

function operationsOf(dialect: string, document: Document): Operation[] {
  const vendor = vendorOf(document);
  const mounts = document.servers.map(({ url }) => url.replace(/\/$/, ''));
  const ownMount = mounts.find((mount) => mount.startsWith(`/${dialect}`)) ?? '';
  const otherMounts = mounts.filter((mount) => mount !== ownMount);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      [path, ...(operation['x-also-at'] ?? [])].map((template) => ({
        name: `${dialect} ${method.toUpperCase()} ${template}`,
        dialect,
        method: method.toUpperCase(),
        template,
        ownMount,
        otherMounts,
        vendor,
        isSocket: operation['x-websocket'] === true,
        parameters: (operation.parameters ?? []).map((one) => resolved(one, document)),
        bodies: Object.entries(operation.requestBody?.content ?? {}).map(
          ([mediaType, { schema = {}, examples = {} }]) => ({
            mediaType,
            schema,
            examples: Object.values(examples).map(({ value }) => value as Record<string, unknown>), // Bodies are objects.
          }),
        ),
      })),
    ),
  );
}

function resolved(parameter: Parameter | { readonly $ref: string }, document: Document): Parameter {
  if (!('$ref' in parameter)) return parameter;
  const found = document.components.parameters[parameter.$ref.split('/').at(-1) ?? ''];
  if (!found) throw new Error(`${parameter.$ref} is not in the document`);
  return found;
}

function vendorOf({ components }: Document): Vendor {
  const told = ['Refused', 'Failed'].flatMap((name) =>
    Object.values(components.responses[name]?.content['application/json']?.examples ?? {}),
  );
  return {
    statuses: new Set(told.map(({ summary = '' }) => Number(summary.split(':')[0]))),
    outlines: new Set(told.map(({ value }) => outlineOf(value))),
  };
}

/** The names of what is in a value, whatever its values are; items of lists may have more or less. */
export function outlineOf(value: unknown): string {
  if (Array.isArray(value)) return '[]';
  if (typeof value !== 'object' || value === null) return '.';
  const members = Object.entries(value).map(([name, member]) => `${name}:${outlineOf(member)}`);
  return `{${members.toSorted().join(',')}}`;
}
