import { smoothStep } from '../dsp/dsp-envelopes.ts';
import { Biquad, FilterChain, StateVariableFilter } from '../dsp/dsp-filters.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, texture } from './effect-layers.ts';
import { byStrength } from './effect-times.ts';

/** What swells and does not end by itself. */
export const SWELL_SOUNDS: readonly EffectClass[] = [
  {
    id: 'riser',
    names:
      'riser, rise, uplifter, build up, buildup, build, tension rise, sweep up, swell, crescendo, rise tension',
    seconds: 6,
    make: (ask) => makeSweep(ask, 1),
  },
  {
    id: 'downlifter',
    names: 'downlifter, downer, sweep down, fall, descend',
    seconds: 5,
    make: (ask) => makeSweep(ask, -1),
  },
  {
    id: 'drone',
    names:
      'drone, pad, ambient, atmosphere, soundscape, suspense, tension, horror, dark ambient, eerie, mystery, dread, ominous',
    seconds: 12,
    make: makeDrone,
  },
];

/** Towards something (1) or away from it (-1): over the whole of the clip. */
function makeSweep(ask: EffectAsk, direction: 1 | -1): Layer[] {
  const { random, window } = ask;
  const end = Math.max(0.8, window.to);
  const way = (seconds: number) => {
    const part = Math.min(1, Math.max(0, seconds / end));
    return direction > 0 ? part : 1 - part;
  };
  const last = (seconds: number) => (direction > 0 ? 1 - smoothStep(seconds, end - 0.06, end) : 1);
  const base = (ask.hertz ?? 110 * ask.pitch) * ask.vary(0.08);
  const filters: StateVariableFilter[] = [];
  const tones = [1, 1.006, 1.5, 2.01].map((ratio) => ({ ratio, wave: new Oscillator('saw', random.unit()) }));
  const tremble = new Oscillator('sine');
  const dark = new StateVariableFilter(400, 0.8);
  let [hertz, shake] = [base, 4];
  return [
    noiseTexture({
      random: random.fork('air'),
      shape: () => {
        const filter = new StateVariableFilter(400, 1.2);
        filters.push(filter);
        return {
          tick: (sample) => {
            filter.tick(sample);
            return filter.band;
          },
        };
      },
      control: (seconds) => {
        for (const filter of filters) filter.tune(300 * 26 ** way(seconds) * ask.pitch, 1.3);
      },
      level: (seconds) => (0.03 + 0.8 * way(seconds) ** 2.2) * last(seconds),
    }),
    texture({
      tick: () => {
        let sum = 0;
        for (const { ratio, wave } of tones) sum += wave.tick(hertz * ratio);
        return 0.16 * dark.tick(sum) * (0.72 + 0.28 * tremble.tick(shake));
      },
      control: (seconds) => {
        const part = way(seconds);
        hertz = base * 2 ** (2.4 * part ** 1.4);
        shake = 3 + 15 * part ** 2;
        dark.tune(300 + 6500 * part ** 2, 0.9);
      },
      level: (seconds) => (0.06 + 1.1 * way(seconds) ** 1.8) * last(seconds),
    }),
  ];
}

/** Many strings that are never quite in tune, behind a filter that opens and closes as slowly as weather. */
function makeDrone(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const dark =
    ask.words.has('dark') ||
    ask.words.has('horror') ||
    ask.words.has('ominous') ||
    ask.words.has('eerie') ||
    ask.words.has('dread') ||
    ask.words.has('suspense');
  const base = (ask.hertz ?? (dark ? 41 : 65) * ask.pitch) * ask.vary(0.1);
  const chord = dark ? [1, 1, 1.498, 2, 2.12, 3.0] : [1, 1, 1.5, 2, 2.5, 3];
  const bright = byStrength(ask, 500, 900, 1800) * (dark ? 0.5 : 1);
  const strings = Math.max(6, Math.round(14 * ask.detail));
  const layers = Array.from({ length: strings }, (_, index) => {
    const own = random.fork('string', index);
    const [wave, open, tune] = [
      new Oscillator('saw', own.unit()),
      new Drift(own.fork('open'), 0.13 * ask.pace),
      new Drift(own.fork('tune'), 0.3),
    ];
    const filter = new StateVariableFilter(500, 0.9);
    const note = base * (chord[index % chord.length] ?? 1);
    let hertz = note;
    return texture({
      tick: () => filter.tick(wave.tick(hertz)),
      control: (seconds) => {
        hertz = note * (1 + 0.008 * (tune.at(seconds) - 0.5));
        filter.tune(Math.max(note * 1.5, bright * (0.3 + 1.4 * open.at(seconds))), 0.9);
      },
      level: (seconds) => (0.25 + 0.75 * open.at(seconds)) / Math.sqrt(strings),
      place: 0.9 * own.signed(),
    });
  });
  const breath = new Drift(random.fork('breath'), 0.2);
  return [
    ...layers,
    noiseTexture({
      random: random.fork('air'),
      colour: 'pink',
      shape: () => new FilterChain(new Biquad({ kind: 'bandpass', hertz: dark ? 400 : 900, q: 0.6 })),
      level: (seconds) => 0.08 * breath.at(seconds),
    }),
  ];
}
