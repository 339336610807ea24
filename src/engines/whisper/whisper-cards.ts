import type { InstalledWeights, WeightsSource } from '../../core/engine.ts';
import type { ModelCard } from '../../core/models/model.ts';
import { whisperLanguages } from './whisper-languages.ts';

/** Best first, without the ending that tells a quantisation. */
const PREFERENCE = [
  'large-v3',
  'large-v3-turbo',
  'large-v2',
  'large-v1',
  'medium',
  'small',
  'base',
  'tiny',
  'distil-large-v3.5',
  'distil-large-v3',
  'distil-medium.en',
  'medium.en',
  'distil-small.en',
  'small.en',
  'base.en',
  'tiny.en',
];

/** Distilled models that tell no times: they have two layers of text, as the first of their kind had. */
const UNTIMED = ['distil-medium.en'];

/** Every request reads the list, and looking costs some hundred questions to the disk. */
const LOOK_MS = 1000;

/** What is installed, as far as it was last read. */
export interface WhisperShelf {
  /** The models, best first. Reading them also looks anew, at most once a second, so that a pull shows up without a restart. */
  readonly cards: readonly ModelCard[];
  /** Looks anew; whatever changed before the call is seen. */
  refresh(): Promise<void>;
  /** Looks anew and finds the weights of a model. */
  find(id: string): Promise<InstalledWeights | undefined>;
}

/** Looks at what is installed. */
export async function createWhisperShelf(weights: WeightsSource | undefined): Promise<WhisperShelf> {
  let installed: readonly InstalledWeights[] = [];
  let cards: readonly ModelCard[] = [];
  let looking: Promise<void> | undefined;
  let lookedAt = 0;
  const read = async () => {
    const all = (await weights?.installed('whisper')) ?? [];
    installed = all.filter(({ kind }) => kind === 'transcription');
    const known = cards;
    // A card that did not change stays the same object: the catalog tells models apart by it.
    cards = [...installed]
      .sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id))
      .map((entry) => keepSame(known, toCard(entry)));
  };
  const look = () => {
    looking ??= read().finally(() => {
      looking = undefined;
      lookedAt = performance.now();
    });
    return looking;
  };
  await look();
  return {
    refresh: async () => {
      // What is being read now may have been read before the change.
      await looking?.catch(() => undefined);
      await look();
    },
    get cards() {
      // Whoever asks a moment later sees a change; a folder that cannot be read now leaves the list as it is.
      if (performance.now() - lookedAt >= LOOK_MS) look().catch(() => undefined);
      return cards;
    },
    find: async (id) => {
      await look();
      return installed.find((entry) => entry.id === id);
    },
  };
}

function toCard(entry: InstalledWeights): ModelCard {
  return {
    id: entry.id,
    name: entry.title,
    capability: 'transcription',
    description: `${entry.title}, run by whisper.cpp.`,
    languages: languagesOf(entry),
    tasks: teachesTranslation(entry) ? ['transcribe', 'translate'] : ['transcribe'],
    implements: entry.implements ?? [],
    licence: entry.licence,
  };
}

/**
 * Whether a model was taught to translate. The turbo and the distilled ones write down what is said in its own language
 * whatever they are told, and those for English know no other.
 */
export function teachesTranslation({ id, languages }: Pick<InstalledWeights, 'id' | 'languages'>): boolean {
  const hearsOthers = languages === 'any' || languages.some((language) => language !== 'en');
  return hearsOthers && !/turbo|distil/.test(id);
}

/** Whether a model tells when a word was said. */
export function tellsTimes(id: string): boolean {
  return !UNTIMED.includes(baseName(id));
}

/** A model of unknown name may know any language; its file decides when it is opened. */
function languagesOf({ id, languages }: InstalledWeights): ModelCard['languages'] {
  const name = baseName(id);
  if (languages !== 'any' || !PREFERENCE.includes(name)) return languages;
  return whisperLanguages(name.startsWith('large-v3') ? 100 : 99);
}

function keepSame(known: readonly ModelCard[], card: ModelCard): ModelCard {
  return known.find((other) => JSON.stringify(other) === JSON.stringify(card)) ?? card;
}

function rank(id: string): number {
  const place = PREFERENCE.indexOf(baseName(id));
  return place < 0 ? PREFERENCE.length : place;
}

function baseName(id: string): string {
  return id.replace(/^whisper\//, '').replace(/-q\d_\d$/, '');
}
