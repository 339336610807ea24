import type { Random } from '../dsp/dsp-random.ts';
import { GROOVES, type Groove } from './music-grooves.ts';
import type { Bar, WrittenStroke } from './music-score.ts';
import type { GrooveName } from './music-style.ts';
import type { DrumKit, DrumPiece } from './music-terms.ts';

/** How a bar of drums is to be. */
export interface DrumWish {
  readonly groove: GrooveName;
  readonly kit: DrumKit;
  readonly random: Random;
}

const VELOCITIES: Readonly<Record<string, number>> = { X: 1, x: 0.8, o: 0.5, '-': 0.28, '?': 0.45, r: 0.55 };

/** Pieces that keep time; without them a bar has only its accents. */
const TIMEKEEPERS: ReadonlySet<DrumPiece> = new Set(['hat', 'ride', 'shaker', 'open hat']);

/** What the drums play in a bar. */
export function drumBar(bar: Bar, wish: DrumWish): WrittenStroke[] {
  if (bar.final) return finalStrokes(bar, wish.kit);
  const groove = GROOVES[wish.groove];
  const closes = bar.place === bar.sectionBars - 1;
  const phraseEnds = bar.place % 4 === 3;
  const fillBeats =
    closes && bar.sectionBars > 1 ? Math.min(2, bar.beats) : phraseEnds && bar.energy > 0.5 ? 1 : 0;
  const filled = fillBeats > 0 && bar.beats > 1 && wish.random.chance(closes ? 0.95 : 0.6);
  const until = filled ? bar.beats - fillBeats : bar.beats;
  const strokes = grooveStrokes(bar, { groove, until, random: wish.random });
  if (filled) strokes.push(...fillStrokes(bar, { from: until, wish }));
  if (bar.place === 0) strokes.push(...opening(bar, wish));
  return strokes;
}

function grooveStrokes(
  bar: Bar,
  { groove, until, random }: { readonly groove: Groove; readonly until: number; readonly random: Random },
): WrittenStroke[] {
  const strokes: WrittenStroke[] = [];
  for (const [name, patterns] of Object.entries(groove)) {
    // The keys of a groove are pieces.
    const piece = name as DrumPiece;
    const steps = adaptSteps(patterns[bar.energy >= 0.5 ? 1 : 0], piece, bar);
    // Quiet sections keep to the time; in a build-up pieces come in one after another.
    if (bar.energy < 0.3 && piece !== 'kick' && !TIMEKEEPERS.has(piece)) continue;
    const division = bar.metre.division;
    for (const [step, sign] of Array.from(steps).entries()) {
      const beat = step / division;
      if (beat >= until - 1e-9) break;
      strokes.push(...signStrokes({ sign, beat, division }, { bar, piece, random }));
    }
  }
  return strokes;
}

function signStrokes(
  { sign, beat, division }: { readonly sign: string; readonly beat: number; readonly division: number },
  { bar, piece, random }: { readonly bar: Bar; readonly piece: DrumPiece; readonly random: Random },
): WrittenStroke[] {
  const base = VELOCITIES[sign];
  if (base === undefined || (sign === '?' && !random.chance(0.45))) return [];
  const level = base * (0.72 + 0.28 * bar.energy);
  const stroke = (late: number, softer: number): WrittenStroke => ({
    beat: bar.startBeat + beat + late,
    piece,
    velocity: Math.min(1, level * softer * random.between(0.9, 1.06)),
  });
  if (sign !== 'r') return [stroke(0, 1)];
  const parts = random.pick([2, 3, 4]);
  return Array.from({ length: parts }, (_, index) => stroke(index / parts / division, 1 - 0.12 * index));
}

/** Beats of four that stand for those of another metre. */
const BEATS: Readonly<Record<number, readonly number[]>> = {
  1: [0],
  2: [0, 1],
  3: [0, 2, 3],
  5: [0, 1, 2, 1, 3],
  6: [0, 2, 3, 0, 2, 3],
  7: [0, 1, 2, 3, 0, 1, 3],
};

/** A pattern of four beats as one of the bar's metre. */
function adaptSteps(pattern: string, piece: DrumPiece, { beats, metre }: Bar): string {
  const count = Math.round(beats);
  const chosen = BEATS[count] ?? Array.from({ length: count }, (_, beat) => beat % 4);
  const waltz = count === 3 && metre.beats === 3;
  return chosen
    .map((beat, index) => {
      const steps = pattern.slice(beat * 4, beat * 4 + 4);
      // In three only the first beat is heavy.
      if (waltz && index > 0 && (piece === 'kick' || piece === 'big drum'))
        return '....'.slice(0, metre.division);
      return metre.division === 3 ? inThree(steps, piece) : steps;
    })
    .join('');
}

function inThree(steps: string, piece: DrumPiece): string {
  const sign = (place: number) => steps[place] ?? '.';
  const first = sign(0) === '.' ? sign(1) : sign(0);
  if (!TIMEKEEPERS.has(piece)) return `${first}.${sign(3) === '.' ? sign(2) : sign(3)}`;
  return steps === '....' ? '...' : `${first === '.' ? 'o' : first}oo`;
}

/** A run over the drums that leads into what comes. */
function fillStrokes(
  bar: Bar,
  { from, wish }: { readonly from: number; readonly wish: DrumWish },
): WrittenStroke[] {
  const { random, kit } = wish;
  const steps = Math.round((bar.beats - from) * bar.metre.division);
  const order = FILLS[kit];
  const strokes: WrittenStroke[] = [];
  const sparse = kit === 'brushes' || kit === 'dusty' || bar.energy < 0.45;
  for (let step = 0; step < steps; step += 1) {
    const late = step / steps;
    if (random.chance(sparse ? 0.5 : 0.18) && step % 2 === 1) continue;
    const piece = order[Math.min(order.length - 1, Math.floor(late * order.length))] ?? 'snare';
    const velocity = (0.45 + 0.45 * late) * (0.6 + 0.4 * bar.energy) * (step % 2 === 0 ? 1 : 0.75);
    strokes.push({ beat: bar.startBeat + from + step / bar.metre.division, piece, velocity });
  }
  if (kit !== 'orchestral') strokes.push({ beat: bar.startBeat + from, piece: 'kick', velocity: 0.8 });
  return strokes;
}

const FILLS: Readonly<Record<DrumKit, readonly DrumPiece[]>> = {
  acoustic: ['snare', 'high tom', 'high tom', 'low tom'],
  brushes: ['snare', 'snare', 'high tom'],
  electronic: ['clap', 'snare', 'snare', 'snare'],
  deep: ['snare', 'snare', 'low tom'],
  dusty: ['snare', 'kick', 'snare'],
  orchestral: ['low tom', 'low tom', 'big drum'],
  chip: ['snare', 'snare', 'kick', 'snare'],
};

function opening(bar: Bar, { kit }: DrumWish): WrittenStroke[] {
  if (bar.energy < 0.55 || kit === 'dusty' || kit === 'chip') return [];
  const velocity = 0.35 + 0.4 * bar.energy;
  const soft = kit === 'brushes' ? 0.5 : 1;
  return [{ beat: bar.startBeat, piece: 'crash', velocity: velocity * soft }];
}

function finalStrokes(bar: Bar, kit: DrumKit): WrittenStroke[] {
  const beat = bar.startBeat;
  const loud = 0.5 + 0.4 * bar.energy;
  if (kit === 'orchestral') {
    return bar.energy < 0.3
      ? []
      : [
          { beat, piece: 'big drum', velocity: loud },
          { beat, piece: 'crash', velocity: loud * 0.8 },
        ];
  }
  return [
    { beat, piece: 'kick', velocity: loud },
    ...(kit === 'chip' || kit === 'dusty' ? [] : [{ beat, piece: 'crash' as const, velocity: loud * 0.7 }]),
  ];
}
