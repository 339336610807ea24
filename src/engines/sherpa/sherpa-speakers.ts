import { AppError } from '../../base/errors.ts';
import type { SpeakerEngine, VoiceTurn } from '../../core/engine.ts';
import { stitchTurns, type TurnChunk } from '../../media/voice-stitching.ts';
import type { SherpaCatalog, SherpaModel } from './sherpa-catalog.ts';
import type { SherpaAnswer, SherpaCall } from './sherpa-config.ts';
import type { SherpaProcesses } from './sherpa-processes.ts';

type Embedding = Extract<SherpaModel, { kind: 'embedding' }>;
type Segmentation = Extract<SherpaModel, { kind: 'segmentation' }>;

/** The installed models that tell voices apart. Without one for turns the part has none. */
export interface SpeakerModels {
  readonly embedding: Embedding;
  readonly segmentation: Segmentation | undefined;
}

const SAMPLE_RATE = 16_000;

/** The part of sherpa that tells voices apart. */
export function createSherpaSpeakers(
  { embedding: installed, segmentation }: SpeakerModels,
  catalog: SherpaCatalog,
  processes: SherpaProcesses,
): SpeakerEngine {
  const id = installed.weights.id;
  return {
    dimensions: installed.dimensions,
    embed: async (samples, context) => {
      const model = await catalog.get(id, 'embedding');
      const start = { kind: 'embedding', model: model.path } as const;
      const call = { kind: 'embed', samples } as const;
      const answer = await processes.call(model, start, { call, signal: context.signal });
      if (answer.kind !== 'embedded') throw foreignAnswer();
      return unitVector(answer.embedding);
    },
    ...(segmentation && {
      turns: async (samples, { signal }) => {
        const embedding = await catalog.get(id, 'embedding');
        const model = await catalog.get(segmentation.weights.id, 'segmentation');
        const { windowSamples } = model;
        const tenancy = await processes.take(
          together(model, embedding),
          { kind: 'segmentation', model: model.path, embedding: embedding.path, windowSamples },
          signal,
        );
        try {
          return await findTurns(samples, windowSamples, (call) => tenancy.process.call(call, { signal }));
        } finally {
          tenancy.release();
        }
      },
    }),
  };
}

/** A process that has two models loaded: it takes the memory of both, and another one when either changes. */
function together(model: Segmentation, other: Embedding): Segmentation {
  return {
    ...model,
    fingerprint: `${model.fingerprint}|${other.fingerprint}`,
    bytes: model.bytes + other.bytes,
  };
}

/** Windows of the model that overlap by half, so that a voice can be followed from one to the next. */
async function findTurns(
  samples: Float32Array,
  windowSamples: number,
  ask: (call: SherpaCall) => Promise<SherpaAnswer>,
): Promise<readonly VoiceTurn[]> {
  const chunks: TurnChunk[] = [];
  const step = Math.floor(windowSamples / 2);
  for (let at = 0; at === 0 || at + windowSamples - step < samples.length; at += step) {
    const part = samples.subarray(at, at + windowSamples);
    const answer = await ask({ kind: 'find_turns', samples: part });
    if (answer.kind !== 'turns_found') throw foreignAnswer();
    const startSeconds = at / SAMPLE_RATE;
    chunks.push({
      startSeconds,
      endSeconds: (at + part.length) / SAMPLE_RATE,
      turns: answer.turns.map((turn) => ({
        voice: turn.voice,
        startSeconds: startSeconds + turn.startSeconds,
        endSeconds: startSeconds + turn.endSeconds,
      })),
    });
  }
  return stitchTurns(chunks);
}

function foreignAnswer(): AppError {
  return new AppError('internal', 'The model gave the answer of another.');
}

function unitVector(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
