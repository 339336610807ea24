import { fold, type BitWriter } from './bit-writer.ts';

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
  if (isConstant(samples)) {
    return { samples, bitsPerSample, bits: HEADER_BITS + bitsPerSample, coding: 'constant' };
  }
  const verbatim = { samples, bitsPerSample, bits: HEADER_BITS + samples.length * bitsPerSample };
  const { order, values } = bestResidual(samples);
  const residual = planResidual(values, order);
  const bits = HEADER_BITS + order * bitsPerSample + residual.bits;
  if (bits >= verbatim.bits) return { ...verbatim, coding: 'verbatim' };
  return { samples, bitsPerSample, bits, coding: { order, residual } };
}

function isConstant(samples: Int32Array): boolean {
  for (let index = 1; index < samples.length; index += 1) if (samples[index] !== samples[0]) return false;
  return true;
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
  const sums = sumsOfDifferences(samples);
  let order = 0;
  for (let higher = 1; higher <= Math.min(HIGHEST_PREDICTOR_ORDER, samples.length - 1); higher += 1) {
    if ((sums[higher] ?? 0) < (sums[order] ?? 0)) order = higher;
  }
  return { order, values: differences(samples, order) };
}

/** For each order, the sum of the magnitudes of its residuals. */
function sumsOfDifferences(samples: Int32Array): readonly number[] {
  const beginning = samples.subarray(0, HIGHEST_PREDICTOR_ORDER);
  const residuals = [0, 1, 2, 3, 4].map((order) => differences(beginning, order));
  const sums = residuals.map((values) => values.reduce((sum, value) => sum + Math.abs(value), 0));
  if (samples.length > HIGHEST_PREDICTOR_ORDER) addRest(samples, { sums, residuals });
  return sums;
}

/** Adds what follows the first four samples, for all orders in one pass: this is done for every block. */
function addRest(
  samples: Int32Array,
  { sums, residuals }: { readonly sums: number[]; readonly residuals: readonly Int32Array[] },
): void {
  let [zeroth = 0, first = 0, second = 0, third = 0] = residuals.map((values) => values.at(-1));
  let [sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0, sum4 = 0] = sums;
  for (let index = HIGHEST_PREDICTOR_ORDER; index < samples.length; index += 1) {
    const sample = samples[index] ?? 0;
    const slope = sample - zeroth;
    const bend = slope - first;
    const twist = bend - second;
    sum0 += Math.abs(sample);
    sum1 += Math.abs(slope);
    sum2 += Math.abs(bend);
    sum3 += Math.abs(twist);
    sum4 += Math.abs(twist - third);
    zeroth = sample;
    first = slope;
    second = bend;
    third = twist;
  }
  sums.splice(0, sums.length, sum0, sum1, sum2, sum3, sum4);
}

/** The residuals of a predictor. The first `order` values are none; they stay 0 and are never written. */
function differences(samples: Int32Array, order: number): Int32Array {
  if (order === 0) return samples;
  const values = samples.slice();
  for (let done = 1; done <= order; done += 1) {
    let previous = values[done - 1] ?? 0;
    for (let index = done; index < values.length; index += 1) {
      const value = values[index] ?? 0;
      values[index] = value - previous;
      previous = value;
    }
  }
  return values.fill(0, 0, order);
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
  const parameters: number[] = [];
  for (let partition = 0; partition < sums.length; partition += 1) {
    const sum = sums[partition] ?? 0;
    const count = values.length / sums.length - (partition === 0 ? shape.order : 0);
    const parameter = bestParameter(sum, count);
    bits += 4 + estimatedBits(sum, count, parameter);
    parameters.push(parameter);
  }
  return { values, partitionOrder: shape.partitionOrder, parameters, bits };
}

function bestParameter(sum: number, count: number): number {
  const guess = Math.max(0, Math.floor(Math.log2(sum / count + 1)));
  const lower = Math.max(0, Math.min(HIGHEST_PARAMETER, guess - 1));
  const upper = Math.min(HIGHEST_PARAMETER, guess);
  return estimatedBits(sum, count, lower) <= estimatedBits(sum, count, upper) ? lower : upper;
}

function estimatedBits(sum: number, count: number, parameter: number): number {
  return count * (parameter + 1) + sum / (1 << parameter) - (parameter === 0 ? 0 : count / 2);
}

/** Per partition, the sum of the residuals folded to 0, -1, 1, -2, 2 … */
function foldedSums(values: Int32Array, order: number, partitionOrder: number): Float64Array {
  const sums = new Float64Array(2 ** partitionOrder);
  const length = values.length / sums.length;
  for (let partition = 0; partition < sums.length; partition += 1) {
    let sum = 0;
    const end = (partition + 1) * length;
    for (let index = Math.max(order, partition * length); index < end; index += 1) {
      sum += fold(values[index] ?? 0);
    }
    sums[partition] = sum;
  }
  return sums;
}

function halved(sums: Float64Array): Float64Array {
  const half = new Float64Array(sums.length >> 1);
  for (let index = 0; index < half.length; index += 1) {
    half[index] = (sums[2 * index] ?? 0) + (sums[2 * index + 1] ?? 0);
  }
  return half;
}

function writeResidual(writer: BitWriter, plan: ResidualPlan, order: number): void {
  writer.write(0, 2);
  writer.write(plan.partitionOrder, 4);
  const length = plan.values.length / plan.parameters.length;
  plan.parameters.forEach((parameter, partition) => {
    writer.write(parameter, 4);
    const start = Math.max(order, partition * length);
    writer.writeRice(plan.values, parameter, { start, end: (partition + 1) * length });
  });
}
