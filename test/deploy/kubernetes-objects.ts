import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Anything that a file in YAML or JSON may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An object for Kubernetes, and the file that it is written in. */
export interface KubernetesObject {
  readonly file: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly body: Json;
}

/** The documents of a file; a mistake in its YAML is an error. */
export function yamlDocuments(text: string): readonly Json[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    assert.deepEqual([...document.errors, ...document.warnings], []);
    return document.toJS() as Json; // YAML without tags of its own gives what JSON can hold.
  });
}

/** Every object below a folder. */
export function kubernetesObjects(folder: string): readonly KubernetesObject[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .flatMap((name) => {
      const file = join(folder, name);
      return yamlDocuments(readFileSync(file, 'utf8')).map((body) => toObject(file, body));
    });
}

export function toObject(file: string, body: Json): KubernetesObject {
  return {
    file,
    kind: word(body, 'kind'),
    apiVersion: word(body, 'apiVersion'),
    name: word(body, 'metadata', 'name'),
    body,
  };
}

/** What lies at the end of a path; undefined when it leads nowhere. */
export function at(body: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let place = body;
  for (const step of path) {
    if (typeof place !== 'object' || place === null) return undefined;
    place = (place as Readonly<Record<string | number, Json>>)[step]; // Arrays and objects are both read by a key.
  }
  return place;
}

/** What lies at the end of a path, where that is a text, a number or a truth; else what it holds as JSON. */
export function word(body: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(body, ...path);
  if (found === undefined) return '';
  return typeof found === 'string' ? found : JSON.stringify(found);
}

/** The members of a list; none when it is no list. */
export function list(body: Json | undefined): readonly Json[] {
  return Array.isArray(body) ? body : [];
}

/** The pairs of an object; none when it is no object. */
export function pairs(body: Json | undefined): readonly (readonly [string, Json])[] {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.entries(body) : [];
}

const require = createRequire(import.meta.url);

const MODELS = dirname(require.resolve('kubernetes-models/package.json'));

/** Kinds that Kubernetes itself does not have, or that never reach it. */
const FOREIGN: readonly string[] = ['Kustomization', 'ServiceMonitor', ''];

/** What the schema of Kubernetes says against an object, fields included that it does not know. */
export function schemaComplaints({
  file,
  kind,
  apiVersion,
  name,
  body,
}: KubernetesObject): readonly string[] {
  if (FOREIGN.includes(kind)) return [];
  const seen = new Set<string>();
  const found: string[] = [];
  try {
    const models: unknown = require(join(MODELS, apiVersion, kind));
    validatorIn(models, kind).call(watched(body, '', seen));
  } catch (error) {
    found.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  if (found.length === 0) found.push(...unread(body, '', seen).map((path) => `${path} is no field`));
  return found.map((complaint) => `${file}: ${kind} ${name}: ${complaint}`);
}

function validatorIn(models: unknown, kind: string): (this: unknown) => void {
  const model = (models as Record<string, { prototype: { validate: (this: unknown) => void } }>)[kind]; // What kubernetes-models exports by its kind.
  assert.ok(model, `there is no ${kind}`);
  return model.prototype.validate;
}

/**
 * Notes every field that is read. The schemas allow fields that they do not know, but the code that is made of them never
 * reads one, as it does those that it knows.
 */
function watched(body: Json, path: string, seen: Set<string>): Json {
  if (typeof body !== 'object' || body === null) return body;
  return new Proxy(body, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof name !== 'string' || !Object.hasOwn(target, name)) return value;
      seen.add(`${path}/${name}`);
      return watched(value as Json, `${path}/${name}`, seen); // A member of what JSON can hold.
    },
  });
}

function unread(body: Json, path: string, seen: ReadonlySet<string>): readonly string[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]: [string, Json]) => {
    const place = `${path}/${name}`;
    return seen.has(place) ? unread(value, place, seen) : [place];
  });
}
