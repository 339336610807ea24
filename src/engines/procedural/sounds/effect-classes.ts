import { AIR_SOUNDS } from './air-sounds.ts';
import { ALARM_SOUNDS } from './alarm-sounds.ts';
import { ANIMAL_SOUNDS } from './animal-sounds.ts';
import { BELL_SOUNDS } from './bell-sounds.ts';
import { BLAST_SOUNDS } from './blast-sounds.ts';
import { BREAK_SOUNDS } from './break-sounds.ts';
import { CINEMATIC_SOUNDS } from './cinematic-sounds.ts';
import { DEVICE_SOUNDS } from './device-sounds.ts';
import type { EffectClass } from './effect-class.ts';
import { FICTION_SOUNDS } from './fiction-sounds.ts';
import { IMPACT_SOUNDS } from './impact-sounds.ts';
import { INSECT_SOUNDS } from './insect-sounds.ts';
import { INTERFACE_SOUNDS } from './interface-sounds.ts';
import { MACHINE_SOUNDS } from './machine-sounds.ts';
import { MOTION_SOUNDS } from './motion-sounds.ts';
import { PAPER_SOUNDS } from './paper-sounds.ts';
import { PEOPLE_SOUNDS } from './people-sounds.ts';
import { PLACE_SOUNDS } from './place-sounds.ts';
import { RAIN_SOUNDS } from './rain-sounds.ts';
import { SEA_SOUNDS } from './sea-sounds.ts';
import { SWELL_SOUNDS } from './swell-sounds.ts';
import { VEHICLE_SOUNDS } from './vehicle-sounds.ts';
import { WATER_SOUNDS } from './water-sounds.ts';
import { WEATHER_SOUNDS } from './weather-sounds.ts';

/** Every class of sounds. Of two that have the same name, the first is meant. */
export const EFFECT_CLASSES: readonly EffectClass[] = [
  ...WEATHER_SOUNDS,
  ...RAIN_SOUNDS,
  ...BELL_SOUNDS,
  ...ALARM_SOUNDS,
  ...BREAK_SOUNDS,
  ...IMPACT_SOUNDS,
  ...BLAST_SOUNDS,
  ...MACHINE_SOUNDS,
  ...DEVICE_SOUNDS,
  ...VEHICLE_SOUNDS,
  ...AIR_SOUNDS,
  ...MOTION_SOUNDS,
  ...PAPER_SOUNDS,
  ...ANIMAL_SOUNDS,
  ...INSECT_SOUNDS,
  ...PEOPLE_SOUNDS,
  ...SEA_SOUNDS,
  ...WATER_SOUNDS,
  ...INTERFACE_SOUNDS,
  ...FICTION_SOUNDS,
  ...CINEMATIC_SOUNDS,
  ...SWELL_SOUNDS,
  ...PLACE_SOUNDS,
];

/** The same by id. */
export const EFFECTS_BY_ID: ReadonlyMap<string, EffectClass> = new Map(
  EFFECT_CLASSES.map((effect) => [effect.id, effect]),
);
