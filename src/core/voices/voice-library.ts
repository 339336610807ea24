import { AppError } from '../../base/errors.ts';
import { visibleOwners, type Principal, type RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { MediaOpener } from '../media-opening.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { VoiceStore } from '../ports/store.ts';
import { createVoiceCasting, type CastingPart } from './voice-casting.ts';
import { likenessOfRecord, likenessOfSample, type Likeness, type SampleReading } from './voice-likeness.ts';
import { castVoice, type CastVoice, type KnownVoice, type WantedVoice } from './voice-parts.ts';
import { measureVoiceHere } from './voice-measuring.ts';
import type { VoiceMeasure, VoiceRecord } from './voice-record.ts';
import type { PresetVoice, Voice, VoiceRef } from './voice.ts';

export { primaryLanguage, type CastVoice, type KnownVoice, type WantedVoice } from './voice-parts.ts';

/** Every voice that can be named, whatever dialect made its name known. */
export interface VoiceLibrary {
  readonly presets: readonly PresetVoice[];
  readonly engineVoices: readonly Voice[];
  /**
   * Finds a voice by id, or by its name without regard to case, among those that the caller may use. Names of the
   * caller's own voices win over everybody's, and those over well-known ones.
   */
  find(name: string, principal: Principal): Promise<KnownVoice | undefined>;
  /** Finds a voice or throws `not_found`; `param` is the caller's spelling of the field. */
  get(name: string, asking: { readonly param: string; readonly principal: Principal }): Promise<KnownVoice>;
  /** Finds a voice that somebody added, by id or by its name without regard to case. */
  findAdded(name: string, principal: Principal): Promise<VoiceRecord | undefined>;
  /** The likeness of a recording that came with a request. */
  likenessOf(sample: Extract<VoiceRef, { kind: 'sample' }>, reading: Omit<SampleReading, 'opener'>): Likeness;
  /** The engine voice that plays a voice in a language; undefined when the engine cannot. */
  cast(wanted: WantedVoice, part: CastingPart): Promise<CastVoice | undefined>;
  /** How high a voice speaks here; undefined where nobody can tell. */
  measure(known: KnownVoice, context: RequestContext): Promise<VoiceMeasure | undefined>;
}

/** What the library is built from. */
export interface VoiceLibraryParts {
  readonly presets: readonly PresetVoice[];
  readonly engines: readonly Engine[];
  readonly added: VoiceStore;
  readonly blobs: BlobStore;
  readonly opener: MediaOpener;
  readonly runner: EngineRunner;
}

/** Builds the library from the vendors' well-known names, the engines' own voices and those that were added. */
export function createVoiceLibrary(parts: VoiceLibraryParts): VoiceLibrary {
  const casting = createVoiceCasting(parts.runner);
  const findShipped = shippedVoices(parts);
  const toAdded = (record: VoiceRecord): KnownVoice => ({
    kind: 'added',
    record,
    likeness: likenessOfRecord(record, parts.blobs),
  });
  const named = async (name: string, principal: Principal) =>
    nearestFirst(await parts.added.findNamed(name, visibleOwners(principal)), principal)[0];
  const findAdded = async (name: string, principal: Principal) =>
    (await parts.added.find(name, visibleOwners(principal))) ?? named(name, principal);
  const find = async (name: string, principal: Principal): Promise<KnownVoice | undefined> => {
    const added = await parts.added.find(name, visibleOwners(principal));
    if (added) return toAdded(added);
    const shipped = findShipped(name);
    if (shipped?.by === 'id') return shipped.known;
    const saved = await named(name, principal);
    return saved ? toAdded(saved) : shipped?.known;
  };
  return {
    presets: parts.presets,
    get engineVoices() {
      return speakingVoices(parts.engines);
    },
    find,
    findAdded,
    get: async (name, { param, principal }) => {
      const known = await find(name, principal);
      if (known) return known;
      const message = `The voice '${name}' does not exist here. GET /v1/audio/voices lists those that do.`;
      throw new AppError('not_found', message, { param, subject: 'voice' });
    },
    likenessOf: (sample, reading) => likenessOfSample(sample, { ...reading, opener: parts.opener }),
    cast: (wanted, part) => castVoice(wanted, part, { ...parts, casting }),
    measure: (known, context) => measureVoiceHere(known, { ...parts, casting }, context),
  };
}

function speakingVoices(engines: readonly Engine[]): Voice[] {
  return engines.flatMap((engine) => engine.speech?.voices ?? []);
}

/** The caller's own before everybody's, and of the same owner the newest first. */
function nearestFirst(records: readonly VoiceRecord[], { id }: Principal): readonly VoiceRecord[] {
  return records.toReversed().toSorted((a, b) => Number(b.ownerId === id) - Number(a.ownerId === id));
}

function folded(name: string): string {
  return name.toLowerCase();
}

/** Most engines give the same list each time. */
function isSame(list: readonly Voice[], other: readonly Voice[] = []): boolean {
  return list === other || (list.length === other.length && list.every((voice, at) => voice === other[at]));
}

interface ShippedVoice {
  readonly known: KnownVoice;
  readonly by: 'id' | 'name';
}

/** Finds well-known voices and those of engines. */
function shippedVoices(
  parts: Pick<VoiceLibraryParts, 'presets' | 'engines'>,
): (name: string) => ShippedVoice | undefined {
  let indexed: {
    readonly lists: readonly (readonly Voice[])[];
    readonly byKey: ReadonlyMap<string, ShippedVoice>;
  } = { lists: [], byKey: indexVoices(parts.presets, []) };
  return (name) => {
    // Asked anew each time: installing weights adds voices while the server runs.
    const lists = parts.engines.map((engine) => engine.speech?.voices ?? []);
    const same =
      lists.length === indexed.lists.length && lists.every((list, at) => isSame(list, indexed.lists[at]));
    if (!same) indexed = { lists, byKey: indexVoices(parts.presets, lists.flat()) };
    const known = indexed.byKey.get(folded(name));
    if (known) return known;
    const hidden = parts.engines
      .map((engine) => engine.speech?.findVoice?.(name))
      .find((voice) => voice !== undefined);
    return hidden && { known: { kind: 'engine', voice: hidden }, by: 'id' };
  };
}

/** Ids win over names, and vendors' well-known names over the engines' short ones. */
function indexVoices(
  presets: readonly PresetVoice[],
  voices: readonly Voice[],
): ReadonlyMap<string, ShippedVoice> {
  const byKey = new Map<string, ShippedVoice>();
  const learn = (key: string, by: ShippedVoice['by'], known: KnownVoice) => {
    if (!byKey.has(folded(key))) byKey.set(folded(key), { known, by });
  };
  for (const preset of presets) learn(preset.id, 'id', { kind: 'preset', preset });
  for (const voice of voices) learn(voice.id, 'id', { kind: 'engine', voice });
  for (const preset of presets) learn(preset.name, 'name', { kind: 'preset', preset });
  for (const voice of voices) {
    learn(voice.id.slice(voice.engine.length + 1), 'name', { kind: 'engine', voice });
  }
  return byKey;
}
