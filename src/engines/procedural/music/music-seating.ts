import type { ChordPattern, Style } from './music-style.ts';
import type { Instrument, Role } from './music-terms.ts';

/** What each instrument is best at, best first. */
export const AFFINITY: Readonly<Record<Instrument, readonly Role[]>> = {
  piano: ['chords', 'melody', 'arpeggio'],
  'electric piano': ['chords', 'melody'],
  organ: ['chords', 'pad', 'melody'],
  'church organ': ['chords', 'melody'],
  harpsichord: ['chords', 'melody', 'arpeggio'],
  celesta: ['melody', 'arpeggio'],
  'music box': ['melody', 'arpeggio'],
  glockenspiel: ['melody', 'arpeggio'],
  bells: ['melody', 'arpeggio'],
  marimba: ['arpeggio', 'melody'],
  vibraphone: ['melody', 'chords'],
  xylophone: ['melody', 'arpeggio'],
  kalimba: ['arpeggio', 'melody'],
  'steel drum': ['melody', 'arpeggio'],
  'acoustic guitar': ['chords', 'melody'],
  'nylon guitar': ['chords', 'melody'],
  'electric guitar': ['chords', 'melody', 'arpeggio'],
  'distorted guitar': ['chords', 'melody'],
  harp: ['arpeggio', 'chords', 'melody'],
  ukulele: ['chords', 'melody'],
  banjo: ['arpeggio', 'melody'],
  sitar: ['melody', 'arpeggio'],
  pizzicato: ['arpeggio', 'melody'],
  strings: ['pad', 'chords', 'melody'],
  violin: ['melody', 'counter'],
  cello: ['counter', 'melody', 'bass'],
  flute: ['melody', 'counter'],
  clarinet: ['melody', 'counter'],
  oboe: ['melody', 'counter'],
  saxophone: ['melody', 'counter'],
  trumpet: ['melody', 'counter'],
  brass: ['chords', 'counter', 'melody'],
  horn: ['counter', 'melody'],
  whistle: ['melody', 'counter'],
  harmonica: ['melody', 'counter'],
  accordion: ['chords', 'melody'],
  choir: ['pad', 'counter'],
  pad: ['pad', 'chords'],
  'dark pad': ['pad', 'chords'],
  'synth lead': ['melody', 'counter'],
  supersaw: ['chords', 'melody'],
  'synth pluck': ['arpeggio', 'melody'],
  'chip pulse': ['melody', 'arpeggio'],
  'chip triangle': ['bass'],
  'synth bass': ['bass'],
  'sub bass': ['bass'],
  'acid bass': ['bass'],
  'wobble bass': ['bass'],
  'bass guitar': ['bass'],
  'upright bass': ['bass'],
  tuba: ['bass'],
};

/** Instruments whose notes last: they hold chords instead of plucking them. */
export const SUSTAINING: ReadonlySet<Instrument> = new Set<Instrument>([
  'organ',
  'church organ',
  'strings',
  'violin',
  'cello',
  'flute',
  'clarinet',
  'oboe',
  'saxophone',
  'trumpet',
  'brass',
  'horn',
  'whistle',
  'harmonica',
  'accordion',
  'choir',
  'pad',
  'dark pad',
  'supersaw',
]);

/** Who takes over when somebody must not play. */
export const STAND_BY: Readonly<Record<Role, readonly Instrument[]>> = {
  drums: [],
  bass: ['bass guitar', 'synth bass', 'upright bass', 'cello', 'sub bass'],
  chords: ['electric piano', 'piano', 'acoustic guitar', 'organ', 'strings', 'pad', 'harp'],
  pad: ['pad', 'strings', 'organ', 'choir'],
  arpeggio: ['synth pluck', 'harp', 'marimba', 'celesta', 'pizzicato'],
  melody: ['flute', 'piano', 'violin', 'synth lead', 'vibraphone', 'acoustic guitar', 'celesta'],
  counter: ['cello', 'horn', 'clarinet', 'strings'],
};

const STRUMMED: ReadonlySet<Instrument> = new Set<Instrument>([
  'acoustic guitar',
  'ukulele',
  'electric guitar',
  'nylon guitar',
]);

/** What those who can hold a note do instead of what only others can; the rest they do as it is. */
const HELD: Readonly<Partial<Record<ChordPattern, ChordPattern>>> = {
  pulse: 'hold',
  strum: 'hold',
  broken: 'hold',
  picked: 'hold',
  power: 'hold',
  bossa: 'hold',
  lazy: 'hold',
};

/** What those do whose notes die away, and what they do where nobody strums. */
const STRUCK: Readonly<Partial<Record<ChordPattern, ChordPattern>>> = {
  hold: 'broken',
  halves: 'broken',
  power: 'rhythm',
  strum: 'rhythm',
  picked: 'broken',
};

/** What those do who strum. */
const STRUMMED_INSTEAD: Readonly<Partial<Record<ChordPattern, ChordPattern>>> = {
  hold: 'broken',
  halves: 'broken',
  power: 'strum',
};

/** The style's own way of playing chords, unless the instrument cannot do that. */
export function chordPattern({ chords, form }: Style, instrument: Instrument): ChordPattern {
  const usual = chords?.as ?? 'hold';
  if (instrument === 'distorted guitar') return 'power';
  if (SUSTAINING.has(instrument)) return HELD[usual] ?? usual;
  if (form === 'song' && (usual === 'hold' || usual === 'halves')) return 'rhythm';
  return (STRUMMED.has(instrument) ? STRUMMED_INSTEAD : STRUCK)[usual] ?? usual;
}
