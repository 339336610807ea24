import { createRequire } from 'node:module';
import type { Engine, EngineModule } from '../../core/engine.ts';
import type { ModelCard } from '../../core/models/model.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import { createSherpaCatalog, isOfKind, type SherpaModel } from './sherpa-catalog.ts';
import { createSherpaHearing } from './sherpa-hearing.ts';
import { createSherpaProcesses } from './sherpa-processes.ts';
import { createSherpaSpeakers } from './sherpa-speakers.ts';
import { createSherpaSpeech } from './sherpa-speech.ts';

/** Requests at once; those for one model take turns, sentence by sentence and window by window. */
const CONCURRENCY = 16;

/**
 * sherpa-onnx, a native addon: recognisers, voices and speaker models from weights that are installed beside it;
 * without any it is up and has no models. Each loaded model has a child process, because the addon ends its process
 * over what it does not like. The addon's own licence is Apache-2.0, but its binary has eSpeak NG in it, which is
 * under the GPL; only the child's script loads it, so that a server that runs without this engine has no GPL part.
 */
export const sherpaEngine: EngineModule = {
  id: 'sherpa',
  title: 'sherpa-onnx',
  licence: 'Apache-2.0 AND GPL-3.0-or-later',
  create: async (settings) => {
    const unavailable = whyUnavailable();
    if (unavailable !== undefined) return { unavailable };
    const catalog = createSherpaCatalog(settings.weights, settings.log ?? silentLogger);
    const processes = createSherpaProcesses(settings);
    await catalog.refresh();
    const hearing = createSherpaHearing(catalog, processes);
    const speech = createSherpaSpeech(catalog, processes);
    const cardsOf = createCards();
    const engine: Engine = {
      id: 'sherpa',
      concurrency: CONCURRENCY,
      get models() {
        return cardsOf(catalog.known());
      },
      // A part exists when a model for it is installed, and comes and goes with it.
      get transcription() {
        return catalog.known().some((model) => model.kind === 'hearing') ? hearing : undefined;
      },
      get speech() {
        return catalog.known().some((model) => model.kind === 'speaking') ? speech : undefined;
      },
      get speakers() {
        const known = catalog.known();
        const embedding = known.find((model) => isOfKind(model, 'embedding'));
        const segmentation = known.find((model) => isOfKind(model, 'segmentation'));
        return embedding && createSherpaSpeakers({ embedding, segmentation }, catalog, processes);
      },
      refresh: () => catalog.lookAgain(),
      stop: () => processes.stop(),
    };
    return engine;
  },
};

/** The package brings a binary for each platform in a package of its own, which may be missing. */
function whyUnavailable(): string | undefined {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = `sherpa-onnx-${platform}-${process.arch}`;
  try {
    createRequire(import.meta.resolve('sherpa-onnx-node')).resolve(`${binary}/package.json`);
    return undefined;
  } catch {
    return `The package sherpa-onnx-node or its part ${binary} is not installed.`;
  }
}

/** The cards of what is known; the same list for as long as the same is known. */
function createCards(): (known: readonly SherpaModel[]) => readonly ModelCard[] {
  let last: { readonly known: readonly SherpaModel[]; readonly cards: readonly ModelCard[] } | undefined;
  return (known) => {
    if (last?.known !== known) last = { known, cards: known.flatMap(toCard) };
    return last.cards;
  };
}

function toCard(model: SherpaModel): ModelCard[] {
  if (model.kind !== 'hearing' && model.kind !== 'speaking') return [];
  const { id, title, licence, languages } = model.weights;
  const hears = model.kind === 'hearing';
  return [
    {
      id,
      name: title,
      capability: hears ? 'transcription' : 'speech',
      description: hears
        ? 'A recogniser that runs on this machine, with sherpa-onnx.'
        : 'A voice model that runs on this machine, with sherpa-onnx.',
      languages,
      ...(hears ? { tasks: model.layout.translates ? ['transcribe', 'translate'] : ['transcribe'] } : {}),
      implements: [],
      licence,
    },
  ];
}
