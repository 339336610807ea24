/** A stretch of time with a name: what was found, or what was really so. */
export interface NamedTurn {
  readonly speaker: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** How far found turns are from the real ones; each but `total` is a share of the time that is really spoken. */
export interface DiarizationError {
  readonly missed: number;
  readonly invented: number;
  readonly confused: number;
  readonly total: number;
}

const STEP = 0.01;

/**
 * The diarization error rate as it is usually defined: missed speech, invented speech and speech that was given to
 * the wrong speaker, over all real speech, with the names paired in the best way. Time within `collar` seconds of a
 * real change does not count.
 */
export function diarizationError(
  real: readonly NamedTurn[],
  found: readonly NamedTurn[],
  collar = 0,
): DiarizationError {
  const end = Math.max(0, ...[...real, ...found].map((turn) => turn.endSeconds));
  const changes = real.flatMap((turn) => [turn.startSeconds, turn.endSeconds]);
  const times = Array.from({ length: Math.ceil(end / STEP) }, (_, index) => (index + 0.5) * STEP).filter(
    (time) => collar === 0 || changes.every((change) => Math.abs(change - time) > collar),
  );
  const frames = times.map((time) => ({ real: speaking(real, time), found: speaking(found, time) }));
  const pairs = bestPairs(frames);
  let [missed, invented, confused, spoken] = [0, 0, 0, 0];
  for (const frame of frames) {
    const right = [...frame.found].filter((name) => frame.real.has(pairs.get(name) ?? '')).length;
    spoken += frame.real.size;
    missed += Math.max(0, frame.real.size - frame.found.size);
    invented += Math.max(0, frame.found.size - frame.real.size);
    confused += Math.min(frame.real.size, frame.found.size) - right;
  }
  const share = (count: number) => count / Math.max(1, spoken);
  return {
    missed: share(missed),
    invented: share(invented),
    confused: share(confused),
    total: share(missed + invented + confused),
  };
}

/** The turns of a file in the Rich Transcription format: `SPEAKER file channel start length … name …`. */
export function readRttm(text: string): NamedTurn[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/))
    .map((fields) => ({
      speaker: fields[7] ?? '',
      startSeconds: Number(fields[3]),
      endSeconds: Number(fields[3]) + Number(fields[4]),
    }));
}

interface Frame {
  readonly real: ReadonlySet<string>;
  readonly found: ReadonlySet<string>;
}

function speaking(turns: readonly NamedTurn[], time: number): Set<string> {
  return new Set(
    turns.filter((turn) => turn.startSeconds <= time && time < turn.endSeconds).map(({ speaker }) => speaker),
  );
}

/** The real name for each found one with which most time is right. All pairings are tried: speakers are few. */
function bestPairs(frames: readonly Frame[]): Map<string, string> {
  const found = [...new Set(frames.flatMap((frame) => [...frame.found]))];
  const real = [...new Set(frames.flatMap((frame) => [...frame.real]))];
  const together = (one: string, other: string) =>
    frames.filter((frame) => frame.found.has(one) && frame.real.has(other)).length;
  const table = found.map((one) => real.map((other) => together(one, other)));
  const search = (row: number, taken: readonly number[]): { time: number; columns: readonly number[] } => {
    if (row === found.length) return { time: 0, columns: [] };
    const choices = [-1, ...real.keys()].filter((column) => column < 0 || !taken.includes(column));
    return choices
      .map((column) => {
        const rest = search(row + 1, column < 0 ? taken : [...taken, column]);
        return { time: (table[row]?.[column] ?? 0) + rest.time, columns: [column, ...rest.columns] };
      })
      .reduce((best, one) => (one.time > best.time ? one : best));
  };
  const { columns } = search(0, []);
  return new Map(found.map((name, index) => [name, real[columns[index] ?? -1] ?? '']));
}
