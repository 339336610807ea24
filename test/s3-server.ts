import { once } from 'node:events';
import { readdir, readFile, rm, mkdtemp, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import S3rver from 's3rver';
import type { S3Place } from '../src/platform/blobs/s3-address.ts';

/** What goes wrong with a request, before or instead of its answer. */
export type S3Fault =
  | 'status 500'
  | 'hang up'
  | 'break off'
  | 'silence'
  | 'error with status 200'
  | undefined;

/** An S3-compatible service on loopback, at the end of an unreliable line. */
export interface S3Server {
  readonly url: string;
  readonly place: S3Place;
  /** `METHOD` and query of every request that came. */
  readonly seen: readonly string[];
  /** Says what goes wrong with each request from now on. */
  fault(choose: (request: IncomingMessage) => S3Fault): void;
  /** Objects and unfinished uploads. */
  readonly count: () => Promise<number>;
  /** Ids of the uploads that are not finished, with their prefix. */
  unfinished(): Promise<readonly string[]>;
  /** Makes uploads look as if they were begun so many milliseconds earlier. */
  age(milliseconds: number): void;
  readonly close: () => Promise<void>;
}

const BUCKET = 'media';

/** The environment in which the program finds its way in. */
export const S3_ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const;

/** Starts the service with one bucket. */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'antiphon-s3-'));
  const service = new S3rver({
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  await service.configureBuckets();
  const answer = service.callback();
  const uploads = uploadsIn(join(directory, BUCKET));
  const seen: string[] = [];
  let choose: (request: IncomingMessage) => S3Fault = () => undefined;
  let olderMs = 0;
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://s3').searchParams;
    seen.push(`${request.method} ${query.toString()}`);
    const fault = choose(request);
    if (fault) spoil(fault, { request, response, answer });
    else if (request.method === 'DELETE' && query.has('uploadId')) {
      void uploads
        .abort(query.get('uploadId') ?? '')
        .then((isDone) => response.writeHead(isDone ? 204 : 404).end());
    } else if (request.method === 'GET' && query.has('uploads')) {
      void uploads.list(olderMs).then((xml) => response.writeHead(200).end(xml));
    } else answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  const url = `http://127.0.0.1:${port}/${BUCKET}/some/prefix`;
  return {
    url,
    place: {
      bucketUrl: `http://127.0.0.1:${port}/${BUCKET}`,
      prefix: 'some/prefix/',
      region: 'us-east-1',
      accessKeyId: S3_ENVIRONMENT.AWS_ACCESS_KEY_ID,
      secretAccessKey: S3_ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
    },
    seen,
    fault: (given) => {
      choose = given;
    },
    count: async () => {
      const files = await readdir(join(directory, BUCKET), { recursive: true });
      return files.filter((file) => file.endsWith('_S3rver_object')).length + (await uploads.ids()).length;
    },
    unfinished: async () => (await uploads.ids()).map(({ key }) => key),
    age: (milliseconds) => {
      olderMs = milliseconds;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** s3rver begins and completes uploads, but cannot list or abort them: that is done on its files. */
function uploadsIn(folder: string) {
  const ids = async () => {
    const files = await readdir(folder, { recursive: true });
    const keys = files.filter((file) => /_S3rver_uploads[/\\][0-9a-f]{32}[/\\]key$/.test(file));
    return Promise.all(
      keys.map(async (file) => {
        const path = dirname(join(folder, file));
        const key = await readFile(join(path, 'key'), 'utf8');
        return { key, path, id: relative(dirname(path), path), begun: (await stat(path)).birthtimeMs };
      }),
    );
  };
  return {
    ids,
    abort: async (id: string) => {
      const upload = (await ids()).find((one) => one.id === id);
      if (upload) await rm(upload.path, { recursive: true });
      return upload !== undefined;
    },
    list: async (olderMs: number) => {
      const uploads = (await ids()).map(
        ({ key, id, begun }) =>
          `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${new Date(begun - olderMs).toISOString()}</Initiated></Upload>`,
      );
      return `<?xml version="1.0"?><ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`;
    },
  };
}

interface Spoiling {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
}

function spoil(fault: NonNullable<S3Fault>, { request, response, answer }: Spoiling): void {
  request.resume();
  if (fault === 'status 500') response.writeHead(500).end('<Error><Code>InternalError</Code></Error>');
  else if (fault === 'error with status 200')
    response.writeHead(200).end('<Error><Code>InternalError</Code></Error>');
  else if (fault === 'hang up') response.destroy();
  else if (fault === 'break off') {
    const write = response.write.bind(response);
    // The first bytes of the body arrive, then the line is dead.
    response.write = (chunk: Uint8Array) => write(chunk.subarray(0, 1000), () => response.destroy());
    answer(request, response);
  }
}
