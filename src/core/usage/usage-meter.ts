import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Pause } from '../ports/pause.ts';
import type { UsageAmounts, UsageRow, UsageStore } from '../ports/usage-store.ts';
import { addAmounts, NOTHING_USED } from './usage-amounts.ts';
import { dayOf } from './usage-days.ts';
import type { UsageCounter, UsageRecord } from './usage-record.ts';

/** Adds up what is used, and writes it down from time to time. */
export interface UsageMeter extends UsageCounter {
  /** What somebody used from a day on and what is not written down yet. */
  pendingOf(principalId: string, from: string): UsageAmounts;
  /** Calls back for everything that is counted from now on; what it returns ends that. */
  listen(hear: (record: UsageRecord) => void): () => void;
  /** Changes whenever figures begin to be written and when that has ended, well or not. */
  readonly writes: number;
  /** Waits until nothing is being written. */
  settled(): Promise<void>;
  /** Writes down what there is. It never fails: what cannot be written is kept. */
  flush(): Promise<void>;
}

/** What the meter is made of. */
export interface UsageMeterParts {
  readonly store: Pick<UsageStore, 'add'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly pause: Pause;
  readonly log: Logger;
}

/** How long figures wait to be written down, which is how much a crash can lose; longer while the store is away. */
const WRITE_AFTER_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

/** Places that are told apart until they are written down; what is used elsewhere from then on is added to one place. */
const MOST_PLACES = 10_000;

/** Where the model of what is used is not told any more. */
export const OTHER_MODELS = 'other';

/** No name of a model is longer. */
const LONGEST_NAME = 200;

/** Builds the meter. */
export function createUsageMeter(parts: UsageMeterParts): UsageMeter {
  const { clock, pause } = parts;
  const ears = new Set<(record: UsageRecord) => void>();
  const never = new AbortController().signal;
  const sheet = createUsageSheet();
  const writer = createSheetWriter(sheet, parts);
  let isWaiting = false;
  const writeLater = async (): Promise<void> => {
    if (isWaiting) return;
    isWaiting = true;
    while (sheet.waiting > 0) {
      await pause(Math.min(LONGEST_WAIT_MS, WRITE_AFTER_MS * 2 ** writer.failures), never);
      // Somebody may have had all of it written meanwhile, because the store is about to close.
      if (sheet.waiting > 0) await writer.write();
    }
    isWaiting = false;
  };
  return {
    add: (record) => {
      sheet.put(rowOf(record, dayOf(clock.now())));
      for (const hear of ears) hear(record);
      void writeLater();
    },
    pendingOf: (principalId, from) => sheet.sumOf(principalId, from),
    listen: (hear) => {
      ears.add(hear);
      return () => ears.delete(hear);
    },
    get writes() {
      return writer.writes;
    },
    settled: () => writer.settled(),
    flush: async () => {
      await writer.settled();
      await writer.writeAll();
    },
  };
}

/** Writes what waits on a sheet, one writing at a time. */
function createSheetWriter(sheet: UsageSheet, { store, log }: Pick<UsageMeterParts, 'store' | 'log'>) {
  let writing: Promise<void> | undefined;
  let failures = 0;
  let writes = 0;
  const begin = async (): Promise<void> => {
    writes += 1;
    try {
      await store.add(sheet.take());
      sheet.forgetTaken();
      if (failures > 0) log.info({ attempts: failures + 1 }, 'usage-written-again');
      failures = 0;
    } catch (error) {
      sheet.putBack();
      failures += 1;
      log.error({ error, rows: sheet.waiting }, 'usage-not-written');
    } finally {
      writes += 1;
    }
  };
  const write = (): Promise<void> => {
    writing ??= begin().finally(() => {
      writing = undefined;
    });
    return writing;
  };
  /** More may be counted while the rest is written. What cannot be written is kept. */
  const writeAll = async (): Promise<void> => {
    if (sheet.waiting === 0) return;
    await write();
    if (failures === 0) await writeAll();
  };
  return {
    write,
    writeAll,
    settled: async () => writing,
    /** Writings in a row that failed. */
    get failures() {
      return failures;
    },
    /** Changes when a writing begins and when it ends. */
    get writes() {
      return writes;
    },
  };
}

/** What is counted and not written down yet. */
interface UsageSheet {
  /** How many rows wait. */
  readonly waiting: number;
  put(row: UsageRow): void;
  /** All that waits, to be written; it goes on counting until it is forgotten. */
  take(): readonly UsageRow[];
  forgetTaken(): void;
  /** What was taken waits again. */
  putBack(): void;
  sumOf(principalId: string, from: string): UsageAmounts;
}

function createUsageSheet(): UsageSheet {
  let pending = new Map<string, UsageRow>();
  let taken = new Map<string, UsageRow>();
  return {
    get waiting() {
      return pending.size;
    },
    put: (row) => put(pending, row),
    take: () => {
      taken = pending;
      pending = new Map();
      return [...taken.values()];
    },
    forgetTaken: () => {
      taken = new Map();
    },
    putBack: () => {
      const late = pending;
      pending = taken;
      taken = new Map();
      for (const row of late.values()) put(pending, row);
    },
    sumOf: (principalId, from) =>
      [...taken.values(), ...pending.values()]
        .filter((row) => row.principalId === principalId && row.day >= from)
        .reduce<UsageAmounts>(addAmounts, NOTHING_USED),
  };
}

function rowOf(record: UsageRecord, day: string): UsageRow {
  const { principalId, dialect, capability, model, servedBy = '' } = record;
  return {
    day,
    principalId,
    dialect,
    capability,
    model: printable(model),
    servedBy,
    ...amountsOf(record),
  };
}

/** A name that any store takes. */
function printable(name: string): string {
  return name
    .slice(0, LONGEST_NAME)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ');
}

/** What a record says in the numbers that are kept. */
export function amountsOf(record: UsageRecord): UsageAmounts {
  const { characters = 0, audioSeconds = 0, pictures = 0, engineSeconds = 0, failed = false } = record;
  return {
    requests: 1,
    failures: failed ? 1 : 0,
    characters,
    audioMs: Math.round(audioSeconds * 1000),
    pictures,
    engineMs: Math.round(engineSeconds * 1000),
  };
}

function put(rows: Map<string, UsageRow>, given: UsageRow): void {
  const row = rows.size >= MOST_PLACES && !rows.has(placeOf(given)) ? withoutModel(given) : given;
  const place = placeOf(row);
  const before = rows.get(place);
  rows.set(place, before ? { ...row, ...addAmounts(before, row) } : row);
}

/** Whose it is must never get lost: allowances go by it. */
function withoutModel(row: UsageRow): UsageRow {
  return { ...row, model: OTHER_MODELS, servedBy: '' };
}

function placeOf({ day, principalId, dialect, capability, model, servedBy }: UsageRow): string {
  return [day, principalId, dialect, capability, model, servedBy].join('\n');
}
