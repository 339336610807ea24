/**
 * Cuts a sample stream into arrays of exactly `length` samples; only the last may be shorter, and none is empty.
 * An encoder that eats such blocks cannot tell how its input was chunked.
 */
export async function* fixedBlocks(
  chunks: AsyncIterable<Float32Array>,
  length: number,
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  let block = new Float32Array(length);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length;) {
      const taken = Math.min(chunk.length - offset, length - filled);
      block.set(chunk.subarray(offset, offset + taken), filled);
      offset += taken;
      filled += taken;
      if (filled < length) continue;
      yield block;
      block = new Float32Array(length);
      filled = 0;
    }
  }
  if (filled > 0) yield block.slice(0, filled);
}

/**
 * Regroups a sample stream into fresh arrays of at least `least` samples (the last may be shorter) and at most
 * `most`, so that neither very small nor very large chunks reach a consumer that pays for each.
 */
export async function* boundedBlocks(
  chunks: AsyncIterable<Float32Array>,
  bounds: { readonly least: number; readonly most: number },
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const block = new Float32Array(bounds.most);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length;) {
      const taken = Math.min(chunk.length - offset, bounds.most - filled);
      block.set(chunk.subarray(offset, offset + taken), filled);
      offset += taken;
      filled += taken;
      if (filled < bounds.most) continue;
      yield block.slice();
      filled = 0;
    }
    if (filled < bounds.least) continue;
    yield block.slice(0, filled);
    filled = 0;
  }
  if (filled > 0) yield block.slice(0, filled);
}
