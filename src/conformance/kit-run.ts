import { createPacer, send, type Ask, type KitNetwork, type Reply } from './kit-asking.ts';
import { shown } from './kit-judging.ts';
import { Mismatch, Unchecked } from './kit-mismatch.ts';
import { openSocket } from './kit-socket.ts';
import type { CheckedRow, Kit, KitRow, ModelKind, Probe } from './kit-row.ts';

/** Whom to ask, and how. */
export interface KitPlan {
  readonly url: string;
  readonly key: string | undefined;
  readonly costly: boolean;
  /** Leave out what rests on a choice of ours. */
  readonly documentedOnly: boolean;
  /** Ids of rows, or what their ids begin with; all of them when empty. */
  readonly rows: readonly string[];
  readonly models: Readonly<Partial<Record<ModelKind, string>>>;
  readonly recording: Uint8Array<ArrayBuffer> | undefined;
  readonly perSecond: number;
  readonly rowSeconds: number;
  readonly pollMs: number;
  readonly network: KitNetwork;
  /** Stops everything; what rows left is taken away all the same. */
  readonly signal: AbortSignal;
}

/** What came of a row. */
export interface RowResult {
  readonly id: string;
  readonly section: string;
  readonly requires: string;
  readonly rests: 'on the vendor' | 'on a choice';
  readonly state: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly why?: string;
  readonly expected?: string;
  readonly came?: string;
  readonly milliseconds: number;
  /** What it made and could not take away again. */
  readonly left: readonly string[];
}

/** What is sent to a server that wants no key: the official clients do not start without one. */
const ANY_KEY = 'any';

/** How long taking away may take. */
const UNDO_MS = 10_000;

/** The rows that a list of ids means: the row itself, or all whose id goes on after it. */
export function chosenRows(kit: Kit, ids: readonly string[]): readonly KitRow[] {
  if (ids.length === 0) return kit.rows;
  return kit.rows.filter(({ id }) => ids.some((asked) => isMeant(id, asked)));
}

function isMeant(id: string, asked: string): boolean {
  const [row, wanted] = [id.toLowerCase(), asked.toLowerCase()];
  return row === wanted || row.startsWith(`${wanted} `);
}

/** Holds a server to the rows of a kit, one after another. */
export async function* runKit(kit: Kit, plan: KitPlan): AsyncGenerator<RowResult> {
  const run = startRun(kit, plan);
  for (const row of chosenRows(kit, plan.rows)) {
    if (plan.signal.aborted) return;
    const began = plan.network.now();
    const result = await resultOf(row, plan, run);
    const { id, section, requires } = row;
    const rests = 'check' in row && row.tags?.includes('ours') ? 'on a choice' : 'on the vendor';
    yield {
      id,
      section,
      requires,
      rests,
      left: [],
      ...result,
      milliseconds: Math.round(plan.network.now() - began),
    };
  }
}

type Outcome = Pick<RowResult, 'state'> & Partial<RowResult>;

interface Run {
  readonly check: (row: CheckedRow) => Promise<Outcome>;
}

async function resultOf(row: KitRow, plan: KitPlan, run: Run): Promise<Outcome> {
  if (!('check' in row)) return { state: 'skipped', why: row.why };
  const tags = row.tags ?? [];
  if (tags.includes('costly') && !plan.costly)
    return { state: 'skipped', why: 'costs more than a few words: --costly runs it' };
  if (tags.includes('ours') && plan.documentedOnly)
    return { state: 'skipped', why: 'rests on a choice where the vendor is silent' };
  return run.check(row);
}

interface RowRun {
  readonly row: CheckedRow;
  readonly replies: Reply[];
  readonly undo: (() => Promise<unknown>)[];
  readonly signal: AbortSignal;
}

/** Whom a request is to be made as. */
function credentialsOf(
  { kit, plan, base }: { readonly kit: Kit; readonly plan: KitPlan; readonly base: string },
  key: string | null | undefined,
  url: string,
): Readonly<Record<string, string>> {
  if (key === null) return {};
  if (key !== undefined) return kit.credentials(key);
  // What a server gives out to be fetched elsewhere gets no key.
  return url.startsWith(`${base}/`) ? kit.credentials(plan.key ?? ANY_KEY) : {};
}

function startRun(kit: Kit, plan: KitPlan): Run {
  const { network } = plan;
  const base = baseOf(kit, plan.url);
  const pace = createPacer(network, plan.perSecond);
  const all: Reply[] = [];
  let recording: Uint8Array<ArrayBuffer> | undefined;
  const credentialsFor = (key: string | null | undefined, url: string) =>
    credentialsOf({ kit, plan, base }, key, url);
  const ask = async (one: Ask, signal: AbortSignal): Promise<Reply> => {
    await pace(signal);
    const url = /^https?:/.test(one.path) ? one.path : `${base}${one.path}`;
    return send(network, { url, ask: one, credentials: credentialsFor(one.key, url) }, signal);
  };
  const probeFor = (current: RowRun): Probe => {
    const asking = async (one: Ask): Promise<Reply> => {
      const reply = await ask(one, current.signal);
      current.replies.push(reply);
      all.push(reply);
      for (const left of kit.leftBy(reply)) current.undo.push(() => takeAway(left));
      return reply;
    };
    const probe: Probe = {
      costly: plan.costly,
      base,
      key: plan.key,
      replies: all,
      ask: asking,
      get: (path) => asking({ path }),
      post: (path, json) => asking({ path, json }),
      open: async ({ path, protocols = [], headers = {}, key }) => {
        await pace(current.signal);
        const url = `${base}${path}`;
        const address = { url, protocols, headers: { ...credentialsFor(key, url), ...headers } };
        const socket = await openSocket(network, address, current.signal);
        current.undo.push(async () => socket.hangUp());
        return socket;
      },
      later: (left) => current.undo.push(() => takeAway(left)),
      model: (kind) => plan.models[kind] ?? kit.models[kind] ?? '',
      recording: async () => (recording ??= plan.recording ?? (await spoken(kit, probe))),
      pause: () => network.pause(plan.pollMs, current.signal),
    };
    return probe;
  };
  const takeAway = async (left: Ask): Promise<void> => {
    const reply = await ask(left, AbortSignal.timeout(UNDO_MS));
    if (reply.status >= 400 && reply.status !== 404 && reply.status !== 410)
      throw new Error(`${left.path}: ${shown(reply)}`);
  };
  return {
    check: async (row) => {
      const limit = AbortSignal.timeout(plan.rowSeconds * 1000);
      const signal = AbortSignal.any([limit, plan.signal]);
      const current: RowRun = { row, replies: [], undo: [], signal };
      const outcome = await judged(current, { probe: probeFor(current), kit, plan });
      return { ...outcome, left: await undoAll(current.undo) };
    },
  };
}

/** What the server says itself, for want of a recording. */
async function spoken(kit: Kit, probe: Probe): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await kit.speak(probe);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new Unchecked(`needs somebody who speaks: --recording FILE (the server does not: ${error.came})`);
  }
}

async function judged(
  { row, replies, signal }: RowRun,
  { probe, kit, plan }: { probe: Probe; kit: Kit; plan: KitPlan },
): Promise<Outcome> {
  try {
    await row.check(probe);
    return { state: 'passed' };
  } catch (error) {
    if (plan.signal.aborted) return { state: 'skipped', why: 'interrupted' };
    if (signal.aborted)
      return { state: 'failed', expected: `an end within ${plan.rowSeconds} s`, came: 'none' };
    if (error instanceof Unchecked) return { state: 'skipped', why: error.message };
    if (!(error instanceof Mismatch)) throw error;
    const missing = row.tags?.includes('unknown-model')
      ? undefined
      : replies.map((reply) => kit.unserved(reply)).find(Boolean);
    if (missing) return { state: 'skipped', why: `the server has no model for it: ${missing}` };
    return { state: 'failed', expected: error.expected, came: error.came };
  }
}

/** Takes away what a row made, the last first, and tells what could not be. */
async function undoAll(undo: readonly (() => Promise<unknown>)[]): Promise<readonly string[]> {
  const left: string[] = [];
  for (const one of undo.toReversed()) {
    try {
      await one();
    } catch (error) {
      left.push(error instanceof Error ? error.message : String(error));
    }
  }
  return left;
}

/** Where the API begins: as given, and where the vendor has it when only a host was given. */
export function baseOf({ usualPath }: Kit, url: string): string {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return `${origin}${path === '' ? usualPath : path}`;
}
