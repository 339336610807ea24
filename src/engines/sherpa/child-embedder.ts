import sherpa from 'sherpa-onnx-node';
import { AppError } from '../../base/errors.ts';
import type { SherpaStart } from './sherpa-config.ts';
import { type LoadedModel, unexpectedCall } from './loaded-model.ts';

const SAMPLE_RATE = 16_000;

/** Loads a model that turns a voice into numbers. */
export async function openEmbedder(start: Extract<SherpaStart, { kind: 'embedding' }>): Promise<LoadedModel> {
  const extractor = new sherpa.SpeakerEmbeddingExtractor({
    model: start.model,
    numThreads: start.threads,
    provider: 'cpu',
    debug: 0,
  });
  return {
    call: async (call) => {
      if (call.kind !== 'embed') throw unexpectedCall(call);
      const stream = extractor.createStream();
      stream.acceptWaveform({ samples: call.samples, sampleRate: SAMPLE_RATE });
      stream.inputFinished();
      if (!extractor.isReady(stream)) {
        throw new AppError('invalid_request', 'The sound is too short to tell whose voice it is.');
      }
      return { kind: 'embedded', embedding: extractor.compute(stream, false) };
    },
  };
}
