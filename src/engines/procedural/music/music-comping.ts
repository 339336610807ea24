import { voiceChord, type HandRange, type MusicChord } from './music-harmony.ts';
import { chordAt, type Bar, type Pen, type Player } from './music-score.ts';
import type { ChordPattern } from './music-style.ts';

/** What somebody who plays chords plays. */
export interface CompingPart {
  readonly pattern: ChordPattern;
  readonly range: HandRange;
  /** Whether the lowest note of a broken chord is taken by the left hand. */
  readonly alone: boolean;
}

/** Signs for each sixteenth: `X` a long chord, `x` a short one, `d` a stroke down, `u` one up, `-` soft. */
const RHYTHMS: Readonly<Partial<Record<ChordPattern, readonly [string, ...string[]]>>> = {
  pulse: ['x.x.x.x.x.x.x.x.'],
  stabs: ['..x...x...x...x.', '..x..x....x..x..', '...x..x....x..x.'],
  strum: ['d...d.u...u.d.u.', 'd...d.u.d.u.d.u.'],
  comp: ['x.....x.........', '....x.....x.....', '......x.....x...', 'x.........x.....', '..x.........x...'],
  skank: ['....x.......x...', '....x.......x..-', '....x.-.....x.-.'],
  bossa: ['x..x..x...x..x..', 'x..x...x..x.x...'],
  lazy: ['X.........x.....', 'X.....x...X.....', 'X.............x.'],
  rhythm: ['X.....X.....X...', 'X..x..X...X.x...', 'x.x.x.X...x.X...'],
  power: ['X.......X.......', 'x.x.x.x.x.x.x.x.', 'X..x..X.x.x.X...'],
};

/** How much of the time to the next chord a chord sounds; absent where chords are short. */
const HELD: ReadonlySet<ChordPattern> = new Set(['lazy', 'rhythm', 'strum', 'power', 'hold', 'halves']);

/** A player of chords. */
export function compingPlayer(part: CompingPart): Player {
  let before: readonly number[] = [];
  return (bar, pen) => {
    for (const span of bar.chords) {
      before = voice(span.chord, part, before);
      const notes = { notes: before, from: span.beat, to: span.beat + span.beats, chord: span.chord };
      if (bar.final) finish(bar, pen, notes);
      else play(bar, pen, { part, ...notes });
    }
  };
}

interface Hand {
  readonly notes: readonly number[];
  readonly chord: MusicChord;
  readonly from: number;
  readonly to: number;
}

function voice(
  chord: MusicChord,
  { pattern, range }: CompingPart,
  before: readonly number[],
): readonly number[] {
  if (pattern !== 'power') return voiceChord(chord, range, before);
  const root = range.low + ((chord.root - range.low + 1200) % 12);
  return [root, root + 7, root + 12];
}

/** The last chord, a little spread from below. */
function finish(bar: Bar, pen: Pen, { notes }: Hand): void {
  for (const [index, pitch] of notes.entries()) {
    const velocity = 0.5 + 0.2 * bar.energy;
    pen.add({ beat: bar.startBeat + index * 0.03, beats: bar.beats, pitch, velocity });
  }
}

function play(bar: Bar, pen: Pen, hand: Hand & { readonly part: CompingPart }): void {
  const { pattern } = hand.part;
  if (pattern === 'hold')
    strike(bar, pen, { ...hand, at: hand.from, beats: hand.to - hand.from, velocity: 0.62 });
  else if (pattern === 'halves') halves(bar, pen, hand);
  else if (pattern === 'oom-pah') oomPah(bar, pen, hand);
  else if (pattern === 'broken' || pattern === 'picked') broken(bar, pen, hand);
  else rhythm(bar, pen, hand);
}

interface Strike extends Hand {
  readonly at: number;
  readonly beats: number;
  readonly velocity: number;
  /** Time from each string to the next, in beats; negative from above. */
  readonly spread?: number;
}

function strike(bar: Bar, pen: Pen, { notes, at, beats, velocity, spread = 0 }: Strike): void {
  const level = velocity * (0.7 + 0.3 * bar.energy);
  const order = spread < 0 ? notes.toReversed() : notes;
  for (const [index, pitch] of order.entries()) {
    const late = Math.abs(spread) * index;
    pen.add({
      beat: bar.startBeat + at + late,
      beats: Math.max(0.05, beats - late),
      pitch,
      velocity: level * pen.random.between(0.9, 1.04) * (index === notes.length - 1 ? 1.05 : 1),
    });
  }
}

function halves(bar: Bar, pen: Pen, hand: Hand): void {
  const middle = hand.from + Math.ceil((hand.to - hand.from) / 2);
  const cuts = bar.energy > 0.7 && middle < hand.to ? [hand.from, middle, hand.to] : [hand.from, hand.to];
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const at = cuts[index] ?? 0;
    strike(bar, pen, {
      ...hand,
      at,
      beats: ((cuts[index + 1] ?? at) - at) * 0.94,
      velocity: 0.72 - 0.1 * index,
    });
  }
}

/** The bass has the first beat; the others answer. */
function oomPah(bar: Bar, pen: Pen, hand: Hand): void {
  const every = bar.metre.beats % 2 === 0 ? 0.5 : 1;
  for (let at = Math.ceil(hand.from); at < hand.to - 1e-9; at += 1) {
    if (every === 1 && at === 0) continue;
    strike(bar, pen, { ...hand, at: every === 1 ? at : at + 0.5, beats: 0.4, velocity: 0.55 });
  }
}

/** One note after another; the pattern keeps its shape while the chord changes under it. */
function broken(bar: Bar, pen: Pen, hand: Hand & { readonly part: CompingPart }): void {
  const { notes, part } = hand;
  const step = bar.metre.division === 3 ? 1 / 3 : 0.5;
  const picked = part.pattern === 'picked';
  const order = picked ? PICKED : bar.metre.beats === 3 ? IN_THREE : BROKEN;
  const strings = part.alone ? [bassUnder(hand), ...notes] : notes;
  const touch = () => (0.72 + 0.28 * bar.energy) * pen.random.between(0.9, 1.06);
  for (let index = 0; hand.from + index * step < hand.to - 1e-9; index += 1) {
    const at = hand.from + index * step;
    const pitch = strings[Math.min(order[index % order.length] ?? 0, strings.length - 1)] ?? 60;
    const beats = Math.min(picked ? 2 : 1.2, hand.to - at);
    pen.add({ beat: bar.startBeat + at, beats, pitch, velocity: (ACCENTS[index] ?? 0.5) * touch() });
  }
  // Thumb and finger begin together.
  const top = notes.at(-1);
  if (!picked || top === undefined) return;
  const beats = Math.min(2, hand.to - hand.from);
  pen.add({ beat: bar.startBeat + hand.from, beats, pitch: top, velocity: 0.5 * touch() });
}

/** How the first notes of a figure are leaned on. */
const ACCENTS = [0.66, 0.5, 0.55, 0.5, 0.55] as const;
const PICKED = [0, 2, 1, 3, 0, 2, 3, 1] as const;
const BROKEN = [0, 2, 1, 2, 0, 3, 1, 2] as const;
const IN_THREE = [0, 1, 2, 3, 2, 1] as const;

function bassUnder({ notes, chord: { root } }: Hand): number {
  const lowest = notes[0] ?? 60;
  const below = lowest - 1 - ((((lowest - 1 - root) % 12) + 12) % 12);
  return below < lowest - 9 ? below : Math.max(36, below);
}

function rhythm(bar: Bar, pen: Pen, hand: Hand & { readonly part: CompingPart }): void {
  const { pattern } = hand.part;
  const lines = RHYTHMS[pattern] ?? ['X...............'];
  const line = chooseLine(lines, bar, { pen, pattern });
  const steps = chordSteps(line, bar, hand);
  for (const [index, { at, sign }] of steps.entries()) {
    const until = steps[index + 1]?.at ?? hand.to;
    const long = sign === 'X' || HELD.has(pattern);
    const short = pattern === 'skank' ? 0.16 : 0.38;
    const beats = long ? (until - at) * 0.95 : Math.min(until - at, short);
    const velocity = sign === '-' ? 0.35 : sign === 'u' ? 0.5 : 0.68;
    const notes = sign === 'u' ? hand.notes.slice(1) : hand.notes;
    strike(bar, pen, { ...hand, notes, at, beats, velocity, spread: spreadOf(sign, pattern) });
  }
}

/** Beats from each string to the next. */
function spreadOf(sign: string, pattern: ChordPattern): number {
  if (sign === 'd') return 0.02;
  if (sign === 'u') return -0.015;
  return pattern === 'lazy' ? 0.018 : 0;
}

function chooseLine(
  lines: readonly [string, ...string[]],
  bar: Bar,
  { pen, pattern }: { readonly pen: Pen; readonly pattern: ChordPattern },
): string {
  if (pattern === 'comp') return pen.random.pick(lines);
  if (pattern === 'power')
    return (bar.energy < 0.5 ? lines[0] : bar.section.theme === 'b' ? lines[2] : lines[1]) ?? lines[0];
  const busier = bar.energy > 0.6 && bar.place % 2 === 1 ? 1 : 0;
  const last = bar.place % 4 === 3 ? lines.length - 1 : busier;
  return lines[Math.min(last, lines.length - 1)] ?? lines[0];
}

function chordSteps(
  line: string,
  bar: Bar,
  { from, to }: Hand,
): { readonly at: number; readonly sign: string }[] {
  const { division } = bar.metre;
  const found: { readonly at: number; readonly sign: string }[] = [];
  for (let beat = 0; beat < Math.round(bar.beats); beat += 1) {
    const source = Math.round(bar.beats) === 3 && beat === 2 ? 3 : beat % 4;
    for (let step = 0; step < division; step += 1) {
      const sign = line[source * 4 + (division === 3 && step > 0 ? step + 1 : step)] ?? '.';
      const at = beat + step / division;
      if (sign !== '.' && at >= from - 1e-9 && at < to - 1e-9) found.push({ at, sign });
    }
  }
  return found.length > 0 ? found : [{ at: from, sign: 'x' }];
}

/** A player of long chords that breathe from one to the next. */
export function padPlayer(range: HandRange): Player {
  let before: readonly number[] = [];
  return (bar, pen) => {
    for (const span of bar.chords) {
      before = voiceChord(span.chord, range, before);
      for (const pitch of before) {
        const velocity = 0.5 + 0.25 * bar.energy;
        const beats = span.beats * (bar.final ? 1 : 1.04);
        pen.add({ beat: bar.startBeat + span.beat, beats, pitch, velocity });
      }
    }
  };
}

/** The chord of a bar, its tones over two octaves from a note up. */
export function ladder(bar: Bar, beat: number, from: number): number[] {
  const { tones } = chordAt(bar, beat);
  const notes: number[] = [];
  for (let pitch = from; pitch < from + 26; pitch += 1) {
    if (tones.includes(((pitch % 12) + 12) % 12)) notes.push(pitch);
  }
  return notes;
}
