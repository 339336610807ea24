import type { Random } from '../dsp/dsp-random.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, strikes } from './effect-layers.ts';
import { addBlow, addBurst, addGlide, BODIES, emptyStrike, saturate } from './effect-strikes.ts';
import { byStrength, happenings } from './effect-times.ts';
import { struck } from './impact-sounds.ts';

/** What goes off. */
export const BLAST_SOUNDS: readonly EffectClass[] = [
  {
    id: 'fireworks',
    names: 'firework, firework show, rocket firework, firecracker',
    seconds: 7,
    presence: 3,
    make: makeFireworks,
  },
  {
    id: 'machine-gun',
    names: 'machine gun, automatic rifle, gun burst, submachine gun, minigun, gatling',
    seconds: 3,
    presence: 4,
    make: (ask) =>
      makeShots({ ...ask, count: ask.count ?? Math.max(6, Math.round(ask.window.to * 6)) }, 0.095),
  },
  {
    id: 'gunshot',
    names:
      'gunshot, gun shot, gun, shot, pistol, rifle, shotgun, sniper, revolver, gunfire, gun fire, shoot, bullet',
    seconds: 2,
    presence: 5,
    make: (ask) => makeShots(ask, 0.45),
  },
  {
    id: 'explosion',
    once: true,
    names:
      'explosion, explode, blast, bomb, detonation, detonate, grenade, dynamite, cannon, boom, artillery, tnt, nuke, nuclear, eruption, volcano, car bomb',
    seconds: 4,
    presence: 6,
    make: makeExplosion,
  },
];

function makeExplosion(ask: EffectAsk): Layer[] {
  const { random } = ask;
  return [
    strikes({
      times: happenings(ask, { pause: 2.4, length: 4, several: 'endless', jitter: 0.4 }),
      make: (index) => {
        const size = byStrength(ask, 1.4, 1, 0.7) * ask.pitch * ask.vary(0.12);
        const own = random.fork('blast', index);
        return {
          samples: blast(own.fork('left'), { size, detail: ask.detail }),
          right: blast(own.fork('right'), { size, detail: ask.detail }),
        };
      },
      longest: 5,
    }),
  ];
}

/** A front that tears the air, a ball of fire that darkens as it cools, the ground, and what falls down again. */
function blast(
  random: Random,
  { size, detail }: { readonly size: number; readonly detail: number },
): Float32Array {
  const samples = emptyStrike(4.6);
  addBurst(samples, random, { decay: 0.22, level: 2.4, filters: [{ kind: 'lowpass', hertz: 6500 * size }] });
  for (const [decay, hertz, level] of [
    [0.7, 2800, 2.6],
    [1.5, 1100, 2.8],
    [2.8, 420, 2.4],
  ] as const) {
    addBurst(samples, random, {
      attack: 0.006,
      decay,
      level,
      colour: 'pink',
      filters: [{ kind: 'lowpass', hertz: hertz * size * random.between(0.85, 1.2) }],
    });
  }
  addBurst(samples, random, {
    attack: 0.05,
    decay: 4.2,
    level: 0.9,
    colour: 'brown',
    filters: [{ kind: 'lowpass', hertz: 120 * size }],
  });
  addGlide(samples, {
    from: 95 * size,
    to: 27 * size,
    seconds: 1.5,
    level: 0.6,
    decay: 1.8,
    attack: 0.002,
    bend: 0.5,
  });
  saturate(samples, 2.2);
  const debris = Math.round(45 * detail);
  for (let index = 0; index < debris; index += 1) {
    addBlow(samples, random, {
      body: BODIES.stone,
      hertz: random.betweenOctaves(350, 1800),
      hardness: 0.7,
      level: 0.16 * random.unit() ** 2,
      at: 0.5 + 2.6 * random.unit(),
      contact: 0.8,
      modes: 3,
    });
  }
  return samples;
}

function makeShots(ask: EffectAsk, pause: number): Layer[] {
  const big = ask.words.has('shotgun') || ask.words.has('sniper') || ask.words.has('rifle') ? 0.75 : 1;
  const size = big * byStrength(ask, 1.4, 1, 0.75) * ask.pitch * ask.vary(0.1);
  return struck(
    ask,
    {
      pause,
      length: 1.6,
      several: ask.words.has('gunfire') ? 'endless' : 4,
      jitter: pause < 0.2 ? 0.04 : 0.35,
    },
    (random) => {
      const samples = emptyStrike(1.5);
      // The bullet's or powder's front is a millisecond long; the muzzle blows after it, then the country answers.
      addBurst(samples, random, {
        attack: 0.0002,
        decay: 0.012,
        level: 4,
        filters: [{ kind: 'highpass', hertz: 700 }],
      });
      addBurst(samples, random, {
        attack: 0.0006,
        decay: 0.14,
        level: 3,
        filters: [{ kind: 'lowpass', hertz: 2600 * size }],
      });
      addGlide(samples, {
        from: 260 * size,
        to: 70 * size,
        seconds: 0.16,
        level: 1.6,
        decay: 0.18,
        attack: 0.0006,
      });
      addBurst(samples, random, {
        at: 0.01,
        decay: 1.1,
        level: 0.5,
        colour: 'pink',
        filters: [{ kind: 'lowpass', hertz: 1500 * size }],
      });
      for (let echo = 0; echo < 3; echo += 1) {
        addBurst(samples, random, {
          at: random.between(0.07, 0.4),
          attack: 0.006,
          decay: 0.3,
          level: 0.25 * 0.6 ** echo,
          filters: [{ kind: 'bandpass', hertz: 800 * size, q: 0.5 }],
        });
      }
      saturate(samples, 1.8);
      return samples;
    },
  );
}

function makeFireworks(ask: EffectAsk): Layer[] {
  const { random } = ask;
  const several = ask.count === undefined ? { ...ask, plural: true } : ask;
  return [
    strikes({
      times: happenings(several, { pause: 1.3, length: 3, several: 'endless', jitter: 0.5 }),
      make: (index) => {
        const own = random.fork('rocket', index);
        const samples = emptyStrike(3.4);
        const rise = own.between(0.6, 0.95);
        addGlide(samples, {
          from: own.between(900, 1300) * ask.pitch,
          to: own.between(2200, 3200) * ask.pitch,
          seconds: rise,
          level: 0.07,
          attack: 0.2,
          harmonics: [0.3],
        });
        addBurst(samples, own, {
          attack: rise * 0.8,
          decay: 0.2,
          level: 0.1,
          filters: [{ kind: 'highpass', hertz: 2500 }],
        });
        addBurst(samples, own, {
          at: rise,
          decay: 0.5,
          level: 2,
          colour: 'pink',
          filters: [{ kind: 'lowpass', hertz: 1400 * ask.pitch }],
        });
        addGlide(samples, { at: rise, from: 130, to: 45, seconds: 0.5, level: 1, decay: 0.6, attack: 0.002 });
        const stars = Math.round(70 * ask.detail);
        for (let star = 0; star < stars; star += 1) {
          addBurst(samples, own, {
            at: rise + 0.15 + 1.7 * own.unit(),
            decay: 0.012,
            level: 0.5 * own.unit() ** 2,
            filters: [{ kind: 'bandpass', hertz: own.betweenOctaves(1800, 6000), q: 1 }],
          });
        }
        return { samples, place: 0.7 * own.signed(), level: own.between(0.6, 1) };
      },
      longest: 3.5,
    }),
  ];
}
