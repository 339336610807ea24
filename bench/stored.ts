/**
 * How long it takes to list, find and use what is kept, with 1 to 1,000,000 voices and ended jobs in the database, through the
 * whole program; then the queue itself with as many jobs waiting. All voices and jobs belong to one owner, which is the worst
 * case. Beside it SQLite alone: one row by its key. Rows are copies of one that was written through the store. Prints Markdown
 * tables.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ANYBODY } from '../src/core/context.ts';
import type { VoiceRecord } from '../src/core/voices/voice-record.ts';
import { openSqliteStore } from '../src/platform/store/sqlite-store.ts';
import { claimAndFinish, queuedJob } from './bare-jobs.ts';
import { median, shortFigure } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const COUNTS = (process.env['STORED'] ?? '1,1000,10000,100000,1000000').split(',').map(Number);
const ROUNDS = Number(process.env['ROUNDS'] ?? 15);
/** What took longer once is asked once only, and not at all where there are more. */
const SLOW_MS = 2000;
const PATIENCE_MS = 60_000;
/** Rows of one transaction: the server waits for it meanwhile. */
const BATCH = 20_000;
const OWNERS = 10;

const VOICE: VoiceRecord = {
  id: 'voice-0',
  ownerId: ANYBODY.id,
  name: 'Name 0',
  description: 'A calm voice for long books.',
  labels: { accent: 'scottish', use_case: 'narration' },
  origin: 'designed',
  language: 'en',
  gender: 'female',
  traits: {},
  design: { prompt: 'a calm woman', baseVoice: 'espeak/en-us', pitchSemitones: 1, speed: 1 },
  samples: [],
  createdAt: Date.now(),
};

const NUMBERS =
  'WITH RECURSIVE numbers (n) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?) ';
const COPY_VOICES = `${NUMBERS} INSERT INTO voices (id, owner_id, created_at, name_key, record)
  SELECT 'voice-' || n, owner_id, created_at + n, 'name ' || n,
      replace(replace(record, '"voice-0"', '"voice-' || n || '"'), '"Name 0"', '"Name ' || n || '"')
    FROM voices, numbers WHERE id = 'voice-0'`;

/** Every column is copied but those by which a row is known. */
function copyJobs(database: DatabaseSync): string {
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('jobs')")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !['sequence', 'id', 'owner_id', 'created_at'].includes(name));
  return `${NUMBERS} INSERT INTO jobs (id, owner_id, created_at, ${columns.join(', ')})
    SELECT 'job-' || n, CASE WHEN state = 'queued' THEN 'owner ' || (n % ${OWNERS}) ELSE owner_id END, created_at + n,
        ${columns.join(', ')}
      FROM jobs, numbers WHERE id = 'job-0'`;
}

/** Adds copies until there are so many. */
function fill(database: DatabaseSync, copy: string, range: readonly [from: number, to: number]): void {
  const insert = database.prepare(copy);
  for (let from = range[0]; from < range[1]; from += BATCH)
    insert.run(from, Math.min(range[1], from + BATCH));
}

interface Act {
  readonly name: string;
  readonly run: (count: number) => Promise<void>;
  isGivenUp?: boolean;
}

/** The middle of several tries; not a number where it fails, or took too long before. */
async function timeOf(act: Act, count: number): Promise<number> {
  if (act.isGivenUp) return Number.NaN;
  const times: number[] = [];
  try {
    while (times.length < ROUNDS) {
      const startedAt = performance.now();
      await act.run(count);
      times.push(performance.now() - startedAt);
      // The first one finds nothing in any cache.
      if (times.length === 1 && (times[0] ?? 0) < SLOW_MS) await act.run(count);
      if ((times.at(-1) ?? 0) > SLOW_MS) act.isGivenUp = true;
      if (act.isGivenUp) break;
    }
  } catch (error) {
    act.isGivenUp = true;
    console.log(`${act.name}, ${count.toLocaleString('en')}: ${String(error).slice(0, 200)}`);
    return Number.NaN;
  }
  return median(times);
}

async function table(title: string, acts: readonly Act[], fillTo: (count: number) => void): Promise<void> {
  const rows: string[][] = [];
  for (const count of COUNTS) {
    fillTo(count);
    const cells: string[] = [count.toLocaleString('en')];
    for (const act of acts) cells.push(shortFigure(await timeOf(act, count)));
    rows.push(cells);
  }
  const row = printTable(title, ['stored', ...acts.map(({ name }) => name)]);
  for (const cells of rows) row(...cells);
}

let server: ServerProcess;

async function ask(path: string, init: RequestInit = {}): Promise<void> {
  const answer = await fetch(server.origin + path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text.slice(0, 150)}`);
}

const speak = (voice: string, headers: Readonly<Record<string, string>> = {}) =>
  ask('/v1/audio/speech', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'auto', voice, input: 'Yes.', response_format: 'pcm' }),
  });

const some = (count: number) => Math.floor(Math.random() * count);

const folder = mkdtempSync(join(tmpdir(), 'antiphon-stored-'));
const file = join(folder, 'antiphon.sqlite');
const store = openSqliteStore(file);
await store.voices.add(VOICE);
await store.jobs.add(queuedJob(ANYBODY.id, 'job-0'), 10);
await claimAndFinish(store.jobs);
await store.close();
const database = new DatabaseSync(file, { timeout: 30_000 });
server = await startServer(['--engines', 'espeak', '--max-waiting-jobs', '1000000'], { folder });
try {
  await speak('espeak/en-us'); // Warm code.
  const rowOf = (name: string, query: string, id: string): Act => {
    const find = database.prepare(query);
    return { name, run: async (count) => void find.get(`${id}-${some(count)}`) };
  };
  let voices = 1;
  await table(
    'Voices: milliseconds, median',
    [
      { name: 'list all (`/v1/voices`)', run: () => ask('/v1/voices') },
      { name: 'list ten (`/v2/voices`)', run: () => ask('/v2/voices?page_size=10') },
      { name: 'find one', run: (count) => ask(`/v1/voices/voice-${some(count)}`) },
      { name: 'speak by id', run: (count) => speak(`voice-${some(count)}`) },
      { name: 'speak by name', run: (count) => speak(`Name ${some(count)}`) },
      { name: 'speak in a voice that came with the server', run: () => speak('espeak/en-us') },
      rowOf('SQLite alone, one row', 'SELECT record FROM voices WHERE id = ?', 'voice'),
    ],
    (count) => {
      fill(database, COPY_VOICES, [voices, count]);
      voices = count;
    },
  );
  let ended = 1;
  const copy = copyJobs(database);
  await table(
    'Ended jobs: milliseconds, median',
    [
      { name: 'list twenty', run: () => ask('/antiphon/v1/jobs?limit=20') },
      { name: 'find one', run: (count) => ask(`/antiphon/v1/jobs/job-${some(count)}`) },
      { name: 'order one (202)', run: () => speak('espeak/en-us', { prefer: 'respond-async' }) },
      rowOf('SQLite alone, one row', 'SELECT * FROM jobs WHERE id = ?', 'job'),
    ],
    (count) => {
      fill(database, copy, [ended, count]);
      ended = count;
    },
  );
} finally {
  await server.stop();
  database.close();
  rmSync(folder, { recursive: true, force: true });
}

const queueFolder = mkdtempSync(join(tmpdir(), 'antiphon-stored-'));
const queueFile = join(queueFolder, 'antiphon.sqlite');
const queue = openSqliteStore(queueFile);
const queueRows = new DatabaseSync(queueFile, { timeout: 30_000 });
try {
  await queue.jobs.add(queuedJob('owner 0', 'job-0'), 10);
  const copy = copyJobs(queueRows);
  let waiting = 1;
  await table(
    'Waiting jobs, without HTTP: milliseconds, median',
    [
      {
        name: 'write one down',
        run: async () => {
          if (!(await queue.jobs.add(queuedJob(`owner ${some(OWNERS)}`), 10_000_000)))
            throw new Error('no room');
        },
      },
      { name: 'claim one and end it', run: () => claimAndFinish(queue.jobs) },
      { name: 'count them all', run: async () => void (await queue.jobs.tally()) },
      {
        name: 'line before one',
        run: async (count) => {
          const job = await queue.jobs.find(`job-${count - 1}`, `owner ${(count - 1) % OWNERS}`);
          if (job) await queue.jobs.line(job);
        },
      },
    ],
    (count) => {
      fill(queueRows, copy, [waiting, count]);
      waiting = Math.max(waiting, count);
    },
  );
} finally {
  queueRows.close();
  await queue.close();
  rmSync(queueFolder, { recursive: true, force: true });
}
