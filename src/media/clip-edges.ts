import { SILENT_SAMPLE } from './clip-meter.ts';
import { concatSamples, type PcmStream } from './pcm.ts';

/** How much silence is wanted at the ends of a stretch of speech, in seconds; absent means: as it is. */
export interface ClipEdges {
  readonly leadSeconds?: number;
  readonly tailSeconds?: number;
}

/**
 * Speech with exactly the wanted silence before its first sound and after its last one. `shiftSeconds` is by how much
 * everything sounds later than before, negative for earlier; undefined until the first sound was given out.
 */
export function shapeEdges(
  pcm: PcmStream,
  edges: ClipEdges,
): { readonly pcm: PcmStream; readonly shiftSeconds: () => number | undefined } {
  let shift = edges.leadSeconds === undefined ? 0 : undefined;
  const told = (samples: number) => {
    shift = samples / pcm.channels / pcm.sampleRate;
  };
  const led = edges.leadSeconds === undefined ? pcm.chunks : withLead(pcm, edges.leadSeconds, told);
  const chunks = edges.tailSeconds === undefined ? led : withTail({ ...pcm, chunks: led }, edges.tailSeconds);
  return { pcm: { ...pcm, chunks }, shiftSeconds: () => shift };
}

async function* withLead(
  pcm: PcmStream,
  seconds: number,
  told: (samples: number) => void,
): AsyncGenerator<Float32Array> {
  const wanted = samplesOf(pcm, seconds);
  let silence: Float32Array<ArrayBuffer> | undefined = new Float32Array(0);
  for await (const chunk of pcm.chunks) {
    if (!silence) {
      yield chunk;
      continue;
    }
    silence = concatSamples([silence, chunk]);
    const sound = silence.findIndex(isSound);
    if (sound < 0) continue;
    const start = sound - (sound % pcm.channels);
    told(wanted - start);
    yield concatSamples([
      new Float32Array(Math.max(0, wanted - start)),
      silence.slice(Math.max(0, start - wanted)),
    ]);
    silence = undefined;
  }
  if (silence && silence.length > 0) yield silence;
}

async function* withTail(pcm: PcmStream, seconds: number): AsyncGenerator<Float32Array> {
  const wanted = samplesOf(pcm, seconds);
  let silence: Float32Array<ArrayBuffer> = new Float32Array(0);
  let heard = false;
  for await (const chunk of pcm.chunks) {
    const last = chunk.findLastIndex(isSound);
    if (last < 0) {
      silence = concatSamples([silence, chunk]);
      continue;
    }
    heard = true;
    const end = last + pcm.channels - (last % pcm.channels);
    yield concatSamples([silence, chunk.slice(0, end)]);
    silence = chunk.slice(end);
  }
  // Where nothing sounds there is no last sound to count from.
  if (!heard && silence.length > 0) yield silence;
  if (!heard || wanted === 0) return;
  yield concatSamples([silence.slice(0, wanted), new Float32Array(Math.max(0, wanted - silence.length))]);
}

function samplesOf({ sampleRate, channels }: PcmStream, seconds: number): number {
  return Math.round(Math.max(0, seconds) * sampleRate) * channels;
}

function isSound(sample: number): boolean {
  return Math.abs(sample) > SILENT_SAMPLE;
}
