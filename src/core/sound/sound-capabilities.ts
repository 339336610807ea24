import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Capability } from '../models/model.ts';
import { servedCandidates, supportFates, type SupportFate } from '../models/served-candidates.ts';
import { longestSeconds, soundSupport } from './sound-settings.ts';
import type { SoundSetting } from './sound.ts';

/** How the parameters of each of a dialect's models of sound are spelled: model, then the caller's word to our setting. */
export type SoundParameterTables = Readonly<Record<string, Readonly<Record<string, SoundSetting>>>>;

/** One row of the published table: a model of sound or music as one dialect knows it, and every parameter's fate. */
export interface SoundCapability {
  readonly model: string;
  readonly dialect: string;
  readonly capability: Capability;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
  /** The longest sound that the first of them makes, in seconds. */
  readonly maxSeconds: number;
  readonly parameters: Readonly<Record<string, SupportFate>>;
}

/** The fate of every parameter of every model of sound and music, by the same table that serves a request. */
export function soundCapabilities(
  models: ModelCatalog,
  tables: Readonly<Record<string, SoundParameterTables>>,
): readonly SoundCapability[] {
  return models.publicModels.flatMap(({ name: model, dialect, capability }) => {
    if (capability !== 'sound' && capability !== 'music') return [];
    const candidates = servedCandidates(models, model, capability).filter(({ engine }) => engine.sound);
    const [first] = candidates;
    const sound = first?.engine.sound;
    if (!first || !sound) return [];
    return {
      model,
      dialect,
      capability,
      servedBy: candidates.map(({ card }) => card.id),
      standIn: first.standIn,
      maxSeconds: longestSeconds(sound, first.card.id),
      parameters: supportFates(tables[dialect]?.[model] ?? {}, soundSupport(sound)),
    };
  });
}
