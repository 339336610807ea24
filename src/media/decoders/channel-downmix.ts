import type { SoundBlock } from './sound-block.ts';

type Role = 'left' | 'right' | 'centre' | 'low' | 'side-left' | 'side-right' | 'back';

/** The loudspeakers of each count of channels in the order of WAVE. */
const LAYOUTS: Readonly<Record<number, readonly Role[]>> = {
  3: ['left', 'right', 'centre'],
  4: ['left', 'right', 'side-left', 'side-right'],
  5: ['left', 'right', 'centre', 'side-left', 'side-right'],
  6: ['left', 'right', 'centre', 'low', 'side-left', 'side-right'],
  7: ['left', 'right', 'centre', 'low', 'back', 'side-left', 'side-right'],
  8: ['left', 'right', 'centre', 'low', 'side-left', 'side-right', 'side-left', 'side-right'],
};

/** How loud a loudspeaker is on the left and on the right (ITU-R BS.775). Low effects are left out. */
const GAINS: Readonly<Record<Role, readonly [number, number]>> = {
  left: [1, 0],
  right: [0, 1],
  centre: [Math.SQRT1_2, Math.SQRT1_2],
  low: [0, 0],
  'side-left': [Math.SQRT1_2, 0],
  'side-right': [0, Math.SQRT1_2],
  back: [0.5, 0.5],
};

/**
 * For each channel wanted, the share of each channel there is; the shares add up to 1, so that nothing clips.
 * Three or more channels that are no loudspeakers, such as the microphones of a meeting, count alike.
 */
export function downmixWeights(block: SoundBlock, channels: 1 | 2): readonly (readonly number[])[] {
  const count = block.planes.length;
  const sides = stereoWeights(count, block.surround);
  if (channels === 2) return sides;
  const [left = [], right = []] = sides;
  return [left.map((weight, index) => (weight + (right[index] ?? 0)) / 2)];
}

function stereoWeights(count: number, surround: boolean): readonly (readonly number[])[] {
  if (count === 1) return [[1], [1]];
  if (count === 2) {
    return [
      [1, 0],
      [0, 1],
    ];
  }
  const layout = surround ? LAYOUTS[count] : undefined;
  const alike = Array.from({ length: count }, () => 1 / count);
  if (!layout) return [alike, alike];
  return [0, 1].map((side) => {
    const gains = layout.map((role) => GAINS[role][side] ?? 0);
    const sum = gains.reduce((total, gain) => total + gain, 0);
    return gains.map((gain) => gain / sum);
  });
}

/** The samples of a block by these shares, interleaved. */
export function mixBlock(
  block: SoundBlock,
  weights: readonly (readonly number[])[],
): Float32Array<ArrayBuffer> {
  const frames = block.planes[0]?.length ?? 0;
  const mixed = new Float32Array(frames * weights.length);
  weights.forEach((shares, channel) => {
    block.planes.forEach((plane, index) => {
      const share = shares[index] ?? 0;
      if (share === 0) return;
      for (let frame = 0, at = channel; frame < frames; frame += 1, at += weights.length) {
        mixed[at] = (mixed[at] ?? 0) + share * (plane[frame] ?? 0);
      }
    });
  });
  return mixed;
}
