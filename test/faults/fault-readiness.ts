import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Target } from './fault-nodes.ts';

/** What was said of whether a server is ready. */
export interface Said {
  /** By each server, last. */
  readonly last: Readonly<Record<string, string>>;
  readonly isTrue: boolean;
}

/** Asks every server again and again whether it is ready. */
export interface ReadinessWatch {
  /** Something is wrong from now on. */
  enter(): void;
  /** Resolves when everybody says what they have to, or too much time has passed. */
  untilTrue(mostMs: number): Promise<void>;
  /** What was said since `enter`. */
  leave(): Said;
  stop(): Promise<void>;
}

const REPORT = z.object({ checks: z.array(z.object({ name: z.string(), ok: z.boolean() })) });

const WELL = /^200$/;
const GONE = 'gone';

const LOOK_MS = 100;
const ANSWER_MS = 5000;

/** Begins to ask. Servers for which nothing is expected have to be ready. */
export function watchReadiness(
  targets: readonly Target[],
  expects: Readonly<Record<string, RegExp>>,
): ReadinessWatch {
  const said = new Map<string, string[]>(targets.map(({ name }) => [name, []]));
  const stopping = new AbortController();
  const watch = async (target: Target) => {
    while (!stopping.signal.aborted) {
      const words = said.get(target.name);
      const word = await askAt(target);
      words?.push(word);
      await pause(LOOK_MS);
    }
  };
  const watches = targets.map(watch);
  const isTrueOf = ({ name }: Target) => {
    const last = said.get(name)?.at(-1);
    return last !== undefined && (expects[name] ?? WELL).test(last);
  };
  return {
    enter: () => {
      for (const words of said.values()) words.length = 0;
    },
    untilTrue: async (mostMs) => {
      const from = performance.now();
      while (!targets.every(isTrueOf) && performance.now() - from < mostMs) await pause(LOOK_MS);
    },
    leave: () => ({
      last: Object.fromEntries(targets.map(({ name }) => [name, said.get(name)?.at(-1) ?? ''])),
      isTrue: targets.every(isTrueOf),
    }),
    stop: async () => {
      stopping.abort();
      await Promise.all(watches);
    },
  };
}

/** 200, or 503 and what is not well, or what came instead of an answer. */
async function askAt({ origin }: Target): Promise<string> {
  try {
    const response = await fetch(`${origin}/ready`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { checks } = REPORT.parse(await response.json());
    const wrong = checks.filter(({ ok }) => !ok).map(({ name }) => name);
    return [String(response.status), ...wrong].join(' ');
  } catch {
    return GONE;
  }
}
