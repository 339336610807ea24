import type { ByteReader } from './byte-reader.ts';
import { noSoundTrack, notAudio, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { createFlacPacketDecoder } from './flac-packets.ts';
import { readOggPages } from './ogg-pages.ts';
import type { OggPackets } from './ogg-pages.ts';
import { createOpusPacketDecoder, readOpusHead } from './opus-packets.ts';
import { dropFrames, framesOf, keepFrames } from './sound-block.ts';
import type { ContainerDecoder, OpenedSound, PacketDecoder, SoundBlock } from './sound-block.ts';
import { createVorbisPacketDecoder } from './vorbis-packets.ts';

const PACKETS_PER_BLOCK = 50;
/** Names of what else an Ogg stream may hold, by the text in its first packet. */
const OTHER_SOUND = { Speex: 'Speex', PCM: 'OggPCM', CELT: 'CELT' } as const;

interface OggCodec {
  readonly name: 'opus' | 'vorbis' | 'flac';
  /** How many packets come before the first one of sound. */
  readonly headerPackets: number;
  /** Frames to drop at the beginning, which the positions of the pages count. */
  readonly preSkip: number;
  create(headers: readonly Uint8Array[]): Promise<PacketDecoder>;
}

/** Ogg with Opus, Vorbis or FLAC, several streams one after another included. */
export const oggDecoder: ContainerDecoder = { container: 'ogg', open: openOgg };

async function openOgg(bytes: ByteReader): Promise<OpenedSound> {
  const pages = readOggPages(bytes);
  const others: string[] = [];
  for (;;) {
    const { value: page, done } = await pages.next();
    if (done) throw others.length > 0 ? noSoundIn(others) : truncatedFile('Ogg');
    const codec = page.first ? findCodec(page) : undefined;
    if (codec) {
      const stream = createStream(codec, page.serial);
      return { container: 'ogg', codec: codec.name, blocks: decodeStreams(pages, stream, page) };
    }
    if (!page.first) throw noSoundIn(others);
    others.push(new TextDecoder('latin1').decode(page.packets[0]?.subarray(0, 8)));
  }
}

function noSoundIn(others: readonly string[]): Error {
  for (const [sign, name] of Object.entries(OTHER_SOUND)) {
    if (others.some((other) => other.includes(sign))) return unsupportedCodec('Ogg', name);
  }
  return noSoundTrack('Ogg');
}

function findCodec(page: OggPackets): OggCodec | undefined {
  const [head] = page.packets;
  if (!head) return undefined;
  const name = new TextDecoder('latin1').decode(head.subarray(0, 8));
  if (name === 'OpusHead') {
    const opus = readOpusHead(head);
    return {
      name: 'opus',
      headerPackets: 2,
      preSkip: opus.preSkip,
      create: () => createOpusPacketDecoder(opus),
    };
  }
  if (name.startsWith('\u0001vorbis')) {
    return { name: 'vorbis', headerPackets: 3, preSkip: 0, create: createVorbis };
  }
  if (!name.startsWith('\u007fFLAC')) return undefined;
  const headerPackets = 1 + (((head[7] ?? 0) << 8) | (head[8] ?? 0));
  return { name: 'flac', headerPackets, preSkip: 0, create: () => createFlacPacketDecoder() };
}

function createVorbis(headers: readonly Uint8Array[]): Promise<PacketDecoder> {
  const [identification, , setup] = headers;
  if (!identification || !setup) throw notAudio('The Vorbis stream has broken headers.');
  return createVorbisPacketDecoder({ identification, setup });
}

async function* decodeStreams(
  pages: AsyncGenerator<OggPackets>,
  first: OggStream,
  firstPage: OggPackets,
): AsyncGenerator<SoundBlock> {
  let stream = first;
  try {
    yield* stream.push(firstPage);
    for await (const page of pages) {
      const codec = stream.ended && page.first ? findCodec(page) : undefined;
      if (codec) {
        stream.free();
        stream = createStream(codec, page.serial);
      }
      if (page.serial === stream.serial && !stream.ended) yield* stream.push(page);
    }
  } finally {
    stream.free();
  }
}

interface OggStream {
  readonly serial: number;
  readonly ended: boolean;
  push(page: OggPackets): AsyncGenerator<SoundBlock>;
  free(): void;
}

/** One stream of a file: its headers, then its sound, cut where the positions of its pages say. */
function createStream(codec: OggCodec, serial: number): OggStream {
  const headers: Uint8Array[] = [];
  let decoder: PacketDecoder | undefined;
  let ended = false;
  /** Frames decoded so far, the skipped ones included. */
  let decoded = 0;
  /** The position at which a stream begins that was cut out of a longer one; unknown before its first page. */
  let start: number | undefined;

  async function decodePage(packets: readonly Uint8Array[]): Promise<SoundBlock[]> {
    decoder ??= await codec.create(headers);
    const blocks: SoundBlock[] = [];
    for (let offset = 0; offset < packets.length; offset += PACKETS_PER_BLOCK) {
      const block = await decoder.decode(packets.slice(offset, offset + PACKETS_PER_BLOCK));
      if (block) blocks.push(block);
    }
    return blocks;
  }

  async function* push(page: OggPackets): AsyncGenerator<SoundBlock> {
    const described = Math.min(page.packets.length, codec.headerPackets - headers.length);
    headers.push(...page.packets.slice(0, described));
    if (page.last) ended = true;
    const packets = page.packets.slice(described);
    if (packets.length === 0) return;
    const before = decoded;
    const blocks = await decodePage(packets);
    decoded += blocks.reduce((sum, block) => sum + framesOf(block), 0);
    if (page.granule !== undefined && !page.last) start ??= Math.max(0, page.granule - decoded);
    const end = page.last && page.granule ? page.granule - (start ?? 0) : Number.POSITIVE_INFINITY;
    yield* placed(blocks, before, { from: codec.preSkip, to: end });
  }

  return {
    serial,
    get ended() {
      return ended;
    },
    push,
    free: () => {
      decoder?.free();
      decoder = undefined;
    },
  };
}

/** The parts of the blocks, of which the first begins at `position`, that lie between two positions. */
function* placed(
  blocks: readonly SoundBlock[],
  position: number,
  bounds: { readonly from: number; readonly to: number },
): Generator<SoundBlock> {
  let at = position;
  for (const block of blocks) {
    const kept = dropFrames(keepFrames(block, bounds.to - at), bounds.from - at);
    at += framesOf(block);
    if (framesOf(kept) > 0) yield kept;
  }
}
