import { simdProgram } from './resample-program.ts';

/** A polyphase filter: what a kernel needs to know of it. */
export interface PhaseFilter {
  /** Output steps per input sample, reduced: `up / down` is the ratio of the rates. */
  readonly up: number;
  readonly down: number;
  /** Rows of `taps` coefficients, one after the other: the first for an output that coincides with an input. */
  readonly rows: Float32Array<ArrayBuffer>;
  /** A multiple of 8. */
  readonly taps: number;
}

/**
 * Applies a filter. The window's first sample meets the first coefficient of the first output, for which row `phase`
 * is used; the outputs go to `output` until it is full, and the window must reach far enough for all of them.
 */
export type ResampleKernel = (window: Float32Array, phase: number, output: Float32Array) => void;

/** Outputs of one call of the program: what the memory of a kernel must hold. */
const MOST_OUTPUTS = 4_096;
const PAGE_BYTES = 65_536;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

let compiled: WebAssembly.Module | undefined;

/** The fastest kernel of this machine. A few virtual processors have no vector instructions; those get the plain one. */
export function createKernel(filter: PhaseFilter): ResampleKernel {
  return WebAssembly.validate(simdProgram) ? createVectorKernel(filter) : createPlainKernel(filter);
}

/** A kernel in WebAssembly, which multiplies eight samples at a time. */
export function createVectorKernel(filter: PhaseFilter): ResampleKernel {
  const { up, down, rows, taps } = filter;
  compiled ??= new WebAssembly.Module(simdProgram);
  const windowLength = Math.ceil((MOST_OUTPUTS * down) / up) + taps + 1;
  const windowAt = rows.byteLength;
  const outputAt = windowAt + windowLength * FLOAT_BYTES;
  const memory = new WebAssembly.Memory({
    initial: Math.ceil((outputAt + MOST_OUTPUTS * FLOAT_BYTES) / PAGE_BYTES),
  });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  // The only export of the program, with the parameters that `resample-program.ts` names.
  const convolve = instance.exports['convolve'] as (...parameters: number[]) => void;
  new Float32Array(memory.buffer).set(rows);
  const input = new Float32Array(memory.buffer, windowAt, windowLength);
  const made = new Float32Array(memory.buffer, outputAt, MOST_OUTPUTS);
  const whole = Math.floor(down / up) * FLOAT_BYTES;
  return (window, phase, output) => {
    for (let done = 0; done < output.length; done += MOST_OUTPUTS) {
      const steps = phase + done * down;
      const start = Math.floor(steps / up);
      const count = Math.min(MOST_OUTPUTS, output.length - done);
      const reached = Math.floor(((steps % up) + (count - 1) * down) / up) + taps;
      input.set(window.subarray(start, start + reached));
      convolve(windowAt, 0, outputAt, count, steps % up, up, down % up, whole, taps * FLOAT_BYTES);
      output.set(count === MOST_OUTPUTS ? made : made.subarray(0, count), done);
    }
  };
}

/** The same in plain JavaScript. */
export function createPlainKernel({ up, down, rows, taps }: PhaseFilter): ResampleKernel {
  return (window, phase, output) => {
    for (let index = 0; index < output.length; index += 1) {
      const steps = phase + index * down;
      output[index] = scalarProduct(window, Math.floor(steps / up), {
        coefficients: rows,
        from: (steps % up) * taps,
        taps,
      });
    }
  };
}

interface Row {
  readonly coefficients: Float32Array;
  readonly from: number;
  readonly taps: number;
}

/** In four sums, so that the processor need not wait for each addition. */
function scalarProduct(window: Float32Array, start: number, { coefficients, from, taps }: Row): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let tap = 0; tap < taps; tap += 4) {
    const at = start + tap;
    const of = from + tap;
    first += (window[at] ?? 0) * (coefficients[of] ?? 0);
    second += (window[at + 1] ?? 0) * (coefficients[of + 1] ?? 0);
    third += (window[at + 2] ?? 0) * (coefficients[of + 2] ?? 0);
    fourth += (window[at + 3] ?? 0) * (coefficients[of + 3] ?? 0);
  }
  return first + second + (third + fourth);
}
