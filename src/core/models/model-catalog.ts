import { AppError } from '../../base/errors.ts';
import type { Engine } from '../engine.ts';
import type { Capability, ModelCard, PublicModel } from './model.ts';

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
}

/** Knows every model name and which engine models may answer to it. */
export interface ModelCatalog {
  readonly publicModels: readonly PublicModel[];
  readonly engineModels: readonly ModelCard[];
  findPublic(name: string): PublicModel | undefined;
  /**
   * The engine models that may serve a name, best first. Throws `not_found` for a name nobody knows (or, under
   * strict models, that only a stand-in could serve) and `unsupported_feature` for one with another capability.
   */
  candidates(name: string, capability: Capability): readonly Candidate[];
}

interface Offer {
  readonly engine: Engine;
  readonly card: ModelCard;
}

/** Builds the catalog. A binding that names an engine model nobody has is skipped, so that engines may come and go. */
export function createModelCatalog(parts: ModelCatalogParts): ModelCatalog {
  // Asked anew each time: installing weights adds models while the server runs.
  const offered = (): Offer[] =>
    parts.engines.flatMap((engine) => engine.models.map((card) => ({ engine, card })));
  const byName = new Map(parts.publicModels.map((model) => [model.name, model]));

  const answersTo = (name: string, { engine, card }: Offer) =>
    [card.id, engine.id, ...card.implements, ANY_MODEL].includes(name);

  const bound = (name: string, capability: Capability): Candidate[] => {
    const offers = offered().map((offer) => ({ ...offer, standIn: !answersTo(name, offer) }));
    const own = parts.bindings[name]?.flatMap((id) => offers.filter(({ card }) => card.id === id));
    const exact = offers.filter((offer) => !offer.standIn);
    const others = byName.has(name) ? offers.filter((offer) => offer.standIn) : [];
    return (own ?? [...exact, ...others]).filter(({ card }) => card.capability === capability);
  };

  return {
    publicModels: parts.publicModels,
    get engineModels() {
      return offered().map(({ card }) => card);
    },
    findPublic: (name) => byName.get(name),
    candidates: (name, capability) => {
      const known = byName.get(name);
      const exact = offered().some((offer) => answersTo(name, offer));
      if (!known && !exact && !parts.bindings[name]) throw unknownModel(name);
      if (known && known.capability !== capability) throw wrongCapability(name, capability);
      const found = bound(name, capability);
      if (found.length === 0 && exact) throw wrongCapability(name, capability);
      if (found.length === 0) throw nothingInstalled(capability);
      const allowed = parts.strictModels ? found.filter((candidate) => !candidate.standIn) : found;
      if (allowed.length === 0) throw onlyStandIns(name);
      return allowed;
    },
  };
}

function unknownModel(name: string): AppError {
  return new AppError(
    'not_found',
    `The model '${name}' does not exist here. GET /v1/models lists those that do.`,
    {
      param: 'model',
      subject: 'model',
    },
  );
}

function onlyStandIns(name: string): AppError {
  return new AppError(
    'not_found',
    `The model '${name}' is not installed, and this server runs with strict models, so no other one may stand in for it.`,
    { param: 'model', subject: 'model' },
  );
}

function wrongCapability(name: string, capability: Capability): AppError {
  return new AppError('unsupported_feature', `The model '${name}' cannot do ${capability}.`, {
    param: 'model',
    subject: 'model',
    reason: 'unsupported_model',
  });
}

function nothingInstalled(capability: Capability): AppError {
  return new AppError(
    'unsupported_feature',
    capability === 'transcription'
      ? 'No transcription model is installed. Install one with: antiphon models pull whisper/base'
      : `No running engine can do ${capability}. 'antiphon serve' lists the engines and why one is down.`,
    {
      param: 'model',
      reason: capability === 'transcription' ? 'not_installed' : 'no_engine',
    },
  );
}
