import { ladder } from './music-comping.ts';
import type { Bar, Pen, Player } from './music-score.ts';
import type { ArpeggioPattern } from './music-style.ts';

/** What somebody who plays broken chords plays. */
export interface ArpeggioPart {
  readonly pattern: ArpeggioPattern;
  /** The lowest note. */
  readonly low: number;
}

/** Steps of the ladder of chord tones. */
const SHAPES: Readonly<Record<Exclude<ArpeggioPattern, 'sparse'>, readonly (readonly number[])[]>> = {
  up: [
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4, 3, 2, 1],
    [0, 2, 1, 3],
  ],
  'up and down': [
    [0, 1, 2, 3, 4, 3, 2, 1],
    [0, 2, 4, 2],
    [0, 1, 2, 4, 3, 2],
  ],
  rolling: [
    [0, 2, 3, 1, 2, 4, 3, 2],
    [2, 0, 1, 3, 0, 2, 1, 3],
    [0, 3, 2, 3, 1, 3, 2, 3],
  ],
  ostinato: [
    [0, 0, 2, 0, 1, 0, 2, 1],
    [0, 0, 1, 0, 0, 2, 0, 1],
    [0, 2, 0, 1, 0, 2, 1, 0],
  ],
  cascade: [
    [0, 1, 2],
    [0, 1, 2, 3],
    [2, 1, 0],
  ],
};

/** Steps of a beat, by pattern. */
const STEPS: Readonly<Record<ArpeggioPattern, number>> = {
  up: 4,
  'up and down': 2,
  rolling: 4,
  ostinato: 4,
  cascade: 8,
  sparse: 1,
};

/** A player of broken chords. */
export function arpeggioPlayer({ pattern, low }: ArpeggioPart): Player {
  return (bar, pen) => {
    if (bar.final) return finish(bar, pen, low);
    if (pattern === 'sparse') return sparse(bar, pen, low);
    return roll(bar, pen, { pattern, low });
  };
}

function roll(
  bar: Bar,
  pen: Pen,
  { pattern, low }: { readonly pattern: Exclude<ArpeggioPattern, 'sparse'>; readonly low: number },
): void {
  const shape = shapeOf(pattern, bar);
  const perBeat = bar.metre.division === 3 ? 3 : STEPS[pattern];
  const steps = Math.round(bar.beats * perBeat);
  // Each time a theme comes round the figure sits elsewhere.
  const lift = pattern === 'cascade' ? 0 : bar.round % 2;
  for (let step = 0; step < steps; step += 1) {
    const beat = step / perBeat;
    const rungs = ladder(bar, beat, low);
    const rung = (shape[step % shape.length] ?? 0) + lift;
    const pitch = rungs[rung % Math.max(1, rungs.length)] ?? low;
    const onBeat = step % perBeat === 0;
    const rests = pattern !== 'cascade' && pen.random.chance(0.04 + 0.22 * (1 - bar.energy));
    if (rests && !onBeat) continue;
    const accent = onBeat ? 0.16 : step % 2 === 0 ? 0.06 : 0;
    const velocity = (0.46 + accent) * (0.7 + 0.3 * bar.energy) * pen.random.between(0.9, 1.06);
    pen.add({ beat: bar.startBeat + beat, beats: 0.85 / perBeat, pitch, velocity });
  }
}

function shapeOf(pattern: Exclude<ArpeggioPattern, 'sparse'>, { section }: Bar): readonly number[] {
  const shapes = SHAPES[pattern];
  const place = section.theme === 'a' ? 0 : section.theme === 'b' ? 1 : 2;
  return shapes[place % shapes.length] ?? [0];
}

/** A few notes, far apart. */
function sparse(bar: Bar, pen: Pen, low: number): void {
  const count = pen.random.below(3) + (bar.energy > 0.6 ? 1 : 0);
  for (let index = 0; index < count; index += 1) {
    const beat = pen.random.below(Math.max(1, Math.round(bar.beats * 2))) / 2;
    const rungs = ladder(bar, beat, low);
    const pitch = rungs[pen.random.below(rungs.length)] ?? low;
    const velocity = pen.random.between(0.28, 0.55) * (0.7 + 0.3 * bar.energy);
    pen.add({ beat: bar.startBeat + beat, beats: 2, pitch, velocity });
  }
}

function finish(bar: Bar, pen: Pen, low: number): void {
  for (const [index, pitch] of ladder(bar, 0, low).slice(0, 5).entries()) {
    pen.add({ beat: bar.startBeat + index * 0.12, beats: bar.beats, pitch, velocity: 0.5 - 0.04 * index });
  }
}
