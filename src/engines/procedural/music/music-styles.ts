import type { Style } from './music-style.ts';
import { BAND_STYLES } from './music-styles-band.ts';
import { CONCERT_STYLES } from './music-styles-concert.ts';
import { ELECTRONIC_STYLES } from './music-styles-electronic.ts';
import type { Genre, Instrument, Mood } from './music-terms.ts';
import type { MusicWish } from './music-wish.ts';
import { present } from '../../../base/assert.ts';

const STYLES = new Map(
  [...ELECTRONIC_STYLES, ...BAND_STYLES, ...CONCERT_STYLES].map((style) => [style.genre, style]),
);

/** How a kind of music is made. */
export function styleOf(genre: Genre): Style {
  return present(STYLES.get(genre), `The style ${genre}`);
}

/** The kind of music that somebody means who names none. */
export function genreFor(wish: MusicWish): Genre {
  const [named] = wish.genres;
  if (named) return named;
  for (const instrument of wish.instruments) {
    const genre = GENRE_BY_INSTRUMENT[instrument];
    if (genre) return genre;
  }
  for (const mood of wish.moods) {
    const genre = GENRE_BY_MOOD[mood];
    if (genre) return genre;
  }
  return wish.metre?.beats === 3 ? 'waltz' : 'pop';
}

const GENRE_BY_INSTRUMENT: Readonly<Partial<Record<Instrument, Genre>>> = {
  piano: 'classical',
  harpsichord: 'classical',
  'electric piano': 'lo-fi',
  organ: 'soul',
  'church organ': 'classical',
  'music box': 'music box',
  marimba: 'pop',
  'steel drum': 'reggae',
  'acoustic guitar': 'folk',
  'nylon guitar': 'bossa nova',
  'electric guitar': 'rock',
  'distorted guitar': 'rock',
  harp: 'lullaby',
  ukulele: 'pop',
  banjo: 'country',
  strings: 'orchestral',
  violin: 'orchestral',
  cello: 'orchestral',
  pizzicato: 'orchestral',
  horn: 'orchestral',
  brass: 'orchestral',
  flute: 'folk',
  saxophone: 'jazz',
  'upright bass': 'jazz',
  harmonica: 'blues',
  accordion: 'folk',
  choir: 'cinematic',
  pad: 'ambient',
  'dark pad': 'ambient',
  'synth lead': 'synthwave',
  'synth pluck': 'synthwave',
  'synth bass': 'synthwave',
  supersaw: 'trance',
  'chip pulse': 'chiptune',
  'acid bass': 'techno',
  'wobble bass': 'dubstep',
  'sub bass': 'trap',
  tuba: 'march',
};

const GENRE_BY_MOOD: Readonly<Partial<Record<Mood, Genre>>> = {
  epic: 'cinematic',
  tense: 'cinematic',
  dark: 'cinematic',
  mysterious: 'cinematic',
  calm: 'ambient',
  dreamy: 'ambient',
  sad: 'classical',
  romantic: 'classical',
  energetic: 'house',
  aggressive: 'metal',
};
