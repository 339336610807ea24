import { FRAME_SECONDS } from '../sound-source.ts';

/** Level for a number of decibels. */
export function fromDecibels(decibels: number): number {
  return 10 ** (decibels / 20);
}

/** 0 before `from`, 1 after `to`, and a curve without corners between them. */
export function smoothStep(value: number, from: number, to: number): number {
  const x = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return x * x * (3 - 2 * x);
}

/** Frequency of a note, 69 = A at 440 Hz. */
export function midiToHertz(note: number): number {
  return 440 * 2 ** ((note - 69) / 12);
}

/** What a level is multiplied by in each frame so that it falls by 60 dB in the given time. */
export function shrinkPerFrame(decaySeconds: number): number {
  return 0.001 ** (FRAME_SECONDS / Math.max(FRAME_SECONDS, decaySeconds));
}
