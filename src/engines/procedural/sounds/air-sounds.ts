import { Biquad, FilterChain, OnePole } from '../dsp/dsp-filters.ts';
import { Noise } from '../dsp/dsp-noise.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture, texture } from './effect-layers.ts';
import { fitPeriod } from './effect-times.ts';
import { FRAME_SECONDS } from '../sound-source.ts';
import { passBy } from './vehicle-sounds.ts';
import type { PassBy } from './vehicle-sounds.ts';

/** What flies. */
export const AIR_SOUNDS: readonly EffectClass[] = [
  { id: 'helicopter', names: 'helicopter, chopper, drone fly, quadcopter', seconds: 7, make: makeHelicopter },
  {
    id: 'plane',
    moves: true,
    names:
      'plane, airplane, aeroplane, jet, aircraft, jet engine, plane fly, jet fly, jet pass, airliner, takeoff, rocket, rocket launch, rocket engine',
    seconds: 8,
    make: makeJet,
  },
];

/** The blades slap the air that the last one left behind, above a turbine. */
function makeHelicopter(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const small = ask.words.has('quadcopter') || ask.words.has('drone');
  const rotor = fitRate((small ? 92 : 11.5) * ask.pace * ask.vary(0.06), ask);
  const [noise, whine, second] = [
    new Noise(random.fork('air'), 'pink'),
    new Oscillator('saw'),
    new Oscillator('sine'),
  ];
  const low = new FilterChain(
    new Biquad({ kind: 'lowpass', hertz: (small ? 2400 : 480) * pitch }),
    new Biquad({ kind: 'highpass', hertz: 35 }),
  );
  const [high, tone] = [
    new Biquad({ kind: 'bandpass', hertz: 1700 * pitch, q: 0.5 }),
    new Biquad({ kind: 'lowpass', hertz: 2600 }),
  ];
  let phase = 0;
  return [
    texture({
      tick: () => {
        phase += rotor * FRAME_SECONDS;
        phase -= Math.floor(phase);
        const air = noise.tick();
        const slap = Math.exp(-phase * 5) * Math.min(1, phase * 40);
        const blade = low.tick(air * (0.25 + 3 * slap) + 0.5 * slap * Math.sin(2 * Math.PI * phase * 6));
        const turbine = 0.03 * tone.tick(whine.tick(415 * pitch)) + 0.02 * second.tick(1240 * pitch);
        return blade + 0.35 * high.tick(air) * (0.25 + slap) + turbine;
      },
      level: 0.6,
    }),
  ];
}

/** A rate that fits a whole number of times into a loop. */
function fitRate(hertz: number, ask: EffectAsk): number {
  return 1 / fitPeriod(1 / hertz, ask);
}

function makeJet(ask: EffectAsk): Layer[] {
  const { random, window, pitch } = ask;
  const rocket = ask.words.has('rocket');
  const stays = ask.words.has('engine') || ask.words.has('cabin') || rocket || ask.loopSeconds !== undefined;
  const nearest = window.from + (window.to - window.from) * 0.5;
  const path = passBy({
    nearest,
    reach: Math.max(0.8, (window.to - window.from) * 0.18) / ask.pace,
    speed: 0.16,
  });
  const at = (seconds: number): PassBy => (stays ? { side: 0, level: 1, shift: 1 } : path(seconds));
  const [whine, noise] = [new Oscillator('sine'), new Noise(random.fork('jet'), 'pink')];
  const [roar, air] = [
    new Biquad({ kind: 'lowpass', hertz: 900 }),
    new Biquad({ kind: 'bandpass', hertz: 2400, q: 0.5 }),
  ];
  let now = at(0);
  return [
    texture({
      tick: () => {
        const wave = noise.tick();
        return (
          1.3 * roar.tick(wave) +
          0.5 * air.tick(wave) +
          (rocket ? 0 : 0.025 * whine.tick(2500 * pitch * now.shift))
        );
      },
      control: (seconds) => {
        now = at(seconds);
        const shift = now.shift * pitch;
        roar.set({ kind: 'lowpass', hertz: (rocket ? 380 : 700) * shift * (0.6 + 0.7 * now.level) });
        air.set({ kind: 'bandpass', hertz: 2600 * shift, q: 0.5 });
      },
      level: () => now.level,
      place: () => now.side,
    }),
    noiseTexture({
      random: random.fork('rumble'),
      colour: 'brown',
      shape: () => new OnePole((rocket ? 200 : 150) * pitch),
      level: (seconds) => (rocket ? 1.2 : 0.6) * at(seconds).level,
    }),
  ];
}
