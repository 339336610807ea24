import { AppError } from '../../base/errors.ts';
import { toMono } from '../channel-mix.ts';
import { encodeInWorker } from '../codec-pool.ts';
import type { PcmStream } from '../pcm.ts';
import { resample } from '../resample.ts';
import { aacFormat } from './aac-format.ts';
import { alawFormat } from './alaw-format.ts';
import { flacFormat } from './flac-format.ts';
import type { AudioFormat, AudioFormatRequest } from './format.ts';
import { mp3Format } from './mp3-format.ts';
import { mulawFormat } from './mulaw-format.ts';
import { opusFormat } from './opus-format.ts';
import { pcmFormat } from './pcm-format.ts';
import { wavFormat } from './wav-format.ts';

const LOWEST_SAMPLE_RATE = 8_000;
const HIGHEST_SAMPLE_RATE = 192_000;

/** Every format that sound can be written in, the most common ones first. */
export const audioFormats: readonly AudioFormat[] = [
  mp3Format,
  wavFormat,
  pcmFormat,
  opusFormat,
  aacFormat,
  flacFormat,
  mulawFormat,
  alawFormat,
];

/** The format of that id, if there is one. */
export function findAudioFormat(id: string): AudioFormat | undefined {
  return audioFormats.find((format) => format.id === id);
}

/**
 * The format that a request names. Throws `invalid_request` when there is none, or when it has no such sample
 * rate or bit rate: ask here before any sound is made.
 */
export function getAudioFormat(request: AudioFormatRequest): AudioFormat {
  const format = findAudioFormat(request.id);
  if (!format) {
    throw refusal(
      `There is no audio format "${request.id}". Choose one of ${list(audioFormats.map(({ id }) => id))}.`,
    );
  }
  const { sampleRate, bitRate } = request;
  if (sampleRate !== undefined) checkSampleRate(format, sampleRate);
  if (bitRate !== undefined) checkBitRate(format, bitRate, sampleRate);
  return format;
}

/**
 * Writes sound in the requested format, at its own sample rate where none is requested or else at the nearest
 * that the format has; in one channel where the format has only one. Costly formats are encoded in the codec
 * pool. Throws `invalid_request`, at once, for what `getAudioFormat` refuses. Closing the iterator early frees
 * the encoder and closes `pcm`.
 */
export function encodeAudio(pcm: PcmStream, request: AudioFormatRequest): AsyncIterable<Uint8Array> {
  const sampleRate = settledSampleRate(request, pcm.sampleRate);
  const settled = { ...request, sampleRate };
  const format = getAudioFormat(settled);
  const prepared = resample(format.monoOnly ? toMono(pcm) : pcm, sampleRate);
  return format.costly ? encodeInWorker(format.id, prepared, settled) : format.encode(prepared, settled);
}

/** The rate at which sound of a rate is written: the requested one, or else the nearest that the format has. */
export function settledSampleRate(request: AudioFormatRequest, rate: number): number {
  return request.sampleRate ?? nearestSampleRate(request.id, rate);
}

function nearestSampleRate(id: string, wanted: number): number {
  const rates = findAudioFormat(id)?.sampleRates ?? 'any';
  if (rates === 'any') return Math.max(LOWEST_SAMPLE_RATE, Math.min(HIGHEST_SAMPLE_RATE, wanted));
  const distance = (rate: number): number => Math.abs(Math.log(rate / wanted));
  return rates.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best));
}

function checkSampleRate(format: AudioFormat, sampleRate: number): void {
  if (format.sampleRates === 'any') {
    const inside = sampleRate >= LOWEST_SAMPLE_RATE && sampleRate <= HIGHEST_SAMPLE_RATE;
    if (inside && Number.isInteger(sampleRate)) return;
    const limits = `a whole number from ${LOWEST_SAMPLE_RATE} to ${HIGHEST_SAMPLE_RATE} Hz`;
    throw refusal(`The sample rate of ${format.id} must be ${limits}, not ${sampleRate}.`);
  }
  if (format.sampleRates.includes(sampleRate)) return;
  throw refusal(
    `The sample rate of ${format.id} must be one of ${list(format.sampleRates)} Hz, not ${sampleRate}.`,
  );
}

function checkBitRate(format: AudioFormat, bitRate: number, sampleRate: number | undefined): void {
  if (!format.bitRates) throw refusal(`The format ${format.id} has no bit rate; ${bitRate} was asked for.`);
  const possible =
    sampleRate === undefined ? format.bitRates : (format.bitRatesAt?.(sampleRate) ?? format.bitRates);
  if (possible.includes(bitRate)) return;
  const where = sampleRate === undefined ? '' : ` at ${sampleRate} Hz`;
  throw refusal(
    `The bit rate of ${format.id}${where} must be one of ${list(possible)} bit/s, not ${bitRate}.`,
  );
}

function refusal(message: string): AppError {
  return new AppError('invalid_request', message, { param: 'format' });
}

function list(values: readonly (string | number)[]): string {
  return values.join(', ');
}
