import { onnxMetadata } from './sherpa-support.ts';

/** What pyannote's segmentation model says of itself: ten seconds, three local voices, at most two at a time. */
export const SEGMENTATION_METADATA = {
  model_type: 'pyannote-segmentation-3.0',
  num_speakers: 3,
  powerset_max_classes: 2,
  num_classes: 7,
  sample_rate: 16_000,
  window_size: 160_000,
  receptive_field_size: 991,
  receptive_field_shift: 270,
} as const;

const RATE = SEGMENTATION_METADATA.sample_rate;
/** Length of the filters that listen for a band. */
const TAPS = 400;
/** Makes the sum of squares in a band comparable with the bias of silence. */
const GAIN = 1000;
/** Mean square, after the filter, from which a band is a voice. */
const LEAST = 1e-5;

/**
 * A network with the inputs, outputs and metadata of pyannote's segmentation model (x [N,1,T] to y [N,frames,7], the
 * classes nobody, 1, 2, 3, 1+2, 1+3, 2+3) that knows three voices by the frequency, in hertz, at which each has
 * energy. It is computed by the real runtime like any other.
 */
export function segmentationModel(
  hertz: readonly [number, number, number],
  metadata: Readonly<Record<string, string | number>> = SEGMENTATION_METADATA,
): Buffer {
  const { receptive_field_size: field, receptive_field_shift: shift } = SEGMENTATION_METADATA;
  const filters = hertz.flatMap((frequency) => [band(frequency, 0), band(frequency, Math.PI / 2)]);
  const nodes = [
    node('Conv', ['x', 'filters'], 'bands', [ints('pads', [TAPS / 2, TAPS / 2 - 1])]),
    node('Mul', ['bands', 'bands'], 'squares', []),
    node('AveragePool', ['squares'], 'levels', [ints('kernel_shape', [field]), ints('strides', [shift])]),
    node('Conv', ['levels', 'classes', 'bias'], 'scores', []),
    node('Transpose', ['scores'], 'y', [ints('perm', [0, 2, 1])]),
  ];
  const sides = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]];
  const classes = sides.flatMap((voices) =>
    [0, 0, 1, 1, 2, 2].map((voice) => (voices.includes(voice) ? GAIN : 0)),
  );
  const bias = sides.map((voices) => -voices.length * GAIN * LEAST);
  const graph = Buffer.concat([
    ...nodes.map((one) => message(1, one)),
    text(2, 'segmentation'),
    message(5, tensor('filters', [6, 1, TAPS], filters.flat())),
    message(5, tensor('classes', [7, 6, 1], classes)),
    message(5, tensor('bias', [7], bias)),
    message(11, value('x', ['N', 1, 'T'])),
    message(12, value('y', ['N', 'frames', 7])),
  ]);
  const opset = message(8, Buffer.concat([text(1, ''), number(2, 13)]));
  return Buffer.concat([number(1, 8), message(7, graph), opset, onnxMetadata(metadata)]);
}

/** A windowed wave: its product with a sound is large where the sound has that frequency. */
function band(hertz: number, phase: number): number[] {
  return Array.from({ length: TAPS }, (_, index) => {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / TAPS);
    return ((2 * window) / TAPS) * Math.cos((2 * Math.PI * hertz * index) / RATE + phase);
  });
}

function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Buffer[],
): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, type),
    ...attributes.map((attribute) => message(5, attribute)),
  ]);
}

/** An attribute that is a list of whole numbers. */
function ints(name: string, values: readonly number[]): Buffer {
  return Buffer.concat([text(1, name), ...values.map((one) => number(8, one)), number(20, 7)]);
}

function tensor(name: string, sides: readonly number[], values: readonly number[]): Buffer {
  const raw = Buffer.from(Float32Array.from(values).buffer);
  return Buffer.concat([
    ...sides.map((side) => number(1, side)),
    number(2, 1),
    text(8, name),
    message(9, raw),
  ]);
}

function value(name: string, sides: readonly (number | string)[]): Buffer {
  const dimensions = sides.map((side) =>
    message(1, typeof side === 'number' ? number(1, side) : text(2, side)),
  );
  const type = Buffer.concat([number(1, 1), message(2, Buffer.concat(dimensions))]);
  return Buffer.concat([text(1, name), message(2, message(1, type))]);
}

function text(field: number, content: string): Buffer {
  return message(field, Buffer.from(content));
}

function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function number(field: number, content: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(content)]);
}

function varint(content: number): Buffer {
  return content < 128
    ? Buffer.of(content)
    : Buffer.concat([Buffer.of((content % 128) + 128), varint(Math.floor(content / 128))]);
}
