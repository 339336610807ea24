import type { WordTiming } from '../../core/speech/alignment.ts';
import type { TaskControl } from '../worker-task.ts';
import type { EspeakInventory } from './espeak-inventory.ts';
import { ESPEAK_SAMPLE_RATE, type EspeakProgram } from './espeak-program.ts';
import { type EspeakWord, toEspeakMarkup } from './espeak-text.ts';
import { createWordClock } from './espeak-words.ts';

/** What a worker is to do: to say something, or to find out which sounds a voice has. */
export type EspeakTask = EspeakSpeech | { readonly kind: 'inventory'; readonly voice: string };

/** What a worker is to say. */
export interface EspeakSpeech {
  readonly kind: 'speech';
  /** A voice file, perhaps with `+` and a variant. */
  readonly voice: string;
  /** BCP 47. */
  readonly language: string;
  readonly text: string;
  /** Words whose sounds are given. */
  readonly words?: readonly EspeakWord[];
}

/** Some of what it says: samples at `ESPEAK_SAMPLE_RATE`, and the words that begin in them. */
export interface EspeakSound {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly words: readonly WordTiming[];
}

/** What a worker answers with: sounds to a speech, one inventory to the question for it. */
export type EspeakAnswer = EspeakSound | EspeakInventory;

/** Speaks. A sound leaves when it is known which words are in it: at the end of each word. */
export function performEspeakTask(
  espeak: EspeakProgram,
  task: EspeakSpeech,
  control: TaskControl<EspeakSound>,
): void {
  const { markup, origins } = toEspeakMarkup(task.text, task.words);
  const clock = createWordClock({ text: task.text, language: task.language, origins });
  const waiting = createWaitingSamples();
  let heard = 0;

  const release = (untilSeconds: number) => {
    const count = Math.round(untilSeconds * ESPEAK_SAMPLE_RATE) - (heard - waiting.length);
    const samples = waiting.take(count);
    const words = clock.take();
    if (samples.length > 0 || words.length > 0) control.send({ samples, words }, [samples.buffer]);
  };

  espeak.speak({ voice: task.voice, markup }, (samples, events) => {
    waiting.push(samples);
    heard += samples.length;
    for (const event of events) clock.hear(event);
    release(clock.settledSeconds);
    return control.isCancelled();
  });
  clock.finish(heard / ESPEAK_SAMPLE_RATE);
  release(heard / ESPEAK_SAMPLE_RATE);
}

/**
 * Samples that wait for the end of their word, in one array: new ones for each tenth of a second, which live outside
 * the heap, would have the collector go over all of it again and again.
 */
function createWaitingSamples() {
  let held = new Float32Array(ESPEAK_SAMPLE_RATE);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push: (samples: Int16Array) => {
      if (length + samples.length > held.length) {
        const grown = new Float32Array((length + samples.length) * 2);
        grown.set(held);
        held = grown;
      }
      for (let index = 0; index < samples.length; index += 1) {
        held[length + index] = (samples[index] ?? 0) / 32_768;
      }
      length += samples.length;
    },
    /** At most so many of them, the oldest first, in an array of their own. */
    take: (count: number): Float32Array<ArrayBuffer> => {
      const taken = held.slice(0, Math.max(0, Math.min(count, length)));
      held.copyWithin(0, taken.length, length);
      length -= taken.length;
      return taken;
    },
  };
}
