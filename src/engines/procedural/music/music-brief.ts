import type { Warning } from '../../../core/warning.ts';
import type { SoundGeneration } from '../../../core/sound/sound-engine.ts';
import { Random } from '../dsp/dsp-random.ts';
import { arrange, type Arrangement } from './music-arrangement.ts';
import { layOutForm, type MusicForm } from './music-form.ts';
import { chooseHarmonies, musicKey, type Harmonies, type MusicKey } from './music-harmony.ts';
import type { Style } from './music-style.ts';
import { genreFor, styleOf } from './music-styles.ts';
import type { Metre, ModeName, Mood } from './music-terms.ts';
import { COMMON_TIME, READ_CHARACTERS, readMusicWish, type MusicWish } from './music-wish.ts';

/** A piece of music before a note of it is written: everything is decided. */
export interface MusicBrief {
  readonly seed: number;
  readonly style: Style;
  readonly wish: MusicWish;
  readonly key: MusicKey;
  readonly metre: Metre;
  readonly harmonies: Harmonies;
  readonly form: MusicForm;
  readonly arrangement: Arrangement;
  /** How finely sounds are made: 1 at a hundred steps. */
  readonly detail: number;
  /** Where the clip begins in the piece. */
  readonly startSeconds: number;
  readonly durationSeconds: number;
  readonly loop: boolean;
  readonly avoided: readonly string[];
  readonly warnings: readonly Warning[];
}

/** Shortest and longest clip, in seconds. */
const SHORTEST = 0.5;
const LONGEST = 600;

/** Decides everything about a piece but its notes. */
export function resolveBrief(generation: SoundGeneration): MusicBrief {
  const { plan, seed, loop = false, promptInfluence = 0.5 } = generation;
  const { wish, negative } = readTexts(generation);
  const style = styleOf(genreFor(wish));
  const random = new Random(seed, 'music');
  const freedom = 1 - Math.min(1, Math.max(0, promptInfluence));
  const metre = wish.metre ?? style.metre ?? COMMON_TIME;
  const beatsPerMinute = chooseTempo(style, wish, { random: random.fork('tempo'), freedom });
  const key = chooseKey(style, wish, random.fork('key'));
  const harmonies = chooseHarmonies(style, key.mode, { random: random.fork('harmony'), freedom });
  const barSeconds = (metre.beats * 60) / beatsPerMinute;
  const durationSeconds = chooseDuration(generation, wish, { barSeconds, loop });
  const startSeconds = startOf(generation);
  const form = layOutForm({
    style,
    metre,
    beatsPerMinute,
    strictTempo: wish.beatsPerMinute !== undefined,
    totalSeconds: startSeconds + durationSeconds,
    loop,
    shapes: wish.shapes,
    phrase: harmonies.a.length,
    energy: energyOf(wish.moods),
    avoided: negative,
    ...(plan && plan.sections.length > 0 ? { plan } : {}),
  });
  const avoided = negative.split(',').map((one) => one.trim());
  return {
    seed,
    style,
    wish,
    key,
    metre,
    harmonies,
    form,
    arrangement: arrange(style, withSections(wish, form)),
    detail: detailOf(generation),
    startSeconds,
    durationSeconds,
    loop,
    avoided: avoided.filter((one) => one !== ''),
    warnings: warningsOf(generation, { wish, form, loop }),
  };
}

/** What is asked for and what is not, in the prompt and in the plan. */
function readTexts({ prompt, negativePrompt = '', plan }: SoundGeneration): {
  readonly wish: MusicWish;
  readonly negative: string;
} {
  const negative = [negativePrompt, ...(plan?.avoidedStyles ?? [])].join(', ');
  return { wish: readMusicWish([prompt, ...(plan?.styles ?? [])].join(', '), negative), negative };
}

function startOf({ loop, startSeconds = 0 }: SoundGeneration): number {
  return loop === true ? 0 : Math.max(0, startSeconds);
}

function detailOf({ steps = 100 }: SoundGeneration): number {
  return Math.min(1.5, Math.max(0.25, Math.sqrt(steps / 100)));
}

/** Who is named in a section has to be in the band. */
function withSections(wish: MusicWish, { sections }: MusicForm): MusicWish {
  const instruments = [...wish.instruments];
  const roles = [...wish.roles];
  for (const section of sections) {
    instruments.push(
      ...(section.wish?.instruments ?? []).filter((one) => !wish.withoutInstruments.includes(one)),
    );
    roles.push(...(section.wish?.roles ?? []).filter((one) => !wish.withoutRoles.includes(one)));
  }
  return { ...wish, instruments: [...new Set(instruments)], roles: [...new Set(roles)] };
}

function chooseTempo(
  { tempo }: Style,
  wish: MusicWish,
  { random, freedom }: { readonly random: Random; readonly freedom: number },
): number {
  if (wish.beatsPerMinute !== undefined) return wish.beatsPerMinute;
  const [slowest, usual, fastest] = tempo;
  const moods = wish.moods.reduce((factor, mood) => factor * (MOOD_TEMPO[mood] ?? 1), 1);
  const around = usual * wish.tempoFactor * moods * (1 + freedom * 0.08 * random.signed());
  // Words for slow and fast may leave the usual range by a little.
  return Math.round(Math.min(fastest * 1.15, Math.max(slowest * 0.78, around)));
}

const MOOD_TEMPO: Readonly<Partial<Record<Mood, number>>> = {
  happy: 1.06,
  sad: 0.86,
  calm: 0.9,
  dreamy: 0.94,
  romantic: 0.93,
  energetic: 1.1,
  aggressive: 1.08,
  playful: 1.06,
  tense: 1.04,
};

const TONICS = ['C', 'D', 'E', 'F', 'G', 'A', 'Bb', 'Eb'] as const;

function chooseKey(style: Style, wish: MusicWish, random: Random): MusicKey {
  const tonic = wish.tonic ?? random.pick(TONICS);
  const minor = random.chance(darknessOf(style, wish.moods));
  const mode: ModeName = wish.mode ?? (minor ? 'minor' : 'major');
  return musicKey(tonic, mode);
}

function darknessOf({ darkness }: Style, moods: readonly Mood[]): number {
  const lean = moods.reduce((sum, mood) => sum + (MOOD_DARKNESS[mood] ?? 0), 0);
  if (lean === 0) return darkness;
  return lean > 0 ? 1 : 0;
}

const MOOD_DARKNESS: Readonly<Partial<Record<Mood, number>>> = {
  happy: -1,
  playful: -1,
  romantic: -0.5,
  sad: 1,
  tense: 1,
  dark: 1,
  mysterious: 1,
  aggressive: 0.6,
  epic: 0.3,
};

function energyOf(moods: readonly Mood[]): number {
  const scale: Readonly<Partial<Record<Mood, number>>> = {
    calm: 0.78,
    sad: 0.86,
    dreamy: 0.86,
    romantic: 0.9,
    energetic: 1.15,
    epic: 1.12,
    aggressive: 1.2,
  };
  return Math.min(
    1.25,
    Math.max(
      0.65,
      moods.reduce((factor, mood) => factor * (scale[mood] ?? 1), 1),
    ),
  );
}

/** Told, planned, named in the prompt, or as long as such a thing usually is. */
function chooseDuration(
  { durationSeconds, plan, prompt, startSeconds = 0 }: SoundGeneration,
  wish: MusicWish,
  { barSeconds, loop }: { readonly barSeconds: number; readonly loop: boolean },
): number {
  const planned = plan?.sections.reduce((sum, section) => sum + section.durationSeconds, 0) ?? 0;
  const asked = durationSeconds ?? (planned > 0 ? planned - startSeconds : wish.durationSeconds);
  if (asked !== undefined) return Math.min(LONGEST, Math.max(SHORTEST, asked));
  if (loop || /\bloop(?:s|ing|able)?\b/iu.test(prompt)) return 8 * barSeconds;
  if (/\b(?:jingle|sting(?:er)?|ident|logo|notification|fanfare|intro music)\b/iu.test(prompt)) return 6;
  return /\b(?:song|full track|full-length|symphony|album)\b/iu.test(prompt) ? 90 : 30;
}

interface Judged {
  readonly wish: MusicWish;
  readonly form: MusicForm;
  readonly loop: boolean;
}

function warningsOf(generation: SoundGeneration, judged: Judged): Warning[] {
  const { wish, form, loop } = judged;
  const late = loop && (generation.startSeconds ?? 0) > 0;
  return [
    ...singingWarnings(generation, wish),
    ...(isUnderstood(wish, form) ? [] : [ignored('prompt', NOTHING_KNOWN)]),
    ...(generation.prompt.length > READ_CHARACTERS ? [ignored('prompt', TOO_LONG)] : []),
    ...(late ? [ignored('start', 'a loop has no beginning')] : []),
    ...tempoWarnings(wish, form),
  ];
}

function ignored(setting: string, reason: string): Warning {
  return { type: 'ignored', setting, reason };
}

function singingWarnings(
  { plan, lyrics = '', instrumental }: SoundGeneration,
  { singing }: MusicWish,
): Warning[] {
  const lines = plan?.sections.some((section) => section.lines.length > 0) === true;
  const asked = singing && instrumental !== true;
  return [
    ...(lyrics.trim() === '' ? [] : [ignored('lyrics', NO_SINGING)]),
    ...(lines ? [ignored('lines', NO_SINGING)] : []),
    ...(asked ? [ignored('prompt', `singing: ${NO_SINGING}`)] : []),
  ];
}

function tempoWarnings({ beatsPerMinute: asked }: MusicWish, form: MusicForm): Warning[] {
  if (asked === undefined || Math.abs(form.beatsPerMinute / asked - 1) < 0.015) return [];
  const to = `${form.beatsPerMinute.toFixed(1)} bpm, so that whole beats fill the time`;
  return [{ type: 'adjusted', setting: 'prompt', from: `${asked} bpm`, to }];
}

const NOTHING_KNOWN =
  'no kind of music, mood or instrument that this engine knows is named; it is made as pop';
const TOO_LONG = `what follows the first ${READ_CHARACTERS} characters is not read`;
const NO_SINGING = 'procedural/music plays instruments and cannot sing';

function isUnderstood(wish: MusicWish, { sections }: MusicForm): boolean {
  const heard = (one: MusicWish) =>
    one.genres.length + one.moods.length + one.instruments.length + one.roles.length > 0;
  const known = wish.metre !== undefined || wish.tonic !== undefined || wish.beatsPerMinute !== undefined;
  return heard(wish) || known || sections.some((section) => section.wish && heard(section.wish));
}
