import { AppError } from '../base/errors.ts';
import { createClipMeter } from '../media/clip-meter.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../media/decoders/audio-decoders.ts';
import { collectSamples, toInt16 } from '../media/pcm.ts';
import { expectThat } from './kit-judging.ts';
import { Mismatch } from './kit-mismatch.ts';

/** What was heard in some bytes. */
export interface Sound {
  readonly container: string;
  readonly codec: string;
  readonly seconds: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Root mean square of what sounds, 0 to 1. */
  readonly level: number;
}

/** Quieter is silence. */
const AUDIBLE = 0.005;

/** Decodes a sound to its end and measures it. What cannot be read, breaks off or is silent is a mismatch. */
export async function expectSound(what: string, bytes: Uint8Array): Promise<Sound> {
  try {
    const { signal } = new AbortController();
    const sound = await decodeAudio(bytes, { limits: WIDEST_DECODE_LIMITS, signal });
    const meter = createClipMeter(sound.pcm.sampleRate, sound.pcm.channels);
    let samples = 0;
    for await (const chunk of sound.pcm.chunks) {
      samples += chunk.length;
      meter.push(chunk);
    }
    expectThat(!sound.truncated, `${what} that is whole`, 'a file that breaks off before its end');
    const { level } = meter.measure();
    expectThat(level > AUDIBLE, `${what} that can be heard`, `a level of ${level.toFixed(4)}`);
    const { container, codec, channels, sampleRate } = sound;
    const seconds = samples / sound.pcm.channels / sound.pcm.sampleRate;
    return { container, codec, channels, sampleRate, seconds, level };
  } catch (error) {
    if (error instanceof AppError) throw new Mismatch(`${what} that can be decoded`, error.message);
    throw error;
  }
}

/** Samples without a header, and what they are. */
export interface RawSound {
  readonly bytes: Uint8Array;
  readonly sampleRate: number;
  readonly channels?: number;
  readonly coding?: 'pcm' | 'alaw' | 'mulaw';
}

const CODINGS = {
  pcm: { tag: 1, bytes: 2 },
  alaw: { tag: 6, bytes: 1 },
  mulaw: { tag: 7, bytes: 1 },
} as const;

/** Puts a WAV header in front of raw samples. */
export function withWavHeader({
  bytes,
  sampleRate,
  channels = 1,
  coding = 'pcm',
}: RawSound): Uint8Array<ArrayBuffer> {
  const { tag, bytes: width } = CODINGS[coding];
  const file = new Uint8Array(44 + bytes.length);
  const view = new DataView(file.buffer);
  const word = (at: number, text: string) => file.set(new TextEncoder().encode(text), at);
  word(0, 'RIFF');
  view.setUint32(4, 36 + bytes.length, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * width, true);
  view.setUint16(32, channels * width, true);
  view.setUint16(34, width * 8, true);
  word(36, 'data');
  view.setUint32(40, bytes.length, true);
  file.set(bytes, 44);
  return file;
}

/** Measures raw samples. */
export function expectRawSound(what: string, raw: RawSound): Promise<Sound> {
  const width = CODINGS[raw.coding ?? 'pcm'].bytes;
  expectThat(
    raw.bytes.length > 0 && raw.bytes.length % width === 0,
    `${what} in whole samples`,
    `${raw.bytes.length} bytes`,
  );
  return expectSound(what, withWavHeader(raw));
}

/** One second of nothing, as a file that is no sound at all, and as silence. */
export function silence(seconds: number): Uint8Array<ArrayBuffer> {
  return withWavHeader({ bytes: new Uint8Array(Math.round(seconds * 16_000) * 2), sampleRate: 16_000 });
}

/** The samples of a sound at a rate, 16-bit and mono, without a header. */
export async function rawSamplesOf(bytes: Uint8Array, sampleRate: number): Promise<Uint8Array<ArrayBuffer>> {
  const { signal } = new AbortController();
  const sound = await decodeAudio(bytes, { sampleRate, mono: true, limits: WIDEST_DECODE_LIMITS, signal });
  const samples = toInt16(await collectSamples(sound.pcm.chunks));
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
