import postgres, { type Sql } from 'postgres';
import { isLost, SilentDatabase, toStoreFailure } from './postgres-failure.ts';

/** What a column gives. Large integers come as text, which `Number` reads. */
export type Row = Record<string, null | number | string | Uint8Array<ArrayBuffer>>;

/** What a statement takes. */
export type Value = null | number | string | boolean | Uint8Array;

/** A pool of connections to one database. What is away comes back by itself; meanwhile calls fail with `overloaded`. */
export interface PostgresDatabase {
  /** One statement, with `$1`, `$2`, … for its values. */
  rows(text: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** The same; how many rows it changed. */
  change(text: string, values?: readonly Value[]): Promise<number>;
  /** Several statements at once, all or none of them, for as long as it takes. Each sees what others finished before it. */
  script(text: string): Promise<void>;
  /** Calls back at each notice, and whenever some may have been missed, until the database is closed. */
  hear(channel: string, onNotice: () => void): Promise<void>;
  close(): Promise<void>;
}

/** Connections of one process, unless the address says `?max=…`. */
const MOST_CONNECTIONS = 10;

/** The server gives a statement up after this, in milliseconds. */
const STATEMENT_MS = 10_000;

/** A caller is refused after this, whether or not the server or the network says anything. */
const CALL_MS = 15_000;

/** Seconds. */
const CONNECT_SECONDS = 5;
const IDLE_SECONDS = 60;
const CLOSE_SECONDS = 2;

/** Seconds until a lost connection is tried again. */
const LONGEST_BACKOFF_SECONDS = 1;

/**
 * Opens a database by its address, `postgres://user:password@host:port/name`. Nothing is connected yet.
 *
 * Every call is one message to the server. The driver's `begin` is not used: when the connection is lost in between,
 * version 3.4.9 writes to a socket that is gone and ends the process. A connection whose loss coincides with a write
 * never recovers either, so that the whole pool is replaced after a loss.
 */
export function openPostgres(url: string): PostgresDatabase {
  const ends = new Set<Promise<void>>();
  let pool: Sql | undefined;
  let listener: Sql | undefined;
  const leave = (left: Sql | undefined) => {
    if (!left) return;
    const end: Promise<void> = left.end({ timeout: CLOSE_SECONDS }).finally(() => ends.delete(end));
    ends.add(end);
  };
  const use = async <T>(act: (sql: Sql) => Promise<T>): Promise<T> => {
    const used = (pool ??= connect(url));
    try {
      return await act(used);
    } catch (error) {
      if (isLost(error) && pool === used) {
        pool = undefined;
        leave(used);
      }
      throw toStoreFailure(error);
    }
  };
  const run = (text: string, values: readonly Value[] = []) =>
    use((sql) => inTime(sql.unsafe(text, values.map(toParameter), { prepare: true })));
  return {
    rows: run,
    change: async (text, values) => (await run(text, values)).count,
    script: (text) =>
      use(async (sql) => {
        await sql.unsafe(`SET LOCAL statement_timeout = 0; ${text}`).simple();
      }),
    hear: async (channel, onNotice) => {
      listener ??= connect(url);
      await inTime(listener.listen(channel, onNotice, onNotice)).catch((error: unknown) => {
        throw toStoreFailure(error);
      });
    },
    close: async () => {
      leave(pool);
      leave(listener);
      await Promise.all(ends);
    },
  };
}

function connect(url: string): Sql {
  return postgres(url, {
    max: Number(new URL(url).searchParams.get('max') ?? MOST_CONNECTIONS),
    connect_timeout: CONNECT_SECONDS,
    idle_timeout: IDLE_SECONDS,
    backoff: (tries) => Math.min(LONGEST_BACKOFF_SECONDS, 0.05 * 2 ** tries),
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'antiphon', statement_timeout: STATEMENT_MS },
  });
}

/** PostgreSQL's text has every character but the one with the code 0, which becomes the one that stands for "unknown". */
function toParameter(value: Value): Exclude<Value, Uint8Array> | Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}

async function inTime<T>(work: PromiseLike<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new SilentDatabase(CALL_MS)), CALL_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
