import { rootMeanSquare } from '../../media/pcm.ts';
import { semitonesBetween } from '../../media/pitch.ts';
import type { HeardPhrase } from './speech-conversion-hearing.ts';

/** Speech that is stretched or pressed further is hard to understand. */
const TEMPO = { least: 0.6, most: 1.7 };
/** So much louder or quieter than it speaks by itself a voice is made, in decibels. */
const MOST_DECIBELS = 15;
const PEAK = 0.97;
const FADE_SECONDS = 0.005;
/** How far from its own middle a phrase of a voice is moved, in semitones. */
const MOST_SEMITONES = 3;
/** What lies further from the middle than this was measured wrongly, by an octave most often. */
const DOUBTFUL_SEMITONES = 8;
/** Less is not heard, and moving a sound costs a little of its quality. */
const LEAST_SEMITONES = 0.3;

/** By how much faster something has to be spoken that would take `seconds` and is to take `wantedSeconds`. */
export function findTempo(seconds: number, wantedSeconds: number): number {
  if (wantedSeconds <= 0) return TEMPO.most;
  return Math.max(TEMPO.least, Math.min(TEMPO.most, seconds / wantedSeconds));
}

/** Speech as loud as a recording, as far as that does not overdrive it, with ends that do not click. */
export function matchLevel(
  samples: Float32Array<ArrayBuffer>,
  recorded: Float32Array,
  sampleRate: number,
): Float32Array<ArrayBuffer> {
  const [own, wanted] = [rootMeanSquare(samples), rootMeanSquare(recorded)];
  const most = 10 ** (MOST_DECIBELS / 20);
  const bounded = own > 0 ? Math.max(1 / most, Math.min(most, wanted / own)) : 1;
  const gain = Math.min(bounded, PEAK / Math.max(PEAK / most, peakOf(samples)));
  const matched = samples.slice();
  for (let index = 0; index < matched.length; index += 1) matched[index] = (matched[index] ?? 0) * gain;
  fadeEnds(matched, Math.min(matched.length >> 1, Math.round(FADE_SECONDS * sampleRate)));
  return matched;
}

function peakOf(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

function fadeEnds(samples: Float32Array, length: number): void {
  for (let index = 0; index < length; index += 1) {
    const gain = index / length;
    samples[index] = (samples[index] ?? 0) * gain;
    const other = samples.length - 1 - index;
    samples[other] = (samples[other] ?? 0) * gain;
  }
}

/** Lets phrases lie as far above or below a voice's middle as they lie in a recording. */
export interface PitchFollower {
  /** Takes in what was heard, before any of it is spoken. */
  learn(phrases: readonly HeardPhrase[]): void;
  /** By how many semitones a phrase has to be moved that the voice has spoken at so many hertz. */
  shiftFor(phrase: HeardPhrase, spokenHertz: number | undefined): number;
}

/** Follows a speaker with a voice whose middle is known; where it is not, nothing is moved. */
export function followPitch(voiceHertz: number | undefined): PitchFollower {
  const heard: number[] = [];
  return {
    learn: (phrases) => {
      for (const { pitchHertz } of phrases) if (pitchHertz !== undefined) heard.push(pitchHertz);
    },
    shiftFor: ({ pitchHertz }, spokenHertz) => {
      const middle = heard.toSorted((a, b) => a - b)[Math.floor(heard.length / 2)];
      if (voiceHertz === undefined || middle === undefined) return 0;
      if (pitchHertz === undefined || spokenHertz === undefined) return 0;
      const wanted = semitonesBetween(middle, pitchHertz);
      const own = semitonesBetween(voiceHertz, spokenHertz);
      if (Math.abs(wanted) > DOUBTFUL_SEMITONES || Math.abs(own) > DOUBTFUL_SEMITONES) return 0;
      const shift = Math.max(-MOST_SEMITONES, Math.min(MOST_SEMITONES, wanted - own));
      return Math.abs(shift) < LEAST_SEMITONES ? 0 : Math.round(shift * 100) / 100;
    },
  };
}
