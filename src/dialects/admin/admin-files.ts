import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Core } from '../../core/core.ts';
import type { StoredFile } from '../../core/files/file-service.ts';
import { sendBlob } from '../blob-reply.ts';
import { parseBody } from '../parse-body.ts';

export const address = z.object({ expires: z.string().default(''), signature: z.string().default('') });

interface FileRequest {
  readonly Params: { readonly id: string; readonly filename: string };
}

/** Registers the way to files: whoever has a signed address needs no key. */
export function fileRoute(scope: FastifyInstance, core: Core): void {
  const options = { config: { asksWhoCalls: true } };
  scope.get<FileRequest>('/files/:id/:filename', options, async (request, reply) => {
    const { expires, signature } = parseBody(address, request.query);
    const { file, blob } = await core.files.open({ id: request.params.id, expires, signature });
    return sendFile(core, file, { request, reply, blob });
  });
}

interface FileExchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly blob: Awaited<ReturnType<Core['files']['open']>>['blob'];
}

function sendFile(core: Core, file: StoredFile, { request, reply, blob }: FileExchange): FastifyReply {
  // A job that is done once more keeps another file under the same id.
  const etag = `${file.id}-${file.createdAt}`;
  const headers = {
    'access-control-allow-origin': '*',
    'cache-control': `private, max-age=${secondsLeft(core, file)}, immutable`,
    'content-disposition': `inline; filename*=UTF-8''${encodeRfc5987(file.filename)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'last-modified': new Date(file.createdAt).toUTCString(),
  };
  const known = request.headers['if-none-match'];
  if (known !== undefined && matches(known, etag)) {
    return reply
      .code(304)
      .headers({ ...headers, etag: `"${etag}"` })
      .send();
  }
  return sendBlob({ request, reply }, { blob, mediaType: file.mediaType, etag, headers });
}

function secondsLeft({ clock }: Core, { expiresAt }: StoredFile): number {
  return Math.max(0, Math.floor((expiresAt - clock.now()) / 1000));
}

function matches(header: string, etag: string): boolean {
  const known = header.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(`"${etag}"`);
}

function encodeRfc5987(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
