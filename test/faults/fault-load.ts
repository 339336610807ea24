import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Ends } from './fault-ends.ts';
import type { Target } from './fault-nodes.ts';

/** Something that callers ask for. Whoever asks again gets the same. */
export interface Wish {
  readonly path: string;
  readonly body: string;
  /** What is compared of an answer. */
  readonly essence: (answer: Buffer) => string;
}

const SENTENCE = 'Somebody says this sentence again and again.';

/** Speech of some seconds. */
export const SPEECH: Wish = {
  path: '/v1/audio/speech',
  body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input: SENTENCE, response_format: 'pcm' }),
  essence: (answer) => answer.toString('base64'),
};

const PICTURES = z.object({ data: z.array(z.object({ b64_json: z.string() })) });

/** A small picture, for which an engine's child process is needed. */
export const PICTURE: Wish = {
  path: '/v1/images/generations',
  body: JSON.stringify({
    model: 'procedural/pictures',
    prompt: 'three boats on a calm sea',
    seed: 7,
    size: '256x256',
  }),
  essence: (answer) => {
    const read = PICTURES.safeParse(JSON.parse(answer.toString()));
    return read.data?.data[0]?.b64_json ?? '';
  },
};

/** What became of one request. */
export interface Attempt {
  readonly kind: 'direct' | 'order';
  /** Where it was sent. */
  readonly node: string;
  readonly begun: number;
  readonly ended: number;
  /** `refused`: nobody was there, or an answer that says come again; `cut`: the connection broke; `failed`: anything else. */
  readonly outcome: 'completed' | 'accepted' | 'refused' | 'cut' | 'failed';
  /** Whether the answer began well. */
  readonly isBegun: boolean;
  readonly jobId?: string;
  readonly note?: string;
}

/** Somebody who asks all the time. */
export interface Load {
  readonly attempts: readonly Attempt[];
  readonly right: RightAnswer;
  /** Resolves when so many more requests have ended, however they did. */
  untilMore(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** What all answers have to be equal to: the first one. */
export interface RightAnswer {
  isRight(answer: Buffer): boolean;
}

export function rightAnswer(wish: Wish): RightAnswer {
  let right: string | undefined;
  return {
    isRight: (answer) => {
      const essence = wish.essence(answer);
      right ??= essence;
      return essence.length > 1000 && essence === right;
    },
  };
}

export interface LoadOptions {
  readonly targets: readonly Target[];
  readonly wish: Wish;
  readonly ends: Ends;
  readonly key?: string;
  /** Callers who wait for their answers. */
  readonly callers: number;
  /** Jobs that are ordered and have not ended, at most. */
  readonly ordered: number;
}

/** How long a caller waits after an answer, and after a refusal, in milliseconds. */
const BREATH_MS = 10;
const AGAIN_MS = 100;

/** How often a job is ordered at least, in milliseconds. */
const ORDER_MS = 500;

/** Who has no answer by then has none. */
const PATIENCE_MS = 60_000;

const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Begins to ask. */
export function startLoad(options: LoadOptions): Load {
  const { targets, ends } = options;
  const attempts: Attempt[] = [];
  const right = rightAnswer(options.wish);
  const stopping = new AbortController();
  const answering = targets.filter(({ answers }) => answers);
  let turn = 0;
  const next = () => {
    turn += 1;
    return answering[turn % answering.length];
  };
  const ask = async (kind: Attempt['kind']) => {
    const target = next();
    if (!target) return;
    const attempt = await tryOnce(kind, target, { ...options, right });
    attempts.push(attempt);
    const isWell = attempt.outcome === 'completed' || attempt.outcome === 'accepted';
    await pause(isWell ? BREATH_MS : AGAIN_MS);
  };
  const caller = async () => {
    while (!stopping.signal.aborted) await ask('direct');
  };
  const outstanding = () =>
    attempts.filter(({ jobId }) => jobId !== undefined && !ends.hasEnded(jobId)).length;
  const orderer = async () => {
    let orderedAt = -Infinity;
    while (!stopping.signal.aborted) {
      // Where jobs cannot end at the moment, somebody orders more all the same.
      const isDue = outstanding() < options.ordered || performance.now() - orderedAt > ORDER_MS;
      if (isDue) orderedAt = performance.now();
      await (isDue ? ask('order') : pause(BREATH_MS));
    }
  };
  const lanes = [...Array.from({ length: options.callers }, caller), orderer()];
  return {
    attempts,
    right,
    untilMore: async (count) => {
      const goal = attempts.length + count;
      while (attempts.length < goal) await pause(BREATH_MS);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(lanes);
    },
  };
}

interface Asking extends LoadOptions {
  readonly right: RightAnswer;
}

async function tryOnce(kind: Attempt['kind'], target: Target, asking: Asking): Promise<Attempt> {
  const begun = performance.now();
  const told = await askOnce(kind, target, asking);
  return { kind, node: target.name, begun, ended: performance.now(), ...told };
}

type Told = Pick<Attempt, 'outcome' | 'isBegun' | 'jobId' | 'note'>;

async function askOnce(kind: Attempt['kind'], target: Target, asking: Asking): Promise<Told> {
  const { wish, key, ends } = asking;
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(kind === 'order' ? { prefer: 'respond-async', 'x-antiphon-webhook': ends.url } : {}),
  };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let isBegun = false;
  try {
    const response = await fetch(target.origin + wish.path, {
      method: 'POST',
      headers,
      body: wish.body,
      signal,
    });
    isBegun = response.ok;
    return {
      isBegun,
      ...judge(kind, response, { answer: Buffer.from(await response.arrayBuffer()), asking }),
    };
  } catch (error) {
    if (isNobodyThere(error)) return { outcome: 'refused', isBegun };
    if (signal.aborted) return { outcome: 'failed', isBegun, note: 'no answer at all' };
    return { outcome: 'cut', isBegun };
  }
}

const ACCEPTED = z.object({ id: z.string() });

function judge(
  kind: Attempt['kind'],
  { status, headers }: Response,
  { answer, asking }: { readonly answer: Buffer; readonly asking: Asking },
): Omit<Told, 'isBegun'> {
  if (status === 202 && kind === 'order')
    return { outcome: 'accepted', jobId: ACCEPTED.parse(JSON.parse(answer.toString())).id };
  if (status === 200 && kind === 'direct' && asking.right.isRight(answer)) return { outcome: 'completed' };
  const isHonest = LATER.has(status) && (status !== 503 || headers.has('retry-after'));
  if (isHonest) return { outcome: 'refused' };
  return { outcome: 'failed', note: `${status} ${answer.subarray(0, 300).toString('latin1')}` };
}

function isNobodyThere(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
