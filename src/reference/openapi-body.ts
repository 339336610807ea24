import type { BodyDocs, FileDocs, FileKind } from '../dialects/operation-docs.ts';
import { propertiesOf, schemaOf, type JsonSchema } from './wire-schemas.ts';

const FILES: Readonly<Record<FileKind, { readonly name: string; readonly mediaTypes: string }>> = {
  recording: {
    name: 'recording.wav',
    mediaTypes: 'audio/*, video/*, application/ogg, application/octet-stream',
  },
  picture: { name: 'picture.png', mediaTypes: 'image/png, image/jpeg, image/webp' },
  lexicon: { name: 'lexicon.pls', mediaTypes: 'application/pls+xml, text/xml' },
};

/** The bodies of an operation, by their media types. Several of one type are told as one of them each. */
export function requestBody(bodies: readonly BodyDocs[]): JsonSchema {
  const types = [...new Set(bodies.map(({ mediaType }) => mediaType))];
  const content = types.map((type) => [type, oneType(bodies.filter(({ mediaType }) => mediaType === type))]);
  return { required: true, content: Object.fromEntries(content) };
}

function oneType(bodies: readonly BodyDocs[]): JsonSchema {
  const schemas = bodies.map(bodySchema);
  const [first] = schemas;
  const named = bodies.flatMap((body) => {
    return Object.entries(body.examples).map(([name, value]) => [
      name,
      { value: { ...value, ...filesIn(body) } },
    ]);
  });
  return {
    schema: schemas.length === 1 ? first : { anyOf: schemas },
    ...(named.length > 0 ? { examples: Object.fromEntries(named) } : {}),
    ...listEncoding(bodies),
  };
}

/** A list in a form is one part for each item, which is what OpenAPI takes for granted; files say what they may be. */
function listEncoding(bodies: readonly BodyDocs[]): JsonSchema {
  const files = bodies.flatMap(({ files: parts = {} }) => Object.entries(parts));
  if (files.length === 0) return {};
  const encoding = files.map(([name, { holds }]) => [name, { contentType: FILES[holds].mediaTypes }]);
  return { encoding: Object.fromEntries(encoding) };
}

function filesIn({ files = {} }: BodyDocs): Readonly<Record<string, unknown>> {
  const required = Object.entries(files).filter(([, file]) => file.required);
  return Object.fromEntries(
    required.map(([name, { holds, many }]) => [name, many ? [FILES[holds].name] : FILES[holds].name]),
  );
}

function bodySchema({ schema, beside = {}, files = {} }: BodyDocs): JsonSchema {
  const checked = schema ? schemaOf(schema) : { type: 'object' };
  const read = Object.entries(beside).map(([name, description]) => [name, { description }]);
  const parts = Object.entries(files).map(([name, file]) => [name, fileSchema(file)]);
  if (read.length === 0 && parts.length === 0) return checked;
  const { properties, required } = propertiesOf(checked);
  const needed = Object.entries(files).flatMap(([name, file]) => (file.required ? [name] : []));
  return {
    ...checked,
    type: 'object',
    properties: { ...properties, ...Object.fromEntries(read), ...Object.fromEntries(parts) },
    ...(required.length + needed.length > 0 ? { required: [...required, ...needed] } : {}),
  };
}

function fileSchema({ about, many }: FileDocs): JsonSchema {
  const one = { type: 'string', format: 'binary' };
  return many ? { type: 'array', items: one, description: about } : { ...one, description: about };
}
