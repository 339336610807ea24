import type { WordTiming } from './alignment.ts';

/** A stretch of a text and how much louder than usual it is spoken. Offsets are UTF-16 offsets. */
export interface GainSpan {
  readonly start: number;
  readonly end: number;
  /** Minus infinity is silence. */
  readonly decibels: number;
}

/** How long the level takes to change, so that nothing clicks. */
const RAMP_SECONDS = 0.008;
/** Louder samples than this are bent below 1 instead of being cut off there. */
const KNEE = 0.85;

/**
 * Makes mono samples as loud as their words are to be. Each word's level begins with the word; what comes before the
 * first one has its level. `words` grows as a `TimingTrack` does, with times from the first sample.
 */
export function createLevelCurve(spans: readonly GainSpan[], sampleRate: number) {
  const factors = spans.map(({ decibels }) => 10 ** (decibels / 20));
  const factorAt = (offset: number) => {
    const index = spans.findIndex(({ end }) => offset < end);
    return factors[index < 0 ? factors.length - 1 : index] ?? 1;
  };
  const ramp = Math.max(1, Math.round(RAMP_SECONDS * sampleRate));
  let frame = 0;
  let nextWord = 0;
  let wanted = factors[0] ?? 1;
  let factor: number | undefined;
  let step = 0;

  return (samples: Float32Array, words: readonly WordTiming[]): Float32Array => {
    const shaped = new Float32Array(samples.length);
    for (let index = 0; index < samples.length; index += 1, frame += 1) {
      for (
        let word = words[nextWord];
        word && word.startSeconds * sampleRate <= frame;
        word = words[nextWord]
      ) {
        nextWord += 1;
        wanted = factorAt(word.start);
        step = (wanted - (factor ?? wanted)) / ramp;
      }
      factor ??= words[0] ? factorAt(words[0].start) : wanted;
      if (factor !== wanted) factor = Math.abs(wanted - factor) <= Math.abs(step) ? wanted : factor + step;
      shaped[index] = factor > 1 ? bent((samples[index] ?? 0) * factor) : (samples[index] ?? 0) * factor;
    }
    return shaped;
  };
}

/** Whether any stretch is not as loud as usual. */
export function changesLevel(spans: readonly GainSpan[]): boolean {
  return spans.some(({ decibels }) => decibels !== 0);
}

function bent(sample: number): number {
  const size = Math.abs(sample);
  if (size <= KNEE) return sample;
  return Math.sign(sample) * (KNEE + (1 - KNEE) * Math.tanh((size - KNEE) / (1 - KNEE)));
}
