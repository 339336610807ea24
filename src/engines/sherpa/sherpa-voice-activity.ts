import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { EngineSettings } from '../../core/engine.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { Interval } from '../../media/speech-windows.ts';
import { createSherpaCatalog, isOfKind } from './sherpa-catalog.ts';
import { createSherpaProcesses } from './sherpa-processes.ts';

/** How speech is told from silence; absent members mean Silero's own choice. */
export interface SpeechFinderOptions {
  /** 0..1; higher wants clearer speech. Default 0.5. */
  readonly threshold?: number;
  /** Shorter sounds are no speech. Default 0.25 s. */
  readonly minimumSpeechSeconds?: number;
  /** Shorter pauses do not end a stretch of speech. Default 0.5 s. */
  readonly minimumSilenceSeconds?: number;
  /** Longer stretches are cut. Default 20 s. */
  readonly maximumSpeechSeconds?: number;
}

/** Finds speech with Silero's network, in a child process. */
export interface SpeechFinder {
  /** Whether the network is installed. */
  installed(): Promise<boolean>;
  /**
   * The stretches of speech in mono 16 kHz samples, in order. Throws `unsupported_feature` (reason `not_installed`),
   * `cancelled` and `engine_failed`.
   */
  find(
    samples: Float32Array,
    context: Pick<RequestContext, 'signal'>,
    options?: SpeechFinderOptions,
  ): Promise<readonly Interval[]>;
  stop(): Promise<void>;
}

const SAMPLE_RATE = 16_000;
const USUAL_ID = 'sherpa/silero-vad';

/** Makes a finder of speech from the installed weights; nothing is loaded before it is used. */
export function createSpeechFinder(settings: Omit<EngineSettings, 'workers'>): SpeechFinder {
  const catalog = createSherpaCatalog(settings.weights, settings.log ?? silentLogger);
  // Its network is too small to gain from more.
  const processes = createSherpaProcesses({ ...settings, workers: 1 });
  const findModel = async () => {
    const models = await catalog.refresh();
    return models.find((model) => isOfKind(model, 'voice_activity'));
  };
  return {
    installed: async () => (await findModel()) !== undefined,
    find: async (samples, { signal }, options = {}) => {
      const id = (await findModel())?.weights.id ?? USUAL_ID;
      const model = await catalog.get(id, 'voice_activity');
      const start = { kind: 'voice_activity', model: model.path } as const;
      const call = {
        kind: 'find_speech',
        samples,
        threshold: options.threshold ?? 0.5,
        minimumSpeechSeconds: options.minimumSpeechSeconds ?? 0.25,
        minimumSilenceSeconds: options.minimumSilenceSeconds ?? 0.5,
        maximumSpeechSeconds: options.maximumSpeechSeconds ?? 20,
      } as const;
      const answer = await processes.call(model, start, { call, signal });
      if (answer.kind !== 'speech_found') {
        throw new AppError('internal', 'The model gave the answer of another.');
      }
      return answer.intervals.map((interval) => ({
        startSeconds: interval.start / SAMPLE_RATE,
        endSeconds: Math.min(interval.end, samples.length) / SAMPLE_RATE,
      }));
    },
    stop: () => processes.stop(),
  };
}
