import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import fastify from 'fastify';
import { AppError } from '../base/errors.ts';

/** The program that shows documents, as it is sent. */
export interface ScalarScript {
  readonly plain: string;
  readonly gzipped: Uint8Array;
  readonly etag: string;
}

/** Where the package serves its script. */
const PREFIX = '/reference';

/**
 * Takes the script out of the package, which gives it to servers only. That is four megabytes, so that nobody pays for
 * them before somebody reads.
 */
export async function readScalarScript(): Promise<ScalarScript> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const shelf = fastify();
  try {
    await shelf.register(scalar, { routePrefix: PREFIX, configuration: { url: '/' } });
    const { statusCode, body } = await shelf.inject(`${PREFIX}/js/scalar.js`);
    if (statusCode !== 200) throw new AppError('internal', 'The package of the reference has no script.');
    const digest = createHash('sha256').update(body).digest('base64url').slice(0, 20);
    return { plain: body, gzipped: await promisify(gzip)(body), etag: `"${digest}"` };
  } finally {
    await shelf.close();
  }
}
