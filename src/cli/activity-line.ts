import type { ProgressScreen } from './progress-line.ts';

const TURN_MS = 120;
const SIGNS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** Shows on a terminal that something is being done and for how long, where nobody can tell how far it is. */
export async function whileShowing<Result>(
  what: string,
  work: () => Promise<Result>,
  screen: ProgressScreen = process.stderr,
): Promise<Result> {
  if (screen.isTTY !== true) return work();
  const startedAt = performance.now();
  let turn = 0;
  const show = () => {
    const seconds = Math.floor((performance.now() - startedAt) / 1000);
    screen.write(`\r${SIGNS[turn % SIGNS.length] ?? ''} ${what} ${seconds} s\u001B[K`);
    turn += 1;
  };
  show();
  const turning = setInterval(show, TURN_MS);
  try {
    return await work();
  } finally {
    clearInterval(turning);
    screen.write('\r\u001B[K');
  }
}
