import { fromDecibels, smoothStep } from '../dsp/dsp-envelopes.ts';
import { DcBlocker } from '../dsp/dsp-filters.ts';
import { Limiter, LIMITER_DELAY, TruePeak } from '../dsp/dsp-limiter.ts';
import { LoudnessMeter } from '../dsp/dsp-loudness.ts';
import type { Scene } from './effect-scene.ts';
import { QUANTUM, SAMPLE_RATE, type SoundSource, type StereoBlock, stereoBlock } from '../sound-source.ts';

/** What is to be cut out of an imagined piece, and how. */
export interface EffectCut {
  readonly durationSeconds: number;
  readonly startSeconds: number;
  readonly loop: boolean;
  /** Loudness that it is brought to, in LUFS. */
  readonly loudness: number;
  /** Frames of a block; it changes no sample. */
  readonly blockFrames?: number;
}

/** Highest true peak: -1 dB and a little for what codecs add. */
const CEILING = fromDecibels(-1.1);
/** The first seconds are made before anything is given out: they tell how loud it is. */
const HEAD_SECONDS = 30;
/** The limiter may take this much from the highest peaks. */
const MOST_LIMITED = fromDecibels(4);
/** Unheard seconds in which filters and rooms come to life. */
const WARM_UP_SECONDS = { beginning: 0.25, middle: 1.5 } as const;
const RAMP_SECONDS = { in: 0.008, out: 0.05 } as const;
const LONGEST_SEAM_SECONDS = 0.6;
const BLOCK_FRAMES = 4096;

/** Fills a block of any length with what comes next. */
type Reader = (block: StereoBlock) => void;

/** A scene as a sound: cut to length, brought to its loudness, without clicks. */
export class EffectSource implements SoundSource {
  readonly sampleRate = SAMPLE_RATE;
  readonly durationSeconds: number;
  readonly #frames: number;
  readonly #cut: EffectCut;
  readonly #read: Reader;
  readonly #head: StereoBlock;
  readonly #headLength: number;
  #headFrames = 0;
  readonly #meter = new LoudnessMeter();
  readonly #peaks = [new TruePeak(), new TruePeak()] as const;
  #peak = 0;
  #finish: Finish | undefined;
  #given = 0;
  /** Frames that went into the limiter. */
  #fed = 0;

  constructor(scene: Scene, cut: EffectCut) {
    this.durationSeconds = cut.durationSeconds;
    this.#frames = Math.round(cut.durationSeconds * SAMPLE_RATE);
    this.#cut = cut;
    this.#read = cut.loop ? seamless(scene, cut, this.#frames) : straight(scene, cut);
    this.#headLength = Math.min(this.#frames, HEAD_SECONDS * SAMPLE_RATE);
    this.#head = stereoBlock(this.#headLength);
  }

  /** Works for a moment at what has to be known before the first block; tells whether there is more to do. */
  prepare(): boolean {
    if (this.#headFrames === this.#headLength) return false;
    const last = Math.min(this.#headLength, this.#headFrames + BLOCK_FRAMES);
    const part = slice(this.#head, this.#headFrames, last);
    this.#read(part);
    this.#meter.pushBlock(part);
    for (let index = 0; index < part.left.length; index += 1) {
      const left = this.#peaks[0].tick(part.left[index] ?? 0);
      const right = this.#peaks[1].tick(part.right[index] ?? 0);
      this.#raisePeak(Math.max(left, right));
    }
    this.#headFrames = last;
    return this.#headFrames < this.#headLength;
  }

  next(): Float32Array<ArrayBuffer> | undefined {
    if (this.#given >= this.#frames) return undefined;
    while (this.prepare());
    this.#finish ??= new Finish((block) => this.#feed(block), this.#gain());
    const frames = Math.min(this.#cut.blockFrames ?? BLOCK_FRAMES, this.#frames - this.#given);
    this.#given += frames;
    const block = new Float32Array(2 * frames);
    this.#finish.read(block);
    return block;
  }

  #raisePeak(peak: number): void {
    if (peak <= this.#peak) return;
    this.#peak = peak;
    for (const finder of this.#peaks) finder.ignoreBelow(peak);
  }

  #gain(): number {
    const { loop, loudness } = this.#cut;
    const measured = this.#meter.loudness();
    if (!Number.isFinite(measured) || this.#peak === 0) return 1;
    const wanted = fromDecibels(loudness - measured);
    // A limiter that is still at work when a loop comes round would be heard at the seam.
    const longLoop = this.#frames > this.#headLength;
    const limited = loop ? (longLoop ? fromDecibels(-3) : 1) : MOST_LIMITED;
    return Math.min(wanted, (CEILING / this.#peak) * limited);
  }

  /** What comes next before loudness and limiter; after the end silence, or in a loop its beginning again. */
  #feed(block: StereoBlock): void {
    for (let done = 0; done < QUANTUM;) {
      const count = Math.min(QUANTUM - done, this.#untilBorder());
      const part = slice(block, done, done + count);
      if (this.#fed < this.#headLength) copy(slice(this.#head, this.#fed, this.#fed + count), part);
      else if (this.#fed < this.#frames) this.#read(part);
      else if (this.#cut.loop)
        copy(slice(this.#head, this.#fed - this.#frames, this.#fed - this.#frames + count), part);
      if (!this.#cut.loop) this.#ramp(part);
      this.#fed += count;
      done += count;
    }
  }

  /** Frames until they come from somewhere else. */
  #untilBorder(): number {
    if (this.#fed < this.#headLength) return this.#headLength - this.#fed;
    return this.#fed < this.#frames ? this.#frames - this.#fed : Infinity;
  }

  #ramp({ left, right }: StereoBlock): void {
    const [rise, fall] = [RAMP_SECONDS.in * SAMPLE_RATE, RAMP_SECONDS.out * SAMPLE_RATE];
    if (this.#fed > rise && this.#fed + left.length < this.#frames - fall) return;
    for (let index = 0; index < left.length; index += 1) {
      const frame = this.#fed + index;
      const part = smoothStep(frame + 0.5, 0, rise) * smoothStep(this.#frames - frame - 0.5, 0, fall);
      left[index] = (left[index] ?? 0) * part;
      right[index] = (right[index] ?? 0) * part;
    }
  }
}

function slice({ left, right }: StereoBlock, from: number, to: number): StereoBlock {
  return { left: left.subarray(from, to), right: right.subarray(from, to) };
}

function copy(from: StereoBlock, to: StereoBlock): void {
  to.left.set(from.left);
  to.right.set(from.right);
}

/** Loudness and limiter, a quantum at a time; the limiter's delay is taken away again. */
class Finish {
  readonly #feed: Reader;
  readonly #gain: number;
  readonly #limiter = new Limiter(CEILING);
  readonly #block = stereoBlock();
  #place = QUANTUM;

  constructor(feed: Reader, gain: number) {
    this.#feed = feed;
    this.#gain = gain;
    this.#refill();
    this.#place = LIMITER_DELAY;
  }

  /** Fills interleaved frames. */
  read(block: Float32Array): void {
    const { left, right } = this.#block;
    for (let index = 0; index < block.length; index += 2) {
      if (this.#place === QUANTUM) this.#refill();
      block[index] = left[this.#place] ?? 0;
      block[index + 1] = right[this.#place] ?? 0;
      this.#place += 1;
    }
  }

  #refill(): void {
    const { left, right } = this.#block;
    left.fill(0);
    right.fill(0);
    this.#feed(this.#block);
    for (let index = 0; index < QUANTUM; index += 1) {
      left[index] = (left[index] ?? 0) * this.#gain;
      right[index] = (right[index] ?? 0) * this.#gain;
    }
    this.#limiter.process(this.#block);
    this.#place = 0;
  }
}

/** The piece from the start of the clip on. */
function straight(scene: Scene, { startSeconds }: EffectCut): Reader {
  const warmUp = startSeconds > 0 ? WARM_UP_SECONDS.middle : WARM_UP_SECONDS.beginning;
  return readScene(scene, { fromSeconds: startSeconds, warmUp });
}

function readScene(scene: Scene, { fromSeconds, warmUp }: { fromSeconds: number; warmUp: number }): Reader {
  const quantum = stereoBlock();
  const blockers = [new DcBlocker(), new DcBlocker()] as const;
  const first = Math.round(fromSeconds * SAMPLE_RATE);
  const fill = (frame: number) => {
    scene.render(quantum, frame);
    for (let index = 0; index < QUANTUM; index += 1) {
      quantum.left[index] = blockers[0].tick(quantum.left[index] ?? 0);
      quantum.right[index] = blockers[1].tick(quantum.right[index] ?? 0);
    }
  };
  // Quanta lie at the same places of the piece wherever the clip begins.
  let frame = Math.floor((first - warmUp * SAMPLE_RATE) / QUANTUM) * QUANTUM;
  for (; frame <= first; frame += QUANTUM) fill(frame);
  let place = first - (frame - QUANTUM);
  return (block) => {
    for (let done = 0; done < block.left.length;) {
      if (place === QUANTUM) {
        fill(frame);
        frame += QUANTUM;
        place = 0;
      }
      const count = Math.min(QUANTUM - place, block.left.length - done);
      copy(slice(quantum, place, place + count), slice(block, done, done + count));
      place += count;
      done += count;
    }
  };
}

/**
 * The piece as a loop: it is read from a little before the clip, and its last moments give way to that little, which
 * ends where the clip begins.
 */
function seamless(scene: Scene, cut: EffectCut, frames: number): Reader {
  const seam = Math.min(Math.floor(frames / 4), Math.round(LONGEST_SEAM_SECONDS * SAMPLE_RATE));
  const read = readScene(scene, {
    fromSeconds: cut.startSeconds - seam / SAMPLE_RATE,
    warmUp: WARM_UP_SECONDS.middle,
  });
  const before = stereoBlock(seam);
  read(before);
  let frame = 0;
  return (block) => {
    read(block);
    for (let index = 0; index < block.left.length; index += 1) {
      const into = frame + index - (frames - seam);
      if (into < 0 || into >= seam) continue;
      const angle = ((into + 0.5) / seam) * (Math.PI / 2);
      const [out, come] = [Math.cos(angle), Math.sin(angle)];
      block.left[index] = (block.left[index] ?? 0) * out + (before.left[into] ?? 0) * come;
      block.right[index] = (block.right[index] ?? 0) * out + (before.right[into] ?? 0) * come;
    }
    frame += block.left.length;
  };
}
