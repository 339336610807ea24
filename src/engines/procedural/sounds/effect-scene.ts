import { fromDecibels } from '../dsp/dsp-envelopes.ts';
import { LoudnessMeter } from '../dsp/dsp-loudness.ts';
import type { EffectAsk, EffectClass, EffectPart } from './effect-class.ts';
import type { Layer } from './effect-layers.ts';
import { type Place, Staging } from './effect-space.ts';
import { clearBlock, QUANTUM, SAMPLE_RATE, type StereoBlock, stereoBlock } from '../sound-source.ts';

/** One of the sounds of a scene, as it is asked for and where it is. */
export interface SceneSound {
  readonly effect: EffectClass;
  readonly ask: EffectAsk;
  /** Against the other sounds, in decibels. */
  readonly decibels: number;
  readonly place: Place;
}

/** Seconds of a sound by which it is weighed against the others. */
const WEIGHED_SECONDS = 4;
/** Where nothing is heard so soon, it is waited for until here. */
const LONGEST_WAIT_SECONDS = 30;
/** What each sound of a scene is brought to before its decibels count. */
const EVEN_LOUDNESS = -24;

/** Several sounds as one. */
export class Scene {
  readonly #voices: readonly Voice[];
  readonly #block = stereoBlock();

  constructor(sounds: readonly SceneSound[], classes: ReadonlyMap<string, EffectClass>) {
    const single = sounds.flatMap((sound) => takeApart(sound, classes));
    this.#voices = single.map((sound) => ({
      ...startVoice(sound),
      level: single.length === 1 ? 1 : weigh(sound) * fromDecibels(sound.decibels),
    }));
  }

  /** Fills a quantum; the first frame has this number in the piece. Each call goes on where the last ended. */
  render(block: StereoBlock, frame: number): void {
    clearBlock(block);
    for (const voice of this.#voices) {
      renderVoice(voice, this.#block, frame);
      for (let index = 0; index < QUANTUM; index += 1) {
        block.left[index] = (block.left[index] ?? 0) + (this.#block.left[index] ?? 0) * voice.level;
        block.right[index] = (block.right[index] ?? 0) + (this.#block.right[index] ?? 0) * voice.level;
      }
    }
  }
}

/** A sound that is one layer after all: its class has no parts. */
interface SingleSound extends Omit<SceneSound, 'effect'> {
  readonly make: (ask: EffectAsk) => readonly Layer[];
}

interface Voice {
  readonly layers: readonly Layer[];
  readonly staging: Staging;
  /** Frame of the piece at which the sound's own time begins. */
  readonly origin: number;
  readonly level: number;
}

function takeApart(sound: SceneSound, classes: ReadonlyMap<string, EffectClass>): SingleSound[] {
  const { effect, ask, place } = sound;
  const decibels = sound.decibels + (effect.presence ?? 0);
  const { make } = effect;
  if (typeof make === 'function') return [{ make, ask, place, decibels }];
  return make.parts.flatMap((part, index) => {
    const inner = classes.get(part.id);
    if (!inner) throw new Error(`The sound ${effect.id} is made of ${part.id}, which does not exist.`);
    return takeApart(
      { effect: inner, ...partOf(sound, part, index), decibels: decibels + part.decibels },
      classes,
    );
  });
}

function partOf(
  { ask, place }: SceneSound,
  part: EffectPart,
  index: number,
): { ask: EffectAsk; place: Place } {
  const distance = Math.min(1, Math.max(place.distance, part.changes?.distance ?? 0));
  return {
    ask: { ...ask, random: ask.random.fork(part.id, index), plural: true, ...part.changes },
    place: { ...place, distance },
  };
}

function startVoice({ make, ask, place }: SingleSound): Omit<Voice, 'level'> {
  const origin = Math.round((place.from * SAMPLE_RATE) / QUANTUM) * QUANTUM;
  return { layers: make(ask), staging: new Staging(place), origin };
}

function renderVoice(
  { layers, staging, origin }: Omit<Voice, 'level'>,
  block: StereoBlock,
  frame: number,
): void {
  clearBlock(block);
  for (const layer of layers) layer.add(block, frame - origin);
  staging.process(block, frame);
}

/** The factor that makes a sound as loud as all others. */
function weigh(sound: SingleSound): number {
  const voice = startVoice(sound);
  const meter = new LoudnessMeter();
  const block = stereoBlock();
  const first =
    Math.floor((Math.max(sound.ask.window.from, sound.place.from) * SAMPLE_RATE) / QUANTUM) * QUANTUM;
  for (let frame = 0; frame < LONGEST_WAIT_SECONDS * SAMPLE_RATE; frame += QUANTUM) {
    renderVoice(voice, block, first + frame);
    meter.pushBlock(block);
    if (frame >= WEIGHED_SECONDS * SAMPLE_RATE && Number.isFinite(meter.loudness())) break;
  }
  const loudness = meter.loudness();
  return Number.isFinite(loudness) ? fromDecibels(EVEN_LOUDNESS - loudness) : 1;
}
