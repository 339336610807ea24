// Loaded before every test file: one that has nothing more to do and does not end, because something of it is still
// open, says what that is and fails, instead of holding up all others for ever.
import { afterEach, beforeEach } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/** In milliseconds; without the variable longer than any single test may take. */
const PATIENCE_MS = Number(process.env.ANTIPHON_TEST_PATIENCE_MS ?? 660_000);
/** As they are before a test puts a clock of its own in their place. */
const { setTimeout, clearTimeout } = globalThis;

if (isMainThread && process.env.NODE_TEST_CONTEXT !== undefined) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const open = process.getActiveResourcesInfo().join(', ');
      process.stderr.write(`${process.argv[1]} does not end, something is left open: ${open}\n`);
      process.exit(1);
    }, PATIENCE_MS).unref();
  };
  beforeEach(wait);
  afterEach(wait);
}
