import type { ServersOf } from '../access/grant.ts';
import type { SettingSupport } from '../setting-support.ts';
import type { Candidate, ModelCatalog } from './model-catalog.ts';
import type { Capability } from './model.ts';

/** What becomes of one parameter under one model, for the published tables of what engines obey as it is. */
export interface SupportFate {
  readonly fate: 'honoured' | 'ignored';
  /** The range in which the engine obeys, and what becomes of values outside it: they are moved to its nearest end. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly outside?: 'adjusted';
}

/** The engine models that serve a name now, best first; none where a request would be refused. */
export function servedCandidates(
  models: ModelCatalog,
  name: string,
  capability: Capability,
): readonly Candidate[] {
  return models.served(name, capability);
}

/** Tells what may serve an act now, by the ids of engine models. */
export function serversIn(models: ModelCatalog): ServersOf {
  return ({ model, capability }) => servedCandidates(models, model, capability).map(({ card }) => card.id);
}

/** The fate of every parameter of a table of spellings, by how the engine obeys the settings behind them. */
export function supportFates<Setting extends string>(
  spelled: Readonly<Record<string, Setting>>,
  supported: Readonly<Partial<Record<Setting, SettingSupport>>>,
): Record<string, SupportFate> {
  return Object.fromEntries(
    Object.entries(spelled).map(([parameter, setting]) => [parameter, fateOf(supported[setting])]),
  );
}

function fateOf(support: SettingSupport | undefined): SupportFate {
  if (support === undefined) return { fate: 'ignored' };
  return support === 'any' ? { fate: 'honoured' } : { fate: 'honoured', ...support, outside: 'adjusted' };
}
