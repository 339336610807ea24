/** Kinds of music that the procedural engine knows. */
export const GENRES = [
  'lo-fi',
  'ambient',
  'house',
  'techno',
  'trance',
  'synthwave',
  'drum and bass',
  'dubstep',
  'hip-hop',
  'trap',
  'chiptune',
  'pop',
  'rock',
  'metal',
  'punk',
  'funk',
  'disco',
  'soul',
  'blues',
  'reggae',
  'jazz',
  'bossa nova',
  'latin',
  'folk',
  'country',
  'orchestral',
  'cinematic',
  'classical',
  'waltz',
  'lullaby',
  'march',
  'music box',
] as const;

/** One of the kinds of music. */
export type Genre = (typeof GENRES)[number];

/** Moods that change how a piece is made. */
export const MOODS = [
  'happy',
  'sad',
  'tense',
  'calm',
  'epic',
  'dark',
  'dreamy',
  'romantic',
  'energetic',
  'playful',
  'mysterious',
  'aggressive',
] as const;

/** One of the moods. */
export type Mood = (typeof MOODS)[number];

/** What somebody can be asked to play. */
export const INSTRUMENTS = [
  'piano',
  'electric piano',
  'organ',
  'church organ',
  'harpsichord',
  'celesta',
  'music box',
  'glockenspiel',
  'bells',
  'marimba',
  'vibraphone',
  'xylophone',
  'kalimba',
  'steel drum',
  'acoustic guitar',
  'nylon guitar',
  'electric guitar',
  'distorted guitar',
  'harp',
  'ukulele',
  'banjo',
  'sitar',
  'pizzicato',
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
  'synth lead',
  'supersaw',
  'synth pluck',
  'chip pulse',
  'chip triangle',
  'synth bass',
  'sub bass',
  'acid bass',
  'wobble bass',
  'bass guitar',
  'upright bass',
  'tuba',
] as const;

/** Somebody who plays notes. */
export type Instrument = (typeof INSTRUMENTS)[number];

/** What a part does in a piece. */
export const ROLES = ['drums', 'bass', 'chords', 'pad', 'arpeggio', 'melody', 'counter'] as const;

/** What one of the parts does in a piece. */
export type Role = (typeof ROLES)[number];

/** Pieces of a drum kit. */
export type DrumPiece =
  | 'kick'
  | 'snare'
  | 'clap'
  | 'rim'
  | 'hat'
  | 'open hat'
  | 'ride'
  | 'crash'
  | 'high tom'
  | 'low tom'
  | 'shaker'
  | 'tambourine'
  | 'conga'
  | 'big drum'
  | 'cymbal swell'
  | 'crackle';

/** Drum kits by their sound. */
export type DrumKit = 'acoustic' | 'brushes' | 'electronic' | 'deep' | 'dusty' | 'orchestral' | 'chip';

/** A mode by its name in tonal. */
export type ModeName =
  | 'major'
  | 'minor'
  | 'dorian'
  | 'phrygian'
  | 'lydian'
  | 'mixolydian'
  | 'harmonic minor'
  | 'blues';

/** How a bar is counted. */
export interface Metre {
  /** Beats that are felt. */
  readonly beats: number;
  /** Steps in a beat: four, or three where beats are dotted. */
  readonly division: 3 | 4;
  /** As it is written: `3/4`. */
  readonly name: string;
}
