import type { ShownJob } from './job-answer.ts';
import { progressBar, type ProgressScreen } from './progress-line.ts';

/** Shows how far a job is: a bar on a terminal, elsewhere a line for each state and each tenth. */
export interface JobLine {
  show(job: ShownJob): void;
  /** Ends the line, so that what follows starts on its own. */
  end(): void;
}

/** Begins to show a job. */
export function createJobLine(screen: ProgressScreen): JobLine {
  let shown = '';
  let open = false;
  return {
    show: (job) => {
      if (screen.isTTY === true) {
        // Carriage return, the text, then erase what an earlier, longer line left behind it.
        screen.write(`\r${jobText(job).slice(0, (screen.columns ?? 80) - 1)}\u001B[K`);
        open = true;
        return;
      }
      const step = `${job.state} ${Math.floor(job.progress * 10)}`;
      if (step === shown) return;
      shown = step;
      screen.write(`${jobText(job)}\n`);
    },
    end: () => {
      if (open) screen.write('\n');
      open = false;
    },
  };
}

function jobText({ id, state, progress, position, etaSeconds }: ShownJob): string {
  const parts = [id, state];
  if (state === 'running') parts.push(progressBar(progress));
  if (state === 'queued' && position !== null) parts.push(`${position} before it`);
  if (etaSeconds !== null) parts.push(`about ${etaSeconds} s left`);
  return parts.join('  ');
}
