/** Genres of music as people write them. */
const GENRES = [
  'ambient',
  'blues',
  'bossa nova',
  'chiptune',
  'cinematic',
  'classical',
  'country',
  'dance',
  'disco',
  'drum and bass',
  'dubstep',
  'electronic',
  'folk',
  'funk',
  'gospel',
  'heavy metal',
  'hip hop',
  'house',
  'indie',
  'jazz',
  'latin',
  'lo-fi',
  'orchestral',
  'pop',
  'punk',
  'reggae',
  'rhythm and blues',
  'rock',
  'salsa',
  'ska',
  'soul',
  'swing',
  'synthwave',
  'techno',
  'trance',
  'trap',
  'vaporwave',
  'waltz',
] as const;

/** Other spellings of them. */
const SPELLINGS: Readonly<Record<string, (typeof GENRES)[number]>> = {
  'drum & bass': 'drum and bass',
  dnb: 'drum and bass',
  edm: 'electronic',
  'hip-hop': 'hip hop',
  lofi: 'lo-fi',
  'lo fi': 'lo-fi',
  orchestra: 'orchestral',
  'r&b': 'rhythm and blues',
  rnb: 'rhythm and blues',
};

/** Words of which some are in nearly every description of music, and seldom in one of a noise. */
const MUSICAL =
  'music musical song songs track tune melody melodies melodic chord chords harmony beat beats bpm tempo rhythm riff bassline loop remix soundtrack score theme jingle anthem ballad lullaby march symphony sonata overture instrumental vocals verse chorus bridge intro outro piano guitar guitars violin violins cello strings flute saxophone trumpet trombone brass woodwinds harp organ ukulele banjo accordion marimba synth synths synthesizer synthesiser pad pads arpeggio arpeggios 808 drums drumming percussion snare groove groovy upbeat downtempo allegro andante adagio';

/** Words that say that a noise is wanted. */
const NOISE =
  'sfx foley noise noises sound-effect effect effects ambience atmosphere footsteps footstep thunder rain wind storm explosion explosions gunshot gunshots gunfire siren sirens alarm engine motor door doors glass splash splashing bark barking meow purring chirping crickets birdsong crowd applause laughter whoosh swoosh riser braam impact impacts click clicks beep beeps buzz buzzing hum humming crackling dripping waves creak creaking knock knocking typing helicopter train traffic car cars truck aeroplane airplane jet laser teleport';

const musical = new Set(MUSICAL.split(' '));
const noisy = new Set(NOISE.split(' '));

/**
 * Whether a description is of music and not of a sound effect, judged by its words. What says neither is taken for
 * music, as those do whose models make both.
 */
export function describesMusic(text: string): boolean {
  const lower = text.toLowerCase();
  if (/\bsound effects?\b/.test(lower)) return false;
  const words = lower.match(/[a-z0-9][a-z0-9&'-]*/g) ?? [];
  const count = (list: ReadonlySet<string>) => words.filter((word) => list.has(word)).length;
  const music = count(musical) + genresIn(text).length;
  return music >= count(noisy) && (music > 0 || !/\bsounds? of\b/.test(lower));
}

/** The genres that a description names, in its own order, each once. */
export function genresIn(text: string): readonly string[] {
  const lower = text.toLowerCase();
  const found = [...GENRES.map((genre) => [genre, genre] as const), ...Object.entries(SPELLINGS)].flatMap(
    ([spelling, genre]) => {
      const at = lower.search(new RegExp(`(?<![a-z])${spelling}(?![a-z])`));
      return at < 0 ? [] : [{ at, genre }];
    },
  );
  return [...new Set(found.toSorted((a, b) => a.at - b.at).map(({ genre }) => genre))];
}
