import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startPostgres } from '../postgres-server.ts';
import { S3_ENVIRONMENT, startS3 } from '../s3-server.ts';
import { inFolder, serving } from './program.ts';

interface Program {
  readonly origin: string;
  readonly child: ChildProcess;
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
}

interface Shared {
  readonly databaseUrl: string;
  readonly blobUrl: string;
  readonly folder: string;
}

let machines = 0;

/** The real program as if on a machine of its own: nothing is shared but the database and the bucket. */
async function startProgram(role: 'api' | 'worker', shared: Shared): Promise<Program> {
  machines += 1;
  const settings = {
    port: 0,
    'data-dir': `${shared.folder}/machine-${machines}`,
    role,
    engines: 'flite',
    'log-level': 'silent',
    'job-workers': 3,
    'jobs-per-owner': 3,
    'job-lease-seconds': 1,
    'drain-seconds': 0,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { databaseUrl, blobUrl } = shared;
  const child = spawn(process.execPath, ['bin/antiphon.js', 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...S3_ENVIRONMENT,
      ANTIPHON_DATABASE_URL: databaseUrl,
      ANTIPHON_BLOB_URL: blobUrl,
    },
  });
  const gone = once(child, 'exit');
  let banner = '';
  for await (const chunk of child.stdout) {
    banner += String(chunk);
    if (/generate .*\n/.test(banner)) break;
  }
  const origin = /answers at (http:\S+)/.exec(banner)?.[1] ?? assert.fail(`no banner: ${banner}`);
  return {
    origin,
    child,
    stop: async (signal) => {
      child.kill(signal);
      await gone;
    },
  };
}

const TEXT = 'This sentence is said again and again, until somebody has heard enough of it. ';

/** Characters of a job: some tenths of a second of work. */
const LENGTH = 300;

function speak(
  origin: string,
  length: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${origin}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'tts-1',
      voice: 'alloy',
      input: TEXT.repeat(20).slice(0, length),
      response_format: 'wav',
    }),
  });
}

async function order(origin: string, length: number): Promise<string> {
  const response = await speak(origin, length, { prefer: 'respond-async' });
  assert.equal(response.status, 202);
  return ((await response.json()) as { id: string }).id; // An accepted request is answered with its job.
}

interface Job {
  readonly state: string;
  readonly attempts: number;
}

/** The job when it has ended, as its events tell. */
async function endOf(origin: string, id: string): Promise<Job> {
  const events = await (await fetch(`${origin}/antiphon/v1/jobs/${id}/events`)).text();
  return JSON.parse(/data: (.*)\n\n$/.exec(events)?.[1] ?? assert.fail(events)) as Job; // Each event carries the job.
}

async function jobsOf(origin: string): Promise<readonly Job[]> {
  const { jobs } = (await (await fetch(`${origin}/antiphon/v1/jobs?limit=100`)).json()) as { jobs: Job[] }; // What the list of jobs holds.
  return jobs;
}

async function untilRunning(origin: string): Promise<void> {
  for (;;) if ((await jobsOf(origin)).some(({ state }) => state === 'running')) return;
}

test('jobs ordered at one machine are done at another, also when that one or the database is killed meanwhile', async (t) => {
  const postgres = await startPostgres();
  if ('reason' in postgres) return t.skip(postgres.reason);
  const service = await startS3();
  const programs: Program[] = [];
  const start = async (role: 'api' | 'worker', shared: Shared) => {
    const program = await startProgram(role, shared);
    programs.push(program);
    return program;
  };
  const { url, drop } = await postgres.place();
  try {
    await inFolder(async (folder) => {
      const shared = { databaseUrl: url, blobUrl: service.url, folder };
      const api = await start('api', shared);
      const first = await order(api.origin, LENGTH);
      const right = Buffer.from(await (await speak(api.origin, LENGTH)).arrayBuffer());
      const isRight = async (id: string) => {
        const result = await fetch(`${api.origin}/antiphon/v1/jobs/${id}/result`);
        return right.equals(Buffer.from(await result.arrayBuffer()));
      };

      // A process that does no jobs leaves it alone, however idle it is.
      assert.equal((await jobsOf(api.origin))[0]?.state, 'queued');
      const worker = await start('worker', shared);
      const refused = await speak(worker.origin, 10);
      assert.equal(refused.status, 404);
      assert.match(await refused.text(), /role is \\"worker\\"/);
      assert.equal((await fetch(`${worker.origin}/antiphon/v1/engines`)).status, 200);

      assert.equal((await endOf(api.origin, first)).state, 'succeeded');
      assert.ok(await isRight(first));

      const ids: string[] = [];
      for (let count = 0; count < 4; count += 1) ids.push(await order(api.origin, LENGTH));
      await untilRunning(api.origin);
      await worker.stop('SIGKILL');
      await start('worker', shared);
      const ends = await Promise.all(ids.map((id) => endOf(api.origin, id)));
      assert.deepEqual(
        ends.map(({ state }) => state),
        ids.map(() => 'succeeded'),
      );
      assert.ok(
        ends.some(({ attempts }) => attempts > 1),
        'nothing was begun anew',
      );
      for (const id of ids) assert.ok(await isRight(id));

      if (!postgres.kill) return;
      await postgres.kill();
      const away = await speak(api.origin, LENGTH, { prefer: 'respond-async' });
      assert.equal(away.status, 503);
      assert.equal(away.headers.get('retry-after'), '2');
      await postgres.start();
      const last = await order(api.origin, LENGTH);
      assert.equal((await endOf(api.origin, last)).state, 'succeeded');
      assert.ok(await isRight(last));
    });
  } finally {
    for (const { stop } of programs) await stop('SIGTERM');
    await drop();
    await service.close();
    await postgres.stop();
  }
});

test('an address that leads nowhere ends the program with a line that says so', async () => {
  const child = spawn(process.execPath, ['bin/antiphon.js', 'serve', '--port', '0', '--engines', 'flite'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ANTIPHON_DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null]; // The close event's first argument is the exit code.
  assert.equal(code, 1);
  assert.match(said, /^antiphon: The database does not answer.*ECONNREFUSED.*\n$/);
  assert.ok(!said.includes('secret'));
});

test('the embedded layout loads nothing of the other one', async () => {
  const refusal = `--import ${pathToFileURL(resolve('test/program/refuse-scale.js')).href}`;
  const use = async ({ origin }: { readonly origin: string }) => {
    assert.equal((await speak(origin, 10)).status, 200);
  };
  await serving(['--engines', 'flite'], use, refusal);
});
