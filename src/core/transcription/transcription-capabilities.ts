import type { Engine } from '../engine.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { HearingTask, ModelCard } from '../models/model.ts';
import { servedCandidates } from '../models/served-candidates.ts';
import type { SettingFate } from '../speech/speech-settings.ts';
import { doesTask } from './transcription-routing.ts';
import { hearingSupport, type Listeners } from './transcription-settings.ts';
import type { TranscriptionSetting } from './transcription.ts';
import { findWordFinder, type WordFinder } from './word-alignment.ts';

/** What becomes of a parameter of hearing: as for speech, or the request is turned down because of it. */
export type HearingFate = SettingFate | 'refused';

/** One parameter of a dialect that means one of our settings. */
export interface HearingParameter {
  readonly setting: TranscriptionSetting;
  /** The range that the dialect itself takes; it refuses what lies outside. */
  readonly accepts?: { readonly minimum: number; readonly maximum: number };
  /** What becomes of it where nothing here obeys the setting; absent means `ignored`. */
  readonly unserved?: 'refused';
}

/**
 * How the parameters of one dialect are spelled: the caller's word to our setting, or to the fate that the dialect
 * itself prepares for it.
 */
export type HearingParameterTable = Readonly<
  Record<string, TranscriptionSetting | HearingParameter | 'honoured' | 'ignored' | 'refused'>
>;

/** What becomes of one parameter under one model, and in which range it is obeyed. */
export interface HearingParameterFate {
  readonly fate: HearingFate;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Values outside the range are moved to its nearest end, or refused. */
  readonly outside?: 'adjusted' | 'refused';
}

/** One row of the published table: a model name as one dialect knows it, who serves it, and every parameter's fate. */
export interface TranscriptionCapability {
  readonly model: string;
  readonly dialect: string;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
  /** What may be asked of it; a translation is served by the first model that can. */
  readonly tasks: readonly HearingTask[];
  /** ISO 639 codes that somebody who serves it hears, or `any`. */
  readonly languages: readonly string[] | 'any';
  readonly parameters: Readonly<Record<string, HearingParameterFate>>;
}

const TASKS: readonly HearingTask[] = ['transcribe', 'translate'];

/** What the table is made from. */
export interface HearingCapabilityParts {
  readonly models: ModelCatalog;
  /** Per dialect. */
  readonly parameters: Readonly<Record<string, HearingParameterTable>>;
  /** Who may tell speakers apart, and find words where a model gives them no times. */
  readonly engines: readonly Engine[];
}

/** The fate of every parameter of every model that hears, by the same functions that serve a request. */
export function transcriptionCapabilities(parts: HearingCapabilityParts): readonly TranscriptionCapability[] {
  return parts.models.publicModels
    .filter((model) => model.capability === 'transcription')
    .flatMap((model) => {
      const candidates = servedCandidates(parts.models, model.name, 'transcription');
      const first = candidates.find(({ card }) => doesTask(card, 'transcribe'));
      const { transcription } = first?.engine ?? {};
      if (!first || !transcription) return [];
      return {
        model: model.name,
        dialect: model.dialect,
        servedBy: candidates.map(({ card }) => card.id),
        standIn: first.standIn,
        tasks: TASKS.filter((task) => candidates.some(({ card }) => doesTask(card, task))),
        languages: languagesOf(candidates),
        parameters: fates(parts.parameters[model.dialect] ?? {}, {
          ...first,
          transcription,
          speakers: parts.engines.find((engine) => engine.speakers)?.speakers,
          finder: sureFinder(parts.engines, first.card),
        }),
      };
    });
}

/** Who finds words in every language that the model hears: only then is it certain that a caller gets their times. */
function sureFinder(engines: readonly Engine[], card: ModelCard): WordFinder | undefined {
  if (card.languages === 'any') return undefined;
  const finders = card.languages.map((language) =>
    findWordFinder(engines, { request: { task: 'transcribe', language }, card }),
  );
  return finders.every((finder) => finder !== undefined) ? finders[0] : undefined;
}

function languagesOf(candidates: readonly Candidate[]): readonly string[] | 'any' {
  const known = new Set<string>();
  for (const { card } of candidates) {
    if (card.languages === 'any') return 'any';
    for (const language of card.languages) known.add(language);
  }
  return [...known];
}

function fates(table: HearingParameterTable, listeners: Listeners): Record<string, HearingParameterFate> {
  return Object.fromEntries(
    Object.entries(table).map(([parameter, meant]) => [parameter, fateOf(meant, listeners)]),
  );
}

function fateOf(meant: HearingParameterTable[string], listeners: Listeners): HearingParameterFate {
  if (meant === 'honoured' || meant === 'ignored' || meant === 'refused') return { fate: meant };
  const parameter: HearingParameter = typeof meant === 'string' ? { setting: meant } : meant;
  const { setting, accepts, unserved = 'ignored' } = parameter;
  const support = hearingSupport(setting, listeners);
  if (support === undefined) return { fate: unserved };
  if (support === 'any') return { fate: 'honoured', ...(accepts ? { ...accepts, outside: 'refused' } : {}) };
  if (!accepts) return { fate: 'honoured', ...support, outside: 'adjusted' };
  const isWider = accepts.minimum < support.minimum || accepts.maximum > support.maximum;
  return isWider
    ? { fate: 'honoured', ...support, outside: 'adjusted' }
    : { fate: 'honoured', ...accepts, outside: 'refused' };
}
