import { nearestNote } from './music-harmony.ts';
import { chordAt, type Bar, type ChordSpan, type Pen, type Player } from './music-score.ts';
import type { BassPattern } from './music-style.ts';

/** What a bass plays: its pattern, its lowest comfortable note and how its notes are held. */
export interface BassPart {
  readonly pattern: BassPattern;
  readonly middle: number;
}

/** Signs for each sixteenth of four beats: `r` root, `f` fifth, `o` octave, `t` third or seventh, `l` the note that leads on. */
const LINES: Readonly<Partial<Record<BassPattern, readonly [string, ...string[]]>>> = {
  roots: ['r.......r.......', 'r...............'],
  'root and fifth': ['r.......f.......', 'r.......f.....l.'],
  eighths: ['r.r.r.r.r.r.r.r.', 'r.r.r.r.r.r.r.l.', 'r.r.r.r.f.f.r.l.'],
  octaves: ['r.o.r.o.r.o.r.o.', 'r.o.r.o.f.o.r.o.'],
  offbeat: ['..r...r...r...r.', '..r...r...r..rr.', '..r..r..r.r...o.'],
  syncopated: ['r.....r...f..l..', 'r..r......r...l.', 'r......rr...f...', 'r..r..o...f.r.l.'],
  sixteenths: ['rrrrrrrrrrrrrrrr', 'rror.rror.rorrro', 'r.rrr.rrr.rrr.ro'],
  pedal: ['r.r.r.r.r.r.r.r.', 'r..r..r.r..r..r.'],
  dub: ['r.....r.f...r...', '....r...r.f.....', 'r...r.f.....o...'],
  boom: ['r...............', 'r.........r.....', 'r.....r...f.....'],
  tumbao: ['......f.....o...', 'r.....f.....o...'],
};

/** Patterns whose notes are short however much time there is. */
const SHORT: ReadonlySet<BassPattern> = new Set([
  'offbeat',
  'sixteenths',
  'octaves',
  'dub',
  'pedal',
  'eighths',
]);

/** A player of bass lines. */
export function bassPlayer({ pattern, middle }: BassPart): Player {
  let last = middle;
  return (bar, pen) => {
    if (bar.final || pattern === 'hold') {
      for (const span of bar.chords) last = hold(bar, pen, { span, middle });
    } else if (pattern === 'walking') last = walk(bar, pen, { last, middle });
    else if (pattern === 'wobble') wobble(bar, pen, middle);
    else playLine(bar, pen, { pattern, middle });
  };
}

function root(pitchClass: number, middle: number): number {
  const note = nearestNote(pitchClass, middle);
  return note < middle - 6 ? note + 12 : note;
}

function hold(
  bar: Bar,
  pen: Pen,
  { span, middle }: { readonly span: ChordSpan; readonly middle: number },
): number {
  const pitch = root(span.chord.root, middle);
  pen.add({
    beat: bar.startBeat + span.beat,
    beats: span.beats * 0.98,
    pitch,
    velocity: 0.6 + 0.25 * bar.energy,
  });
  return pitch;
}

/** One note a beat: chord tones on the strong ones, steps between, and a neighbour of what comes at the end. */
function walk(
  bar: Bar,
  pen: Pen,
  { last, middle }: { readonly last: number; readonly middle: number },
): number {
  let pitch = last;
  const beats = Math.max(1, Math.round(bar.beats));
  for (let beat = 0; beat < beats; beat += 1) {
    const chord = chordAt(bar, beat);
    const starts = bar.chords.some((span) => Math.abs(span.beat - beat) < 0.01);
    const target = root(bar.next.root, middle);
    if (starts) pitch = root(chord.root, middle);
    else if (beat === beats - 1) pitch = target + pen.random.pick([-1, 1, 2, -2]);
    else {
      const tones = chord.tones
        .map((tone) => nearestNote(tone, pitch + pen.random.pick([3, -3, 4])))
        .filter((tone) => tone !== pitch);
      pitch = tones[pen.random.below(tones.length)] ?? pitch;
    }
    while (pitch > middle + 10) pitch -= 12;
    while (pitch < middle - 9) pitch += 12;
    const velocity = (beat % 2 === 0 ? 0.78 : 0.7) * (0.8 + 0.2 * bar.energy);
    pen.add({ beat: bar.startBeat + beat, beats: 0.92, pitch, velocity });
    if (pen.random.chance(0.12) && bar.metre.division === 4) {
      pen.add({ beat: bar.startBeat + beat + 0.5, beats: 0.3, pitch, velocity: 0.45 });
    }
  }
  return pitch;
}

/** Long notes whose colour the instrument moves; in twos and fours, with a leap at the end. */
function wobble(bar: Bar, pen: Pen, middle: number): void {
  const cuts = pen.random.pick([
    [0, 1.5, 2, 3.5],
    [0, 1, 2, 2.5, 3],
    [0, 2, 3],
    [0, 0.75, 1.5, 2, 3],
  ]);
  const starts = cuts.filter((beat) => beat < bar.beats);
  for (const [index, beat] of starts.entries()) {
    const end = starts[index + 1] ?? bar.beats;
    const leap = pen.random.chance(0.25) && index > 0 ? 12 : 0;
    const pitch = root(chordAt(bar, beat).root, middle) + leap;
    pen.add({
      beat: bar.startBeat + beat,
      beats: (end - beat) * 0.92,
      pitch,
      velocity: 0.8 + 0.2 * bar.energy,
    });
  }
}

function playLine(
  bar: Bar,
  pen: Pen,
  { pattern, middle }: { readonly pattern: BassPattern; readonly middle: number },
): void {
  const lines = LINES[pattern] ?? ['r...............'];
  // Bars of one theme go alike; every fourth differs.
  const which =
    bar.place % 4 === 3
      ? 1 + pen.random.below(Math.max(1, lines.length - 1))
      : bar.section.theme === 'b'
        ? lines.length - 1
        : 0;
  const line = lines[Math.min(which, lines.length - 1)] ?? lines[0];
  const steps = lineSteps(line, bar);
  for (const [index, { beat, sign }] of steps.entries()) {
    const end = steps[index + 1]?.beat ?? bar.beats;
    const chord = chordAt(bar, beat);
    const base = root(chord.root, middle);
    const pitch = signPitch(sign, { base, chord, leading: bar.next.root });
    const gap = end - beat;
    const beats = SHORT.has(pattern) ? Math.min(gap, 0.5) * 0.82 : gap * 0.9;
    const accent = Math.abs(beat - Math.round(beat)) < 0.01 ? 0.1 : 0;
    const velocity = (0.66 + accent) * (0.75 + 0.25 * bar.energy) * pen.random.between(0.94, 1.05);
    pen.add({ beat: bar.startBeat + beat, beats, pitch, velocity });
  }
}

function lineSteps(line: string, bar: Bar): { readonly beat: number; readonly sign: string }[] {
  const { division } = bar.metre;
  const found: { readonly beat: number; readonly sign: string }[] = [];
  const beats = Math.round(bar.beats);
  for (let beat = 0; beat < beats; beat += 1) {
    // A bar of three leaves the third beat of four out, so that the line still begins and ends as it does.
    const source = beats === 3 && beat === 2 ? 3 : beat % 4;
    const steps = division === 3 ? [0, 2, 3] : [0, 1, 2, 3];
    for (const [place, step] of steps.entries()) {
      const sign = line[source * 4 + step] ?? '.';
      if (sign !== '.') found.push({ beat: beat + place / division, sign });
    }
  }
  return found.length > 0 ? found : [{ beat: 0, sign: 'r' }];
}

function signPitch(
  sign: string,
  {
    base,
    chord,
    leading,
  }: {
    readonly base: number;
    readonly chord: { readonly root: number; readonly tones: readonly number[] };
    readonly leading: number;
  },
): number {
  switch (sign) {
    case 'f': {
      const fifth = chord.tones.find((tone) => (tone - chord.root + 12) % 12 >= 6) ?? chord.root;
      return nearestNote(fifth, base - 3);
    }
    case 'o':
      return base + 12;
    case 'l': {
      const target = nearestNote(leading, base);
      return target + (target > base ? -2 : target < base ? 2 : 0);
    }
    default:
      return base;
  }
}
