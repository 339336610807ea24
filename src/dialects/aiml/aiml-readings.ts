import type { z } from 'zod';
import { kindOfPrompt } from '../../core/sound/sound-kind.ts';
import type { SoundRequest, SoundWish } from '../../core/sound/sound.ts';
import type { Warning } from '../../core/warning.ts';
import { parseBody } from '../parse-body.ts';
import {
  elevenMusicBody,
  lyriaBody,
  minimaxCoverBody,
  minimaxFirstBody,
  minimaxLatestBody,
  minimaxLegacyBody,
  minimaxSecondBody,
  stableAudioBody,
  type AudioSetting,
} from './aiml-bodies.ts';

/** A body in our words. */
export interface Reading {
  readonly wish: SoundWish;
  readonly format: SoundRequest['format'];
  /** The fields as they were sent, by their names. */
  readonly sent: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
}

/** What the vendor's models make where nothing else is asked. */
const USUAL_SECONDS = 30;
const USUAL_STEPS = 100;
const USUAL_MUSIC_MS = 10_000;
/** What Lyria makes, whatever is asked. */
const LYRIA_SECONDS = 30;

/** Stable Audio makes both under one name, so its prompt decides. */
export function readStableAudio(body: unknown): Reading {
  const sent = parseBody(stableAudioBody, body);
  return readLikeStableAudio(kindOfPrompt(sent.prompt))(body);
}

/** The same fields for models of which it is known what they make. */
export function readLikeStableAudio(kind: SoundWish['kind']): (body: unknown) => Reading {
  return (body) => {
    const sent = parseBody(stableAudioBody, body);
    const { prompt, seconds_total: seconds, seconds_start: start, steps } = sent;
    const wish = {
      kind,
      prompt,
      durationSeconds: seconds ?? USUAL_SECONDS,
      startSeconds: start ?? 0,
      steps: steps ?? USUAL_STEPS,
      ...optionsOf(sent),
    };
    return { wish, sent, format: { id: 'wav', sampleRate: 44_100 }, warnings: [] };
  };
}

function optionsOf(sent: {
  readonly seed?: number | null | undefined;
  readonly negative_prompt?: string | null | undefined;
}): Pick<SoundWish, 'seed' | 'negativePrompt'> {
  return {
    ...(typeof sent.seed === 'number' ? { seed: sent.seed } : {}),
    ...(sent.negative_prompt ? { negativePrompt: sent.negative_prompt } : {}),
  };
}

/** The oldest of the songs takes the lyrics for its prompt. */
export function readMinimaxLegacy(body: unknown): Reading {
  const sent = parseBody(minimaxLegacyBody, body);
  return { ...song({ prompt: sent.prompt, lyrics: sent.prompt }), sent };
}

export function readMinimaxFirst(body: unknown): Reading {
  return sungAsSent(parseBody(minimaxFirstBody, body));
}

export function readMinimaxSecond(body: unknown): Reading {
  return sungAsSent(parseBody(minimaxSecondBody, body));
}

export function readMinimaxCover(body: unknown): Reading {
  return sungAsSent(parseBody(minimaxCoverBody, body));
}

/** Nothing is required of the latest one: without a word it is to make whatever it likes. */
export function readMinimaxLatest(body: unknown): Reading {
  const sent: z.output<typeof minimaxLatestBody> = parseBody(minimaxLatestBody, body);
  const prompt = [sent.prompt, sent.lyrics].find((text) => text?.trim()) ?? 'music';
  const reading = sungAsSent({ ...sent, prompt });
  const instrumental = sent.is_instrumental ? { instrumental: true } : {};
  return { ...reading, sent, wish: { ...reading.wish, ...instrumental } };
}

export function readLyria(body: unknown): Reading {
  const sent = parseBody(lyriaBody, body);
  const wish = {
    kind: 'music' as const,
    prompt: sent.prompt,
    durationSeconds: LYRIA_SECONDS,
    instrumental: true,
    ...optionsOf(sent),
  };
  return { wish, sent, format: { id: 'wav', sampleRate: 48_000 }, warnings: [] };
}

export function readElevenMusic(body: unknown): Reading {
  const sent = parseBody(elevenMusicBody, body);
  const durationSeconds = (sent.music_length_ms ?? USUAL_MUSIC_MS) / 1000;
  const format = { id: 'mp3', sampleRate: 44_100, bitRate: 128_000 };
  return { wish: { kind: 'music', prompt: sent.prompt, durationSeconds }, sent, format, warnings: [] };
}

interface Song {
  readonly prompt: string;
  readonly lyrics?: string | null | undefined;
  readonly audio_setting?: AudioSetting | null | undefined;
}

function sungAsSent(sent: Song): Reading {
  return { ...song(sent), sent: { ...sent } };
}

function song({ prompt, lyrics, audio_setting: audio }: Song): Omit<Reading, 'sent'> {
  const wish = { kind: 'music' as const, prompt, ...(lyrics ? { lyrics } : {}) };
  return { wish, ...formatOf(audio ?? {}) };
}

/** MP3 below 32 kHz ends at 160 kbit/s: of the vendor's rates, 128 is the highest there. */
const LOW_RATES = { below: 32_000, most: 128_000 };

function formatOf(audio: AudioSetting): Pick<Reading, 'format' | 'warnings'> {
  const id = audio.format ?? 'mp3';
  const sampleRate = audio.audio_sample_rate ?? audio.sample_rate ?? 44_100;
  if (id !== 'mp3') return { format: { id, sampleRate }, warnings: [] };
  const asked = audio.bitrate ?? 256_000;
  const bitRate = sampleRate < LOW_RATES.below ? Math.min(asked, LOW_RATES.most) : asked;
  const format = { id, sampleRate, bitRate };
  if (bitRate === asked) return { format, warnings: [] };
  const told = {
    type: 'adjusted',
    setting: 'audio_setting.bitrate',
    from: `${asked}`,
    to: `${bitRate}`,
  } as const;
  return { format, warnings: [told] };
}
