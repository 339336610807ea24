import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { encodeAudio } from '../src/media/formats/index.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../src/media/decoders/audio-decoders.ts';
import { collectSamples, toInt16 } from '../src/media/pcm.ts';
import { cutWindows } from '../src/media/speech-windows.ts';
import { testData } from '../test/decode-support.ts';

const SAMPLE_RATE = 16_000;

export interface Recording {
  readonly path: string;
  readonly format: 'wav' | 'mp3' | 'opus';
  readonly seconds: number;
}

/** What a recording is made of: a clip of the test data, again and again until it is so long. */
export interface RecordingPlan extends Omit<Recording, 'path'> {
  readonly clip: string;
  /** Bits per second. */
  readonly bitRate?: number;
}

/** Writes a recording into a folder, mono at 16 kHz, with the encoders of this program. */
export async function makeRecording(folder: string, plan: RecordingPlan): Promise<Recording> {
  const { clip, format, seconds, bitRate } = plan;
  const samples = await samplesOf(readFileSync(join(testData, 'audio', clip)));
  const path = join(folder, `${clip.replace(/\W/g, '-')}-${seconds}.${format}`);
  const pcm = { sampleRate: SAMPLE_RATE, channels: 1, chunks: again(samples, seconds) } as const;
  const request = { id: format, sampleRate: SAMPLE_RATE };
  await pipeline(
    encodeAudio(pcm, bitRate === undefined ? request : { ...request, bitRate }),
    createWriteStream(path),
  );
  return { path, format, seconds };
}

/** The windows with speech in them that the server's own cutter makes, for an engine that cuts none. */
export async function windowsOf(recording: Recording): Promise<Int16Array[]> {
  const found: Int16Array[] = [];
  const { pcm } = await open(readFileSync(recording.path));
  for await (const { samples, speech } of cutWindows(pcm.chunks)) {
    if (speech.length > 0) found.push(toInt16(samples));
  }
  return found;
}

async function samplesOf(bytes: Uint8Array): Promise<Float32Array> {
  return collectSamples((await open(bytes)).pcm.chunks);
}

function open(bytes: Uint8Array) {
  const { signal } = new AbortController();
  return decodeAudio(bytes, { sampleRate: SAMPLE_RATE, mono: true, limits: WIDEST_DECODE_LIMITS, signal });
}

async function* again(samples: Float32Array, seconds: number): AsyncGenerator<Float32Array> {
  for (let left = Math.round(seconds * SAMPLE_RATE); left > 0; left -= samples.length) {
    yield samples.subarray(0, left);
  }
}
