import { ownValue } from '../../base/own-value.ts';
import type { ByteReader } from './byte-reader.ts';
import { textAt } from './byte-view.ts';
import { noSoundTrack, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { readMatroska } from './matroska-blocks.ts';
import type { MatroskaItem, MatroskaTrack } from './matroska-blocks.ts';
import { dropFrames, framesOf, keepFrames } from './sound-block.ts';
import type { ContainerDecoder, OpenedSound, SoundBlock } from './sound-block.ts';
import { openTrackCodec } from './track-codecs.ts';
import type { TrackCodec } from './track-codecs.ts';

const CODEC_NAMES: Readonly<Record<string, string>> = {
  A_OPUS: 'opus',
  A_VORBIS: 'vorbis',
  A_FLAC: 'flac',
  A_AAC: 'aac',
  'A_MPEG/L3': 'mp3',
  'A_MPEG/L2': 'mp3',
};
const PCM_NAMES: Readonly<Record<string, string>> = {
  'A_PCM/INT/LIT 8': 'pcm-u8',
  'A_PCM/INT/LIT 16': 'pcm-s16',
  'A_PCM/INT/LIT 24': 'pcm-s24',
  'A_PCM/INT/LIT 32': 'pcm-s32',
  'A_PCM/INT/BIG 16': 'pcm-s16be',
  'A_PCM/INT/BIG 24': 'pcm-s24be',
  'A_PCM/INT/BIG 32': 'pcm-s32be',
  'A_PCM/FLOAT/IEEE 32': 'pcm-f32',
  'A_PCM/FLOAT/IEEE 64': 'pcm-f64',
};

/** WebM and Matroska, films included, read from front to back. */
export const matroskaDecoder: ContainerDecoder = { container: 'webm', open: openMatroska };

async function openMatroska(bytes: ByteReader): Promise<OpenedSound> {
  const container = textAt(await bytes.peek(64), 0, 64).includes('webm') ? 'webm' : 'matroska';
  const label = container === 'webm' ? 'WebM' : 'Matroska';
  const items = readMatroska(bytes, label);
  const track = await findTrack(items, label);
  const codec = await openTrackCodec({ ...track, name: nameOf(track, label) }, label);
  return { container, codec: codec.name, blocks: decodeTrack(items, track, codec) };
}

async function findTrack(items: AsyncGenerator<MatroskaItem>, label: string): Promise<MatroskaTrack> {
  for (;;) {
    const { value: item, done } = await items.next();
    if (done) throw truncatedFile(label, 'its list of tracks is missing');
    if (item.kind !== 'tracks') continue;
    const track = item.tracks.find(({ kind }) => kind === 'sound');
    if (!track) throw noSoundTrack(label);
    return track;
  }
}

function nameOf(track: MatroskaTrack, label: string): string {
  const { codec, bitDepth, prefix } = track;
  // Old files write the profile of AAC behind its name.
  const name =
    ownValue(CODEC_NAMES, codec.startsWith('A_AAC') ? 'A_AAC' : codec) ?? PCM_NAMES[`${codec} ${bitDepth}`];
  if (name === undefined) throw unsupportedCodec(label, codec || 'a codec without a name');
  if (prefix === undefined) throw unsupportedCodec(label, `packed or encrypted ${name}`);
  return name;
}

async function* decodeTrack(
  items: AsyncGenerator<MatroskaItem>,
  track: MatroskaTrack,
  codec: TrackCodec,
): AsyncGenerator<SoundBlock> {
  let skip = codec.preSkip > 0 ? codec.preSkip : undefined;
  try {
    for await (const { packets, discardSeconds } of packetBatches(items, track, codec.perBlock)) {
      const block = await codec.decoder.decode(packets);
      if (!block) continue;
      skip ??= Math.round(track.delaySeconds * block.sampleRate);
      const dropped = Math.min(skip, framesOf(block));
      skip -= dropped;
      const discarded = Math.round(discardSeconds * block.sampleRate);
      yield dropFrames(keepFrames(block, framesOf(block) - discarded), dropped);
    }
  } finally {
    codec.decoder.free();
    await items.return(undefined);
  }
}

interface PacketBatch {
  readonly packets: readonly Uint8Array[];
  readonly discardSeconds: number;
}

/** What was read before a failure comes before it. */
async function* packetBatches(
  items: AsyncGenerator<MatroskaItem>,
  track: MatroskaTrack,
  perBlock: number,
): AsyncGenerator<PacketBatch> {
  let batch: Uint8Array[] = [];
  let failure: { readonly thrown: unknown } | undefined;
  try {
    for await (const item of items) {
      if (item.kind !== 'packets' || item.track !== track.number) continue;
      for (const packet of item.packets) batch.push(withPrefix(packet, track.prefix));
      if (batch.length < perBlock && item.discardSeconds === 0) continue;
      const packets = batch;
      batch = [];
      yield { packets, discardSeconds: item.discardSeconds };
    }
  } catch (thrown) {
    failure = { thrown };
  }
  if (batch.length > 0) yield { packets: batch, discardSeconds: 0 };
  if (failure) throw failure.thrown;
}

function withPrefix(packet: Uint8Array, prefix: Uint8Array | undefined): Uint8Array {
  return prefix && prefix.length > 0 ? Buffer.concat([prefix, packet]) : packet;
}
