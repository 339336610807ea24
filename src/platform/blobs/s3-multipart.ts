import type { S3Requests } from './s3-requests.ts';
import { blobsAway, refuseRefusal } from './s3-requests.ts';

/** A blob that is sent in parts. */
export interface S3Upload {
  readonly id: string;
  readonly uploadId: string;
}

/** Sends parts one after the other and joins them at the end; when something breaks they are forgotten. */
export async function putParts(
  send: S3Requests,
  id: string,
  parts: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<number> {
  const upload = await begin(send, id);
  try {
    const tags: string[] = [];
    let byteLength = 0;
    for await (const body of parts) {
      tags.push(await putPart(send, upload, { number: tags.length + 1, body }));
      byteLength += body.length;
    }
    await complete(send, upload, tags);
    return byteLength;
  } catch (error) {
    // What cannot be forgotten now is forgotten by the next sweep.
    await abort(send, upload).catch(() => {});
    throw error;
  }
}

async function begin(send: S3Requests, id: string): Promise<S3Upload> {
  const answer = await send({ method: 'POST', id, query: { uploads: '' } });
  const said = await (await refuseRefusal(answer, `begin ${id}`)).text();
  const uploadId = textOf('UploadId', said);
  if (uploadId === undefined) throw blobsAway(new Error(`No upload id: ${said.slice(0, 500)}`));
  return { id, uploadId };
}

async function putPart(
  send: S3Requests,
  { id, uploadId }: S3Upload,
  { number, body }: { readonly number: number; readonly body: Uint8Array<ArrayBuffer> },
): Promise<string> {
  const query = { partNumber: String(number), uploadId };
  const answer = await refuseRefusal(await send({ method: 'PUT', id, query, body }), `part of ${id}`);
  await answer.arrayBuffer();
  const tag = answer.headers.get('etag');
  if (tag === null) throw blobsAway(new Error(`Part ${number} of ${id} has no tag.`));
  return tag;
}

async function complete(send: S3Requests, upload: S3Upload, tags: readonly string[]): Promise<void> {
  const parts = tags.map(
    (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`,
  );
  const body = new TextEncoder().encode(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
  );
  const { id, uploadId } = upload;
  const headers = { 'content-type': 'application/xml' };
  const answer = await refuseRefusal(
    await send({ method: 'POST', id, query: { uploadId }, headers, body }),
    `complete ${id}`,
  );
  // The status is sent before the parts are joined, so that a failure may come with status 200.
  const said = await answer.text();
  if (said.includes('<Error>')) throw blobsAway(new Error(said.slice(0, 500)));
}

/** Forgets what was sent of a blob. */
export async function abort(send: S3Requests, { id, uploadId }: S3Upload): Promise<void> {
  const answer = await send({ method: 'DELETE', id, query: { uploadId } });
  if (answer.status !== 404) await refuseRefusal(answer, `abort ${id}`);
  await answer.body?.cancel();
}

/** The uploads under a prefix that were begun before a time, in milliseconds since 1970; a thousand at most. */
export async function unfinishedUploads(
  send: S3Requests,
  prefix: string,
  before: number,
): Promise<readonly S3Upload[]> {
  const answer = await send({ method: 'GET', query: { uploads: '', ...(prefix ? { prefix } : {}) } });
  const said = await (await refuseRefusal(answer, 'list uploads')).text();
  return [...said.matchAll(/<Upload>(.*?)<\/Upload>/gs)].flatMap(([, upload = '']) => {
    const key = textOf('Key', upload);
    const uploadId = textOf('UploadId', upload);
    const begun = Date.parse(textOf('Initiated', upload) ?? '');
    if (!key?.startsWith(prefix) || uploadId === undefined || !(begun < before)) return [];
    return [{ id: key.slice(prefix.length), uploadId }];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: '<', gt: '>', amp: '&' };

/** The text of the first element of a name that holds nothing else. */
export function textOf(element: string, xml: string): string | undefined {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
  return text?.replace(/&(quot|apos|lt|gt|amp);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
