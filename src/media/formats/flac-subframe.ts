import type { BitWriter } from './bit-writer.ts';

/** How one channel of one block is best written. */
export interface SubframePlan {
  readonly samples: Int32Array;
  readonly bitsPerSample: number;
  /** An estimate that is good enough to compare plans by. */
  readonly bits: number;
  readonly coding: 'constant' | 'verbatim' | { readonly order: number; readonly residual: ResidualPlan };
}

interface ResidualPlan {
  readonly values: Int32Array;
  /** The block is cut into 2 ** partitionOrder parts, each with a Rice parameter of its own. */
  readonly partitionOrder: number;
  readonly parameters: readonly number[];
  readonly bits: number;
}

const HIGHEST_PREDICTOR_ORDER = 4;
const HIGHEST_PARTITION_ORDER = 6;
/** 15 is the format's escape code. */
const HIGHEST_PARAMETER = 14;
const HEADER_BITS = 8;

/** Chooses the smallest of the format's fixed predictors for a channel, or no prediction where none helps. */
export function planSubframe(samples: Int32Array, bitsPerSample: number): SubframePlan {
  const first = samples[0];
  if (samples.every((sample) => sample === first)) {
    return { samples, bitsPerSample, bits: HEADER_BITS + bitsPerSample, coding: 'constant' };
  }
  const verbatim = { samples, bitsPerSample, bits: HEADER_BITS + samples.length * bitsPerSample };
  const { order, values } = bestResidual(samples);
  const residual = planResidual(values, order);
  const bits = HEADER_BITS + order * bitsPerSample + residual.bits;
  if (bits >= verbatim.bits) return { ...verbatim, coding: 'verbatim' };
  return { samples, bitsPerSample, bits, coding: { order, residual } };
}

/** Writes a planned channel (RFC 9639, section 9.2). */
export function writeSubframe(writer: BitWriter, plan: SubframePlan): void {
  const { samples, bitsPerSample, coding } = plan;
  if (coding === 'constant') {
    writer.write(0b0000_0000, 8);
    writer.write(samples[0] ?? 0, bitsPerSample);
    return;
  }
  if (coding === 'verbatim') {
    writer.write(0b0000_0010, 8);
    for (const sample of samples) writer.write(sample, bitsPerSample);
    return;
  }
  writer.write(0b0001_0000 | (coding.order << 1), 8);
  for (const sample of samples.subarray(0, coding.order)) writer.write(sample, bitsPerSample);
  writeResidual(writer, coding.residual, coding.order);
}

/** Differences of differences, up to the order whose sum of magnitudes is smallest. */
function bestResidual(samples: Int32Array): { order: number; values: Int32Array } {
  let best = { order: 0, values: samples };
  let smallest = sumOfMagnitudes(samples);
  let values = samples;
  for (let order = 1; order <= Math.min(HIGHEST_PREDICTOR_ORDER, samples.length - 1); order += 1) {
    const previous = values;
    values = new Int32Array(samples.length);
    // The first `order` values are not residuals; they stay 0 and are never written.
    for (let index = order; index < values.length; index += 1) {
      values[index] = (previous[index] ?? 0) - (previous[index - 1] ?? 0);
    }
    const sum = sumOfMagnitudes(values);
    if (sum >= smallest) continue;
    smallest = sum;
    best = { order, values };
  }
  return best;
}

function sumOfMagnitudes(values: Int32Array): number {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
}

function planResidual(values: Int32Array, order: number): ResidualPlan {
  let finest = 0;
  while (
    finest < HIGHEST_PARTITION_ORDER &&
    values.length % (2 << finest) === 0 &&
    values.length >> (finest + 1) > order
  ) {
    finest += 1;
  }
  let sums = foldedSums(values, order, finest);
  let best: ResidualPlan | undefined;
  for (let partitionOrder = finest; partitionOrder >= 0; partitionOrder -= 1) {
    const plan = planPartitions(values, sums, { order, partitionOrder });
    if (best === undefined || plan.bits < best.bits) best = plan;
    sums = halved(sums);
  }
  return best ?? { values, partitionOrder: 0, parameters: [0], bits: Number.POSITIVE_INFINITY };
}

function planPartitions(
  values: Int32Array,
  sums: Float64Array,
  shape: { readonly order: number; readonly partitionOrder: number },
): ResidualPlan {
  let bits = 6;
  const parameters = [...sums].map((sum, partition) => {
    const count = values.length / sums.length - (partition === 0 ? shape.order : 0);
    const parameter = bestParameter(sum, count);
    bits += 4 + estimatedBits(sum, count, parameter);
    return parameter;
  });
  return { values, partitionOrder: shape.partitionOrder, parameters, bits };
}

function bestParameter(sum: number, count: number): number {
  const guess = Math.max(0, Math.floor(Math.log2(sum / count + 1)));
  const candidates = [guess - 1, guess].map((each) => Math.max(0, Math.min(HIGHEST_PARAMETER, each)));
  const [lower = 0, upper = 0] = candidates;
  return estimatedBits(sum, count, lower) <= estimatedBits(sum, count, upper) ? lower : upper;
}

function estimatedBits(sum: number, count: number, parameter: number): number {
  return count * (parameter + 1) + sum / 2 ** parameter - (parameter === 0 ? 0 : count / 2);
}

/** Per partition, the sum of the residuals folded to 0, -1, 1, -2, 2 … */
function foldedSums(values: Int32Array, order: number, partitionOrder: number): Float64Array {
  const sums = new Float64Array(2 ** partitionOrder);
  const length = values.length / sums.length;
  for (let index = order; index < values.length; index += 1) {
    const partition = Math.floor(index / length);
    sums[partition] = (sums[partition] ?? 0) + fold(values[index] ?? 0);
  }
  return sums;
}

function halved(sums: Float64Array): Float64Array {
  return Float64Array.from(
    { length: sums.length >> 1 },
    (_, index) => (sums[2 * index] ?? 0) + (sums[2 * index + 1] ?? 0),
  );
}

function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function writeResidual(writer: BitWriter, plan: ResidualPlan, order: number): void {
  writer.write(0, 2);
  writer.write(plan.partitionOrder, 4);
  const length = plan.values.length / plan.parameters.length;
  plan.parameters.forEach((parameter, partition) => {
    writer.write(parameter, 4);
    const start = Math.max(order, partition * length);
    for (const value of plan.values.subarray(start, (partition + 1) * length)) {
      const folded = fold(value);
      writer.writeUnary(folded >>> parameter);
      writer.write(folded, parameter);
    }
  });
}
