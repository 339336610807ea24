import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import type { EngineSettings, InstalledWeights } from '../../core/engine.ts';
import { leaveMemory, takeSlot, type ModelSlot } from '../model-slot.ts';
import { createNativeProcess, type NativeProcess, type NativeProcessParts } from '../native-process.ts';
import type { WhisperPackage } from './whisper-binding.ts';
import type { WhisperAnswer, WhisperCall, WhisperStart } from './whisper-calls.ts';
import { DamagedModelError, inspectModelFile, type WhisperModelFacts } from './whisper-model-file.ts';

export type WhisperProcess = NativeProcess<WhisperCall, WhisperAnswer>;

/** A model that is loaded for somebody. */
export interface WhisperTenancy {
  readonly process: WhisperProcess;
  readonly facts: WhisperModelFacts;
  /** Gives it back (harmless when called twice). */
  readonly release: () => void;
}

/** The models of this engine, each in a child process of its own. */
export interface WhisperModels {
  /** Loads a model, or joins those who use it already. */
  take(weights: InstalledWeights, signal: AbortSignal): Promise<WhisperTenancy>;
  stop(): Promise<void>;
}

/** Models are loaded again within seconds; this long they may be of use to the next caller. */
const IDLE_MS = 5 * 60_000;
/** More threads than this make whisper.cpp slower, not faster. */
const MAX_THREADS = 8;

/** `silenceMs`: how long a child may stand still before it counts as hung. */
export type WhisperSettings = EngineSettings & Pick<NativeProcessParts, 'silenceMs'>;

type Slot = ModelSlot<WhisperProcess>;

interface Shared {
  readonly settings: WhisperSettings;
  readonly packages: readonly WhisperPackage[];
  /** By what identifies a file and its content. */
  readonly slots: Map<string, Slot>;
  readonly inspected: Map<string, Promise<WhisperModelFacts>>;
}

/** Makes the store of loaded models. Nothing is loaded yet. */
export function createWhisperModels(
  settings: WhisperSettings,
  packages: readonly WhisperPackage[],
): WhisperModels {
  const shared: Shared = { settings, packages, slots: new Map(), inspected: new Map() };
  return {
    take: async (weights, signal) => {
      const file = modelFile(weights);
      const { key, size, facts } = await inspect(shared, file, weights.id);
      const slot = shared.slots.get(key) ?? addSlot(shared, { key, file, bytes: memoryFor(size) });
      const release = await takeSlot(slot, { id: weights.id, memory: settings.memory, signal });
      return { process: slot.process, facts, release };
    },
    stop: async () => {
      await Promise.all(Array.from(shared.slots.values(), (slot) => slot.process.stop()));
    },
  };
}

/** A file is read through once, and again when it has changed. */
async function inspect({ inspected }: Shared, file: string, id: string) {
  const { size, mtimeMs } = await stat(file).catch((error: unknown) => {
    throw whisperNotInstalled(id, error);
  });
  const key = `${file} ${size} ${mtimeMs}`;
  const facts = inspected.get(key) ?? inspectModelFile(file);
  inspected.set(key, facts);
  try {
    return { key, size, facts: await facts };
  } catch (error) {
    inspected.delete(key);
    throw error instanceof DamagedModelError ? damaged(id, error.message, error) : error;
  }
}

function addSlot(
  { settings, packages, slots }: Shared,
  { key, file, bytes }: { readonly key: string; readonly file: string; readonly bytes: number },
): Slot {
  const start: WhisperStart = {
    modelFile: file,
    packages,
    threads: Math.max(1, Math.min(MAX_THREADS, settings.workers)),
  };
  const slot: Slot = {
    bytes,
    process: createNativeProcess({
      engine: 'whisper',
      script: new URL('whisper-child.ts', import.meta.url),
      start,
      idleMs: settings.idleMs ?? IDLE_MS,
      ...(settings.silenceMs === undefined ? {} : { silenceMs: settings.silenceMs }),
      onGone: () => leaveMemory(slot),
    }),
    users: 0,
    giveBack: undefined,
  };
  slots.set(key, slot);
  return slot;
}

function modelFile(weights: InstalledWeights): string {
  const name = weights.files.find((file) => file.endsWith('.bin'));
  if (name !== undefined) return join(weights.folder, name);
  throw whisperNotInstalled(weights.id);
}

/** whisper.cpp holds the weights as they are on disk, and the buffers of its decoders besides. */
function memoryFor(bytes: number): number {
  return Math.round(bytes * 1.2 + 150_000_000);
}

/** The refusal of a model whose file is not there. */
export function whisperNotInstalled(id: string, cause?: unknown): AppError {
  return new AppError(
    'unsupported_feature',
    `${id} is not installed. "antiphon models pull ${id}" installs it.`,
    { param: 'model', reason: 'not_installed', cause },
  );
}

function damaged(id: string, problem: string, cause: unknown): AppError {
  return new AppError(
    'engine_failed',
    `The file of ${id} ${problem}. "antiphon models rm ${id}" and "antiphon models pull ${id}" put a sound one in its place.`,
    { reason: 'damaged_model', cause },
  );
}
