import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { RequestContext } from '../context.ts';
import type { BlobStore, StoredBlob } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { HistoryStore } from '../ports/store.ts';
import type { SpeechTrace } from '../speech/speech-surroundings.ts';
import type { SpeechResult } from '../speech/speech.ts';
import { keepWhileSent } from './kept-bytes.ts';
import type { HistoryQuery, HistoryRecord } from './history-record.ts';
import { createTraceMemory, JOINABLE_MS } from './trace-memory.ts';

/** How much is kept for how long. */
export interface HistoryLimits {
  /** Days after which a recording is removed; 0: nothing is kept at all. */
  readonly days: number;
  /** Bytes of sound that all owners' recordings may have together; the oldest make room. */
  readonly bytes: number;
}

/** What the history is built from. */
export interface SpeechHistoryParts {
  readonly store: HistoryStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: HistoryLimits;
}

/** What is kept about a speech beside its sound, in the caller's words. */
export type SpeechFacts = Pick<
  HistoryRecord,
  | 'source'
  | 'model'
  | 'voiceId'
  | 'voiceName'
  | 'voiceCategory'
  | 'text'
  | 'characters'
  | 'mediaType'
  | 'format'
  | 'settings'
>;

/** A speech whose bytes are kept while they are read, and the id that it will have in the history, where one is kept. */
export interface KeptSpeech {
  readonly result: SpeechResult;
  readonly id: string | undefined;
}

/** What was spoken, owner by owner. */
export interface SpeechHistory {
  /** Keeps a speech once all of it was read: one that breaks off, or whose caller hangs up, leaves nothing behind. */
  keep(result: SpeechResult, facts: SpeechFacts, context: RequestContext): KeptSpeech;
  list(query: HistoryQuery): Promise<readonly HistoryRecord[]>;
  /** Throws `not_found` for one that is not there or belongs to somebody else. */
  get(id: string, ownerId: string): Promise<HistoryRecord>;
  /** The bytes of a recording. Throws `not_found` where they are gone. */
  open(record: HistoryRecord): Promise<StoredBlob>;
  /** Forgets a recording and everything that was known about it. Throws `not_found`. */
  remove(id: string, ownerId: string): Promise<void>;
  /** What others need to join the speech of one of the owner's requests of the last two hours. */
  findTrace(requestId: string, ownerId: string): Promise<SpeechTrace | undefined>;
  /** Forgets what is held in memory of an owner's speech. */
  forgetTraces(ownerId: string): void;
  /** Removes what is too old or too much. */
  sweep(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const ID_LENGTH = 20;
/** Recordings that are looked at in one go when some have to go. */
const SWEEP_ROWS = 100;

/** Builds the history. */
export function createSpeechHistory(parts: SpeechHistoryParts): SpeechHistory {
  const { store, blobs, clock, limits } = parts;
  const traces = createTraceMemory(clock);
  const shelf = createShelf(parts);

  const get = async (id: string, ownerId: string) => {
    const record = await store.find(id, ownerId);
    if (record) return record;
    throw noSuchItem(id);
  };

  return {
    keep: (result, facts, context) => {
      const key = { requestId: context.requestId, ownerId: context.principal.id };
      const remember = () => {
        const trace = result.trace?.();
        if (trace) traces.remember(key, trace);
        return trace;
      };
      if (limits.days === 0) return { id: undefined, result: afterAll(result, context, remember) };
      const id = randomAlphanumeric(ID_LENGTH);
      const blobId = `history/${id}`;
      const finish = async (byteLength: number) => {
        const trace = remember();
        await shelf.add({
          ...facts,
          ...key,
          id,
          blobId,
          byteLength,
          createdAt: clock.now(),
          durationSeconds: result.secondsSoFar(),
          ...(trace ? { trace } : {}),
        });
      };
      const chunks = keepWhileSent(result.chunks, { blobs, blobId, context, finish });
      return { id, result: { ...result, chunks } };
    },
    list: (query) => store.list(query),
    get,
    open: async (record) => {
      const blob = await blobs.find(record.blobId);
      if (blob) return blob;
      throw noSuchItem(record.id);
    },
    remove: async (id, ownerId) => {
      const record = await get(id, ownerId);
      traces.forget(record);
      if (!(await shelf.remove(record))) throw noSuchItem(id);
    },
    findTrace: async (requestId, ownerId) => {
      const remembered = traces.find({ requestId, ownerId });
      if (remembered) return remembered;
      const record = await store.findByRequest(requestId, ownerId);
      return record && clock.now() - record.createdAt <= JOINABLE_MS ? record.trace : undefined;
    },
    forgetTraces: (ownerId) => traces.forgetOf(ownerId),
    sweep: () => shelf.sweep(),
  };
}

function noSuchItem(id: string): AppError {
  return new AppError('not_found', `There is no history item '${id}' here.`, {
    param: 'history_item_id',
    subject: 'history_item',
  });
}

/** Does something once all bytes were read by a caller who is still there. */
function afterAll(result: SpeechResult, { signal }: RequestContext, act: () => void): SpeechResult {
  async function* chunks() {
    yield* result.chunks;
    if (!signal.aborted) act();
  }
  return { ...result, chunks: chunks() };
}

/** Adds and removes rows with their sound, one after the other, so that what all of it takes is always known. */
function createShelf({ store, blobs, clock, log, limits }: SpeechHistoryParts) {
  let total: number | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = last.then(act);
    last = done.catch(() => undefined);
    return done;
  };

  const drop = async (record: HistoryRecord): Promise<boolean> => {
    const isGone = await store.remove(record.id, record.ownerId);
    await blobs.remove(record.blobId);
    if (isGone && total !== undefined) total -= record.byteLength;
    return isGone;
  };

  const dropOldest = async (before: number | undefined, enough: () => boolean) => {
    while (!enough()) {
      const oldest = await store.listOldest({
        limit: SWEEP_ROWS,
        ...(before === undefined ? {} : { before }),
      });
      if (oldest.length === 0) return;
      for (const record of oldest) if (!enough()) await drop(record);
    }
  };

  const sweep = async () => {
    try {
      total ??= await store.totalBytes();
      await dropOldest(clock.now() - limits.days * DAY_MS, () => false);
      await dropOldest(undefined, () => (total ?? 0) <= limits.bytes);
    } catch (error) {
      log.error({ error }, 'history-sweep-failed');
    }
  };

  return {
    sweep: () => inTurn(sweep),
    remove: (record: HistoryRecord) => inTurn(() => drop(record)),
    add: (record: HistoryRecord) =>
      inTurn(async () => {
        await store.add(record);
        if (total !== undefined) total += record.byteLength;
        await sweep();
      }),
  };
}
