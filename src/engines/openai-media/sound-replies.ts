import { AppError } from '../../base/errors.ts';
import { begun, flowFrom, type ByteFlow } from '../../base/byte-flow.ts';
import { decodeAudio } from '../../media/decoders/audio-decoders.ts';
import { fromInt16, type PcmStream } from '../../media/pcm.ts';
import { toMono } from '../../media/channel-mix.ts';
import { isRecord, readErrorObject } from '../remote-errors.ts';
import type { RemoteReply } from '../remote-reply.ts';
import { fromBase64 } from '../remote-bodies.ts';
import { soundInEvents } from './reply-events.ts';

/** What raw samples are, where the answer itself does not say. */
export interface ExpectedSound {
  readonly sampleRate: number;
  /** Whether raw samples were asked for, rather than a file. */
  readonly raw: boolean;
  readonly signal: AbortSignal;
}

/** Enough to tell what something is, and to read the head of a plain WAV file. */
const HEAD_BYTES = 44;
/** How files of sound begin: FLAC, Ogg, tagged MP3, AIFF, Matroska. */
const FILE_HEADS = ['fLaC', 'OggS', 'ID3', 'FORM', '\u001aE\u00df\u00a3'];
const LIMITS = { maxSeconds: 7200, maxChannels: 8, maxSampleRate: 192_000 };

/** The sound of an answer: raw samples as they come, or decoded. */
export type SpeechOfReply =
  | { readonly kind: 'raw'; readonly sampleRate: number; readonly chunks: ByteFlow }
  | { readonly kind: 'pcm'; readonly pcm: PcmStream };

/** The sound of an answer as samples. */
export function asSamples(sound: SpeechOfReply): PcmStream {
  if (sound.kind === 'pcm') return sound.pcm;
  const { sampleRate, chunks } = sound;
  return { sampleRate, channels: 1, chunks: samplesOf(chunks, { skip: 0, byteLength: undefined }) };
}

/**
 * The sound of an answer, in mono, whatever it comes in; judged by its bytes and not by what the answer says it is.
 * Throws `engine_failed` for what is no sound.
 */
export async function openSpeech(reply: RemoteReply, expected: ExpectedSound): Promise<SpeechOfReply> {
  const { head, all, close } = await begun(soundBytes(reply), HEAD_BYTES);
  const kind = kindOf(head);
  if (kind === 'text') {
    close();
    throw noSound(reply, head);
  }
  if (kind === 'wav') {
    const plain = plainWav(head);
    const { sampleRate = 0 } = plain ?? {};
    if (plain) return { kind: 'pcm', pcm: { sampleRate, channels: 1, chunks: samplesOf(all, plain) } };
  }
  const isRaw = kind === 'raw' || (kind === 'frames' && /pcm|octet-stream|l16/.test(reply.contentType));
  if (isRaw && expected.raw) {
    const sampleRate = rateOf(reply) ?? expected.sampleRate;
    return { kind: 'raw', sampleRate, chunks: all };
  }
  return { kind: 'pcm', pcm: await decoded(all, expected.signal) };
}

/** A whole file of sound from an answer. */
export async function fileOfReply(reply: RemoteReply): Promise<Uint8Array<ArrayBuffer>> {
  const held: Uint8Array[] = [];
  for await (const chunk of soundBytes(reply)) held.push(chunk);
  const file = new Uint8Array(Buffer.concat(held));
  const kind = kindOf(file);
  if (kind === 'text' || kind === 'raw') throw noSound(reply, file);
  return file;
}

function soundBytes(reply: RemoteReply): ByteFlow {
  if (reply.contentType === 'text/event-stream') return flowFrom(soundInEvents(reply.chunks));
  if (reply.contentType === 'application/json') return flowFrom(soundAtOnce(reply));
  return reply.chunks;
}

async function* soundAtOnce(reply: RemoteReply): AsyncGenerator<Uint8Array, void> {
  yield soundInJson(await reply.collect());
}

function soundInJson(bytes: Uint8Array): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // It may be sound under the wrong name; the bytes will tell.
    return bytes;
  }
  const audio = isRecord(parsed) ? parsed['audio'] : undefined;
  if (typeof audio === 'string') return fromBase64(audio);
  const words = readErrorObject(parsed).message;
  throw new AppError(
    'engine_failed',
    `The engine answered without sound${words ? `: ${words.slice(0, 300)}` : '.'}`,
  );
}

function kindOf(head: Uint8Array): 'wav' | 'file' | 'frames' | 'text' | 'raw' {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 12)).toString('latin1');
  if (start.startsWith('RIFF') && start.slice(8) === 'WAVE') return 'wav';
  if (FILE_HEADS.some((known) => start.startsWith(known)) || start.slice(4, 8) === 'ftyp') return 'file';
  // Raw samples may begin like a frame of MPEG or ADTS by chance.
  if (/^\xff[\xe2-\xfb\xf1\xf9]/.test(start) && isFrameHead(head)) return 'frames';
  return looksLikeText(head) ? 'text' : 'raw';
}

function isFrameHead(head: Uint8Array): boolean {
  const [, second = 0, third = 0] = head;
  const isAdts = (second & 0xf6) === 0xf0;
  return isAdts || ((third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c && (second & 0x06) === 0x02);
}

/** Pages and JSON. Raw samples hardly ever begin with so many printable bytes. */
function looksLikeText(head: Uint8Array): boolean {
  const first = head.subarray(0, HEAD_BYTES);
  return (
    first.length > 0 &&
    first.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13 || byte === 9)
  );
}

function noSound(reply: RemoteReply, head: Uint8Array): AppError {
  const isPage = /^\s*</.test(Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1'));
  const what = isPage ? 'a web page' : 'something that is no sound';
  const type = reply.contentType === '' ? 'no type' : `the type ${reply.contentType}`;
  return new AppError('engine_failed', `The engine's server answered with ${what}, under ${type}.`, {
    reason: 'no_sound',
  });
}

interface RawSound {
  /** Bytes before the first sample. */
  readonly skip: number;
  /** Bytes of samples; undefined means to the end. */
  readonly byteLength: number | undefined;
}

/** The usual 44 bytes before 16-bit samples in one channel; everything else is left to the decoder. */
function plainWav(head: Uint8Array): (RawSound & { readonly sampleRate: number }) | undefined {
  if (head.length < HEAD_BYTES) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const word = (at: number) => Buffer.from(head.buffer, head.byteOffset + at, 4).toString('latin1');
  const isPlain =
    word(12) === 'fmt ' &&
    view.getUint32(16, true) === 16 &&
    view.getUint16(20, true) === 1 &&
    view.getUint16(22, true) === 1 &&
    view.getUint16(34, true) === 16 &&
    word(36) === 'data';
  if (!isPlain) return undefined;
  const promised = view.getUint32(40, true);
  // Streamed files promise nothing: 0, or the most that fits.
  const known = promised !== 0 && promised < 0x7fff_0000;
  return {
    sampleRate: view.getUint32(24, true),
    skip: HEAD_BYTES,
    byteLength: known ? promised : undefined,
  };
}

/** Samples from raw bytes, however these were cut. Throws `engine_failed` where promised ones are missing. */
async function* samplesOf(
  bytes: AsyncIterable<Uint8Array>,
  { skip, byteLength }: RawSound,
): AsyncGenerator<Float32Array, void> {
  let toSkip = skip;
  let left = byteLength ?? Number.POSITIVE_INFINITY;
  let odd: Uint8Array = new Uint8Array(0);
  for await (const chunk of bytes) {
    const sound = chunk.subarray(Math.min(toSkip, chunk.length));
    toSkip -= chunk.length - sound.length;
    const taken = sound.subarray(0, Math.min(left, sound.length));
    left -= taken.length;
    const joined = odd.length === 0 ? taken : new Uint8Array(Buffer.concat([odd, taken]));
    const even = joined.length - (joined.length % 2);
    odd = joined.subarray(even).slice();
    if (even > 0) yield toSamples(joined.subarray(0, even));
    if (left === 0) return;
  }
  if (byteLength !== undefined && left > 0) {
    throw new AppError('engine_failed', `The engine's sound ends ${left} of ${byteLength} bytes too early.`, {
      reason: 'broken_off',
    });
  }
}

function toSamples(bytes: Uint8Array): Float32Array {
  // A view of 16-bit numbers must begin at an even place.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return fromInt16(new Int16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2));
}

function rateOf(reply: RemoteReply): number | undefined {
  const told = reply.header('x-sample-rate') ?? /rate=(\d+)/.exec(reply.header('content-type') ?? '')?.[1];
  const rate = Number(told);
  return Number.isInteger(rate) && rate >= 8000 && rate <= 192_000 ? rate : undefined;
}

async function decoded(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<PcmStream> {
  try {
    const { pcm } = await decodeAudio(bytes, { mono: true, limits: LIMITS, signal });
    return toMono(pcm);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'cancelled' || error.code === 'engine_failed')
      throw error;
    throw new AppError('engine_failed', `The engine's sound cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}
