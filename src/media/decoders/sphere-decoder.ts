import type { ByteReader } from './byte-reader.ts';
import { textAt } from './byte-view.ts';
import { notAudio, truncatedFile, unsupportedCodec } from './decode-refusals.ts';
import { bytesPerSample, linearBlocks } from './linear-samples.ts';
import type { LinearEncoding } from './linear-samples.ts';
import type { ContainerDecoder, OpenedSound } from './sound-block.ts';

/** The header of a real file has 1 024 bytes, seldom a few times that. */
const MOST_HEADER_BYTES = 65_536;

/** NIST SPHERE, as speech corpora use it: PCM, mu-law and A-law, not the compressed kinds. */
export const sphereDecoder: ContainerDecoder = { container: 'sphere', open: openSphere };

async function openSphere(bytes: ByteReader): Promise<OpenedSound> {
  const fields = await readHeader(bytes);
  const channels = Number(fields.get('channel_count') ?? 1);
  const sampleRate = Number(fields.get('sample_rate'));
  if (!Number.isInteger(channels) || channels < 1 || !(sampleRate >= 1)) {
    throw notAudio('The SPHERE file does not state its sample rate or channels.');
  }
  const encoding = encodingOf(fields);
  const linear = { container: 'SPHERE', encoding, sampleRate, channels, surround: false };
  const samples = Number(fields.get('sample_count'));
  const codec = `pcm_${encoding}`;
  if (!Number.isInteger(samples) || samples < 1) {
    return { container: 'sphere', codec, blocks: linearBlocks(bytes, linear) };
  }
  const byteLength = samples * channels * bytesPerSample(encoding);
  const opened = { container: 'sphere', codec, blocks: linearBlocks(bytes, { ...linear, byteLength }) };
  const complete = bytes.totalBytes !== undefined && bytes.totalBytes - bytes.position >= byteLength;
  return complete ? { ...opened, durationSeconds: samples / sampleRate } : opened;
}

async function readHeader(bytes: ByteReader): Promise<Map<string, string>> {
  const headerBytes = Number(textAt(await bytes.peek(16), 8, 8));
  if (!Number.isInteger(headerBytes) || headerBytes < 16 || headerBytes > MOST_HEADER_BYTES) {
    throw notAudio('The SPHERE file has a broken header.');
  }
  const header = await bytes.take(headerBytes);
  if (header.length < headerBytes) throw truncatedFile('SPHERE', 'its header is cut');
  return readFields(textAt(header, 0, headerBytes));
}

/** Lines of name, type (`-i` number, `-s3` text of three characters) and value, up to `end_head`. */
function readFields(header: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of header.split('\n').slice(2)) {
    if (line.trim() === 'end_head') break;
    const [, name, value] = /^(\S+) -\S+ (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value.trim());
  }
  return fields;
}

function encodingOf(fields: ReadonlyMap<string, string>): LinearEncoding {
  const coding = fields.get('sample_coding') ?? 'pcm';
  if (coding === 'ulaw' || coding === 'mu-law') return 'mulaw';
  if (coding === 'alaw') return 'alaw';
  if (coding !== 'pcm') throw unsupportedCodec('SPHERE', coding);
  const width = Number(fields.get('sample_n_bytes') ?? 2);
  const bigEndian = (fields.get('sample_byte_format') ?? '01').startsWith('1');
  if (width === 1) return 's8';
  if (width === 2) return bigEndian ? 's16be' : 's16le';
  throw unsupportedCodec('SPHERE', `PCM of ${width} bytes`);
}
