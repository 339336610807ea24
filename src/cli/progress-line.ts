import type { PullProgress } from '../core/models/weights.ts';
import type { Clock } from '../core/ports/clock.ts';

/** Where progress is shown: a terminal is redrawn, anything else gets a line now and then. */
export interface ProgressScreen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressLine {
  show(progress: PullProgress): void;
  /** Ends the line, so that what follows starts on its own. */
  end(): void;
}

const REDRAW_MS = 100;

/** Seconds over which the speed is averaged. */
const SPEED_SECONDS = 5;

/** Shows how far a pull is: per cent, bytes, speed and the time that is left. */
export function createProgressLine(screen: ProgressScreen, clock: Clock): ProgressLine {
  const speed = createSpeedometer(clock);
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown: { id: string; tenth: number } = { id: '', tenth: -1 };
  let open = false;
  return {
    show: (progress) => {
      const bytesPerSecond = speed(progress);
      const whole = progress.receivedBytes === progress.totalBytes;
      if (screen.isTTY === true) {
        if (!whole && clock.monotonicMs() - shownAt < REDRAW_MS) return;
        shownAt = clock.monotonicMs();
        if (open && shown.id !== progress.id) screen.write('\n');
        shown = { id: progress.id, tenth: 0 };
        // Carriage return, the text, then erase what an earlier, longer line left behind it.
        screen.write(
          `\r${progressText(progress, bytesPerSecond).slice(0, (screen.columns ?? 80) - 1)}\u001B[K`,
        );
        open = true;
        return;
      }
      const tenth = progress.totalBytes ? Math.floor((progress.receivedBytes / progress.totalBytes) * 10) : 0;
      if (shown.id === progress.id && shown.tenth >= tenth) return;
      shown = { id: progress.id, tenth };
      screen.write(`${progressText(progress, bytesPerSecond)}\n`);
    },
    end: () => {
      if (open) screen.write('\n');
      open = false;
      shown = { id: '', tenth: -1 };
    },
  };
}

/** One line about a pull; the speed is unknown at first. */
export function progressText(progress: PullProgress, bytesPerSecond: number | undefined): string {
  const { id, receivedBytes, totalBytes } = progress;
  const parts = [id];
  if (totalBytes === undefined) parts.push(byteText(receivedBytes));
  else {
    const fraction = totalBytes === 0 ? 1 : receivedBytes / totalBytes;
    parts.push(progressBar(fraction));
    parts.push(`${byteText(receivedBytes)} of ${byteText(totalBytes)}`);
  }
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return parts.join('  ');
  parts.push(`${byteText(bytesPerSecond)}/s`);
  if (totalBytes !== undefined && receivedBytes < totalBytes)
    parts.push(`${timeText((totalBytes - receivedBytes) / bytesPerSecond)} left`);
  return parts.join('  ');
}

/** `[=====     ]  50 %`. */
export function progressBar(fraction: number): string {
  const filled = Math.floor(fraction * 20);
  return `[${'='.repeat(filled)}${' '.repeat(20 - filled)}]  ${Math.floor(fraction * 100)} %`;
}

/** Decimal units, as hubs and disks count. */
export function byteText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes per second of late; what an earlier run had fetched does not count. */
function createSpeedometer(clock: Clock): (progress: PullProgress) => number | undefined {
  let samples: { id: string; atMs: number; bytes: number }[] = [];
  return ({ id, receivedBytes }) => {
    const atMs = clock.monotonicMs();
    const recent = samples.filter((one) => one.id === id && atMs - one.atMs <= SPEED_SECONDS * 1000);
    const last = recent.at(-1);
    samples = last && atMs - last.atMs < REDRAW_MS ? recent : [...recent, { id, atMs, bytes: receivedBytes }];
    const [first] = recent;
    if (!first || atMs - first.atMs < REDRAW_MS) return undefined;
    return ((receivedBytes - first.bytes) * 1000) / (atMs - first.atMs);
  };
}
