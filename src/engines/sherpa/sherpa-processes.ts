import { AppError } from '../../base/errors.ts';
import type { EngineSettings } from '../../core/engine.ts';
import { leaveMemory, takeSlot, type ModelSlot } from '../model-slot.ts';
import { createNativeProcess, type NativeProcess } from '../native-process.ts';
import type { SherpaModel } from './sherpa-catalog.ts';
import type { SherpaAnswer, SherpaCall, SherpaStart, SherpaUpdate } from './sherpa-config.ts';

/** A model in a child process of its own. */
export type SherpaProcess = NativeProcess<SherpaCall, SherpaAnswer, SherpaUpdate>;

/** What a model is started with, but for what holds for all. */
export type StartOf = DistributiveOmit<SherpaStart, 'id' | 'threads'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A model that is loaded for somebody. */
export interface SherpaTenancy {
  readonly process: SherpaProcess;
  /** Gives it back (harmless when called twice). */
  readonly release: () => void;
}

/** The loaded models: one process for each, and for each way to start it. */
export interface SherpaProcesses {
  /** Loads a model, or joins those who use it already. Throws `cancelled`, `overloaded` and `engine_failed`. */
  take(model: SherpaModel, start: StartOf, signal: AbortSignal): Promise<SherpaTenancy>;
  /** Takes a model for a single call. */
  call(
    model: SherpaModel,
    start: StartOf,
    work: { readonly call: SherpaCall; readonly signal: AbortSignal },
  ): Promise<SherpaAnswer>;
  stop(): Promise<void>;
}

/**
 * How long a model may go on with what nobody wants any more, in milliseconds, before its process is replaced. A
 * window of speech can take very long, and nothing else stops it. A sentence does not, and loading the voice
 * again would cost the other listeners more.
 */
const CANCEL_GRACE_MS = {
  recognizer: 150,
  speaker: 3000,
  voice_activity: 500,
  embedding: 500,
  segmentation: 500,
} as const;

/** More threads than this gain these networks nothing. */
const MAX_THREADS = 8;

type Slot = ModelSlot<SherpaProcess>;

/** Keeps the processes of all models. Nothing is started before a model is taken. */
export function createSherpaProcesses(settings: EngineSettings): SherpaProcesses {
  const slots = new Map<string, Slot>();
  let stopped = false;

  const slotFor = (model: SherpaModel, start: StartOf): Slot => {
    // Other files in the folder, or another way to start, make another process; the old one ends when idle.
    const key = JSON.stringify([model.weights.id, model.fingerprint, start]);
    const known = slots.get(key);
    if (known) return known;
    const slot: Slot = {
      process: createProcess(model, { start, settings, onGone: () => leaveMemory(slot) }),
      bytes: memoryFor(model.bytes),
      users: 0,
      giveBack: undefined,
    };
    slots.set(key, slot);
    return slot;
  };

  const take: SherpaProcesses['take'] = async (model, start, signal) => {
    if (stopped) throw new AppError('overloaded', 'The engine sherpa is being shut down.');
    const slot = slotFor(model, start);
    const release = await takeSlot(slot, { id: model.weights.id, memory: settings.memory, signal });
    return { process: slot.process, release };
  };

  return {
    take,
    call: async (model, start, { call, signal }) => {
      const { process, release } = await take(model, start, signal);
      try {
        return await process.call(call, { signal });
      } finally {
        release();
      }
    },
    stop: async () => {
      stopped = true;
      await Promise.all(Array.from(slots.values(), ({ process }) => process.stop()));
    },
  };
}

interface ProcessParts {
  readonly start: StartOf;
  readonly settings: EngineSettings;
  readonly onGone: () => void;
}

function createProcess(model: SherpaModel, { start, settings, onGone }: ProcessParts): SherpaProcess {
  const threads = Math.max(1, Math.min(MAX_THREADS, settings.workers));
  const { id } = model.weights;
  const whole: SherpaStart = { ...start, id, threads };
  return createNativeProcess<SherpaCall, SherpaAnswer, SherpaUpdate>({
    engine: id,
    script: new URL('sherpa-child.ts', import.meta.url),
    start: whole,
    cancelGraceMs: CANCEL_GRACE_MS[start.kind],
    onGone,
    ...(settings.idleMs === undefined ? {} : { idleMs: settings.idleMs }),
  });
}

/** The weights as they are on disk, what the runtime makes of them, and the process itself. */
function memoryFor(bytes: number): number {
  return Math.round(bytes * 1.2 + 100_000_000);
}
