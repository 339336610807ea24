import { AppError } from '../../base/errors.ts';
import type { Engine } from '../engine.ts';
import type { Capability, ModelCard, PublicModel } from './model.ts';
import type { WeightsEntry } from './weights.ts';
import { ownValue } from '../../base/own-value.ts';

/** The model name that leaves the choice to the server; whatever serves it is no stand-in. */
export const ANY_MODEL = 'auto';

/** An engine model that may serve a request, and whether it is a lesser one than the name promises. */
export interface Candidate {
  readonly engine: Engine;
  readonly card: ModelCard;
  readonly standIn: boolean;
}

/** What the catalog is built from. */
export interface ModelCatalogParts {
  /** In order of preference. */
  readonly engines: readonly Engine[];
  readonly publicModels: readonly PublicModel[];
  /** The operator's own bindings: public name to engine models, best first. */
  readonly bindings: Readonly<Record<string, readonly string[]>>;
  /** Refuse a public name that only a stand-in could serve. */
  readonly strictModels: boolean;
  /** What could be installed, so that a refusal can say how. */
  readonly weights?: { readonly entries: readonly WeightsEntry[] } | undefined;
}

/** Knows every model name and which engine models may answer to it. */
export interface ModelCatalog {
  readonly publicModels: readonly PublicModel[];
  readonly engineModels: readonly ModelCard[];
  /** Has every engine look again at what is installed. */
  refresh(): Promise<void>;
  findPublic(name: string): PublicModel | undefined;
  /** Whether a name stands for anything here, whatever it can do. */
  isKnown(name: string): boolean;
  /**
   * The engine models that may serve a name, best first. Throws `not_found` for a name nobody knows, or that is not
   * installed, or, under strict models, that only a stand-in could serve, and `unsupported_feature` for one with
   * another capability. What can be installed, the message says how to.
   */
  candidates(name: string, capability: Capability): readonly Candidate[];
  /** The same, and none where that throws: for lists, which ask for many names that nothing here serves. */
  served(name: string, capability: Capability): readonly Candidate[];
}

interface Offer {
  readonly engine: Engine;
  readonly card: ModelCard;
  /** What it may be called without being a stand-in. */
  readonly names: ReadonlySet<string>;
}

/** Builds the catalog. A binding that names an engine model nobody has is skipped, so that engines may come and go. */
export function createModelCatalog(parts: ModelCatalogParts): ModelCatalog {
  const offered = offersOf(parts.engines);
  const entries = parts.weights?.entries ?? [];
  const byName = new Map(parts.publicModels.map((model) => [model.name, model]));

  const bound = (name: string, capability: Capability): Candidate[] => {
    const offers = offered().filter(({ card }) => card.capability === capability);
    const own = ownValue(parts.bindings, name)?.flatMap((id) => offers.filter(({ card }) => card.id === id));
    const exact = offers.filter(({ names }) => names.has(name));
    const others = byName.has(name) ? offers.filter(({ names }) => !names.has(name)) : [];
    return (own ?? [...exact, ...others]).map(({ engine, card, names }) => ({
      engine,
      card,
      standIn: !names.has(name),
    }));
  };

  // One name is for every capability, whatever the list of models files it under.
  const isForOther = (name: string, capability: Capability) => {
    const { capability: own, alsoDoes } = byName.get(name) ?? { capability };
    return name !== ANY_MODEL && own !== capability && alsoDoes !== capability;
  };

  const isOffered = (name: string) => offered().some(({ names }) => names.has(name));
  const isKnown = (name: string) =>
    byName.has(name) || ownValue(parts.bindings, name) !== undefined || isOffered(name);

  const served = (name: string, capability: Capability) => {
    if (!isKnown(name) || isForOther(name, capability)) return [];
    const found = bound(name, capability);
    return parts.strictModels ? found.filter((candidate) => !candidate.standIn) : found;
  };

  return {
    publicModels: parts.publicModels,
    get engineModels() {
      return offered().map(({ card }) => card);
    },
    refresh: async () => {
      // An engine that cannot look now keeps the models that it had.
      await Promise.allSettled(parts.engines.map(async (engine) => engine.refresh?.()));
    },
    findPublic: (name) => byName.get(name),
    isKnown,
    served,
    candidates: (name, capability) => {
      const allowed = served(name, capability);
      if (allowed.length > 0) return allowed;
      const shop = { name, capability, entries };
      if (!isKnown(name)) throw unknownModel(shop);
      const isOther = isForOther(name, capability);
      if (!isOther && bound(name, capability).length > 0) throw onlyStandIns(shop);
      const isWrong = isOther || (isOffered(name) && name !== ANY_MODEL);
      throw isWrong ? wrongCapability(shop) : nothingInstalled(shop);
    },
  };
}

/** What the engines offer, told from what they offered the last time: weights that are installed add models at any time. */
function offersOf(engines: readonly Engine[]): () => readonly Offer[] {
  let lists: readonly (readonly ModelCard[])[] = [];
  let offers: readonly Offer[] = [];
  return () => {
    const now = engines.map(({ models }) => models);
    if (now.length === lists.length && now.every((list, at) => list === lists[at])) return offers;
    lists = now;
    offers = engines.flatMap((engine, at) =>
      (now[at] ?? []).map((card) => ({
        engine,
        card,
        names: new Set([card.id, engine.id, ...card.implements, ANY_MODEL]),
      })),
    );
    return offers;
  };
}

/** What was asked for in vain, and what could be installed. */
interface Shop {
  readonly name: string;
  readonly capability: Capability;
  readonly entries: readonly WeightsEntry[];
}

function unknownModel({ name, entries }: Shop): AppError {
  const entry = entries.find(({ id }) => id === name);
  const message = entry
    ? `The model '${name}' is not installed. Install it with: ${pullLine(entry)}`
    : `The model '${name}' does not exist here. GET /v1/models lists those that do.`;
  return new AppError('not_found', message, { param: 'model', subject: 'model' });
}

function onlyStandIns({ name, entries }: Shop): AppError {
  const entry = entries.find((one) => one.implements?.includes(name));
  const hint = entry ? ` Install it with: ${pullLine(entry)}` : '';
  return new AppError(
    'not_found',
    `The model '${name}' is not installed, and this server runs with strict models, so no other one may stand in for it.${hint}`,
    { param: 'model', subject: 'model' },
  );
}

function wrongCapability({ name, capability }: Shop): AppError {
  return new AppError('unsupported_feature', `The model '${name}' cannot do ${capability}.`, {
    param: 'model',
    subject: 'model',
    reason: 'unsupported_model',
  });
}

function nothingInstalled({ name, capability, entries }: Shop): AppError {
  const hears = capability === 'transcription';
  const itself = entries.find((one) => one.implements?.includes(name));
  const hint = itself ? ` ('${name}' itself is ${itself.id}.)` : '';
  return new AppError(
    'unsupported_feature',
    hears
      ? `No transcription model is installed. Install one with: antiphon models pull whisper/base${hint}`
      : `No running engine can do ${capability}. 'antiphon serve' lists the engines and why one is down.`,
    { param: 'model', reason: hears ? 'not_installed' : 'no_engine' },
  );
}

function pullLine({ id, commercialUse }: WeightsEntry): string {
  return `antiphon models pull ${id}${commercialUse ? '' : ' --accept-licence'}`;
}
