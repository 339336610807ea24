import { AppError } from '../../base/errors.ts';
import type { InstalledWeights, WeightsSource } from '../../core/engine.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { readHearingLayout, type HearingLayout } from './hearing-layouts.ts';
import { UnusableFile } from './onnx-file.ts';
import { readSegmentation } from './segmentation-layout.ts';
import { readSpeakingLayout, type SpeakingLayout } from './speaking-layouts.ts';
import {
  findName,
  needNetwork,
  needNumber,
  readFolderState,
  readWeightsFolder,
  type FolderState,
  type WeightsFolder,
} from './weights-folder.ts';

/** A model whose files were looked through. What remains to go wrong, only loading it can show. */
export type SherpaModel = FolderState & { readonly weights: InstalledWeights } & SherpaPart;

type SherpaPart =
  | { readonly kind: 'hearing'; readonly layout: HearingLayout }
  | { readonly kind: 'speaking'; readonly layout: SpeakingLayout }
  | { readonly kind: 'voice_activity'; readonly path: string }
  | { readonly kind: 'segmentation'; readonly path: string; readonly windowSamples: number }
  | { readonly kind: 'embedding'; readonly path: string; readonly dimensions: number };

type Kind = SherpaModel['kind'];

/** The models that are installed for this engine. */
export interface SherpaCatalog {
  /** What was installed when last looked. Asking makes it look again, without waiting and at most once a second. */
  known(): readonly SherpaModel[];
  /** Looks again. */
  refresh(): Promise<readonly SherpaModel[]>;
  /** Looks again; whatever changed before the call is seen. */
  lookAgain(): Promise<void>;
  /**
   * A model of a kind, as it is now. Throws `unsupported_feature` (reason `not_installed`) with the command that
   * installs it, and `engine_failed` when its files cannot be used.
   */
  get<K extends Kind>(id: string, kind: K): Promise<Extract<SherpaModel, { kind: K }>>;
}

/** Every request asks what is known, and looking costs some hundred questions to the disk. */
const LOOK_MS = 1000;

/** Keeps watch over the installed weights. A folder that did not change is not read again. */
export function createSherpaCatalog(source: WeightsSource | undefined, log: Logger): SherpaCatalog {
  const problems = new Map<string, string>();
  let models: readonly SherpaModel[] = [];
  let looking: Promise<readonly SherpaModel[]> | undefined;
  let lookedAt = 0;

  const look = async () => {
    const installed = (await source?.installed('sherpa')) ?? [];
    const found = await Promise.all(installed.map(read));
    for (const id of problems.keys()) if (!installed.some((one) => one.id === id)) problems.delete(id);
    models = found.filter((model) => model !== undefined);
    return models;
  };

  const read = async (weights: InstalledWeights): Promise<SherpaModel | undefined> => {
    const folder = await readWeightsFolder(weights.folder);
    const state = await readFolderState(folder);
    const before = models.find((model) => model.weights.id === weights.id);
    if (before?.fingerprint === state.fingerprint) return { ...before, weights };
    try {
      const part = await readPart(weights, folder);
      problems.delete(weights.id);
      return part && { weights, ...state, ...part };
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
      if (problems.get(weights.id) !== error.message) {
        log.warn({ model: weights.id, reason: error.message }, 'model-unusable');
      }
      problems.set(weights.id, error.message);
      return undefined;
    }
  };

  const refresh = () => {
    looking ??= look().finally(() => {
      looking = undefined;
      lookedAt = performance.now();
    });
    return looking;
  };

  return {
    known: () => {
      if (performance.now() - lookedAt >= LOOK_MS) {
        refresh().catch((error: unknown) => log.error({ error }, 'model-listing-failed'));
      }
      return models;
    },
    refresh,
    lookAgain: async () => {
      // What is being read now may have been read before the change.
      await looking?.catch(() => undefined);
      await refresh();
    },
    get: async (id, kind) => {
      const found = (await refresh()).find((model) => model.weights.id === id && isOfKind(model, kind));
      // The line above compared the kinds.
      if (found) return found as Extract<SherpaModel, { kind: typeof kind }>;
      throw notUsable(id, problems.get(id));
    },
  };
}

/** Whether a model is of a kind. */
export function isOfKind<K extends Kind>(
  model: SherpaModel,
  kind: K,
): model is Extract<SherpaModel, { kind: K }> {
  return model.kind === kind;
}

function notUsable(id: string, problem: string | undefined): AppError {
  if (problem !== undefined) {
    return new AppError(
      'engine_failed',
      `The model ${id} cannot be used: ${problem}. "antiphon models verify ${id}" checks its files, "antiphon models pull ${id}" fetches them anew.`,
      { reason: 'damaged_model' },
    );
  }
  return new AppError(
    'unsupported_feature',
    `The model ${id} is not installed. "antiphon models pull ${id}" installs it.`,
    { param: 'model', reason: 'not_installed' },
  );
}

async function readPart(weights: InstalledWeights, folder: WeightsFolder): Promise<SherpaPart | undefined> {
  switch (weights.kind) {
    case 'transcription': {
      const layout = await readHearingLayout(folder);
      if (layout) return { kind: 'hearing', layout };
      break;
    }
    case 'speech': {
      const layout = await readSpeakingLayout(folder);
      if (layout) return { kind: 'speaking', layout };
      break;
    }
    case 'vad': {
      const name = findName(folder, /^silero_vad[^/]*\.onnx$/);
      if (name !== undefined) return { kind: 'voice_activity', path: (await needNetwork(folder, name)).path };
      break;
    }
    case 'speaker_segmentation': {
      const name = findName(folder, /\.onnx$/);
      if (name !== undefined) return { kind: 'segmentation', ...(await readSegmentation(folder, name)) };
      break;
    }
    case 'speaker_embedding': {
      const name = findName(folder, /\.onnx$/);
      if (name === undefined) break;
      const model = await needNetwork(folder, name, ['framework', 'sample_rate', 'output_dim']);
      return { kind: 'embedding', path: model.path, dimensions: needNumber(model, 'output_dim') };
    }
    default:
      return undefined;
  }
  throw new UnusableFile(weights.folder, 'holds none of the layouts that are known here');
}
