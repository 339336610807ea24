import { readFile } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import type { VoiceSample } from '../../core/engine.ts';
import { mediaChunks } from '../../core/media-input.ts';
import type { RemoteModel, RemoteVoice } from '../../core/models/remote.ts';
import type { Voice } from '../../core/voices/voice.ts';
import { collectBytes } from '../../base/stream.ts';
import { encodeAudio, getAudioFormat } from '../../media/formats/index.ts';
import { decodeAudio } from '../../media/decoders/audio-decoders.ts';
import { toMono } from '../../media/channel-mix.ts';
import { concatSamples } from '../../media/pcm.ts';
import type { SpeechQuirks } from './media-profile.ts';

/** A voice of a remote model, as it is known here, with what its server is told to use it. */
export interface RemoteSpeaker {
  readonly voice: Voice;
  readonly written: RemoteVoice | undefined;
}

/** What may speak in any language is listed with these, the more usual ones first. */
const MANY_LANGUAGES = (
  'en zh es fr de ja ko pt ru it ar hi nl pl tr sv da fi no el cs hu ro uk vi th id ms he fa bg hr sk sl sr lt ' +
  'lv et ca ta te bn ur sw tl gl eu cy is mk sq az kk ka'
).split(' ');

/** Models that take on voices keep to the first seconds of a recording. */
const SAMPLE_SECONDS = 30;
const SAMPLE_RATE = 24_000;

/** The languages that a model speaks, as far as they can be listed. */
export function spokenLanguages(model: RemoteModel, quirks: SpeechQuirks): readonly string[] {
  const listed = model.languages === 'any' ? quirks.languages : model.languages;
  return listed ?? MANY_LANGUAGES;
}

/** The voices that the operator has written down for a model. */
export function speakersOf(
  remote: string,
  model: RemoteModel,
  quirks: SpeechQuirks,
): readonly RemoteSpeaker[] {
  const written = model.voices.length > 0 ? model.voices : (quirks.voices ?? []);
  return written
    .filter(({ clip }) => (clip ? quirks.sample : quirks.voiceField) !== undefined)
    .map((one, rank) => ({
      written: one,
      voice: {
        ...baseVoice(remote, model, quirks),
        id: `${remote}/${one.name}`,
        name: one.name,
        languages: one.languages ?? spokenLanguages(model, quirks),
        gender: one.gender,
        rank,
        implements: one.implements ?? [one.name],
      },
    }));
}

/** The voice with which a model speaks like a recording. */
export function sampleSpeaker(remote: string, model: RemoteModel, quirks: SpeechQuirks): RemoteSpeaker {
  const id = `${remote}/${model.id}:sample`;
  const voice: Voice = { ...baseVoice(remote, model, quirks), id, name: 'sample', origin: 'cloned' };
  return { written: undefined, voice };
}

function baseVoice(remote: string, model: RemoteModel, quirks: SpeechQuirks): Voice {
  return {
    id: '',
    name: '',
    engine: remote,
    languages: spokenLanguages(model, quirks),
    origin: 'built_in',
    gender: 'neutral',
    rank: 0,
    labels: { model: `${remote}/${model.id}` },
    licence: model.licence,
  };
}

/** A recording as the server gets it: WAV in mono, with its words where they are known. */
export interface ReferenceClip {
  readonly wav: Uint8Array;
  readonly transcript: string | undefined;
}

/** The recording that came with a request. It has been opened and checked already. */
export async function clipOfSample(
  { audio, transcript }: VoiceSample,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<ReferenceClip> {
  if (audio.kind === 'url') {
    throw new AppError('invalid_request', 'The engine needs the recording itself, not its address.', {
      param: 'voice',
      reason: 'voice_sample',
    });
  }
  const wav = await toWav(mediaChunks(audio), { maxBytes, signal });
  return { wav, transcript: transcript?.trim() ? transcript.trim() : undefined };
}

/** Reads the recordings of written-down voices, each once. */
export function createClipShelf(): (
  clip: NonNullable<RemoteVoice['clip']>,
  limits: { readonly maxBytes: number; readonly signal: AbortSignal },
) => Promise<ReferenceClip> {
  const read = new Map<string, Promise<Uint8Array>>();
  return async ({ path, transcript }, { maxBytes }) => {
    const known = read.get(path) ?? readClip(path, maxBytes);
    read.set(path, known);
    try {
      return { wav: await known, transcript };
    } catch (cause) {
      // The operator may put it there meanwhile.
      read.delete(path);
      const message = 'The recording of this voice cannot be read on this server.';
      throw new AppError('engine_failed', message, { cause, reason: 'clip' });
    }
  };
}

async function readClip(path: string, maxBytes: number): Promise<Uint8Array> {
  // Whoever asked first may hang up: others wait for the same recording.
  return toWav(new Uint8Array(await readFile(path)), { maxBytes, signal: new AbortController().signal });
}

async function toWav(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const limits = { maxSeconds: 600, maxChannels: 8, maxSampleRate: 192_000 };
  const decoded = await decodeAudio(bytes, { mono: true, sampleRate: SAMPLE_RATE, limits, signal });
  const most = Math.min(SAMPLE_SECONDS * SAMPLE_RATE, Math.floor((maxBytes - 44) / 2));
  const held: Float32Array[] = [];
  let frames = 0;
  try {
    for await (const chunk of toMono(decoded.pcm).chunks) {
      held.push(chunk);
      frames += chunk.length;
      if (frames >= most) break;
    }
  } finally {
    await decoded.close();
  }
  return wavOf(concatSamples(held).subarray(0, most), SAMPLE_RATE);
}

/** Samples as a WAV file with true lengths. */
export async function wavOf(samples: Float32Array, sampleRate: number): Promise<Uint8Array> {
  const format = { id: 'wav', sampleRate };
  const chunks = (async function* () {
    yield samples;
  })();
  const file = await collectBytes(encodeAudio({ sampleRate, channels: 1, chunks }, format));
  getAudioFormat(format).writeTrueLengths?.(file);
  return file;
}
