import { z } from 'zod';

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema of ours takes, as JSON Schema. What JSON Schema has no word for is left open. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => mergeNull(jsonSchema),
  });
  return rest;
}

/** `anyOf: [T, null]` says in more words what `type: [T, null]` does. */
function mergeNull(schema: z.core.JSONSchema.BaseSchema): void {
  const [inner, nothing, ...others] = schema.anyOf ?? [];
  if (others.length > 0 || typeof inner !== 'object' || typeof nothing !== 'object') return;
  if (nothing.type !== 'null' || typeof inner.type !== 'string' || inner.const !== undefined) return;
  delete schema.anyOf;
  Object.assign(schema, inner, { type: [inner.type, 'null'] });
  if (inner.enum) schema.enum = [...inner.enum, null];
}

/** The properties of an object's schema, and which of them must be there. */
export function propertiesOf(schema: JsonSchema): {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
} {
  const { properties, required } = schema;
  return {
    properties: Object.fromEntries(Object.entries(isObject(properties) ? properties : {}).filter(isSchema)),
    required: Array.isArray(required) ? required.map(String) : [],
  };
}

function isSchema(entry: [string, unknown]): entry is [string, JsonSchema] {
  return isObject(entry[1]);
}

/** What can be said of answers from one of them: the types of what is there. More may come, and less. */
export function schemaOfExample(value: unknown): JsonSchema {
  if (value === null) return {};
  if (Array.isArray(value)) {
    return value.length > 0 ? { type: 'array', items: schemaOfExample(value[0]) } : { type: 'array' };
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(([name, member]) => [name, schemaOfExample(member)]);
    return { type: 'object', properties: Object.fromEntries(members), additionalProperties: true };
  }
  return { type: typeof value };
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
