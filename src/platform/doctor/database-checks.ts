import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../core/ports/clock.ts';
import { openPostgres } from '../store/postgres-database.ts';
import { postgresSchema } from '../store/postgres-migrating.ts';
import { sqliteSchema } from '../store/sqlite-migrating.ts';
import { failure, ok, reasonOf, warning, type Finding } from './finding.ts';

/** Leases of jobs are told in time of day: a clock that is further off takes jobs from living workers. */
const MOST_SKEW_SECONDS = 5;
const NOTABLE_SKEW_SECONDS = 1;

/** The oldest PostgreSQL that the schema is made for. */
const OLDEST_POSTGRES = 15;

/** Whether the SQLite database is sound and of the right version; nothing is changed. */
export async function checkSqlite(path: string): Promise<readonly Finding[]> {
  if (!existsSync(path)) {
    return [
      warning(
        'database',
        `${path} does not exist yet.`,
        'It is made at the first start, or by "antiphon migrate".',
      ),
    ];
  }
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    const said = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
    if (said !== 'ok') {
      return [
        failure(
          'database',
          `${path} is damaged: ${said}`,
          'Put a back-up back with "antiphon restore --force".',
        ),
      ];
    }
    return [schemaFinding(sqliteSchema(database), path)];
  } catch (error) {
    return [
      failure(
        'database',
        `${path} cannot be read: ${reasonOf(error)}`,
        'Put a back-up back with "antiphon restore".',
      ),
    ];
  } finally {
    database.close();
  }
}

/** Whether the PostgreSQL database answers, is of the right version, and has the same time as this machine. */
export async function checkPostgres(url: string, clock: Pick<Clock, 'now'>): Promise<readonly Finding[]> {
  const { host, pathname } = new URL(url);
  const title = `${host}${pathname}`;
  const database = openPostgres(url);
  try {
    const before = clock.now();
    const [row] = await database.rows(
      `SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now, current_setting('server_version_num') AS version`,
    );
    const after = clock.now();
    const version = Math.floor(Number(row?.['version']) / 10_000);
    return [
      schemaFinding(await postgresSchema(database), title),
      version >= OLDEST_POSTGRES
        ? ok('database-version', `PostgreSQL ${version}.`)
        : failure(
            'database-version',
            `PostgreSQL ${version} is too old.`,
            `Use ${OLDEST_POSTGRES} or newer.`,
          ),
      skewFinding((Number(row?.['now']) - (before + after) / 2) / 1000),
    ];
  } catch (error) {
    return [
      failure(
        'database',
        `${title} does not answer: ${reasonOf(error)}`,
        'Check databaseUrl, that the server runs, and that this machine may connect.',
      ),
    ];
  } finally {
    await database.close();
  }
}

function schemaFinding({ version, known }: ReturnType<typeof sqliteSchema>, title: string): Finding {
  if (version > known) {
    return failure(
      'database',
      `${title} was made by a newer version of this program (schema ${version}, known are ${known}).`,
      'Update this program.',
    );
  }
  if (version < known) {
    return warning(
      'database',
      `${title} has schema ${version}; the newest is ${known}.`,
      'Run "antiphon migrate"; otherwise the next start does it.',
    );
  }
  return ok('database', `${title} has the newest schema, ${version}.`);
}

/** How far the database's clock is ahead of this machine's, in seconds. */
export function skewFinding(seconds: number): Finding {
  const message = `The clocks of database and machine differ by ${Math.abs(seconds).toFixed(1)} s.`;
  const advice = 'Set both by NTP: leases of jobs are told in time of day.';
  if (Math.abs(seconds) > MOST_SKEW_SECONDS) return failure('clock', message, advice);
  return Math.abs(seconds) > NOTABLE_SKEW_SECONDS ? warning('clock', message, advice) : ok('clock', message);
}
