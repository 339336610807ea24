import { Biquad } from '../dsp/dsp-filters.ts';
import { fromDecibels, midiToHertz } from '../dsp/dsp-envelopes.ts';
import { Random } from '../dsp/dsp-random.ts';
import { Reverb, ROOMS } from '../dsp/dsp-reverb.ts';
import { panLevels } from '../dsp/dsp-stereo.ts';
import type { MusicBrief } from './music-brief.ts';
import type { DrumSounds } from './music-drum-sounds.ts';
import { DrumStrip, type Buses } from './music-drum-strip.ts';
import { BusCompressor, Ducker, Echo, Ensemble, fittingRate, StereoFilter } from './music-effects.ts';
import { createVoice, instrumentSpec } from './music-instruments.ts';
import type { InstrumentSpec } from './music-instrument.ts';
import {
  EventQueue,
  takeUp,
  type Performance,
  type PlayedNote,
  type PlayedPart,
} from './music-performance.ts';
import type { Role } from './music-terms.ts';
import type { Voice } from './music-voice.ts';
import {
  clearBlock,
  QUANTUM,
  SAMPLE_RATE,
  stereoBlock,
  type StereoBlock,
  type StereoEffect,
} from '../sound-source.ts';

/** Where each part sits, how much of the room and of the echo it gets, and its level, in decibels. */
const SEATS: Readonly<
  Record<
    Role,
    { readonly place: number; readonly room: number; readonly echo: number; readonly level: number }
  >
> = {
  drums: { place: 0, room: 0.28, echo: 0, level: 0 },
  bass: { place: 0, room: 0.05, echo: 0, level: 0 },
  chords: { place: -0.22, room: 0.7, echo: 0.1, level: -2 },
  pad: { place: 0.1, room: 1, echo: 0, level: -2 },
  arpeggio: { place: 0.34, room: 0.9, echo: 0.6, level: -1 },
  melody: { place: 0.02, room: 0.85, echo: 1, level: 0 },
  counter: { place: -0.36, room: 1, echo: 0.2, level: -1 },
};

/** Most notes of a part that sound at once. */
const POLYPHONY = 14;

/** What is played, and what all who play it share. */
export interface MusicSession {
  readonly brief: MusicBrief;
  readonly performance: Performance;
  readonly sounds: DrumSounds;
}

/** What music that is not darkened gets: less of what booms, more air. */
const CLEAR = [
  { kind: 'peak', hertz: 230, q: 0.7, decibels: -2.5 },
  { kind: 'highshelf', hertz: 5500, decibels: 3 },
] as const;

/** Plays a performance, a quantum at a time, from any frame on. Its level is as the parts add up. */
export class MusicMixer {
  readonly #strips: readonly PartStrip[];
  readonly #drums: DrumStrip | undefined;
  readonly #ducker: Ducker;
  readonly #buses: Buses = {
    main: stereoBlock(),
    room: stereoBlock(),
    echo: stereoBlock(),
    gains: new Float32Array(QUANTUM),
  };
  readonly #reverb: Reverb | undefined;
  readonly #echo: Echo | undefined;
  readonly #master: readonly StereoEffect[];
  readonly #wet: number;
  #frame: number;

  constructor({ brief, performance, sounds }: MusicSession, fromFrame: number) {
    const { style, form, arrangement } = brief;
    this.#frame = fromFrame;
    this.#strips = performance.parts.map(
      (part, index) => new PartStrip(part, { brief, performance, fromFrame, index }),
    );
    this.#drums = arrangement.drums
      ? new DrumStrip(arrangement.drums, {
          queue: new EventQueue(performance.strokes, fromFrame, performance.loopFrames),
          sounds,
        })
      : undefined;
    const beatFrames = (60 / form.beatsPerMinute) * SAMPLE_RATE;
    this.#ducker = new Ducker(style.pumping, beatFrames);
    this.#wet = style.wet;
    this.#reverb = style.wet > 0 ? new Reverb({ ...ROOMS[style.room], lowHertz: 180 }) : undefined;
    const dotted = (0.75 * beatFrames) / SAMPLE_RATE;
    this.#echo =
      style.echo > 0 ? new Echo(dotted > 0.75 ? dotted / 2 : dotted, 0.3 + 0.3 * style.echo) : undefined;
    this.#master = [
      new StereoFilter({ kind: 'highpass', hertz: 28 }),
      ...(style.ceilingHertz === undefined
        ? CLEAR.map((shape) => new StereoFilter(shape))
        : [new StereoFilter({ kind: 'lowpass', hertz: style.ceilingHertz })]),
      new BusCompressor(style.pressure),
    ];
  }

  /** Writes the next quantum. */
  render(out: StereoBlock, echoLevel: number): void {
    const { main, room, echo, gains } = this.#buses;
    for (const block of [main, room, echo]) clearBlock(block);
    const end = this.#frame + QUANTUM;
    this.#drums?.collect(end, this.#ducker);
    this.#ducker.fill(gains);
    for (const strip of this.#strips) strip.mix(this.#frame, this.#buses);
    this.#drums?.mix(this.#frame, this.#buses);
    if (this.#echo) {
      this.#echo.process(echo);
      addScaled(main, echo, echoLevel);
      addScaled(room, echo, echoLevel * 0.5);
    }
    if (this.#reverb) {
      this.#reverb.process(room);
      addScaled(main, room, this.#wet);
    }
    for (const effect of this.#master) effect.process(main);
    out.left.set(main.left);
    out.right.set(main.right);
    this.#frame = end;
  }
}

function addScaled(into: StereoBlock, from: StereoBlock, level: number): void {
  for (let frame = 0; frame < QUANTUM; frame += 1) {
    into.left[frame] = (into.left[frame] ?? 0) + level * (from.left[frame] ?? 0);
    into.right[frame] = (into.right[frame] ?? 0) + level * (from.right[frame] ?? 0);
  }
}

interface StripStart {
  readonly brief: MusicBrief;
  readonly performance: Performance;
  readonly fromFrame: number;
  readonly index: number;
}

/** One part with its effects. */
class PartStrip {
  readonly #part: PlayedPart;
  readonly #spec: InstrumentSpec;
  readonly #queue: EventQueue<PlayedNote>;
  readonly #seed: number;
  readonly #index: number;
  readonly #detail: number;
  readonly #low: Biquad;
  readonly #high: readonly Biquad[];
  readonly #ensemble: Ensemble | undefined;
  readonly #tremolo: number;
  readonly #level: number;
  readonly #place: number;
  readonly #mono = new Float32Array(QUANTUM);
  readonly #wide = stereoBlock();
  #voices: Voice[] = [];
  #idle = Infinity;

  constructor(part: PlayedPart, { brief, performance, fromFrame, index }: StripStart) {
    this.#part = part;
    this.#spec = instrumentSpec(part.instrument);
    const held = this.#spec.sound.kind === 'tone' ? takeUp(part.notes, fromFrame) : part.notes;
    this.#queue = new EventQueue(held, fromFrame, performance.loopFrames);
    this.#seed = brief.seed;
    this.#index = index;
    this.#detail = brief.detail;
    this.#low = new Biquad({ kind: 'highpass', hertz: this.#spec.lowCut });
    const { highCut } = this.#spec;
    this.#high =
      highCut === undefined
        ? []
        : [
            new Biquad({ kind: 'lowpass', hertz: highCut }),
            new Biquad({ kind: 'lowpass', hertz: highCut * 1.25 }),
          ];
    const { loopFrames } = performance;
    this.#ensemble =
      this.#spec.ensemble === undefined ? undefined : new Ensemble(this.#spec.ensemble, loopFrames);
    this.#tremolo = fittingRate(4.6, loopFrames);
    const seat = SEATS[part.role];
    this.#level = fromDecibels(part.level + seat.level + this.#spec.trim);
    // Two who do the same sit on either side.
    this.#place =
      seat.place + (performance.parts.findIndex((other) => other.role === part.role) < index ? 0.4 : 0);
  }

  mix(frame: number, buses: Buses): void {
    this.#begin(frame);
    if (this.#voices.length === 0 && this.#idle > 40) return;
    this.#idle = this.#voices.length === 0 ? this.#idle + 1 : 0;
    const wide = this.#shape(frame);
    this.#send(wide, buses, frame);
  }

  /** Plays what sounds and what begins in this quantum. */
  #begin(frame: number): void {
    const mono = this.#mono;
    mono.fill(0);
    this.#voices = this.#voices.filter((voice) => voice.render(mono, 0));
    for (let next = this.#queue.take(frame + QUANTUM); next; next = this.#queue.take(frame + QUANTUM)) {
      const { event } = next;
      const voice = createVoice(this.#part.instrument, {
        hertz: midiToHertz(event.pitch),
        velocity: event.velocity,
        gateFrames: event.gateFrames,
        random: new Random(this.#seed, 'note', this.#index, event.index),
        detail: this.#detail,
        beatFrames: event.beatFrames,
      });
      if (this.#voices.length >= POLYPHONY) this.#voices[this.#voices.length - POLYPHONY]?.cut();
      if (voice.render(mono, next.frame - frame)) this.#voices.push(voice);
    }
  }

  #shape(frame: number): StereoBlock {
    const mono = this.#mono;
    const { drive } = this.#spec;
    const level = this.#level;
    const [high, higher] = this.#high;
    for (let index = 0; index < QUANTUM; index += 1) {
      let sample = this.#low.tick(mono[index] ?? 0);
      if (drive !== undefined) sample = Math.tanh(sample * drive) / (0.6 + 0.4 * drive);
      if (high && higher) sample = higher.tick(high.tick(sample));
      mono[index] = sample * level;
    }
    if (this.#ensemble) this.#ensemble.process(mono, this.#wide, frame);
    else {
      this.#wide.left.set(mono);
      this.#wide.right.set(mono);
    }
    return this.#wide;
  }

  #send(wide: StereoBlock, { main, room, echo, gains }: Buses, frame: number): void {
    const seat = SEATS[this.#part.role];
    const swing = (this.#spec.tremolo ?? 0) * Math.sin((2 * Math.PI * this.#tremolo * frame) / SAMPLE_RATE);
    const { left, right } = panLevels(this.#place + swing * 0.6);
    for (let index = 0; index < QUANTUM; index += 1) {
      const gain = gains[index] ?? 1;
      const a = (wide.left[index] ?? 0) * left * gain;
      const b = (wide.right[index] ?? 0) * right * gain;
      main.left[index] = (main.left[index] ?? 0) + a;
      main.right[index] = (main.right[index] ?? 0) + b;
      room.left[index] = (room.left[index] ?? 0) + seat.room * a;
      room.right[index] = (room.right[index] ?? 0) + seat.room * b;
      echo.left[index] = (echo.left[index] ?? 0) + seat.echo * a;
      echo.right[index] = (echo.right[index] ?? 0) + seat.echo * b;
    }
  }
}
