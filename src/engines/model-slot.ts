import type { MemoryBudget } from '../core/engine.ts';
import type { NativeProcess } from './native-process.ts';

/** What a slot needs of the process that holds its model. */
type SlotProcess = Pick<
  NativeProcess<never, unknown, unknown>,
  'hold' | 'ready' | 'pid' | 'lastUsedMs' | 'unload'
>;

/** A model in a child process of its own, how many use it now, and the room it takes of the memory budget. */
export interface ModelSlot<Process extends SlotProcess> {
  readonly process: Process;
  /** Memory of the loaded model, estimated. */
  readonly bytes: number;
  users: number;
  giveBack: Promise<() => void> | undefined;
}

/** Who takes a model, and out of which budget. */
export interface SlotClaim {
  /** Names the model in messages about memory. */
  readonly id: string;
  readonly memory: MemoryBudget | undefined;
  readonly signal: AbortSignal;
}

/**
 * Loads the model, or joins those who use it already, and returns what gives it back (harmless when called twice).
 * Throws `cancelled`, `overloaded` and `engine_failed`.
 */
export async function takeSlot(slot: ModelSlot<SlotProcess>, claim: SlotClaim): Promise<() => void> {
  const release = use(slot);
  try {
    await enterMemory(slot, claim);
    await slot.process.ready(claim.signal);
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** Gives the room back when the process is gone. One that is replaced while somebody uses it keeps its room. */
export function leaveMemory(slot: ModelSlot<SlotProcess>): void {
  if (slot.users > 0) return;
  const { giveBack } = slot;
  slot.giveBack = undefined;
  giveBack?.then(
    (free) => free(),
    () => undefined,
  );
}

/** Counts a user of the model and keeps its process from ending when idle. */
function use(slot: ModelSlot<SlotProcess>): () => void {
  const letGo = slot.process.hold();
  slot.users += 1;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    slot.users -= 1;
    letGo();
    if (slot.process.pid === undefined) leaveMemory(slot);
  };
}

async function enterMemory(slot: ModelSlot<SlotProcess>, { id, memory }: SlotClaim): Promise<void> {
  slot.giveBack ??= memory?.claim({
    id,
    bytes: slot.bytes,
    lastUsedMs: () => slot.process.lastUsedMs,
    unload: () => slot.process.unload(),
  });
  try {
    await slot.giveBack;
  } catch (error) {
    slot.giveBack = undefined;
    throw error;
  }
}
