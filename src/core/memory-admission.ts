import { AppError, SHORTAGE } from '../base/errors.ts';
import type { AccessGuard } from './access/access-guard.ts';
import type { MediaOpener } from './media-opening.ts';
import type { MemoryWatch } from './ports/memory-watch.ts';
import type { UploadRoom } from './ports/upload-room.ts';

/** When whoever was refused may come again. */
const COME_AGAIN_MS = 5000;

/** The refusal of work that may get the program killed. */
export function memoryShort(): AppError {
  return new AppError('overloaded', 'This server is short of memory at the moment. Try again shortly.', {
    retryAfterMs: COME_AGAIN_MS,
    reason: SHORTAGE,
  });
}

/**
 * The same guard; while memory is short it lets nothing begin but the speaking of a text, which needs a second or two of
 * sound at a time.
 */
export function sparingAccess(access: AccessGuard, memory: MemoryWatch | undefined): AccessGuard {
  if (!memory) return access;
  return {
    admit: async (act, context) => {
      await access.admit(act, context);
      const isLight = act.capability === 'speech' && act.characters > 0;
      if (!isLight && memory.isShort()) throw memoryShort();
    },
  };
}

/** The same room; while memory is short it takes no file of a request that has none there yet. */
export function sparingUploads(room: UploadRoom, memory: MemoryWatch | undefined): UploadRoom {
  if (!memory) return room;
  return {
    maxFileBytes: room.maxFileBytes,
    close: () => room.close(),
    open: () => {
      const shelf = room.open();
      let admitted = false;
      return {
        clear: () => shelf.clear(),
        keep: async (chunks) => {
          if (!admitted && memory.isShort()) throw memoryShort();
          admitted = true;
          return shelf.keep(chunks);
        },
      };
    },
  };
}

/** The same opener; while memory is short it opens nothing, because what comes next is to unpack it. */
export function sparingOpener(opener: MediaOpener, memory: MemoryWatch | undefined): MediaOpener {
  if (!memory) return opener;
  return {
    open: async (media, opening) => {
      if (memory.isShort()) throw memoryShort();
      return opener.open(media, opening);
    },
  };
}
