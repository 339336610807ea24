import type { SoundswallowerDecoder, SoundswallowerModule, SoundswallowerSegment } from 'soundswallower';
import type { Interval } from '../../media/speech-windows.ts';
import { type FoundWord, toGivenTimes } from './given-words.ts';
import { pronounce, type Pronounced, type SoundLookup } from './pronunciations.ts';
import { toSpokenWords } from './spoken-words.ts';

/** What to find: words, in the order in which they are spoken. */
export interface AlignTask {
  /** One of the keys of `MODELS`. */
  readonly language: string;
  /** Mono, at `ALIGN_SAMPLE_RATE`. */
  readonly samples: Float32Array;
  readonly words: readonly string[];
}

/** Where the words are, one interval for each; undefined when sound and text do not fit. */
export interface AlignAnswer {
  readonly times: readonly Interval[] | undefined;
}

/** A loaded model of one language. */
export interface Aligner {
  align(task: AlignTask): Promise<AlignAnswer>;
}

/** Hertz. */
export const ALIGN_SAMPLE_RATE = 16_000;

/** The package's own models by language (ISO 639-1). */
export const MODELS = { en: 'en-us', fr: 'fr-fr' } as const;

/**
 * The least mean log probability per second of speech. Texts that were spoken reach -0.22 and better, in loud noise
 * -0.28; those that were not are at -0.31 and worse.
 */
const LEAST_FIT = -0.29;
/** Faster than anybody speaks: no search is needed to know that it does not fit. */
const MOST_WORDS_PER_SECOND = 12;
const LEAST_SECONDS = 0.1;
/** The dictionary only grows, so after this many guesses a fresh one takes its place. */
const MOST_GUESSES = 5000;

/** Makes an aligner; `load` gives a module of the package's own that is told the language's model. */
export async function loadAligner(load: () => Promise<SoundswallowerModule>): Promise<Aligner> {
  let guesses = 0;
  let decoder = await createDecoder(load);
  return {
    align: async (task) => {
      if (task.words.length > mostWords(task)) return { times: undefined };
      if (guesses > MOST_GUESSES) {
        // A whole module: a decoder that is deleted leaves a third of its memory behind.
        decoder = await createDecoder(load);
        guesses = 0;
      }
      const sought = prepare(task, decoder);
      guesses += sought.added;
      return { times: findWords(task, sought.words, decoder) };
    },
  };
}

async function createDecoder(load: () => Promise<SoundswallowerModule>): Promise<SoundswallowerDecoder> {
  const module = await load();
  const decoder = new module.Decoder({ samprate: ALIGN_SAMPLE_RATE, loglevel: 'FATAL' });
  await decoder.initialize();
  return decoder;
}

function secondsOf({ samples }: AlignTask): number {
  return samples.length / ALIGN_SAMPLE_RATE;
}

function mostWords(task: AlignTask): number {
  return Math.max(1, secondsOf(task)) * MOST_WORDS_PER_SECOND;
}

interface SoughtWord extends Omit<FoundWord, 'interval'> {
  readonly entries: readonly Pronounced[];
}

function prepare(task: AlignTask, decoder: SoundswallowerDecoder): { words: SoughtWord[]; added: number } {
  const lookup: SoundLookup = (word) => decoder.lookup_word(word) ?? undefined;
  let added = 0;
  const words = toSpokenWords(task.words, task.language).map((spoken) => {
    const entries = pronounce(spoken, task.language, lookup);
    for (const { entry, guessed } of entries) {
      // The same unknown word may stand in the text twice; the package refuses to add it again.
      if (guessed === undefined || lookup(entry) !== undefined) continue;
      decoder.add_words([entry, guessed]);
      added += 1;
    }
    return { word: spoken.word, entries };
  });
  return { words, added };
}

function findWords(
  task: AlignTask,
  sought: readonly SoughtWord[],
  decoder: SoundswallowerDecoder,
): readonly Interval[] | undefined {
  const durationSeconds = secondsOf(task);
  const entries = sought.flatMap((word) => word.entries.map(({ entry }) => entry));
  if (entries.length === 0 || durationSeconds < LEAST_SECONDS) return undefined;
  if (entries.length > mostWords(task)) return undefined;
  const spoken = search(task.samples, entries, decoder);
  if (!spoken || fitOf(spoken) < LEAST_FIT) return undefined;
  let next = 0;
  const found = sought.map(({ word, entries: { length } }) => {
    const own = spoken.slice(next, next + length);
    next += length;
    return { word, interval: spanOf(own) };
  });
  return toGivenTimes(task.words.length, found, durationSeconds);
}

/** The segments of the entries, one for each; undefined when the search came to no end. */
function search(
  samples: Float32Array,
  entries: readonly string[],
  decoder: SoundswallowerDecoder,
): readonly SoundswallowerSegment[] | undefined {
  decoder.set_align_text(entries.join(' '));
  decoder.start();
  decoder.process_audio(samples, false, true);
  decoder.stop();
  const segments = readSegments(decoder);
  const fits =
    segments.length === entries.length && segments.every(({ t }, index) => wordOf(t) === entries[index]);
  return fits ? segments : undefined;
}

function readSegments(decoder: SoundswallowerDecoder): readonly SoundswallowerSegment[] {
  try {
    // Silence and noise are in angle or square brackets.
    return (decoder.get_alignment().w ?? []).filter(({ t }) => !/^[<[(]/u.test(t));
  } catch (error) {
    // Without a result the package sometimes reads an empty text as JSON.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** `the` for `the(2)`. */
function wordOf(entry: string): string {
  return entry.replace(/\(\d+\)$/u, '');
}

function fitOf(segments: readonly SoundswallowerSegment[]): number {
  const seconds = segments.reduce((sum, { d }) => sum + d, 0);
  return segments.reduce((sum, { p }) => sum + Math.log(p), 0) / seconds;
}

function spanOf(segments: readonly SoundswallowerSegment[]): Interval | undefined {
  const [first] = segments;
  const last = segments.at(-1);
  return first && last ? { startSeconds: first.b, endSeconds: last.b + last.d } : undefined;
}
