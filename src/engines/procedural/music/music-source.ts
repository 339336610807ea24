import { fromDecibels, smoothStep } from '../dsp/dsp-envelopes.ts';
import { Limiter, LIMITER_DELAY } from '../dsp/dsp-limiter.ts';
import { LoudnessMeter } from '../dsp/dsp-loudness.ts';
import type { MusicBrief } from './music-brief.ts';
import { DrumSounds } from './music-drum-sounds.ts';
import { MusicMixer, type MusicSession } from './music-mixer.ts';
import type { Performance } from './music-performance.ts';
import { QUANTUM, SAMPLE_RATE, stereoBlock, type SoundSource } from '../sound-source.ts';

/** Loudness of every piece, in LUFS, and what its true peaks stay below. */
const TARGET_LOUDNESS = -16;
const CEILING = fromDecibels(-1.4);

/** What is played before the first frame that is heard, so that what rings into it does. */
const LEAD_SECONDS = 10;

/** Quanta of a block: about a tenth of a second. */
const BLOCK_QUANTA = 32;

/** The sound of a performance, from where the clip begins to where it ends. */
export function createMusicSource(
  brief: MusicBrief,
  performance: Performance,
  blockQuanta: number = BLOCK_QUANTA,
): SoundSource {
  const frames = Math.round(brief.durationSeconds * SAMPLE_RATE);
  const startFrame = Math.round(brief.startSeconds * SAMPLE_RATE);
  const edges = clipEdges(brief, frames);
  let reader: ((block: Float32Array<ArrayBuffer>) => void) | undefined;
  let done = 0;
  return {
    sampleRate: SAMPLE_RATE,
    durationSeconds: frames / SAMPLE_RATE,
    next: () => {
      if (done >= frames) return undefined;
      reader ??= openReader(brief, performance, startFrame);
      const count = Math.min(frames - done, blockQuanta * QUANTUM);
      const block = new Float32Array(count * 2);
      reader(block);
      edges(block, done);
      done += count;
      return block;
    },
  };
}

/** Reads interleaved frames from a frame of the piece on; each call goes on where the last one ended. */
function openReader(
  brief: MusicBrief,
  performance: Performance,
  startFrame: number,
): (block: Float32Array<ArrayBuffer>) => void {
  const lead = leadFrames(brief, startFrame);
  const session = { brief, performance, sounds: new DrumSounds(brief.arrangement.drums?.kit ?? 'acoustic') };
  const gain = fromDecibels(TARGET_LOUDNESS - measureLoudness(session));
  const mixer = new MusicMixer(session, startFrame - lead);
  const limiter = new Limiter(CEILING);
  const quantum = stereoBlock();
  let skip = lead + LIMITER_DELAY;
  let place = QUANTUM;
  const fill = () => {
    mixer.render(quantum, brief.style.echo);
    for (let frame = 0; frame < QUANTUM; frame += 1) {
      quantum.left[frame] = (quantum.left[frame] ?? 0) * gain;
      quantum.right[frame] = (quantum.right[frame] ?? 0) * gain;
    }
    limiter.process(quantum);
    place = 0;
  };
  return (block) => {
    for (let index = 0; index < block.length; index += 2) {
      while (place === QUANTUM || skip > 0) {
        if (place === QUANTUM) fill();
        const skipped = Math.min(skip, QUANTUM - place);
        place += skipped;
        skip -= skipped;
      }
      block[index] = quantum.left[place] ?? 0;
      block[index + 1] = quantum.right[place] ?? 0;
      place += 1;
    }
  };
}

/** A loop is heard as if it had gone on for ever; a piece has nothing before its beginning. */
function leadFrames({ loop, form }: MusicBrief, startFrame: number): number {
  const wanted = Math.round(LEAD_SECONDS * SAMPLE_RATE);
  if (!loop) return Math.min(startFrame, wanted);
  return Math.max(wanted, Math.round(form.totalSeconds * SAMPLE_RATE) < wanted ? wanted : 0);
}

/** How many stretches of the piece are listened to, and for how long each, before it is played. */
const PROBES = 5;
const PROBE_SECONDS = 1.6;
const PROBE_LEAD_SECONDS = 0.9;

/** The loudness that the mixer would have, from a few stretches of the clip. */
function measureLoudness(session: MusicSession): number {
  const { brief } = session;
  const meter = new LoudnessMeter();
  const played = Math.max(
    0.5,
    Math.min(brief.durationSeconds, brief.form.playedSeconds - brief.startSeconds + 0.5),
  );
  const count = Math.max(1, Math.min(PROBES, Math.floor(played / PROBE_SECONDS)));
  for (let probe = 0; probe < count; probe += 1) {
    const latest = Math.max(0, played - PROBE_SECONDS);
    const seconds = brief.startSeconds + (count === 1 ? 0 : (latest * (probe + 0.5)) / count);
    listen(
      meter,
      new MusicMixer(session, Math.round(Math.max(0, seconds - PROBE_LEAD_SECONDS) * SAMPLE_RATE)),
      {
        skip: Math.min(seconds, PROBE_LEAD_SECONDS),
        heard: Math.min(PROBE_SECONDS, played),
        echo: brief.style.echo,
      },
    );
  }
  const loudness = meter.loudness();
  return Number.isFinite(loudness) ? Math.max(-60, loudness) : -30;
}

function listen(
  meter: LoudnessMeter,
  mixer: MusicMixer,
  { skip, heard, echo }: { readonly skip: number; readonly heard: number; readonly echo: number },
): void {
  const quantum = stereoBlock();
  const samples = new Float32Array(2 * QUANTUM);
  const skipped = Math.round((skip * SAMPLE_RATE) / QUANTUM);
  const quanta = Math.ceil((heard * SAMPLE_RATE) / QUANTUM);
  for (let index = 0; index < skipped + quanta; index += 1) {
    mixer.render(quantum, echo);
    if (index < skipped) continue;
    for (let frame = 0; frame < QUANTUM; frame += 1) {
      samples[2 * frame] = quantum.left[frame] ?? 0;
      samples[2 * frame + 1] = quantum.right[frame] ?? 0;
    }
    meter.push(samples);
  }
}

/** What the ends of the clip are multiplied by: nothing for a loop, a fade where the piece ends or is cut into. */
function clipEdges(brief: MusicBrief, frames: number): (block: Float32Array, from: number) => void {
  if (brief.loop) return () => {};
  const { form, startSeconds, wish } = brief;
  const total = frames / SAMPLE_RATE;
  const ringing = Math.max(0.02, form.totalSeconds - form.playedSeconds);
  const out = form.ending === 'fade' ? Math.min(10, total * 0.3) : Math.min(2.2, total * 0.3, ringing * 0.7);
  const rise =
    wish.shapes.includes('fade in') && startSeconds === 0
      ? Math.min(6, total * 0.25)
      : startSeconds > 0
        ? 0.02
        : 0.002;
  const [riseFrames, outFrames] = [rise * SAMPLE_RATE, Math.max(64, out * SAMPLE_RATE)];
  return (block, from) => {
    for (let index = 0; index < block.length; index += 2) {
      const frame = from + index / 2;
      if (frame > riseFrames && frame < frames - outFrames) continue;
      const gain =
        smoothStep(frame, -1, riseFrames) * (1 - smoothStep(frame, frames - outFrames, frames - 1));
      block[index] = (block[index] ?? 0) * gain;
      block[index + 1] = (block[index + 1] ?? 0) * gain;
    }
  };
}
