import { MPEGDecoder } from 'mpg123-decoder';
import type { ByteReader } from './byte-reader.ts';
import { notAudio } from './decode-refusals.ts';
import { scanFrames } from './frame-scanner.ts';
import { readInformation, readMp3Header } from './mp3-frames.ts';
import type { Mp3Padding } from './mp3-frames.ts';
import { decodePackets } from './packet-runs.ts';
import { dropFrames, framesOf } from './sound-block.ts';
import type { ContainerDecoder, OpenedSound, PacketDecoder, SoundBlock } from './sound-block.ts';

/** What the synthesis filter of every MP3 decoder delays the sound by, in frames. */
const DECODER_DELAY = 529;
const PACKETS_PER_BLOCK = 24;

/** Raw MPEG audio: layers I to III, with tags and garbage around and between the frames. */
export const mp3Decoder: ContainerDecoder = { container: 'mp3', open: openMp3 };

async function openMp3(bytes: ByteReader): Promise<OpenedSound> {
  return { container: 'mp3', codec: 'mp3', blocks: decodeMp3(bytes) };
}

async function* decodeMp3(bytes: ByteReader): AsyncGenerator<SoundBlock> {
  const decoder = await createMp3PacketDecoder();
  const trim = new EndTrim();
  const options = { perBlock: PACKETS_PER_BLOCK, kindOf: kindOfPacket };
  try {
    for await (const block of decodePackets(soundPackets(bytes, trim), decoder, options))
      yield* trim.push(block);
  } finally {
    decoder.free();
  }
}

/** The frames of sound; an information frame in front of them goes to `trim` instead. */
async function* soundPackets(bytes: ByteReader, trim: EndTrim): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const { header, bytes: frame } of scanFrames(bytes, 'MP3', readMp3Header)) {
    const information = first ? readInformation(frame, header) : undefined;
    first = false;
    if (information === undefined) yield frame;
    else if (information !== 'none') trim.use(information);
  }
  if (first) throw notAudio('No MP3 frame was found in the file.');
}

function kindOfPacket(packet: Uint8Array): string {
  const header = readMp3Header(packet, 0);
  return `${header?.sampleRate}.${header?.channels}`;
}

/** Cuts off what the information frame says the encoder added, holding back as much as may be padding. */
class EndTrim {
  #start = 0;
  #end = 0;
  #held: SoundBlock[] = [];

  use({ delay, padding }: Mp3Padding): void {
    this.#start = delay + DECODER_DELAY;
    this.#end = Math.max(0, padding - DECODER_DELAY);
  }

  /** Takes a block and gives those that are certain to be sound. */
  push(block: SoundBlock): SoundBlock[] {
    const dropped = Math.min(this.#start, framesOf(block));
    this.#start -= dropped;
    this.#held.push(dropFrames(block, dropped));
    const ready: SoundBlock[] = [];
    let surplus = this.#held.reduce((sum, held) => sum + framesOf(held), 0) - this.#end;
    for (let next = this.#held[0]; next && surplus > 0; next = this.#held[0]) {
      const given = Math.min(framesOf(next), surplus);
      ready.push({ ...next, planes: next.planes.map((plane) => plane.subarray(0, given)) });
      surplus -= given;
      if (given === framesOf(next)) this.#held.shift();
      else this.#held[0] = dropFrames(next, given);
    }
    return ready;
  }
}

/** Decodes whole frames of MPEG audio with mpg123; the first frame's sound comes 529 frames late. */
export async function createMp3PacketDecoder(): Promise<PacketDecoder> {
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  return {
    decode: async (packets) => {
      const [first] = packets;
      const header = first && readMp3Header(first, 0);
      if (!header) return undefined;
      const { channelData, samplesDecoded } = decoder.decode(Buffer.concat([...packets]));
      if (samplesDecoded === 0) return undefined;
      // mpg123 gives mono as two equal channels.
      const planes = channelData.slice(0, header.channels);
      return { sampleRate: header.sampleRate, planes, surround: false };
    },
    free: () => {
      decoder.free();
    },
  };
}
