import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import type { Core } from '../core/core.ts';
import type { UploadShelf } from '../core/ports/upload-room.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Absent only where the server takes no forms, and before any handler runs. */
    uploads?: RequestUploads;
  }
}

/** What the reading of a form needs, and what it finds out about the connection. */
export interface RequestUploads {
  /** Bytes of one file, where the operator has decided. */
  readonly maxFileBytes: number | undefined;
  readonly shelf: UploadShelf;
  /** Whether the caller still sends what nobody will read, so that the connection is of no use after the answer. */
  stillSending: boolean;
}

/** Lets a server read forms. Whatever becomes of a request, its files are gone when it has ended. */
export async function acceptForms(
  app: FastifyInstance,
  { uploads, log }: Pick<Core, 'uploads' | 'log'>,
): Promise<void> {
  await app.register(multipart);
  app.addHook('onRequest', async (request, reply) => {
    const shelf = uploads.open();
    request.uploads = { maxFileBytes: uploads.maxFileBytes, shelf, stillSending: false };
    // Comes after the last byte of the answer, and also when the caller hangs up before.
    reply.raw.once('close', () => {
      shelf.clear().catch((error: unknown) => {
        log.error({ error, requestId: request.id }, 'upload-removal-failed');
      });
    });
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.uploads?.stillSending) reply.header('connection', 'close');
  });
  app.addHook('onClose', () => uploads.close());
}
