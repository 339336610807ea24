import { concatSamples, type PcmStream } from './pcm.ts';

/** Samples that wait until it is known how far they are wanted. Times count from the first sample that was pushed. */
export interface HeldSamples {
  push(samples: Float32Array): void;
  /** What was pushed and not yet taken or dropped, up to a moment; a copy. */
  peek(untilSeconds: number): Float32Array<ArrayBuffer>;
  drop(untilSeconds: number): void;
  /** Hands out what is held up to a moment; empty where that has passed. */
  take(untilSeconds: number): Float32Array<ArrayBuffer>;
  /** Where everything that was pushed ends. */
  readonly endSeconds: number;
}

/** An empty hold for the samples of a stream. */
export function createHeldSamples({
  sampleRate,
  channels,
}: Pick<PcmStream, 'sampleRate' | 'channels'>): HeldSamples {
  let held: Float32Array<ArrayBuffer> = new Float32Array(0);
  let passed = 0;
  const countUntil = (seconds: number) =>
    Math.max(0, Math.min(held.length, Math.round(Math.min(seconds, 1e9) * sampleRate) * channels - passed));
  const take = (untilSeconds: number) => {
    const count = countUntil(untilSeconds);
    const samples = held.slice(0, count);
    held = held.slice(count);
    passed += count;
    return samples;
  };
  return {
    push: (samples) => {
      held = concatSamples([held, samples]);
    },
    peek: (untilSeconds) => held.slice(0, countUntil(untilSeconds)),
    drop: (untilSeconds) => void take(untilSeconds),
    take,
    get endSeconds() {
      return (passed + held.length) / channels / sampleRate;
    },
  };
}
