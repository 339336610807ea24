import { NUMBER_WORDS } from './sounds/effect-words.ts';

/** Figures of a prompt. */
export interface Figures {
  /** The prompt without them. */
  readonly text: string;
  readonly seconds: number | undefined;
  readonly hertz: number | undefined;
  readonly beats: number | undefined;
}

const SECONDS = /\b(\d+(?:\.\d+)?|[a-z]+)[\s-]*(s|secs?|seconds?|minutes?|mins?)\b/;
const BEATS = /\b(\d+(?:\.\d+)?)[\s-]*(?:bpm|beats per minute)\b/;
const HERTZ = /\b(\d+(?:\.\d+)?)[\s-]*(k?)(?:hz|hertz)\b/;

/** Takes figures with units out of a text. */
export function readFigures(text: string): Figures {
  const [beats, hertz, length] = [BEATS.exec(text), HERTZ.exec(text), SECONDS.exec(text)];
  const seconds = length ? toSeconds(length) : undefined;
  const taken = [beats, hertz, seconds === undefined ? null : length];
  return {
    text: taken.reduce((rest, match) => (match ? rest.replace(match[0], ' ') : rest), text),
    seconds,
    hertz: hertz ? within(Number(hertz[1]) * (hertz[2] === 'k' ? 1000 : 1), 20, 15_000) : undefined,
    beats: beats ? within(Number(beats[1]), 20, 300) : undefined,
  };
}

function toSeconds([, word = '', unit = '']: RegExpExecArray): number | undefined {
  const number = toNumber(word);
  return number === undefined || number <= 0 ? undefined : number * (unit.startsWith('m') ? 60 : 1);
}

/** A value, or the nearest end of a range. */
export function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function toNumber(word: string): number | undefined {
  const number = NUMBER_WORDS.get(word) ?? Number(word);
  return Number.isFinite(number) ? number : undefined;
}
