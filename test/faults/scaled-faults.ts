import postgres from 'postgres';
import { setTimeout as pause } from 'node:timers/promises';
import { inFolder } from '../program/program.ts';
import { startPostgres, type PostgresServer } from '../postgres-server.ts';
import { S3_ENVIRONMENT, startS3, type S3Server } from '../s3-server.ts';
import { openS3Blobs } from '../../src/platform/blobs/s3-blobs.ts';
import { openPostgres } from '../../src/platform/store/postgres-database.ts';
import { migratePostgres } from '../../src/platform/store/postgres-migrating.ts';
import { receiveEnds, type Ends } from './fault-ends.ts';
import { SPEECH } from './fault-load.ts';
import { createNode, type FaultNode } from './fault-nodes.ts';
import { tryFault, type Fault, type FaultOutcome, type TestBed } from './fault-trial.ts';

/** How hard is tried. */
export type Effort = Pick<TestBed, 'callers' | 'ordered' | 'meanwhile' | 'holdMs'>;

interface Cluster {
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  readonly s3: S3Server;
  readonly nodes: Readonly<Record<string, FaultNode>>;
}

/** The first schema that has jobs, and one in which nothing told the version of an order. */
const OLD_SCHEMA = 2;
const OLD_ORDERS = 3;

/** Two processes that answer and two that do jobs, on one PostgreSQL and one bucket, and everything that may happen to them. */
export async function scaledFaults(
  effort: Effort,
): Promise<readonly FaultOutcome[] | { readonly reason: string }> {
  const server = await startPostgres();
  if ('reason' in server) return server;
  const s3 = await startS3();
  const ends = await receiveEnds();
  const { url: databaseUrl, drop } = await server.place();
  const outcomes: FaultOutcome[] = [];
  try {
    await inFolder(async (folder) => {
      const nodes = nodesIn(folder, { ANTIPHON_DATABASE_URL: databaseUrl, ANTIPHON_BLOB_URL: s3.url });
      try {
        outcomes.push(...(await onCluster({ postgres: server, databaseUrl, s3, nodes }, ends, effort)));
      } finally {
        await Promise.all(Object.values(nodes).map((node) => node.stop()));
      }
    });
  } finally {
    await drop();
    ends.close();
    await s3.close();
    await server.stop();
  }
  return outcomes;
}

async function onCluster(cluster: Cluster, ends: Ends, effort: Effort): Promise<readonly FaultOutcome[]> {
  const targets = Object.values(cluster.nodes);
  const crashes = () => targets.flatMap((node) => node.crashes);
  const bed = { targets, ends, crashes, ...effort };
  const faults = [
    startAtOnce(cluster),
    killNode(cluster, 'api-1'),
    killNode(cluster, 'worker-1'),
    ...databaseAway(cluster),
    bucketBroken(cluster),
    olderPayload(cluster),
  ];
  const outcomes: FaultOutcome[] = [];
  for (const fault of faults) outcomes.push(await tryFault(fault, bed));
  return outcomes;
}

function nodesIn(folder: string, shared: Readonly<Record<string, string>>) {
  const make = (name: string): [string, FaultNode] => {
    const role = name.slice(0, name.indexOf('-'));
    const node = createNode({
      name,
      answers: role === 'api',
      environment: { ...S3_ENVIRONMENT, ...shared },
      settings: {
        'data-dir': `${folder}/${name}`,
        role,
        engines: 'flite',
        workers: 1,
        'log-level': 'silent',
        'history-days': 0,
        'job-workers': 2,
        'jobs-per-owner': 4,
        'job-lease-seconds': 3,
        'drain-seconds': 0,
      },
    });
    return [name, node];
  };
  return Object.fromEntries(['api-1', 'api-2', 'worker-1', 'worker-2'].map(make));
}

/** All begin at the same moment, on a database of an earlier schema with orders of an earlier program. */
function startAtOnce({ databaseUrl, s3, nodes }: Cluster): Fault {
  const ids = Array.from({ length: OLD_ORDERS }, () => crypto.randomUUID());
  return {
    name: 'four nodes migrate at once',
    before: 0,
    planted: ids,
    begin: async () => {
      const database = openPostgres(databaseUrl);
      await migratePostgres(database, OLD_SCHEMA);
      await database.close();
      const blobs = openS3Blobs(s3.url, S3_ENVIRONMENT);
      const body = Buffer.from(SPEECH.body);
      for (const [index, id] of ids.entries()) {
        const blob = `files/${id.replaceAll('-', '')}`;
        await blobs.put(blob, body);
        const input = {
          method: 'POST',
          url: '/openai/v1/audio/speech',
          headers: { 'content-type': 'application/json' },
          body: { blob, byteLength: body.length },
        };
        await insertOrder(databaseUrl, { id, record: JSON.stringify({ input, notes: {} }), at: index });
      }
      await Promise.all(Object.values(nodes).map((node) => node.start()));
    },
    end: async () => {},
    expects: Object.fromEntries(Object.keys(nodes).map((name) => [name, /^200$/])),
    remark: async () => {
      const states = await statesOf(databaseUrl, ids);
      return `${ids.length} orders of schema ${OLD_SCHEMA}: ${states.join(', ')}`;
    },
  };
}

function killNode({ nodes }: Cluster, name: string): Fault {
  return {
    name: `kill -9 ${name}`,
    refuses: name.startsWith('api'),
    begin: async () => nodes[name]?.kill(),
    end: async () => nodes[name]?.start(),
    expects: { [name]: /^gone$/ },
  };
}

function databaseAway({ postgres: server, nodes }: Cluster): readonly Fault[] {
  const { kill } = server;
  if (!kill) return [];
  return [
    {
      name: 'PostgreSQL killed and started',
      refuses: true,
      begin: kill,
      end: () => server.start(),
      expects: Object.fromEntries(Object.keys(nodes).map((name) => [name, /^503 .*store/])),
    },
  ];
}

function bucketBroken({ s3, nodes }: Cluster): Fault {
  return {
    name: 'the bucket answers 500',
    refuses: true,
    begin: async () => s3.fault(() => 'status 500'),
    end: async () => s3.fault(() => undefined),
    expects: Object.fromEntries(Object.keys(nodes).map((name) => [name, /^503 blobs$/])),
  };
}

/** What an older program wrote, in a shape that is not known any more, stands first in the line. */
function olderPayload({ databaseUrl }: Cluster): Fault {
  const id = crypto.randomUUID();
  const record = JSON.stringify({ version: 0, input: { path: '/v1/audio/speech' }, notes: {} });
  return {
    name: 'a job in a shape of long ago',
    planted: [id],
    begin: () => insertOrder(databaseUrl, { id, record, at: 0 }),
    end: async () => {},
    remark: async () => `it ended: ${(await statesOf(databaseUrl, [id])).join(', ')}`,
  };
}

interface OldOrder {
  readonly id: string;
  readonly record: string;
  readonly at: number;
}

async function insertOrder(databaseUrl: string, { id, record, at }: OldOrder): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql`
    INSERT INTO jobs (id, owner_id, kind, dialect, model, priority, state, created_at, queued_at, available_at, record, has_webhook)
    VALUES (${id}, 'anonymous', 'request', 'openai', '/v1/audio/speech', 0, 'queued', ${at}, ${at}, ${at}, ${record}, 0)`;
  await sql.end();
}

/** States of jobs, with the reason of those that failed, when all have ended. */
async function statesOf(databaseUrl: string, ids: readonly string[]): Promise<readonly string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    for (let tries = 0; ; tries += 1) {
      const rows = await sql`SELECT state, outcome FROM jobs WHERE id = ANY (${[...ids]})`;
      const isOver = rows.every(({ state }) => state !== 'queued' && state !== 'running');
      if (isOver || tries === 600)
        return rows.map(({ state, outcome }) => (state === 'failed' ? `failed ${outcome}` : String(state)));
      await pause(100);
    }
  } finally {
    await sql.end();
  }
}
