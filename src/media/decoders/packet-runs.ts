import type { PacketDecoder, SoundBlock } from './sound-block.ts';

/**
 * Decodes a stream of packets, `perBlock` at a time. Packets of different kinds never share a block. When the
 * stream breaks, the sound of what was read comes before the failure.
 */
export async function* decodePackets(
  packets: AsyncIterable<Uint8Array>,
  decoder: PacketDecoder,
  options: { readonly perBlock: number; readonly kindOf?: (packet: Uint8Array) => string },
): AsyncGenerator<SoundBlock> {
  const { perBlock, kindOf } = options;
  let failure: { readonly thrown: unknown } | undefined;
  let batch: Uint8Array[] = [];
  let kind: string | undefined;
  const flush = async (): Promise<SoundBlock[]> => {
    const full = batch;
    batch = [];
    const block = full.length > 0 ? await decoder.decode(full) : undefined;
    return block ? [block] : [];
  };
  try {
    for await (const packet of packets) {
      const next = kindOf?.(packet);
      if (batch.length >= perBlock || next !== kind) yield* await flush();
      kind = next;
      batch.push(packet);
    }
  } catch (thrown) {
    failure = { thrown };
  }
  yield* await flush();
  if (failure) throw failure.thrown;
}
