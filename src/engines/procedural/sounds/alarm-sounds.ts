import { Biquad } from '../dsp/dsp-filters.ts';
import { Oscillator } from '../dsp/dsp-oscillators.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes, texture } from './effect-layers.ts';
import { addBlow, addGlide, BODIES, emptyStrike } from './effect-strikes.ts';
import { fitPeriod, rhythm } from './effect-times.ts';

/** What warns and calls. */
export const ALARM_SOUNDS: readonly EffectClass[] = [
  {
    id: 'air-raid',
    names: 'air raid, air raid siren, raid siren, tornado siren, civil defense siren, war siren',
    seconds: 10,
    make: (ask) => makeSiren(ask, { low: 180, high: 460, period: 8, shape: 'slow' }),
  },
  {
    id: 'two-tone',
    names: 'ambulance, fire truck, fire engine, european siren, ambulance siren, emergency vehicle',
    seconds: 6,
    make: (ask) => makeSiren(ask, { low: 435, high: 580, period: 1.3, shape: 'steps' }),
  },
  {
    id: 'siren',
    names: 'siren, police, police siren, police car, emergency siren',
    seconds: 7,
    make: (ask) =>
      makeSiren(ask, {
        low: 620,
        high: 1450,
        period: ask.words.has('yelp') || ask.pace > 1.3 ? 0.36 : 3.4,
        shape: 'wail',
      }),
  },
  {
    id: 'alarm-bell',
    names: 'fire alarm, alarm bell, fire bell, school bell, alarm clock bell, ring alarm, burglar alarm',
    seconds: 5,
    make: (ask) => makeRinging(ask, { hertz: 1150, period: 0.062 }),
  },
  {
    id: 'telephone',
    names: 'telephone, phone, phone ring, telephone ring, ringtone, ring phone, rotary phone',
    seconds: 6,
    make: makeTelephone,
  },
  {
    id: 'smoke-alarm',
    names: 'smoke alarm, smoke detector, carbon monoxide',
    seconds: 5,
    make: (ask) => makeBeeping(ask, { hertz: 3150, groups: [0, 1, 2], period: 4, length: 0.5, pause: 1 }),
  },
  {
    id: 'alarm-clock',
    names: 'alarm clock, digital alarm, wake up alarm',
    seconds: 5,
    make: (ask) =>
      makeBeeping(ask, { hertz: 2050, groups: [0, 1, 2, 3], period: 1, length: 0.06, pause: 0.125 }),
  },
  {
    id: 'reversing',
    names: 'truck reverse, reverse beep, truck back, reverse truck, backup beep',
    seconds: 5,
    make: (ask) => makeBeeping(ask, { hertz: 1050, groups: [0], period: 1, length: 0.5, pause: 1 }),
  },
  {
    id: 'monitor',
    names: 'heart monitor, ecg, ekg, hospital monitor, hospital, patient monitor',
    seconds: 6,
    make: (ask) =>
      makeBeeping(ask, { hertz: 960, groups: [0], period: 60 / (ask.beats ?? 72), length: 0.11, pause: 1 }),
  },
  {
    id: 'buzzer',
    names: 'buzzer, klaxon, game show, buzz wrong, basketball buzzer, intercom',
    seconds: 2,
    presence: 1,
    make: makeBuzzer,
  },
  {
    id: 'alarm',
    names: 'alarm, car alarm, red alert, alert, warning, emergency, security alarm, evacuation',
    seconds: 6,
    make: (ask) => makeBeeping(ask, { hertz: 1250, groups: [0, 1], period: 0.6, length: 0.26, pause: 0.3 }),
  },
];

interface SirenManner {
  readonly low: number;
  readonly high: number;
  /** Seconds for up and down together. */
  readonly period: number;
  readonly shape: 'wail' | 'slow' | 'steps';
}

function makeSiren(ask: EffectAsk, { low, high, period, shape }: SirenManner): Layer[] {
  const steady = fitPeriod(period / ask.pace, ask);
  const scale = ask.pitch * ask.vary(0.05);
  const [wave, under] = [new Oscillator('pulse'), new Oscillator('triangle')];
  wave.width = 0.4;
  const horn = new Biquad({ kind: 'peak', hertz: 1500 * scale, q: 1, decibels: 7 });
  const top = new Biquad({ kind: 'lowpass', hertz: shape === 'slow' ? 2200 : 4200 });
  const height = (seconds: number) => {
    const at = seconds / steady - Math.floor(seconds / steady);
    if (shape === 'steps') return at < 0.5 ? 0 : 1;
    // Up sooner than down, as a motor that is switched on and runs out.
    return at < 0.4
      ? Math.sin((Math.PI / 2) * (at / 0.4))
      : Math.cos((Math.PI / 2) * ((at - 0.4) / 0.6)) ** 0.8;
  };
  let [goal, hertz] = [low, low * scale];
  return [
    texture({
      tick: () => {
        hertz += (goal - hertz) * 0.004;
        return 0.3 * top.tick(horn.tick(0.5 * wave.tick(hertz) + under.tick(hertz)));
      },
      control: (seconds) => {
        goal = low * (high / low) ** height(seconds) * scale;
      },
    }),
  ];
}

interface Beeping {
  readonly hertz: number;
  /** Which of the places of a group sound. */
  readonly groups: readonly number[];
  /** Seconds from one group to the next. */
  readonly period: number;
  readonly length: number;
  /** Seconds from one place of a group to the next. */
  readonly pause: number;
}

function makeBeeping(ask: EffectAsk, { hertz, groups, period, length, pause }: Beeping): Layer[] {
  const note = ask.hertz ?? hertz * ask.pitch * ask.vary(0.06);
  const times = rhythm(ask, { random: ask.random.fork('times'), period });
  const pace = ask.pace;
  return [
    strikes({
      times: ask.count === undefined ? times : times.take(Math.ceil(ask.count / groups.length)),
      make: (index) => {
        const samples = emptyStrike((groups.length * pause + length) / pace);
        groups.forEach((place, order) => {
          if (ask.count !== undefined && index * groups.length + order >= ask.count) return;
          const higher = groups.length === 2 && order === 1 ? 0.75 : 1;
          addGlide(samples, {
            at: (place * pause) / pace,
            from: note * higher,
            to: note * higher,
            seconds: length / pace,
            level: 0.35,
            attack: 0.004,
            harmonics: [0.08, 0.3, 0.03, 0.14],
          });
        });
        return { samples };
      },
      longest: groups.length * pause + length + 1,
    }),
  ];
}

interface Ringing {
  readonly hertz: number;
  /** Seconds from one stroke of the clapper to the next. */
  readonly period: number;
}

function makeRinging(ask: EffectAsk, { hertz, period }: Ringing): Layer[] {
  const { random } = ask;
  const note = hertz * ask.pitch * ask.vary(0.08);
  return [
    strikes({
      times: rhythm(ask, { random: random.fork('times'), period, jitter: 0.04 }),
      make: (index) => {
        const own = random.fork('stroke', index);
        const samples = emptyStrike(0.5);
        addBlow(samples, random.fork('bell'), {
          body: { ratios: [1, 1.48, 2.09, 2.76, 3.6, 4.9], decaySeconds: 0.45, damping: 0.3, slope: 1 },
          hertz: note,
          hardness: 0.95,
          level: own.between(0.8, 1),
          contact: 0.35,
        });
        return { samples };
      },
      longest: 0.6,
    }),
  ];
}

/** Two bells and a clapper between them, on for a while and off for longer. */
function makeTelephone(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const modern = ask.words.has('ringtone') || ask.words.has('mobile') || ask.words.has('cell');
  const calls = rhythm(ask, { random: random.fork('calls'), period: modern ? 2 : 3.6 });
  return [
    strikes({
      times: ask.count === undefined ? calls : calls.take(ask.count),
      make: (index) => {
        const own = random.fork('call', index);
        const samples = emptyStrike(modern ? 1.2 : 2.2);
        if (modern) {
          [0, 4, 7, 12, 7, 4].forEach((step, order) => {
            const hertz = 880 * 2 ** (step / 12) * ask.pitch;
            addGlide(samples, {
              at: 0.14 * order,
              from: hertz,
              to: hertz,
              seconds: 0.22,
              level: 0.4,
              decay: 0.35,
              harmonics: [0.2, 0.1],
            });
          });
          return { samples };
        }
        const body = { ratios: [1, 2.03, 2.96, 4.4], decaySeconds: 0.35, damping: 0.4, slope: 1 };
        for (let stroke = 0; stroke < 40; stroke += 1) {
          addBlow(samples, own, {
            body,
            hertz: (stroke % 2 === 0 ? 1270 : 1510) * ask.pitch,
            hardness: 0.95,
            level: 0.5,
            contact: 0.25,
            at: stroke * 0.045,
          });
        }
        return { samples };
      },
      longest: 2.5,
    }),
  ];
}

function makeBuzzer(ask: EffectAsk): Layer[] {
  const times = rhythm(ask, { random: ask.random.fork('times'), period: 1.6 });
  const hertz = 128 * ask.pitch * ask.vary(0.08);
  return [
    strikes({
      times:
        ask.count === undefined && !ask.plural && ask.window.from === 0
          ? times.take(1)
          : ask.count === undefined
            ? times
            : times.take(ask.count),
      make: () => {
        const samples = emptyStrike(1);
        const harmonics = Array.from(
          { length: 24 },
          (_, index) => (index % 2 === 0 ? 0.3 : 1) / (index + 2) ** 0.6,
        );
        addGlide(samples, { from: hertz, to: hertz, seconds: 0.95, level: 0.2, attack: 0.006, harmonics });
        addBlow(samples, ask.random.fork('plate'), {
          body: { ...BODIES.metal, decaySeconds: 0.2 },
          hertz: 480,
          hardness: 0.7,
          level: 0.2,
        });
        return { samples };
      },
      longest: 1.2,
    }),
  ];
}
