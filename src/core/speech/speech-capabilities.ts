import type { SpeechEngine } from '../engine.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import { servedCandidates } from '../models/served-candidates.ts';
import { fateOf, rangeOf, type SettingFate } from './speech-settings.ts';
import type { SpeechSetting } from './speech.ts';

/** How the parameters of one dialect are spelled: the caller's word to our setting. */
export type ParameterTable = Readonly<Record<string, SpeechSetting>>;

/** What becomes of one parameter under one model. */
export interface ParameterFate {
  readonly fate: SettingFate;
  /** The range in which the engine obeys, and what becomes of values outside it: they are moved to its nearest end. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly outside?: 'adjusted';
}

/** One row of the published table: a model name as one dialect knows it, who serves it, and every parameter's fate. */
export interface SpeechCapability {
  readonly model: string;
  readonly dialect: string;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
  readonly parameters: Readonly<Record<string, ParameterFate>>;
}

/** The fate of every parameter of every speech model, by the same functions that serve a request. */
export function speechCapabilities(
  models: ModelCatalog,
  parameters: Readonly<Record<string, ParameterTable>>,
): readonly SpeechCapability[] {
  return models.publicModels
    .filter((model) => model.capability === 'speech')
    .flatMap((model) => {
      const candidates = servedCandidates(models, model.name, 'speech');
      const first = candidates[0];
      if (!first) return [];
      return {
        model: model.name,
        dialect: model.dialect,
        servedBy: candidates.map((candidate) => candidate.card.id),
        standIn: first.standIn,
        parameters: fates(parameters[model.dialect] ?? {}, candidates),
      };
    });
}

function fates(table: ParameterTable, candidates: readonly Candidate[]): Record<string, ParameterFate> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([parameter, setting]) => {
      const speech = speakerFor(setting, candidates);
      if (!speech) return [];
      const range = rangeOf(setting, speech);
      const fate = fateOf(setting, speech);
      return [[parameter, { fate, ...(range ? { ...range, outside: 'adjusted' } : {}) }]];
    }),
  );
}

/** The first one serves, but who sends a sample goes before all others to one that can take on its voice. */
function speakerFor(setting: SpeechSetting, candidates: readonly Candidate[]): SpeechEngine | undefined {
  const takesSamples = ({ engine: { speech } }: Candidate) => speech?.settings.voice_sample !== undefined;
  const taker = setting === 'voice_sample' ? candidates.find(takesSamples) : undefined;
  return (taker ?? candidates[0])?.engine.speech;
}
