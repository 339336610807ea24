import type { RemoteValue } from '../core/models/remote.ts';
import type { RemoteBody } from './remote-link.ts';

/** A file in a form. */
export interface FormPart {
  readonly field: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Fields as JSON. */
export function jsonBody(fields: unknown): RemoteBody {
  return { contentType: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(fields)) };
}

/** Fields and files as a form. Objects become JSON text, lists repeat their field. */
export async function formBody(
  fields: Readonly<Record<string, RemoteValue>>,
  files: readonly FormPart[],
): Promise<RemoteBody> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    for (const one of Array.isArray(value) ? value : [value])
      form.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one));
  }
  for (const { field, filename, mediaType, bytes } of files) {
    form.append(field, new Blob([new Uint8Array(bytes)], { type: mediaType }), filename);
  }
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
    bytes: new Uint8Array(await encoded.arrayBuffer()),
  };
}

/** Bytes from base64, or from a data address. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const comma = text.startsWith('data:') ? text.indexOf(',') : -1;
  return new Uint8Array(Buffer.from(text.slice(comma + 1), 'base64'));
}
