import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/**
 * The environment of a worker thread: where compiled code is kept, and nothing else. Without it each thread would turn its
 * script from TypeScript into JavaScript again, which costs it 11 MB and twice the time to start.
 */
export function threadEnvironment(): Record<string, string> {
  const folder = getCompileCacheDir();
  // What is told is the folder of this version of Node, which looks for it in the one above.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
