import sherpa from 'sherpa-onnx-node';
import type { SherpaStart } from './sherpa-config.ts';
import { type LoadedModel, unexpectedCall } from './loaded-model.ts';

const SAMPLE_RATE = 16_000;
/** Next to nothing: what is too short is judged when the whole is known. Nothing at all would mean sherpa's own choice. */
const NO_LEAST_SECONDS = 1e-4;

/**
 * Loads pyannote's segmentation model. sherpa has it only as a part of a pipeline that also compares the voices of
 * a longer sound; of a sound that is not longer than the model's window it tells what the model alone found.
 */
export async function openTurnFinder(
  start: Extract<SherpaStart, { kind: 'segmentation' }>,
): Promise<LoadedModel> {
  const own = { numThreads: start.threads, provider: 'cpu', debug: 0 };
  const pipeline = new sherpa.OfflineSpeakerDiarization({
    segmentation: { pyannote: { model: start.model }, ...own },
    embedding: { model: start.embedding, ...own },
    clustering: { numClusters: -1, threshold: 0.5 },
    minDurationOn: NO_LEAST_SECONDS,
    minDurationOff: NO_LEAST_SECONDS,
  });
  return {
    call: async (call) => {
      if (call.kind !== 'find_turns') throw unexpectedCall(call);
      // Exactly one window: of another length sherpa would begin to compare, or count frames that there are not.
      const window = new Float32Array(start.windowSamples);
      window.set(call.samples.subarray(0, start.windowSamples));
      const end = Math.min(call.samples.length, start.windowSamples) / SAMPLE_RATE;
      const turns = pipeline
        .process(window)
        .map((turn) => ({
          startSeconds: turn.start,
          endSeconds: Math.min(end, turn.end),
          voice: turn.speaker,
        }))
        .filter((turn) => turn.endSeconds > turn.startSeconds);
      return { kind: 'turns_found', turns };
    },
  };
}
