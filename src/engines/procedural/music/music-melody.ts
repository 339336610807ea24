import type { Random } from '../dsp/dsp-random.ts';
import type { Theme } from './music-form.ts';
import { chordAt, type Bar, type Pen, type Player } from './music-score.ts';
import type { Metre } from './music-terms.ts';

/** What a tune is made for. */
export interface MelodyPart {
  /** Notes per beat, roughly. */
  readonly density: number;
  readonly middle: number;
  /** The seed's own stream, so that a theme is the same whenever it comes. */
  readonly random: Random;
  /** How lively its moods are: leaps and dots, 0 to 1. */
  readonly liveliness: number;
}

/** A note of a motif: where, how long, and how many steps of the scale above the motif's own. */
interface MotifNote {
  readonly beat: number;
  readonly beats: number;
  readonly degree: number;
}

type Motif = readonly MotifNote[];

/** Two bars that ask and two that answer; later bars are made of these. */
interface Tune {
  readonly ask: Motif;
  readonly answer: Motif;
  readonly close: Motif;
  /** Steps of the scale from the middle. */
  readonly height: number;
  readonly contour: readonly number[];
}

/** Rhythms of one beat by how busy they are, as starts and lengths. */
const BEAT_CELLS: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [[0, 1]],
  [
    [0, 0.5],
    [0.5, 0.5],
  ],
  [
    [0, 0.75],
    [0.75, 0.25],
  ],
  [[0.5, 0.5]],
  [
    [0, 0.5],
    [0.5, 0.25],
    [0.75, 0.25],
  ],
  [
    [0, 0.25],
    [0.25, 0.25],
    [0.5, 0.5],
  ],
  [
    [0, 0.25],
    [0.25, 0.25],
    [0.5, 0.25],
    [0.75, 0.25],
  ],
];
const THREE_CELLS: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [[0, 1]],
  [
    [0, 2 / 3],
    [2 / 3, 1 / 3],
  ],
  [
    [0, 1 / 3],
    [1 / 3, 1 / 3],
    [2 / 3, 1 / 3],
  ],
];

/** How many beats a bar of the tune leaves between its phrases. */
const CONTOURS: readonly (readonly number[])[] = [
  [0, 2, 3, 1],
  [0, 1, 4, 2],
  [3, 2, 1, 0],
  [0, 2, 0, -1],
  [1, 3, 2, 0],
];

/** A player of a tune: a motif, its sequence, its answer, and a close, again with small changes each time. */
export function melodyPlayer(part: MelodyPart): Player {
  const tunes = new Map<Theme, Tune>();
  let last = part.middle;
  return (bar, pen) => {
    const { theme } = bar.section;
    const tune = tunes.get(theme) ?? composeTune(part, theme, bar.metre);
    tunes.set(theme, tune);
    last = bar.final ? finish(bar, pen, part.middle) : playBar(bar, pen, { tune, part, last });
  };
}

/** A second voice: long notes a third or a sixth away, where the tune rests. */
export function counterPlayer(middle: number): Player {
  let last = middle;
  return (bar, pen) => {
    const half = bar.final || bar.beats < 3 ? bar.beats : Math.ceil(bar.beats / 2);
    for (let beat = 0; beat < bar.beats - 1e-9; beat += half) {
      const tones = chordAt(bar, beat).tones.slice(1);
      const choices = tones.map((tone) => nearIn(tone, last, middle));
      last =
        choices.toSorted((a, b) => Math.abs(a - last) - Math.abs(b - last))[
          bar.place % 2 === 0 ? 0 : choices.length - 1
        ] ?? last;
      const beats = Math.min(half, bar.beats - beat) * 0.96;
      pen.add({ beat: bar.startBeat + beat, beats, pitch: last, velocity: 0.45 + 0.25 * bar.energy });
    }
  };
}

function nearIn(pitchClass: number, last: number, middle: number): number {
  let pitch = pitchClass + 12 * Math.round((last - pitchClass) / 12);
  while (pitch > middle + 9) pitch -= 12;
  while (pitch < middle - 9) pitch += 12;
  return pitch;
}

function composeTune({ random, density, liveliness }: MelodyPart, theme: Theme, metre: Metre): Tune {
  const own = random.fork('tune', theme);
  const busy = density * (theme === 'b' ? 1.1 : 1);
  return {
    ask: composeMotif(own.fork('ask'), { density: busy, liveliness, metre }),
    answer: composeMotif(own.fork('answer'), { density: busy, liveliness, metre }),
    close: composeMotif(own.fork('close'), { density: busy * 0.55, liveliness, metre }),
    height: theme === 'b' ? 2 : theme === 'c' ? 1 : 0,
    contour: own.pick([CONTOURS[0] ?? [], ...CONTOURS.slice(1)]),
  };
}

function composeMotif(
  random: Random,
  {
    density,
    liveliness,
    metre,
  }: { readonly density: number; readonly liveliness: number; readonly metre: Metre },
): Motif {
  const cells = metre.division === 3 ? THREE_CELLS : BEAT_CELLS;
  const notes: MotifNote[] = [];
  let degree = random.pick([0, 2, 4]);
  let direction = random.chance(0.6) ? 1 : -1;
  for (let beat = 0; beat < metre.beats; beat += 1) {
    for (const [start, length] of chooseCell(cells, { random, density, first: beat === 0 })) {
      notes.push({ beat: beat + start, beats: length, degree });
      const leaps = random.chance(0.12 + 0.25 * liveliness);
      degree += direction * (leaps ? 2 + random.below(2) : random.chance(0.16) ? 0 : 1);
      // After a leap a line turns; and it does not run away.
      if (leaps || Math.abs(degree) > 4 || random.chance(0.2)) direction = degree > 1 ? -1 : 1;
    }
  }
  return stretchOver(notes, metre.beats);
}

function chooseCell(
  cells: readonly (readonly (readonly [number, number])[])[],
  { random, density, first }: { readonly random: Random; readonly density: number; readonly first: boolean },
): readonly (readonly [number, number])[] {
  const weights = cells.map((cell) => {
    if (first && density > 0.4 && cell.length === 0) return 0.05;
    const distance = cell.length - density;
    return Math.exp(-1.6 * distance * distance) * (cell[0]?.[0] === 0 || cell.length === 0 ? 1 : 0.45);
  });
  let left = random.unit() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return cells[index] ?? [];
  }
  return [];
}

/** Notes before a rest of a whole beat sing on into it. */
function stretchOver(notes: readonly MotifNote[], beats: number): Motif {
  return notes.map((note, index) => {
    const next = notes[index + 1]?.beat ?? beats;
    const gap = next - note.beat;
    return { ...note, beats: gap >= 1 ? Math.min(gap, note.beats + 1) : gap };
  });
}

function playBar(
  bar: Bar,
  pen: Pen,
  { tune, part, last }: { readonly tune: Tune; readonly part: MelodyPart; readonly last: number },
): number {
  const closes = bar.place % 4 === 3 || bar.place === bar.sectionBars - 1;
  const motif = motifOf(tune, bar, closes);
  const lift = liftOf(tune, bar);
  let pitch = last;
  for (const [index, note] of motif.entries()) {
    if (note.beat >= bar.beats - 1e-9) break;
    if (isLeftOut(note, bar, pen)) continue;
    const ending = closes && index === motif.length - 1;
    const rough = scalePitch(pen.key.scale, { middle: part.middle, degree: note.degree + lift });
    const home = ending && bar.place % 8 === 7;
    const chosen =
      isHeavy(note) || ending ? snap(bar, { beat: note.beat, pitch: rough, last: pitch, home }) : rough;
    pitch = within(chosen, part.middle);
    const beats = Math.min(note.beats, bar.beats - note.beat) * (ending ? 0.98 : 0.9);
    const velocity = loudnessOf(note, bar) * pen.random.between(0.92, 1.05);
    pen.add({ beat: bar.startBeat + note.beat, beats, pitch, velocity });
  }
  return pitch;
}

/** Steps by which a bar's motif is moved. */
function liftOf({ height, contour }: Tune, { place, energy }: Bar): number {
  return height + (contour[place % 4] ?? 0) + (energy > 0.9 ? 1 : 0);
}

/** When a theme comes again, some of its short notes are left out. */
function isLeftOut({ beat }: MotifNote, { round }: Bar, pen: Pen): boolean {
  return !isOnBeat(beat) && round > 0 && pen.random.chance(0.15);
}

function motifOf({ ask, answer, close }: Tune, { place }: Bar, closes: boolean): Motif {
  if (closes) return close;
  return place % 4 === 2 && place % 8 < 4 ? answer : ask;
}

/** Louder in the middle of a bar and on its beats. */
function loudnessOf({ beat }: MotifNote, { beats, energy }: Bar): number {
  const arch = 0.06 * Math.sin((Math.PI * beat) / beats) + (isOnBeat(beat) ? 0.1 : 0);
  return (0.66 + arch) * (0.76 + 0.24 * energy);
}

function isOnBeat(beat: number): boolean {
  return Math.abs(beat - Math.round(beat)) < 0.01;
}

/** Notes that are to fit the chord: those on the main beats, and long ones. */
function isHeavy({ beat, beats }: MotifNote): boolean {
  return (isOnBeat(beat) && Math.round(beat) % 2 === 0) || beats >= 1;
}

/** A degree of the scale as a note; degree 0 is the tonic nearest to the middle. */
function scalePitch(
  scale: readonly number[],
  { middle, degree }: { readonly middle: number; readonly degree: number },
): number {
  const tonic = scale[0] ?? 0;
  const count = scale.length;
  const base = tonic + 12 * Math.round((middle - 4 - tonic) / 12);
  const octave = Math.floor(degree / count);
  const step = scale[((degree % count) + count) % count] ?? tonic;
  return base + 12 * octave + ((step - tonic + 12) % 12);
}

function snap(
  bar: Bar,
  {
    beat,
    pitch,
    last,
    home,
  }: { readonly beat: number; readonly pitch: number; readonly last: number; readonly home: boolean },
): number {
  const chord = chordAt(bar, beat);
  const tones = home ? [chord.root, ...chord.tones.slice(1, 3)] : chord.tones;
  let best = pitch;
  let least = Infinity;
  for (let near = pitch - 5; near <= pitch + 5; near += 1) {
    if (!tones.includes(((near % 12) + 12) % 12)) continue;
    const cost =
      Math.abs(near - pitch) + 0.25 * Math.abs(near - last) - (home && near % 12 === chord.root ? 2 : 0);
    if (cost < least) [best, least] = [near, cost];
  }
  return best;
}

function within(pitch: number, middle: number): number {
  if (pitch > middle + 12) return pitch - 12;
  return pitch < middle - 9 ? pitch + 12 : pitch;
}

/** Home, and stay there. */
function finish(bar: Bar, pen: Pen, middle: number): number {
  const tonic = pen.key.scale[0] ?? 0;
  const pitch = tonic + 12 * Math.round((middle - tonic) / 12);
  pen.add({ beat: bar.startBeat, beats: bar.beats, pitch, velocity: 0.6 + 0.15 * bar.energy });
  return pitch;
}
