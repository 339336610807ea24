import { AppError } from '../../base/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';

/** Something without which requests cannot be served. */
export interface ReadinessCheck {
  readonly name: string;
  /** Throws when it is not well. */
  readonly run: () => Promise<void>;
}

/** What came of one. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** How long the answer took. */
  readonly ms: number;
  /** What is wrong, for strangers to read. */
  readonly reason?: string;
}

/** Whether new requests should be sent here. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: readonly CheckResult[];
}

/** What a probe goes by. */
export interface ReadinessParts {
  readonly checks: readonly ReadinessCheck[];
  /** Whether the process is on its way out. */
  readonly isDraining: () => boolean;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Logger;
  /** How long a check may take, in milliseconds; 2 s when absent. */
  readonly limitMs?: number;
}

/** For how long a result counts, so that a flood of probes is no load, in milliseconds. */
const REMEMBERED_MS = 1000;

const LIMIT_MS = 2000;

/** Makes what answers `/ready`. */
export function createReadiness(parts: ReadinessParts): () => Promise<ReadinessReport> {
  const watched = parts.checks.map((check) => watchCheck(check, parts));
  let known: { readonly at: number; readonly results: Promise<readonly CheckResult[]> } | undefined;
  const look = () => {
    const now = parts.clock.monotonicMs();
    if (!known || now - known.at >= REMEMBERED_MS) {
      known = { at: now, results: Promise.all(watched.map((check) => check())) };
    }
    return known.results;
  };
  return async () => {
    const draining = parts.isDraining();
    const results = await look();
    const leaving: CheckResult = {
      name: 'running',
      ok: !draining,
      ms: 0,
      ...(draining ? { reason: 'The server is about to stop.' } : {}),
    };
    const checks = [leaving, ...results];
    return { ready: checks.every(({ ok }) => ok), checks };
  };
}

/** What is wrong, for strangers and for the log; undefined when nothing is. */
type Trouble = { readonly reason: string; readonly error?: unknown } | undefined;

/** One that hangs is not begun a second time before it has come to an end. */
function watchCheck({ name, run }: ReadinessCheck, parts: ReadinessParts): () => Promise<CheckResult> {
  const { clock, log, limitMs = LIMIT_MS } = parts;
  let running: Promise<Trouble> | undefined;
  let wasOk = true;
  return async () => {
    const begunAt = clock.monotonicMs();
    running ??= troubleOf(run).finally(() => {
      running = undefined;
    });
    const trouble = await within(running, limitMs);
    const ok = trouble === undefined;
    const result = { name, ok, ms: Math.round(clock.monotonicMs() - begunAt) };
    if (ok !== wasOk) log[ok ? 'info' : 'warn']({ ...result, ...trouble }, 'readiness-changed');
    wasOk = ok;
    return ok ? result : { ...result, reason: trouble.reason };
  };
}

/** What others throw may name addresses of machines, and is for the log only. */
async function troubleOf(run: ReadinessCheck['run']): Promise<Trouble> {
  try {
    await run();
    return undefined;
  } catch (error) {
    const isOurs = error instanceof AppError && error.code !== 'internal';
    return { reason: isOurs ? error.message : 'It failed. The log says why.', error };
  }
}

async function within(work: Promise<Trouble>, limitMs: number): Promise<Trouble> {
  const late = Promise.withResolvers<Trouble>();
  const reason = `There was no answer within ${limitMs / 1000} s.`;
  const timer = setTimeout(() => late.resolve({ reason }), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
