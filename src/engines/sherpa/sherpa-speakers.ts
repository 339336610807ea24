import { AppError } from '../../base/errors.ts';
import type { SpeakerEngine } from '../../core/engine.ts';
import type { SherpaCatalog, SherpaModel } from './sherpa-catalog.ts';
import type { SherpaProcesses } from './sherpa-processes.ts';

/** The part of sherpa that tells voices apart, by one installed model. */
export function createSherpaSpeakers(
  installed: Extract<SherpaModel, { kind: 'embedding' }>,
  catalog: SherpaCatalog,
  processes: SherpaProcesses,
): SpeakerEngine {
  return {
    dimensions: installed.dimensions,
    embed: async (samples, context) => {
      const model = await catalog.get(installed.weights.id, 'embedding');
      const start = { kind: 'embedding', model: model.path } as const;
      const answer = await processes.call(model, start, {
        call: { kind: 'embed', samples },
        signal: context.signal,
      });
      if (answer.kind !== 'embedded') throw new AppError('internal', 'The model gave the answer of another.');
      return unitVector(answer.embedding);
    },
  };
}

function unitVector(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
