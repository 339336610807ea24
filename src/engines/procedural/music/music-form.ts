import type { MusicPlan } from '../../../core/sound/sound.ts';
import type { Style } from './music-style.ts';
import type { Metre } from './music-terms.ts';
import { readMusicWish, type MusicShape, type MusicWish } from './music-wish.ts';

/** What a section stands for: same theme, same chords and melody. */
export type Theme = 'a' | 'b' | 'c';

/** A stretch of the piece with one character. */
export interface Section {
  readonly name: string;
  readonly theme: Theme;
  /** How much is going on, 0 to 1, at its beginning and at its end. */
  readonly energy: readonly [number, number];
  readonly startBeat: number;
  readonly beats: number;
  readonly startSeconds: number;
  readonly secondsPerBeat: number;
  /** What a plan asks of this section alone. */
  readonly wish?: MusicWish;
}

/** A piece laid out in time. */
export interface MusicForm {
  readonly sections: readonly Section[];
  readonly totalBeats: number;
  /** When the last beat has been counted; the last chord rings until the end. */
  readonly playedSeconds: number;
  readonly totalSeconds: number;
  readonly ending: 'ring' | 'fade' | 'loop';
  readonly beatsPerMinute: number;
}

/** What a form is made for. */
export interface FormWish {
  readonly style: Style;
  readonly metre: Metre;
  readonly beatsPerMinute: number;
  /** Whether somebody named the tempo: then it is hardly moved. */
  readonly strictTempo: boolean;
  readonly totalSeconds: number;
  readonly loop: boolean;
  readonly shapes: readonly MusicShape[];
  readonly plan?: MusicPlan;
  readonly avoided?: string;
  /** Bars of the progression. */
  readonly phrase: number;
  /** What moods do to how much is going on. */
  readonly energy: number;
}

/** Lays a piece out so that it fills its time exactly. */
export function layOutForm(wish: FormWish): MusicForm {
  return wish.plan ? layOutPlan(wish, wish.plan) : layOutFreely(wish);
}

/** When a beat is to be heard, in seconds. */
export function secondsAt(form: MusicForm, beat: number): number {
  const section = form.sections.findLast((one) => one.startBeat <= beat + 1e-9) ?? form.sections[0];
  return section ? section.startSeconds + (beat - section.startBeat) * section.secondsPerBeat : 0;
}

function layOutFreely(wish: FormWish): MusicForm {
  const { totalSeconds, loop, metre } = wish;
  const ending = loop ? 'loop' : wish.shapes.includes('fade out') ? 'fade' : 'ring';
  const ringing = ending === 'ring' ? ringSeconds(wish) : 0;
  const wanted = 60 / wish.beatsPerMinute;
  const counted = countBeats(wish, totalSeconds - ringing);
  // What is faded out is cut off in the middle of something.
  const totalBeats = ending === 'fade' ? counted + metre.beats : counted;
  const limit = wish.strictTempo ? 0 : 0.06;
  const fitting = (totalSeconds - ringing) / counted;
  const free = ending === 'loop' || counted * wanted * (1 - limit) > totalSeconds - 0.15;
  const secondsPerBeat = free
    ? fitting
    : Math.min(wanted * (1 + limit), Math.max(wanted * (1 - limit), fitting));
  const bars = Math.max(1, Math.round(totalBeats / metre.beats));
  let startBeat = 0;
  const outlines = outline(wish, bars);
  const sections = outlines.map(({ bars: length, ...rest }, index): Section => {
    const last = index === outlines.length - 1;
    const beats = last ? totalBeats - startBeat : length * metre.beats;
    const section = { ...rest, startBeat, beats, startSeconds: startBeat * secondsPerBeat, secondsPerBeat };
    startBeat += beats;
    return section;
  });
  const playedSeconds = ending === 'ring' ? totalBeats * secondsPerBeat : totalSeconds;
  return { sections, totalBeats, playedSeconds, totalSeconds, ending, beatsPerMinute: 60 / secondsPerBeat };
}

/** How long the last chord rings. */
function ringSeconds({ totalSeconds, style, beatsPerMinute }: FormWish): number {
  const wanted = style.form === 'drift' ? 5 : style.form === 'concert' ? 3 : 2.2;
  return Math.max(0.25, Math.min(totalSeconds * 0.34, Math.max(wanted, 120 / beatsPerMinute)));
}

/** Whole bars where there is time for some, else beats. */
function countBeats({ metre, beatsPerMinute, strictTempo, loop }: FormWish, seconds: number): number {
  const exact = (seconds * beatsPerMinute) / 60;
  const bars = Math.round(exact / metre.beats);
  const stretch = bars > 0 ? exact / (bars * metre.beats) : Infinity;
  const tolerable = loop && strictTempo ? 0.06 : 0.12;
  if (bars > 0 && (loop ? Math.abs(stretch - 1) < tolerable : bars > 1)) {
    return strictTempo && !loop
      ? Math.max(1, Math.floor(exact / metre.beats + 0.2)) * metre.beats
      : bars * metre.beats;
  }
  return Math.max(1, Math.round(exact));
}

/** The same for pieces of two and of three phrases: they end where they are fullest. */
const SHORT_BODIES: Readonly<Record<Style['form'], readonly [readonly string[], readonly string[]]>> = {
  song: [
    ['Verse', 'Chorus'],
    ['Intro', 'Verse', 'Chorus'],
  ],
  club: [
    ['Build', 'Drop'],
    ['Build', 'Break', 'Drop'],
  ],
  drift: [
    ['Drift', 'Swell'],
    ['Lull', 'Drift', 'Swell'],
  ],
  concert: [
    ['Theme', 'Finale'],
    ['Theme', 'Answer', 'Finale'],
  ],
};

/** The last section before an outro. A piece that ends in a quiet one has no end. */
const CLIMAX: Readonly<Record<Style['form'], string>> = {
  song: 'Chorus',
  club: 'Drop',
  drift: 'Swell',
  concert: 'Finale',
};

interface Outline {
  readonly name: string;
  readonly theme: Theme;
  readonly energy: readonly [number, number];
  readonly bars: number;
}

/** Sections by name: their theme and how much is going on in them. */
const KINDS: Readonly<Record<string, readonly [Theme, number, number]>> = {
  Intro: ['a', 0.32, 0.42],
  Verse: ['a', 0.62, 0.62],
  Chorus: ['b', 0.95, 0.95],
  Bridge: ['c', 0.5, 0.6],
  Outro: ['a', 0.42, 0.3],
  Build: ['a', 0.55, 0.85],
  Drop: ['b', 1, 1],
  Break: ['c', 0.34, 0.42],
  Drift: ['a', 0.5, 0.62],
  Swell: ['b', 0.72, 0.9],
  Lull: ['c', 0.4, 0.5],
  Theme: ['a', 0.6, 0.62],
  Answer: ['b', 0.78, 0.8],
  Development: ['c', 0.58, 0.75],
  Finale: ['a', 1, 1],
  Main: ['a', 0.85, 0.9],
};

const BODIES: Readonly<Record<Style['form'], readonly string[]>> = {
  song: ['Verse', 'Chorus', 'Verse', 'Chorus', 'Bridge', 'Chorus'],
  club: ['Build', 'Drop', 'Break', 'Build', 'Drop'],
  drift: ['Drift', 'Swell', 'Lull', 'Drift', 'Swell'],
  concert: ['Theme', 'Answer', 'Theme', 'Development', 'Answer', 'Finale'],
};

function outline(wish: FormWish, bars: number): Outline[] {
  const names = sectionNames(wish, bars);
  const unit =
    names.length === 1 ? bars : Math.floor(bars / names.length / 2) * 2 || Math.floor(bars / names.length);
  let left = bars - unit * names.length;
  // What is left over makes the first sections after the beginning longer, two bars at a time.
  const lengths = names.map((_, index) => {
    const more =
      index === 0 && names.length > 1 ? 0 : Math.min(left, Math.max(2, Math.ceil(left / names.length)));
    left -= more;
    return unit + more;
  });
  if (left > 0) lengths[lengths.length - 1] = (lengths.at(-1) ?? 0) + left;
  return names.map((name, index) => {
    const [theme, from, to] = KINDS[name] ?? ['a', 0.7, 0.7];
    return {
      name,
      theme,
      energy: energyOf([from, to], { wish, index, count: names.length }),
      bars: lengths[index] ?? unit,
    };
  });
}

function energyOf(
  [from, to]: readonly [number, number],
  { wish, index, count }: { readonly wish: FormWish; readonly index: number; readonly count: number },
): readonly [number, number] {
  const scaled = (value: number) => Math.min(1, Math.max(0.15, value * wish.energy));
  if (!wish.shapes.includes('build') || wish.shapes.includes('drop')) return [scaled(from), scaled(to)];
  return [scaled(0.3 + (0.75 * index) / count), scaled(0.3 + (0.75 * (index + 1)) / count)];
}

function sectionNames({ style, phrase, shapes, loop }: FormWish, bars: number): string[] {
  const form = shapes.includes('drop') ? 'club' : style.form;
  const units = Math.floor(bars / Math.min(8, Math.max(4, phrase)));
  if (units <= 1) return shapes.includes('drop') && bars > 1 ? ['Build', 'Drop'] : ['Main'];
  if (loop || units <= 3) return [...SHORT_BODIES[form][units === 3 && !loop ? 1 : 0]];
  const closed = shapes.includes('no outro') || shapes.includes('fade out');
  return [
    ...(shapes.includes('no intro') ? [] : ['Intro']),
    ...longBody(form, units),
    ...(closed ? [] : ['Outro']),
  ];
}

function longBody(form: Style['form'], units: number): string[] {
  const body = BODIES[form];
  const count = Math.max(2, Math.min(Math.round(units / (units > 16 ? 2 : 1.4)), 16) - 2);
  const middle = Array.from({ length: count - 1 }, (_, index) => body[index % body.length] ?? CLIMAX[form]);
  return [...middle, CLIMAX[form]];
}

/** Sections of a plan begin exactly when it says; the tempo gives way a little so that their bars come out even. */
function layOutPlan(wish: FormWish, plan: MusicPlan): MusicForm {
  const asked = plan.sections.reduce((sum, section) => sum + section.durationSeconds, 0);
  const scale = wish.totalSeconds / asked;
  const ending = wish.loop ? 'loop' : wish.shapes.includes('fade out') ? 'fade' : 'ring';
  const named = new Map<string, Theme>();
  let [startBeat, startSeconds] = [0, 0];
  const sections = plan.sections.map((planned, index): Section => {
    const last = index === plan.sections.length - 1;
    const seconds = planned.durationSeconds * scale;
    const ringing = last && ending === 'ring' ? ringSeconds({ ...wish, totalSeconds: seconds }) : 0;
    const beats = fittingBeats(wish, seconds - ringing);
    const secondsPerBeat = (seconds - ringing) / beats;
    const own = readMusicWish(
      planned.styles.join(', '),
      [wish.avoided ?? '', ...planned.avoidedStyles].join(', '),
    );
    const section = {
      name: planned.name,
      theme: themeOf(planned.name, named),
      energy: plannedEnergy(planned.name, own, wish.energy),
      startBeat,
      beats,
      startSeconds,
      secondsPerBeat,
      wish: own,
    };
    startBeat += beats;
    startSeconds += seconds;
    return section;
  });
  const last = sections.at(-1);
  const playedSeconds =
    ending === 'ring' && last ? last.startSeconds + last.beats * last.secondsPerBeat : wish.totalSeconds;
  const beatsPerMinute = (60 * startBeat) / playedSeconds;
  return {
    sections,
    totalBeats: startBeat,
    playedSeconds,
    totalSeconds: wish.totalSeconds,
    ending,
    beatsPerMinute,
  };
}

/** The number of beats that keeps the tempo best, and whole bars where that costs little. */
function fittingBeats({ metre, beatsPerMinute, strictTempo }: FormWish, seconds: number): number {
  const exact = (seconds * beatsPerMinute) / 60;
  const bars = Math.max(1, Math.round(exact / metre.beats)) * metre.beats;
  const most = strictTempo ? 0.02 : 0.12;
  return Math.abs(exact / bars - 1) <= most ? bars : Math.max(1, Math.round(exact));
}

function themeOf(name: string, named: Map<string, Theme>): Theme {
  const plain = name
    .toLowerCase()
    .replaceAll(/[\d\s]+/gu, ' ')
    .trim();
  if (/chorus|drop|hook|refrain|climax/u.test(plain)) return 'b';
  if (/bridge|break|interlude|middle|solo/u.test(plain)) return 'c';
  if (/intro|outro|verse|ending|coda|main|pre/u.test(plain)) return 'a';
  const themes = ['a', 'b', 'c'] as const;
  const theme = named.get(plain) ?? themes[named.size % 3] ?? 'a';
  named.set(plain, theme);
  return theme;
}

function plannedEnergy(name: string, wish: MusicWish, scale: number): readonly [number, number] {
  const [, kind] = PLANNED_KINDS.find(([pattern]) => pattern.test(name)) ?? [undefined, 'Verse'];
  const [, from, to] = KINDS[kind] ?? ['a', 0.7, 0.7];
  const louder = wish.moods.some((mood) => mood === 'energetic' || mood === 'epic' || mood === 'aggressive')
    ? 0.25
    : 0;
  const softer = wish.moods.some((mood) => mood === 'calm' || mood === 'sad' || mood === 'dreamy') ? 0.2 : 0;
  const rise = wish.shapes.includes('build') ? 0.3 : 0;
  const scaled = (value: number) => Math.min(1, Math.max(0.15, value * scale + louder - softer));
  return [scaled(from - rise / 2), scaled(to + rise)];
}

const PLANNED_KINDS: readonly (readonly [RegExp, string])[] = [
  [/pre.?chorus|build|rise/iu, 'Build'],
  [/chorus|hook|refrain/iu, 'Chorus'],
  [/drop|climax|peak/iu, 'Drop'],
  [/finale|final/iu, 'Finale'],
  [/intro|opening|start/iu, 'Intro'],
  [/outro|ending|coda|close/iu, 'Outro'],
  [/break|interlude/iu, 'Break'],
  [/bridge|middle/iu, 'Bridge'],
  [/verse/iu, 'Verse'],
];
