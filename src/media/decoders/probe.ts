import { readAdtsHeader } from './adts-decoder.ts';
import { byteAt, textAt } from './byte-view.ts';
import { findFrame } from './frame-scanner.ts';
import { readMp3Header } from './mp3-frames.ts';

/** The containers that can be read. */
export type AudioContainer = 'wav' | 'aiff' | 'sphere' | 'flac' | 'ogg' | 'webm' | 'mp4' | 'aac' | 'mp3';

/** So many bytes of a file are enough to tell what it is, tags in front of it aside. */
export const PROBE_BYTES = 65_536;

interface Signature {
  readonly container: AudioContainer;
  readonly offset: number;
  readonly text: string;
  /** What must stand at offset 8 where the first name is shared with other files. */
  readonly inner?: readonly string[];
}

const MP4_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot', 'styp'];

const SIGNATURES: readonly Signature[] = [
  { container: 'wav', offset: 0, text: 'RIFF', inner: ['WAVE'] },
  { container: 'wav', offset: 0, text: 'RF64', inner: ['WAVE'] },
  { container: 'wav', offset: 0, text: 'BW64', inner: ['WAVE'] },
  { container: 'aiff', offset: 0, text: 'FORM', inner: ['AIFF', 'AIFC'] },
  { container: 'flac', offset: 0, text: 'fLaC' },
  { container: 'ogg', offset: 0, text: 'OggS' },
  { container: 'webm', offset: 0, text: '\u001aE\u00df\u00a3' },
  { container: 'sphere', offset: 0, text: 'NIST_1A' },
  ...MP4_BOXES.map((text) => ({ container: 'mp4' as const, offset: 4, text })),
];

/**
 * What a file is, judged by its first bytes and never by its name; nothing when it is no sound that can be read.
 * The more bytes, the surer: `PROBE_BYTES` are enough.
 */
export function probeAudio(head: Uint8Array): { readonly container: AudioContainer } | undefined {
  const container = findContainer(head);
  return container && { container };
}

/** How long the ID3v2 tag at the beginning is, in bytes; 0 when there is none. */
export function id3ByteLength(head: Uint8Array): number {
  if (textAt(head, 0, 3) !== 'ID3' || head.length < 10) return 0;
  const sizes = head.subarray(6, 10);
  // The highest bit of each byte is always 0, so that no byte of the size looks like the start of a frame.
  if (sizes.some((byte) => byte >= 0x80)) return 0;
  const body = sizes.reduce((size, byte) => (size << 7) | byte, 0);
  const footer = byteAt(head, 5) & 0x10 ? 10 : 0;
  return 10 + body + footer;
}

function findContainer(head: Uint8Array): AudioContainer | undefined {
  const tag = id3ByteLength(head);
  if (tag > 0) return tag < head.length ? (findContainer(head.subarray(tag)) ?? 'mp3') : 'mp3';
  return findByName(head) ?? findByFrames(head);
}

function findByName(head: Uint8Array): AudioContainer | undefined {
  const known = SIGNATURES.find(({ offset, text }) => textAt(head, offset, text.length) === text);
  const inner = textAt(head, 8, 4);
  if (known?.inner && !known.inner.includes(inner)) return undefined;
  return known?.container;
}

/** MP3 and AAC have no header of their own, only frames, with perhaps something else before the first. */
function findByFrames(head: Uint8Array): AudioContainer | undefined {
  const final = head.length < PROBE_BYTES;
  const mp3 = findFrame(head, readMp3Header, { followers: 2, final });
  const adts = findFrame(head, readAdtsHeader, { followers: 2, final });
  if (mp3 === undefined) return adts === undefined ? undefined : 'aac';
  return adts === undefined || mp3 <= adts ? 'mp3' : 'aac';
}
