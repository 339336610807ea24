import { Biquad, FilterChain, OnePole, StateVariableFilter } from '../dsp/dsp-filters.ts';
import { Drift } from '../dsp/dsp-noise.ts';
import type { EffectAsk, EffectClass } from './effect-class.ts';
import { type Layer, noiseTexture } from './effect-layers.ts';

/** Places, as what is heard in them. */
export const PLACE_SOUNDS: readonly EffectClass[] = [
  {
    id: 'forest',
    names:
      'forest, wood ambience, woodland, nature, park, garden, meadow, countryside, spring morning, field',
    seconds: 12,
    make: {
      parts: [
        { id: 'birds', decibels: 0 },
        { id: 'leaves', decibels: -6 },
        { id: 'wind', decibels: -12, changes: { strength: -0.6 } },
      ],
    },
  },
  {
    id: 'jungle',
    names: 'jungle, rainforest, tropical, rain forest, swamp',
    seconds: 12,
    make: {
      parts: [
        { id: 'cicadas', decibels: -6 },
        { id: 'birds', decibels: 0, changes: { strength: 0.6, pitch: 0.75 } },
        { id: 'frogs', decibels: -5 },
        { id: 'leaves', decibels: -9 },
      ],
    },
  },
  {
    id: 'night',
    names: 'night, nighttime, summer night, midnight, night ambience, evening',
    seconds: 12,
    make: {
      parts: [
        { id: 'crickets', decibels: 0 },
        { id: 'owl', decibels: -5, changes: { distance: 0.4 } },
        { id: 'wind', decibels: -14, changes: { strength: -0.6 } },
      ],
    },
  },
  {
    id: 'beach',
    names: 'beach, seaside, sea side, coast, harbor, harbour, island',
    seconds: 14,
    make: {
      parts: [
        { id: 'waves', decibels: 0 },
        { id: 'gulls', decibels: -7, changes: { distance: 0.3 } },
        { id: 'wind', decibels: -13, changes: { strength: -0.4 } },
      ],
    },
  },
  {
    id: 'city',
    names: 'city, street, urban, downtown, town, city street, city ambience, sidewalk',
    seconds: 12,
    make: {
      parts: [
        { id: 'traffic', decibels: 0 },
        { id: 'murmur', decibels: -9, changes: { distance: 0.3 } },
        { id: 'horn', decibels: -8, changes: { distance: 0.6, plural: true, pace: 0.14 } },
        { id: 'footsteps', decibels: -12 },
      ],
    },
  },
  {
    id: 'cafe',
    names: 'cafe, coffee shop, coffeehouse, bar, pub, diner, canteen, coffee, cafeteria, party',
    seconds: 12,
    make: {
      parts: [
        { id: 'murmur', decibels: 0 },
        {
          id: 'clink',
          decibels: -5,
          changes: { plural: true, pace: 0.35, material: 'glass', strength: -0.3 },
        },
        { id: 'room-tone', decibels: -12 },
      ],
    },
  },
  {
    id: 'office',
    names: 'office, workplace, call center, classroom, library',
    seconds: 12,
    make: {
      parts: [
        { id: 'fan', decibels: -4 },
        { id: 'keyboard', decibels: -3, changes: { distance: 0.1 } },
        { id: 'murmur', decibels: -10, changes: { strength: -0.7, distance: 0.3 } },
      ],
    },
  },
  {
    id: 'factory',
    names: 'factory, workshop, industrial, construction, construction site, warehouse',
    seconds: 12,
    make: {
      parts: [
        { id: 'motor', decibels: 0 },
        { id: 'hit', decibels: -2, changes: { plural: true, material: 'metal', pace: 0.5, distance: 0.2 } },
        { id: 'fan', decibels: -6 },
      ],
    },
  },
  {
    id: 'market',
    names: 'market, mall, station, airport, train station, lobby, shopping, school, playground, festival',
    seconds: 12,
    make: {
      parts: [
        { id: 'murmur', decibels: 0, changes: { strength: 0.6 } },
        { id: 'footsteps', decibels: -8 },
      ],
    },
  },
  {
    id: 'kitchen',
    names: 'kitchen, cook, cooking',
    seconds: 10,
    make: {
      parts: [
        { id: 'sizzle', decibels: 0 },
        { id: 'clink', decibels: -3, changes: { plural: true, pace: 0.4, material: 'metal' } },
        { id: 'room-tone', decibels: -10 },
      ],
    },
  },
  {
    id: 'sizzle',
    names:
      'sizzle, fry, frying, bacon, grill, steam, hiss, static, radio static, white noise, noise, tv static, vinyl',
    seconds: 6,
    make: makeHiss,
  },
  {
    id: 'cave',
    names: 'cave ambience, cavern, dungeon, cave drip, cave, sewer, mine',
    seconds: 12,
    make: {
      parts: [
        { id: 'drips', decibels: 0, changes: { pace: 0.55 } },
        { id: 'room-tone', decibels: -7, changes: { pitch: 0.8 } },
      ],
    },
  },
  {
    id: 'room-tone',
    names:
      'room tone, roomtone, room, silence, quiet room, empty room, indoor, house, hallway, interior, cabin',
    seconds: 10,
    presence: -6,
    make: makeRoomTone,
  },
  {
    id: 'space',
    names: 'space, outer space, cosmos, galaxy, planet, universe',
    seconds: 12,
    make: {
      parts: [
        { id: 'spaceship', decibels: 0, changes: { strength: -0.5 } },
        { id: 'drone', decibels: -3 },
      ],
    },
  },
  {
    id: 'battle',
    names: 'battle, war, battlefield, combat, warzone',
    seconds: 12,
    make: {
      parts: [
        { id: 'explosion', decibels: 0, changes: { distance: 0.5, plural: true, pace: 0.7 } },
        { id: 'gunshot', decibels: -4, changes: { distance: 0.35, plural: true, pace: 0.8 } },
        { id: 'machine-gun', decibels: -7, changes: { distance: 0.5 } },
      ],
    },
  },
];

/** The air of a closed room: nearly nothing, and a little of the mains. */
function makeRoomTone(ask: EffectAsk): Layer[] {
  const { random, pitch } = ask;
  const drift = new Drift(random.fork('drift'), 0.3);
  return [
    noiseTexture({
      random: random.fork('walls'),
      colour: 'brown',
      shape: () => new FilterChain(new OnePole(210 * pitch), new Biquad({ kind: 'highpass', hertz: 30 })),
      level: (seconds) => 0.5 + 0.15 * drift.at(seconds),
    }),
    noiseTexture({
      random: random.fork('air'),
      colour: 'pink',
      shape: () => new OnePole(2600 * pitch),
      level: 0.05,
    }),
  ];
}

function makeHiss(ask: EffectAsk): Layer[] {
  const { random, pitch, words } = ask;
  const cooks = words.has('sizzle') || words.has('fry') || words.has('bacon') || words.has('grill');
  const drift = new Drift(random.fork('drift'), 6);
  const plain = words.has('noise') && words.has('white');
  return [
    noiseTexture({
      random: random.fork('hiss'),
      shape: () => {
        const filter = new StateVariableFilter(cooks ? 3800 * pitch : 900 * pitch, 0.6);
        const air = new OnePole(cooks ? 5200 : 7000);
        return {
          tick: (sample) => {
            filter.tick(sample);
            return plain ? sample : air.tick(filter.high);
          },
        };
      },
      level: (seconds) => 0.3 * (cooks ? 0.5 + drift.at(seconds) ** 2 : 0.9),
    }),
  ];
}
