import type { SoundGeneration } from '../../../core/sound/sound-engine.ts';
import type { Warning } from '../../../core/warning.ts';
import { Random } from '../dsp/dsp-random.ts';
import { ROOMS } from '../dsp/dsp-reverb.ts';
import type { EffectAsk } from './effect-class.ts';
import { EFFECTS_BY_ID } from './effect-classes.ts';
import {
  type PromptReading,
  MOST_SOUNDS,
  type PromptSound,
  type PromptStep,
  readPrompt,
} from './effect-prompt.ts';
import { Scene, type SceneSound } from './effect-scene.ts';
import { EffectSource } from './effect-source.ts';
import { CLIP_SECONDS } from '../sound-source.ts';

/** What of a generation matters for an effect. */
export type EffectWish = Pick<
  SoundGeneration,
  | 'prompt'
  | 'negativePrompt'
  | 'durationSeconds'
  | 'startSeconds'
  | 'loop'
  | 'seed'
  | 'steps'
  | 'promptInfluence'
>;

/** Loudness of an effect, in LUFS, where the prompt does not say that it is loud or quiet. */
const LOUDNESS = -18;
/** Steps with which everything is made that a class knows. */
const FULL_STEPS = 100;
const LEAST_DETAIL = 0.25;
/** How closely a prompt is followed when nobody says. */
const USUAL_INFLUENCE = 0.3;
/** Longest clip whose length nobody asked for. */
const LONGEST_NATURAL_SECONDS = 30;

/** A sound effect that can be read, and what has to be said about it. */
export interface MadeEffect {
  readonly source: EffectSource;
  readonly warnings: readonly Warning[];
}

/** Understands a wish and makes its source; nothing is computed before the source is read. */
export function makeEffect(wish: EffectWish, blockFrames?: number): MadeEffect {
  const reading = readPrompt(wish.prompt, wish.negativePrompt);
  const durationSeconds = clipSeconds(wish, reading);
  const startSeconds = wish.startSeconds ?? 0;
  const loop = wish.loop ?? false;
  const sounds = layOut(reading, { wish, durationSeconds, startSeconds });
  const loudness =
    LOUDNESS +
    reading.steps.flatMap(({ sounds: all }) => all).reduce((sum, { manner }) => sum + manner.loudness, 0) /
      countOf(reading);
  const cut = {
    durationSeconds,
    startSeconds,
    loop,
    loudness,
    ...(blockFrames === undefined ? {} : { blockFrames }),
  };
  return {
    source: new EffectSource(new Scene(sounds, EFFECTS_BY_ID), cut),
    warnings: warningsAbout(reading),
  };
}

/** How long the clip for a wish is, and what has to be said about how it was understood. */
export function effectFacts(wish: EffectWish): {
  readonly durationSeconds: number;
  readonly warnings: readonly Warning[];
} {
  const reading = readPrompt(wish.prompt, wish.negativePrompt);
  return { durationSeconds: clipSeconds(wish, reading), warnings: warningsAbout(reading) };
}

function countOf(reading: PromptReading): number {
  return reading.steps.reduce((sum, { sounds }) => sum + sounds.length, 0);
}

function clipSeconds({ durationSeconds }: EffectWish, reading: PromptReading): number {
  const natural = reading.steps.reduce((sum, step) => sum + stepSeconds(step), 0);
  const seconds = durationSeconds ?? reading.seconds ?? Math.min(LONGEST_NATURAL_SECONDS, natural);
  return Math.min(CLIP_SECONDS.most, Math.max(CLIP_SECONDS.least, seconds));
}

/** How long the sounds of a step take by themselves. */
function stepSeconds({ sounds }: PromptStep): number {
  const lengths = sounds.map(({ effect, manner }) => {
    const again = Math.min(effect.seconds * 0.4, 1) / manner.pace;
    return effect.seconds + again * Math.max(0, (manner.count ?? (manner.plural ? 2 : 1)) - 1);
  });
  return Math.max(...lengths);
}

interface Frame {
  readonly wish: EffectWish;
  readonly durationSeconds: number;
  readonly startSeconds: number;
}

/** Gives every step its share of the time, and every sound its place. */
function layOut(reading: PromptReading, frame: Frame): SceneSound[] {
  const natural = reading.steps.map(stepSeconds);
  const total = natural.reduce((sum, seconds) => sum + seconds, 0);
  const end = frame.startSeconds + frame.durationSeconds;
  let from = 0;
  return reading.steps.flatMap((step, index) => {
    const to = from + ((natural[index] ?? 0) / total) * end;
    const window = { from: Math.max(0, frame.startSeconds - from), to: to - from };
    const place = { from, to, givesWay: index < reading.steps.length - 1 };
    from = to;
    return step.sounds.map((sound, order) => {
      const random = new Random(frame.wish.seed ?? 0, 'effect', index, order, sound.effect.id);
      return {
        effect: sound.effect,
        ask: askFor(sound, { reading, frame, random, window }),
        decibels: sound.decibels,
        place: {
          ...place,
          distance: sound.manner.distance,
          side: sound.manner.side,
          motion: sound.manner.motion,
          room: step.room && ROOMS[step.room],
          wetness: 1,
          veil: step.veil,
        },
      };
    });
  });
}

interface AskParts {
  readonly reading: PromptReading;
  readonly frame: Frame;
  readonly random: Random;
  readonly window: EffectAsk['window'];
}

function askFor({ manner }: PromptSound, { reading, frame, random, window }: AskParts): EffectAsk {
  const { wish, durationSeconds } = frame;
  const freedom = 1.15 - (wish.promptInfluence ?? USUAL_INFLUENCE);
  const dice = random.fork('vary');
  return {
    ...manner,
    random,
    vary: (spread) => Math.exp(spread * freedom * Math.min(2, Math.max(-2, dice.normal()))),
    hertz: reading.hertz,
    beats: reading.beats,
    detail:
      wish.steps === undefined
        ? 1
        : Math.min(1, LEAST_DETAIL + ((1 - LEAST_DETAIL) * wish.steps) / FULL_STEPS),
    window,
    loopSeconds: wish.loop === true ? durationSeconds : undefined,
  };
}

function warningsAbout({ guessed, unknown, left }: PromptReading): Warning[] {
  const words = unknown
    .slice(0, 8)
    .map((word) => `'${word}'`)
    .join(', ');
  const reasons = [
    ...(guessed
      ? ['nothing in it is a sound that this engine knows; a neutral texture was made of its adjectives']
      : []),
    ...(!guessed && unknown.length > 0 ? [`this engine knows no sound for ${words}`] : []),
    ...(left > 0 ? [`it names more than ${MOST_SOUNDS} sounds; the last ${left} were left out`] : []),
  ];
  return reasons.map((reason) => ({ type: 'ignored', setting: 'prompt', reason }));
}
