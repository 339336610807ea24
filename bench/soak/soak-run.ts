import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { countsOf, footprintNow } from '../process-figures.ts';
import type { SoakKind, SoakPlace } from './soak-traffic.ts';

/** What became of one caller. */
export interface SoakAnswer {
  readonly kind: string;
  /** Seconds since the beginning at which it came. */
  readonly at: number;
  readonly ms: number;
  readonly failure?: string;
}

/** What the server takes at a moment. */
export interface SoakReading {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly server: number;
  readonly children: number;
  readonly handles: number;
  readonly threads: number;
  readonly processes: number;
  readonly files: number;
  readonly database: number;
}

/** Longer than anything takes that callers ask for. */
const PATIENCE_MS = 120_000;

/** The figures of a reading that may grow, and what they are called. */
export const WATCHED = {
  server: 'memory of the server, MB',
  children: 'memory of its child processes, MB',
  handles: 'file handles',
  threads: 'threads',
  processes: 'child processes',
  files: 'temporary files',
  database: 'database, MB',
} as const;

/** Where a server keeps what it keeps. */
export interface SoakedServer {
  readonly pid: number;
  readonly dataDir: string;
  /** Where it and its children put what is temporary. */
  readonly temporary: string;
}

/** Reads all figures. */
export function readServer({ pid, dataDir, temporary }: SoakedServer, at: number): SoakReading {
  const { server, children } = footprintNow(pid);
  const { handles, threads, children: processes } = countsOf(pid);
  const database = ['', '-wal'].reduce(
    (sum, end) => sum + sizeOf(join(dataDir, `antiphon.sqlite${end}`)) / 1e6,
    0,
  );
  const files = filesIn(join(dataDir, 'uploads')) + filesIn(temporary);
  return { at, server, children, handles, threads, processes, files, database };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function filesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    return 0;
  }
}

/** Callers that come, and what became of them. */
export interface SoakTraffic {
  readonly place: SoakPlace;
  readonly order: readonly SoakKind[];
  readonly answers: SoakAnswer[];
  /** Seconds since the beginning. */
  readonly now: () => number;
}

async function serve({ place, answers, now }: SoakTraffic, kind: SoakKind): Promise<void> {
  const at = now();
  const ms = () => (now() - at) * 1000;
  const served = new AbortController();
  const patience = pause(PATIENCE_MS, undefined, { signal: served.signal }).then(
    () => Promise.reject(new Error('not served within two minutes')),
    () => undefined, // It was served.
  );
  try {
    await Promise.race([kind.run(place), patience]);
    answers.push({ kind: kind.name, at, ms: ms() });
  } catch (error) {
    answers.push({ kind: kind.name, at, ms: ms(), failure: String(error).slice(0, 300) });
  } finally {
    served.abort();
  }
}

/** Lanes in which one caller follows another without a pause; how many are served in a second. */
export async function measureCapacity(
  traffic: SoakTraffic,
  { seconds, lanes }: { readonly seconds: number; readonly lanes: number },
): Promise<number> {
  const startedAt = traffic.now();
  let next = 0;
  const lane = async () => {
    while (traffic.now() - startedAt < seconds) {
      const kind = traffic.order[next % traffic.order.length];
      next += 1;
      if (kind) await serve(traffic, kind);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return next / (traffic.now() - startedAt);
}

/**
 * Callers that come evenly, whether those before them are served or not, but never more than so many at once: who is held
 * back comes later, and so do all after him. A machine that has become slower is loaded to the full then, and not beyond.
 */
export async function comeEvenly(
  traffic: SoakTraffic,
  { seconds, rate, most }: { readonly seconds: number; readonly rate: number; readonly most: number },
): Promise<{ readonly offered: number; readonly heldBack: number }> {
  const startedAt = traffic.now();
  const here = new Set<Promise<void>>();
  let dueAt = startedAt;
  let offered = 0;
  let heldBack = 0;
  while (traffic.now() - startedAt < seconds) {
    const early = dueAt - traffic.now();
    if (early > 0) await pause(early * 1000);
    if (here.size >= most) {
      heldBack += 1;
      await Promise.race(here);
    }
    const kind = traffic.order[offered % traffic.order.length];
    if (!kind) break;
    const caller: Promise<void> = serve(traffic, kind).finally(() => here.delete(caller));
    here.add(caller);
    offered += 1;
    dueAt = Math.max(traffic.now(), dueAt + 1 / rate);
  }
  await Promise.all(here);
  return { offered, heldBack };
}
