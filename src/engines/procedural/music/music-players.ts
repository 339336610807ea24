import { Random } from '../dsp/dsp-random.ts';
import { arpeggioPlayer } from './music-arpeggio.ts';
import type { PartPlan } from './music-arrangement.ts';
import { bassPlayer } from './music-bass.ts';
import type { MusicBrief } from './music-brief.ts';
import { compingPlayer, padPlayer } from './music-comping.ts';
import { drumBar } from './music-drums.ts';
import { dominantChord, homeChord, toChords, type MusicChord } from './music-harmony.ts';
import { instrumentMiddle } from './music-instruments.ts';
import { counterPlayer, melodyPlayer } from './music-melody.ts';
import {
  handRange,
  type Bar,
  type ChordSpan,
  type PartScore,
  type Player,
  type WrittenNote,
  type WrittenStroke,
} from './music-score.ts';
import type { Section } from './music-form.ts';
import type { Role } from './music-terms.ts';

/** A piece as it is written down. */
export interface MusicScore {
  readonly bars: readonly Bar[];
  readonly parts: readonly PartScore[];
  readonly strokes: readonly WrittenStroke[];
}

/** How much has to be going on before somebody joins in. */
const JOINS: Readonly<Record<Role, number>> = {
  pad: 0,
  chords: 0.2,
  bass: 0.4,
  drums: 0.44,
  arpeggio: 0.3,
  melody: 0.48,
  counter: 0.72,
};

/** Writes every note of a piece. */
export function writeScore(brief: MusicBrief): MusicScore {
  const bars = writeBars(brief);
  const parts = brief.arrangement.parts.map((plan, index) => writePart(brief, bars, { plan, index }));
  return { bars, parts, strokes: writeStrokes(brief, bars) };
}

function writeBars({ form, metre, harmonies, key, style }: MusicBrief): Bar[] {
  const bars: Bar[] = [];
  const rounds = new Map<string, number>();
  const home = homeChord(key);
  for (const section of form.sections) {
    const numerals = harmonies[section.theme];
    const round = rounds.get(section.theme) ?? 0;
    rounds.set(section.theme, round + 1);
    const sectionBars = Math.max(1, Math.ceil(section.beats / metre.beats - 1e-9));
    for (let place = 0; place < sectionBars; place += 1) {
      const beats = Math.min(metre.beats, section.beats - place * metre.beats);
      const closes = style.cadences && place === sectionBars - 1 && sectionBars > 1;
      const chords = closes
        ? [dominantChord(key)]
        : toChords(numerals[place % numerals.length] ?? ['I'], key.tonic);
      const [from, to] = section.energy;
      bars.push({
        index: bars.length,
        section,
        place,
        sectionBars,
        startBeat: section.startBeat + place * metre.beats,
        beats,
        metre,
        chords: spread(chords, beats),
        next: home,
        energy: from + ((to - from) * place) / Math.max(1, sectionBars - 1),
        round,
        final: false,
      });
    }
  }
  const linked = bars.map((bar, index) => ({
    ...bar,
    next: bars[index + 1]?.chords[0]?.chord ?? bars[0]?.chords[0]?.chord ?? home,
  }));
  return form.ending === 'ring'
    ? [
        ...linked.map((bar, index) => (index === linked.length - 1 ? { ...bar, next: home } : bar)),
        finalBar(linked, { form, metre, home }),
      ]
    : linked;
}

function spread(chords: readonly MusicChord[], beats: number): ChordSpan[] {
  const fitting = beats >= chords.length ? chords : chords.slice(0, 1);
  const cuts = fitting.map((_, index) => Math.round((beats * index) / fitting.length));
  return fitting.map((chord, index) => ({
    chord,
    beat: cuts[index] ?? 0,
    beats: (cuts[index + 1] ?? beats) - (cuts[index] ?? 0),
  }));
}

/** The chord on which the piece ends, held for as long as there is time. */
function finalBar(
  bars: readonly Bar[],
  {
    form,
    metre,
    home,
  }: { readonly form: MusicBrief['form']; readonly metre: Bar['metre']; readonly home: MusicChord },
): Bar {
  const last = bars.at(-1);
  const section: Section = last?.section ?? {
    name: 'End',
    theme: 'a',
    energy: [0.6, 0.6],
    startBeat: 0,
    beats: 0,
    startSeconds: 0,
    secondsPerBeat: 0.5,
  };
  const beats = Math.max(0.5, (form.totalSeconds - form.playedSeconds) / section.secondsPerBeat);
  return {
    index: bars.length,
    section,
    place: 0,
    sectionBars: 1,
    startBeat: form.totalBeats,
    beats,
    metre,
    chords: [{ chord: home, beat: 0, beats }],
    next: home,
    energy: Math.max(0.4, last?.energy ?? 0.6),
    round: 0,
    final: true,
  };
}

function writePart(
  brief: MusicBrief,
  bars: readonly Bar[],
  { plan, index }: { readonly plan: PartPlan; readonly index: number },
): PartScore {
  const notes: WrittenNote[] = [];
  const seeded = new Random(brief.seed, 'part', plan.role, index);
  const player = playerFor(brief, plan, seeded);
  for (const bar of bars) {
    if (!joins(brief, plan, bar)) continue;
    player(bar, {
      key: brief.key,
      random: seeded.fork('bar', bar.index),
      add: (note) => notes.push(note),
    });
  }
  return { role: plan.role, instrument: plan.instrument, notes };
}

function playerFor({ wish }: MusicBrief, plan: PartPlan, random: Random): Player {
  const middle = instrumentMiddle(plan.instrument, plan.role);
  switch (plan.role) {
    case 'bass':
      return bassPlayer({ pattern: plan.pattern, middle });
    case 'chords': {
      return compingPlayer({ pattern: plan.pattern, range: handRange(middle, 4), alone: plan.alone });
    }
    case 'pad':
      return padPlayer(handRange(middle, 4));
    case 'arpeggio':
      return arpeggioPlayer({ pattern: plan.pattern, low: middle - 9 });
    case 'counter':
      return counterPlayer(middle);
    case 'melody': {
      const lively = wish.moods.some(
        (mood) => mood === 'playful' || mood === 'energetic' || mood === 'happy',
      );
      const calm = wish.moods.some((mood) => mood === 'calm' || mood === 'sad' || mood === 'dreamy');
      const density = plan.density * (lively ? 1.2 : calm ? 0.8 : 1);
      return melodyPlayer({ density, middle, random, liveliness: lively ? 0.8 : calm ? 0.2 : 0.45 });
    }
  }
}

/** Whether somebody plays in a bar: enough is going on, or they are the ones who were asked for. */
function joins(brief: MusicBrief, plan: PartPlan, bar: Bar): boolean {
  const own = bar.section.wish;
  if (own && isSilenced(own, plan)) return false;
  if (own?.instruments.includes(plan.instrument) || own?.roles.includes(plan.role)) return true;
  return bar.energy >= thresholdOf(brief, plan) || isNeeded(brief, plan);
}

/** Two play at least: those who would be the first to join in. */
function isNeeded(brief: MusicBrief, plan: PartPlan): boolean {
  const { parts } = brief.arrangement;
  const first = parts.toSorted((a, b) => thresholdOf(brief, a) - thresholdOf(brief, b)).slice(0, 2);
  return first.includes(plan);
}

function isSilenced(
  { withoutRoles, withoutInstruments }: NonNullable<Section['wish']>,
  plan: PartPlan,
): boolean {
  return withoutRoles.includes(plan.role) || withoutInstruments.includes(plan.instrument);
}

function thresholdOf({ arrangement, style }: MusicBrief, { role, named }: PartPlan): number {
  // A tune is what music from the concert hall is about; a small band has nobody to spare.
  const small = arrangement.parts.length <= 3 ? 0.5 : 1;
  const asked = named ? 0.55 : 1;
  return JOINS[role] * small * asked * (style.form === 'concert' && role === 'melody' ? 0.7 : 1);
}

function writeStrokes(brief: MusicBrief, bars: readonly Bar[]): WrittenStroke[] {
  const { drums } = brief.arrangement;
  if (!drums) return [];
  const random = new Random(brief.seed, 'drums');
  return bars.flatMap((bar) => {
    const own = bar.section.wish;
    if (own?.withoutRoles.includes('drums')) return [];
    const threshold = drums.named ? 0.25 : JOINS.drums;
    const asked = own?.roles.includes('drums') === true;
    if (bar.energy < threshold && !asked) return [];
    return drumBar(bar, { ...drums, random: random.fork(bar.index) });
  });
}
