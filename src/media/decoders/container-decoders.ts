import { adtsDecoder } from './adts-decoder.ts';
import { aiffDecoder } from './aiff-decoder.ts';
import type { ByteReader } from './byte-reader.ts';
import { emptyFile, notAudio, truncatedFile } from './decode-refusals.ts';
import { flacDecoder } from './flac-decoder.ts';
import { matroskaDecoder } from './matroska-decoder.ts';
import { mp3Decoder } from './mp3-decoder.ts';
import { mp4Decoder } from './mp4-decoder.ts';
import { oggDecoder } from './ogg-decoder.ts';
import { PROBE_BYTES, id3ByteLength, probeAudio } from './probe.ts';
import type { AudioContainer } from './probe.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';
import { sphereDecoder } from './sphere-decoder.ts';
import { wavDecoder } from './wav-decoder.ts';

const decoders: Readonly<Record<AudioContainer, ContainerDecoder>> = {
  wav: wavDecoder,
  aiff: aiffDecoder,
  sphere: sphereDecoder,
  flac: flacDecoder,
  ogg: oggDecoder,
  webm: matroskaDecoder,
  mp4: mp4Decoder,
  aac: adtsDecoder,
  mp3: mp3Decoder,
};

/** Some files carry more than one tag. */
const MOST_TAGS = 8;

/** Finds out what the bytes are and opens them. Throws `unsupported_media` with a reason when they are no sound. */
export async function openContainer(bytes: ByteReader): Promise<OpenedSound> {
  let head = await bytes.peek(PROBE_BYTES);
  if (head.length === 0) throw emptyFile();
  for (let tags = 0; tags < MOST_TAGS; tags += 1) {
    const tag = id3ByteLength(head);
    if (tag === 0) break;
    await bytes.skip(tag);
    head = await bytes.peek(PROBE_BYTES);
    if (head.length === 0) throw truncatedFile('audio', 'it ends within its tag');
  }
  const found = probeAudio(head);
  if (!found) throw notAudio();
  return decoders[found.container].open(bytes);
}
