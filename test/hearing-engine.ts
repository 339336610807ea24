import type { HearingTask } from '../src/core/models/model.ts';
import { cancelledError } from '../src/base/errors.ts';
import type { Engine, HeardSegment, HeardWindow, HearingRequest, HearingWindow } from '../src/core/engine.ts';

export interface HearingEngineOptions {
  readonly id?: string;
  readonly implements?: readonly string[];
  /** What it was taught; everything when absent. */
  readonly tasks?: readonly HearingTask[];
  /** Break in this window. */
  readonly failInWindow?: number;
  /** Say this in every window, whatever is in it. */
  readonly says?: readonly HeardSegment[];
  /** Leave words, log probabilities and the language out, as poorer models do. */
  readonly poor?: boolean;
  /** With a part that tells speakers apart, by how high they speak. */
  readonly speakers?: boolean;
  /** Hold every window back until this resolves. */
  readonly gate?: Promise<void>;
}

export interface HearingEngine extends Engine {
  readonly opened: HearingRequest[];
  readonly heard: HearingWindow[];
  /** Sessions that were opened and not yet closed. */
  readonly open: () => number;
}

const SAMPLE_RATE = 16_000;
const NAMES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/**
 * A faithful stand-in for a recogniser in tests: each burst of sound (louder than 1 % of full scale, kept together
 * over gaps of up to 0.15 s) is one word, the number of the burst, in a segment of up to five words. Times are those
 * of the sound.
 */
export function hearingEngine(options: HearingEngineOptions = {}): HearingEngine {
  const id = options.id ?? 'ear';
  const opened: HearingRequest[] = [];
  const heard: HearingWindow[] = [];
  let open = 0;
  return {
    id,
    opened,
    heard,
    open: () => open,
    concurrency: 4,
    models: [
      {
        id: `${id}/${id}`,
        name: 'Ear',
        capability: 'transcription',
        description: 'Counts sounds, for tests',
        languages: 'any',
        tasks: options.tasks ?? ['transcribe', 'translate'],
        implements: options.implements ?? [],
        licence: 'Apache-2.0',
      },
    ],
    transcription: {
      settings: {
        language: 'any',
        prompt: 'any',
        temperature: { minimum: 0, maximum: 1 },
        word_times: 'any',
        logprobs: 'any',
      },
      open: async (request, context) => {
        opened.push(request);
        open += 1;
        let windows = 0;
        return {
          hear: async (window) => {
            await options.gate;
            if (context.signal.aborted) throw cancelledError();
            if (windows === options.failInWindow) throw new Error('The ear broke, as it was told to.');
            windows += 1;
            heard.push(window);
            return options.says ? { segments: options.says } : count(window, request, options.poor ?? false);
          },
          close: () => {
            open -= 1;
          },
        };
      },
    },
    ...(options.speakers
      ? { speakers: { dimensions: 2, embed: async (samples: Float32Array) => pitchEmbedding(samples) } }
      : {}),
  };
}

function count(window: HearingWindow, request: HearingRequest, poor: boolean): HeardWindow {
  const bursts = findBursts(window.samples);
  const segments = [];
  for (let start = 0; start < bursts.length; start += 5) {
    const group = bursts.slice(start, start + 5);
    const words = group.map((burst, index) => ({
      text: NAMES[(start + index + 1) % 10] ?? '',
      startSeconds: burst.start / SAMPLE_RATE,
      endSeconds: burst.end / SAMPLE_RATE,
      logprob: -0.1,
    }));
    segments.push({
      startSeconds: words[0]?.startSeconds ?? 0,
      endSeconds: words.at(-1)?.endSeconds ?? 0,
      text: ` ${words.map((word) => word.text).join(' ')}.`,
      ...(poor
        ? {}
        : {
            tokens: words.map((_, index) => 50_364 + index),
            temperature: request.temperature ?? 0,
            averageLogprob: -0.1,
            noSpeechProbability: 0.01,
            words,
            logprobs: request.logprobs ? words.map((word) => ({ text: ` ${word.text}`, logprob: -0.1 })) : [],
          }),
    });
  }
  return { segments, ...(poor ? {} : { language: request.language ?? 'en', languageProbability: 0.97 }) };
}

function findBursts(samples: Float32Array): { start: number; end: number }[] {
  const bursts: { start: number; end: number }[] = [];
  for (let index = 0; index < samples.length; index += 1) {
    if (Math.abs(samples[index] ?? 0) < 0.01) continue;
    const last = bursts.at(-1);
    if (last && index - last.end < 0.15 * SAMPLE_RATE) last.end = index;
    else bursts.push({ start: index, end: index });
  }
  return bursts.filter((burst) => burst.end - burst.start > 0.05 * SAMPLE_RATE);
}

/** Zero crossings per second of sound, turned into a direction: low and high voices are almost at right angles. */
function pitchEmbedding(samples: Float32Array): Float32Array {
  let crossings = 0;
  for (let index = 1; index < samples.length; index += 1) {
    if ((samples[index - 1] ?? 0) < 0 && (samples[index] ?? 0) >= 0) crossings += 1;
  }
  const sounding = findBursts(samples).reduce((sum, { start, end }) => sum + end - start, 0);
  const hertz = (crossings * SAMPLE_RATE) / Math.max(1, sounding);
  const angle = Math.min(Math.PI / 2, Math.max(0, hertz - 150) / 60);
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
}
