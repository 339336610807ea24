import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, cancelledError, toAppError } from '../../base/errors.ts';
import type { WorkSpan } from '../../core/ports/work-span.ts';
import { isRecord } from '../remote-errors.ts';
import { formBody, jsonBody } from '../remote-fields.ts';
import {
  isUnwanted,
  lostJob,
  readReference,
  recordOf,
  writeReference,
  type PollTimes,
} from '../remote-jobs.ts';
import type { RemoteLink } from '../remote-link.ts';
import type { Replicas, Seat } from '../remote-replicas.ts';
import { failedGraph, refusedGraph } from './comfyui-errors.ts';
import { listenForProgress } from './comfyui-progress.ts';
import { fillTemplate, type GraphTemplate, type SlotName, type SlotValue } from './graph-template.ts';

/** What the runs of one remote have in common. */
export interface ComfyuiRuns {
  readonly replicas: Replicas;
  readonly apiKey?: string | undefined;
  readonly polls: PollTimes;
  /** Fires when the engine is stopped: nobody looks after runs that were given up any more. */
  readonly ended: AbortSignal;
}

/** A graph to be run. */
export interface ComfyuiOrder {
  readonly template: GraphTemplate;
  readonly values: ReadonlyMap<SlotName, SlotValue>;
  /** PNGs for the slots of files. */
  readonly files: ReadonlyMap<SlotName, Uint8Array>;
  /** How the caller's words for a slot are to be found. */
  readonly wordOf: (slot: SlotName) => string;
  /** What files the result may be. */
  readonly accepts: RegExp;
  readonly signal: AbortSignal;
  readonly span?: WorkSpan | undefined;
  readonly tell: (fraction: number) => void;
  readonly reference?: string | undefined;
  readonly remember?: ((reference: string) => Promise<void>) | undefined;
}

const JSON_BYTES = 16 * 1024 * 1024;
const RESULT_BYTES = 1024 * 1024 * 1024;
/** Questions in a row that may fail, or find nothing of the run, before it is given up. */
const PATIENCE = { failures: 5, missing: 2 };

type Body = Readonly<Record<string, unknown>>;

/** Runs a graph and returns the file that it made. Throws what the server refused, `engine_failed` or `cancelled`. */
export async function runGraph(order: ComfyuiOrder, runs: ComfyuiRuns): Promise<Uint8Array<ArrayBuffer>> {
  const begun = (await findBegun(order, runs)) ?? (await begin(order, runs));
  try {
    const history = begun.history ?? (await follow(begun, order, runs));
    const file = await resultOf(history, begun.seat.link, order);
    begun.seat.leave();
    return file;
  } catch (error) {
    begun.seat.leave(isUnwanted(order) ? giveUp(begun, runs) : undefined);
    throw error;
  } finally {
    begun.hush();
  }
}

interface BegunRun {
  readonly seat: Seat;
  readonly id: string;
  /** What came of it, where that is known already. */
  readonly history?: Body;
  /** Waits for news from the server, at most so long. */
  readonly news: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly hush: () => void;
}

/** A run that the same server still has, so that it need not be begun anew. */
async function findBegun(order: ComfyuiOrder, { replicas }: ComfyuiRuns): Promise<BegunRun | undefined> {
  const known = readReference(order.reference);
  const seat = known && replicas.sitAt(known.url);
  if (!known || !seat) return undefined;
  try {
    const { id } = known;
    const history = await historyOf(seat.link, id, order.signal);
    const usable = history
      ? !failedGraph(history)
      : (await placeOf(seat.link, id, order.signal)) !== undefined;
    if (usable) return { seat, id, news: pauseFor, hush: () => undefined, ...(history ? { history } : {}) };
  } catch (error) {
    if (order.signal.aborted) {
      seat.leave();
      throw error;
    }
    // A server that cannot be asked has no run for us either.
  }
  seat.leave();
  return undefined;
}

async function begin(order: ComfyuiOrder, runs: ComfyuiRuns): Promise<BegunRun> {
  const { template, signal, tell, remember } = order;
  const seat = await runs.replicas.sit(signal);
  const clientId = randomUUID();
  const wanted = randomUUID();
  let wake = (): void => undefined;
  let close = (): void => undefined;
  try {
    const names = await upload(order, seat.link);
    const graph = fillTemplate(template, new Map([...order.values, ...names]));
    const listened = { url: seat.url, apiKey: runs.apiKey, clientId, promptId: wanted, graph };
    const socket = listenForProgress(listened, { onEnd: () => wake(), tell });
    close = () => socket.close();
    const id = await submit({ prompt: graph, client_id: clientId, prompt_id: wanted }, order, seat.link);
    await remember?.(writeReference({ url: seat.url, id }));
    const news = async (milliseconds: number, until: AbortSignal) => {
      const woken = new AbortController();
      wake = () => woken.abort();
      try {
        await sleep(milliseconds, undefined, { signal: AbortSignal.any([until, woken.signal]) });
      } catch {
        if (until.aborted) throw cancelledError();
      }
    };
    return { seat, id, news, hush: close };
  } catch (error) {
    close();
    seat.leave();
    throw error;
  }
}

async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    throw cancelledError();
  }
}

/** Sends the files under names of our own and returns what the server calls them. */
async function upload({ files, signal }: ComfyuiOrder, link: RemoteLink): Promise<Map<SlotName, string>> {
  const names = new Map<SlotName, string>();
  for (const [slot, bytes] of files) {
    const filename = `antiphon-${randomUUID()}.png`;
    const part = { field: 'image', filename, mediaType: 'image/png', bytes };
    const body = await formBody({ type: 'input', overwrite: 'true' }, [part]);
    const reply = await link.call({
      method: 'POST',
      path: '/upload/image',
      body,
      signal,
      maxBytes: JSON_BYTES,
    });
    const { name, subfolder } = await recordOf(reply);
    if (typeof name !== 'string')
      throw new AppError('engine_failed', "The engine's server did not keep an upload.");
    names.set(slot, typeof subfolder === 'string' && subfolder !== '' ? `${subfolder}/${name}` : name);
  }
  return names;
}

async function submit(
  body: Body,
  { template, wordOf, signal, span }: ComfyuiOrder,
  link: RemoteLink,
): Promise<string> {
  const call = {
    method: 'POST',
    path: '/prompt',
    body: jsonBody(body),
    signal,
    span,
    maxBytes: JSON_BYTES,
  } as const;
  const reply = await link.call({ ...call, alsoAnswers: [400] });
  const answer = await recordOf(reply);
  if (reply.status === 400) throw refusedGraph(answer, template, wordOf);
  // Older servers give ids of their own.
  const { prompt_id: id } = answer;
  if (typeof id === 'string' && id !== '') return id;
  throw new AppError('engine_failed', "The engine's server accepted the graph without giving it an id.");
}

async function follow(
  { seat, id, news }: BegunRun,
  order: ComfyuiOrder,
  { polls }: ComfyuiRuns,
): Promise<Body> {
  const { signal } = order;
  let failures = 0;
  let missing = 0;
  for (let milliseconds = polls.first; ; milliseconds = Math.min(polls.most, milliseconds * 1.5)) {
    await news(milliseconds, signal);
    try {
      const history = await historyOf(seat.link, id, signal);
      failures = 0;
      if (history) return history;
      missing = (await placeOf(seat.link, id, signal)) === undefined ? missing + 1 : 0;
    } catch (error) {
      failures += 1;
      const { code } = toAppError(error);
      if ((code !== 'engine_failed' && code !== 'overloaded') || failures >= PATIENCE.failures) throw error;
    }
    if (missing >= PATIENCE.missing) throw lostJob();
  }
}

/** What came of a run; undefined while it waits or works, and for one that the server does not know. */
async function historyOf(link: RemoteLink, id: string, signal: AbortSignal): Promise<Body | undefined> {
  const path = `/history/${encodeURIComponent(id)}`;
  const body = await recordOf(await link.call({ method: 'GET', path, signal, maxBytes: JSON_BYTES }));
  const own = body[id];
  return isRecord(own) ? own : undefined;
}

/** 0 for a run that is worked at, else how many are begun until it is; undefined when it is not in the queue. */
async function placeOf(link: RemoteLink, id: string, signal: AbortSignal): Promise<number | undefined> {
  const queue = await recordOf(
    await link.call({ method: 'GET', path: '/queue', signal, maxBytes: JSON_BYTES }),
  );
  const idsIn = (list: unknown) =>
    Array.isArray(list) ? list.map((entry: unknown) => (Array.isArray(entry) ? String(entry[1]) : '')) : [];
  if (idsIn(queue['queue_running']).includes(id)) return 0;
  const place = idsIn(queue['queue_pending']).indexOf(id);
  return place < 0 ? undefined : place + 1;
}

/** Cancels a run, and resolves when the server is not at it any more. Only our own run is ever interrupted. */
async function giveUp({ seat, id }: BegunRun, { polls, ended }: ComfyuiRuns): Promise<void> {
  const post = async (path: string, body: Body) => {
    const reply = await seat.link.call({
      method: 'POST',
      path,
      body: jsonBody(body),
      signal: ended,
      maxBytes: JSON_BYTES,
    });
    await reply.collect();
  };
  await post('/queue', { delete: [id] });
  let interrupted = false;
  for (let milliseconds = polls.first; ; milliseconds = Math.min(polls.most, milliseconds * 1.5)) {
    const place = await placeOf(seat.link, id, ended);
    if (place === undefined) return;
    if (place === 0 && !interrupted) await post('/interrupt', { prompt_id: id });
    interrupted ||= place === 0;
    await pauseFor(milliseconds, ended);
  }
}

interface MadeFile {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

async function resultOf(
  history: Body,
  link: RemoteLink,
  order: ComfyuiOrder,
): Promise<Uint8Array<ArrayBuffer>> {
  const failure = failedGraph(history);
  if (failure) throw failure;
  const { template, accepts, signal } = order;
  const files = filesIn(history['outputs'], template.output);
  const fitting = files.filter(({ filename }) => accepts.test(filename));
  const file = fitting.find(({ type }) => type === 'output') ?? fitting[0];
  if (!file) {
    const made = files.map(({ filename }) => filename).join(', ');
    const words = made === '' ? 'no file' : `only ${made.slice(0, 200)}`;
    throw new AppError('engine_failed', `The engine's server finished the graph with ${words}.`, {
      reason: 'no_file',
    });
  }
  const path = `/view?${new URLSearchParams({ ...file }).toString()}`;
  return (await link.call({ method: 'GET', path, signal, maxBytes: RESULT_BYTES })).collect();
}

function filesIn(outputs: unknown, node: string | undefined): MadeFile[] {
  if (!isRecord(outputs)) return [];
  const nodes = node === undefined ? Object.values(outputs) : [outputs[node]];
  return nodes.filter(isRecord).flatMap((one) =>
    Object.values(one)
      .flatMap((list) => (Array.isArray(list) ? list : []))
      .flatMap((entry: unknown) => {
        if (!isRecord(entry) || typeof entry['filename'] !== 'string') return [];
        const { filename, subfolder, type } = entry;
        return [
          {
            filename,
            subfolder: typeof subfolder === 'string' ? subfolder : '',
            type: typeof type === 'string' ? type : 'output',
          },
        ];
      }),
  );
}
