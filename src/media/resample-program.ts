/**
 * The inner loop of the resampler as a WebAssembly module of one function, put together here from its instructions
 * (WebAssembly Core Specification 2.0, section 5) so that it can be read and needs no compiler:
 *
 *     do {
 *       row = rows + phase * rowBytes; end = row + rowBytes; sample = window;
 *       even = odd = [0, 0, 0, 0];
 *       do {
 *         even += four(sample) * four(row); odd += four(sample + 16) * four(row + 16);
 *         sample += 32; row += 32;
 *       } while (row < end);
 *       *output = sum of the lanes of even + odd; output += 4;
 *       phase += part; window += whole;
 *       if (phase >= up) { phase -= up; window += 4; }
 *     } while (--count);
 *
 * All addresses are in bytes; a row is a multiple of 32 of them.
 */

const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;

/** Numbers of the function's parameters, in order, and of its own variables. */
const WINDOW = 0;
const ROWS = 1;
const OUTPUT = 2;
const COUNT = 3;
const PHASE = 4;
const UP = 5;
const PART = 6;
const WHOLE = 7;
const ROW_BYTES = 8;
const SAMPLE = 9;
const ROW = 10;
const END = 11;
const EVEN = 12;
const ODD = 13;
const PARAMETERS = 9;

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const IF = 0x04;
const END_OF_BLOCK = 0x0b;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_MUL = 0x6c;
const I32_LESS = 0x49;
const I32_NOT_LESS = 0x4f;
const F32_ADD = 0x92;
const F32_STORE = 0x38;
const F32X4_ADD = [0xfd, 0xe4, 0x01];
const F32X4_MUL = [0xfd, 0xe6, 0x01];
const ZERO_VECTOR = [0xfd, 0x0c, ...Array<number>(16).fill(0)];

const get = (variable: number) => [0x20, variable];
const set = (variable: number) => [0x21, variable];
const keep = (variable: number) => [0x22, variable];
/** Constants below 64 are a single byte. */
const constant = (value: number) => [0x41, value];
const increase = (variable: number, by: readonly number[]) => [
  ...get(variable),
  ...by,
  I32_ADD,
  ...set(variable),
];
const repeat = (...steps: readonly (readonly number[])[]) => [0x03, EMPTY, ...steps.flat(), END_OF_BLOCK];
const AGAIN_IF = [0x0d, 0];
/** Four floats, of which nothing but the alignment of a float is known. */
const four = (address: number, offset: number) => [...get(address), 0xfd, 0x00, 2, offset];
const lane = (vector: number, index: number) => [...get(vector), 0xfd, 0x1f, index];

const multiplyAndAdd = (sum: number, offset: number) => [
  ...get(sum),
  ...four(SAMPLE, offset),
  ...four(ROW, offset),
  ...F32X4_MUL,
  ...F32X4_ADD,
  ...set(sum),
];

const oneOutput = [
  [get(ROWS), get(PHASE), get(ROW_BYTES), I32_MUL, I32_ADD, keep(ROW)],
  [get(ROW_BYTES), I32_ADD, set(END)],
  [get(WINDOW), set(SAMPLE)],
  [ZERO_VECTOR, set(EVEN), ZERO_VECTOR, set(ODD)],
  repeat(
    [multiplyAndAdd(EVEN, 0), multiplyAndAdd(ODD, 16)].flat(),
    increase(SAMPLE, constant(32)),
    [get(ROW), constant(32), I32_ADD, keep(ROW)].flat(),
    [get(END), I32_LESS, AGAIN_IF].flat(),
  ),
  [get(EVEN), get(ODD), F32X4_ADD, set(EVEN)],
  get(OUTPUT),
  [lane(EVEN, 0), lane(EVEN, 1), F32_ADD, lane(EVEN, 2), lane(EVEN, 3), F32_ADD, F32_ADD],
  [F32_STORE, 2, 0],
].flat(2);

const nextOutput = [
  increase(OUTPUT, constant(4)),
  increase(PHASE, get(PART)),
  increase(WINDOW, get(WHOLE)),
  [get(PHASE), get(UP), I32_NOT_LESS, IF, EMPTY].flat(),
  [get(PHASE), get(UP), I32_SUB, set(PHASE)].flat(),
  increase(WINDOW, constant(4)),
  END_OF_BLOCK,
].flat();

/** Two groups of variables: three addresses, two vectors. */
const variables = [2, 3, I32, 2, V128];
const nextRound = [get(COUNT), constant(1), I32_SUB, keep(COUNT), AGAIN_IF].flat();
const body = [variables, repeat(oneOutput, nextOutput, nextRound), END_OF_BLOCK].flat();

/** The module. It takes its memory from `env.memory` and exports `convolve`; the parameters are those above. */
export const simdProgram: Uint8Array<ArrayBuffer> = Uint8Array.from([
  ...MAGIC_AND_VERSION,
  ...section(1, [1, 0x60, PARAMETERS, ...Array<number>(PARAMETERS).fill(I32), 0]),
  ...section(2, [1, ...name('env'), ...name('memory'), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...name('convolve'), 0, 0]),
  ...section(10, [1, ...length(body), ...body]),
]);

function section(id: number, content: readonly number[]): number[] {
  return [id, ...length(content), ...content];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

/** A length below 16 384 in seven bits each (LEB128). */
function length(content: readonly number[]): number[] {
  return content.length < 128 ? [content.length] : [(content.length & 0x7f) | 0x80, content.length >> 7];
}
