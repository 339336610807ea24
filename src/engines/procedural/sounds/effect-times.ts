import type { EffectAsk } from './effect-class.ts';
import type { Random } from '../dsp/dsp-random.ts';

/** Where the first of some events lies, so that the clip does not begin inside it. */
export const FIRST_SECONDS = 0.03;

/** Strikes of textures begin before the piece, so that its first moment is as full as any other. */
const LEAD_SECONDS = 3;

/** A rate that changes is asked again at least this often. */
const LONGEST_WAIT_SECONDS = 0.25;

/** Times of events that come at random, `perSecond` of them on average; without end. */
export function* randomTimes(
  random: Random,
  perSecond: number | ((seconds: number) => number),
): Generator<number, never> {
  let seconds = -LEAD_SECONDS;
  while (true) {
    const wait = random.waiting(
      Math.max(1e-6, typeof perSecond === 'number' ? perSecond : perSecond(seconds)),
    );
    // Waiting has no memory, so it may begin anew where the rate is asked again.
    seconds += Math.min(wait, LONGEST_WAIT_SECONDS);
    if (wait < LONGEST_WAIT_SECONDS) yield seconds;
  }
}

/** Times that come evenly; without end. */
export interface EvenTimes {
  readonly random: Random;
  /** Seconds from one to the next. */
  readonly period: number;
  /** How far each may be off, as a part of the period. */
  readonly jitter?: number;
  readonly first?: number;
}

/** A period that fits a whole number of times into the loop that is asked for. */
export function fitPeriod(period: number, { loopSeconds }: Pick<EffectAsk, 'loopSeconds'>): number {
  if (loopSeconds === undefined) return period;
  return loopSeconds / Math.max(1, Math.round(loopSeconds / period));
}

/** A rhythm for as long as the piece lasts, at the pace that is asked for. */
export function* rhythm(
  ask: EffectAsk,
  { random, period, jitter = 0, first = FIRST_SECONDS }: EvenTimes,
): Generator<number> {
  const steady = fitPeriod(period / ask.pace, ask);
  const perLoop = ask.loopSeconds === undefined ? Infinity : Math.round(ask.loopSeconds / steady);
  const swing = ask.loopSeconds === undefined ? ask.acceleration : 0;
  const span = Math.max(1, ask.window.to);
  let seconds = ask.loopSeconds === undefined ? first : first - Math.ceil(LEAD_SECONDS / steady) * steady;
  for (let index = 0; ; index += 1) {
    const offset = jitter === 0 ? 0 : jitter * steady * random.fork(index % perLoop).signed();
    yield Math.max(first - LEAD_SECONDS, seconds + offset);
    // From half to twice the pace over the piece, or the other way round.
    seconds += steady * 2 ** (swing * (1 - 2 * Math.min(1, seconds / span)));
  }
}

/** How a thing that can happen once or often does happen. */
export interface Happening {
  /** Seconds from one to the next when several follow. */
  readonly pause: number;
  /** How long one is. */
  readonly length: number;
  /** How many there are when more than one, but no number, is asked for; `endless`: for as long as the clip lasts. */
  readonly several: number | 'endless';
  /** Part of the pause by which each may be off. */
  readonly jitter?: number;
}

/**
 * When it happens: the number of times that is asked for, one when it is named in the singular. A clip from the middle
 * of the piece, or a loop, meets a piece in which it happens again and again.
 */
export function* happenings(
  ask: EffectAsk,
  { pause, length, several, jitter = 0.06 }: Happening,
): Generator<number> {
  const asked = ask.count ?? (ask.plural ? several : 1);
  const random = ask.random.fork('times');
  const quick = ask.pace === 0 ? 1 : ask.pace;
  if (asked === 'endless') {
    yield* rhythm(ask, { random, period: pause, jitter });
    return;
  }
  let from = FIRST_SECONDS;
  while (true) {
    let step = pause / quick;
    for (let index = 0; index < asked; index += 1) {
      yield from;
      from += step * (1 + jitter * random.signed());
      step *= 0.84 ** ask.acceleration;
    }
    if (ask.window.from === 0) return;
    from += length * 0.7;
  }
}

/** How strong something is between three figures: at strength -1, 0 and 1. */
export function byStrength(
  { strength }: Pick<EffectAsk, 'strength'>,
  soft: number,
  ...[usual, hard]: [number, number]
): number {
  return strength < 0 ? usual * (soft / usual) ** -strength : usual * (hard / usual) ** strength;
}
