import { AppError } from '../../base/errors.ts';
import { primed } from '../../base/stream.ts';
import { toMono } from '../../media/channel-mix.ts';
import { shapeEdges, type ClipEdges } from '../../media/clip-edges.ts';
import type { PcmStream } from '../../media/pcm.ts';
import { resample } from '../../media/resample.ts';
import type { Warning } from '../warning.ts';
import type { TimingTrack, WordTiming } from './alignment.ts';
import { changesLevel, createLevelCurve, type GainSpan } from './level-curve.ts';
import type { ScriptPause } from './speech-script.ts';
import type { JoinedOutput } from './speech-seams.ts';

/** A run that is ready to be spoken. */
export interface PlayedRun {
  readonly kind: 'run';
  /** Asks the engine. */
  readonly speak: () => Promise<JoinedOutput>;
  /** Where the run's text begins in the texts of all runs, in UTF-16 units. */
  readonly offset: number;
  /** How long it is; marks that only the engine was given may follow it. */
  readonly length: number;
  /** The silence that is wanted at its ends, where something else than the engine decides about it. */
  readonly edges: ClipEdges;
  readonly gains: readonly GainSpan[];
}

/** What is heard, in order. */
export type PlayedPart = PlayedRun | ScriptPause;

/** Longest chunk of a pause, in seconds. */
const PAUSE_CHUNK_SECONDS = 0.1;
/** The tone over what is not to be heard. */
const TONE = { hertz: 1000, level: 0.15, rampSeconds: 0.01 } as const;

/**
 * Speaks runs and pauses one after another. A single run is the engine's own answer. The next run is begun while one
 * is heard; nothing else is made before it is read. Runs in which there is nothing to say are passed over; throws
 * `unsupported_feature` (reason `nothing_to_speak`) when that is true of all.
 */
export async function playScript(parts: readonly PlayedPart[]): Promise<JoinedOutput> {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.kind === 'run' && !changesLevel(only.gains)) return only.speak();
  const { opened, refusal } = await openRuns(parts);
  const first = opened.find((part) => part.kind === 'opened');
  if (first?.kind !== 'opened') throw refusal ?? nothingToSpeak();
  const { sampleRate } = first.pcm;
  const words: WordTiming[] = [];
  const runs = opened.filter((part) => part.kind === 'opened');
  const warnings = runs.flatMap(({ output }) => output.warnings ?? []);
  const timed = runs.every(({ timings }) => timings !== undefined);
  const [firstTrace, lastTrace] = [first.output.trace, runs.at(-1)?.output.trace];
  return {
    kind: 'pcm',
    pcm: { sampleRate, channels: 1, chunks: play(opened, { sampleRate, words }) },
    ...(timed ? { timings: { words } } : {}),
    warnings: distinct(warnings),
    ...(firstTrace && lastTrace
      ? {
          trace: () => ({
            ...lastTrace(),
            opening: firstTrace().opening,
            leadSeconds: firstTrace().leadSeconds,
          }),
        }
      : {}),
  };
}

/** An engine's way to say that it finds nothing in a text that it could say. */
export function nothingToSpeak(): AppError {
  return new AppError('unsupported_feature', 'The text holds nothing that can be spoken.', {
    reason: 'nothing_to_speak',
  });
}

interface OpenedRun {
  readonly kind: 'opened';
  readonly run: PlayedRun;
  readonly output: JoinedOutput;
  readonly pcm: PcmStream;
  readonly timings: TimingTrack | undefined;
}

type OpenedPart = OpenedRun | ScriptPause;

/** Asks for every run, so that what an engine has to say about any of them is known at once. No samples are made yet. */
async function openRuns(
  parts: readonly PlayedPart[],
): Promise<{ readonly opened: readonly OpenedPart[]; readonly refusal: AppError | undefined }> {
  const opened: OpenedPart[] = [];
  let refusal: AppError | undefined;
  for (const part of parts) {
    if (part.kind === 'pause') {
      opened.push(part);
      continue;
    }
    try {
      opened.push(toOpened(part, await part.speak()));
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== 'nothing_to_speak') throw error;
      refusal = error;
    }
  }
  return { opened, refusal };
}

function toOpened(run: PlayedRun, output: JoinedOutput): OpenedRun {
  if (output.kind === 'raw')
    throw new AppError('engine_failed', 'The engine passed its sound on, which was not asked for.');
  return { kind: 'opened', run, output, pcm: output.pcm, timings: output.timings };
}

interface Playing {
  readonly sampleRate: number;
  readonly words: WordTiming[];
}

async function* play(parts: readonly OpenedPart[], playing: Playing): AsyncGenerator<Float32Array> {
  const { sampleRate } = playing;
  const queue = createQueue(parts, playing);
  let pending: ScriptPause[] = [];
  let frames = 0;
  try {
    for (const part of parts) {
      if (part.kind === 'pause') {
        pending.push(part);
        continue;
      }
      const run = queue.take(part);
      for await (const chunk of run.chunks()) {
        // Nobody hears silence before there is a voice: an engine that fails must do so before the first sample.
        yield* silences(pending, sampleRate);
        frames += framesOf(pending, sampleRate);
        pending = [];
        run.begin(frames);
        queue.lookAhead();
        yield chunk;
      }
      queue.lookAhead();
      frames += run.frames();
    }
    if (frames > 0) yield* silences(pending, sampleRate);
  } finally {
    queue.close();
  }
}

/** Starts runs in order, the next one while one is heard. */
function createQueue(parts: readonly OpenedPart[], playing: Playing) {
  const waiting = parts.filter((part) => part.kind === 'opened');
  let current: StartedRun | undefined;
  let next: StartedRun | undefined;
  return {
    take: (part: OpenedRun): StartedRun => {
      if (!next) waiting.shift();
      current = next ?? startRun(part, playing);
      next = undefined;
      return current;
    },
    lookAhead: () => {
      const following = next ? undefined : waiting.shift();
      if (following) next = startRun(following, playing);
    },
    close: () => {
      current?.close();
      next?.close();
    },
  };
}

function framesOf(pauses: readonly ScriptPause[], sampleRate: number): number {
  return pauses.reduce((sum, { seconds }) => sum + Math.round(seconds * sampleRate), 0);
}

interface StartedRun {
  /** The samples as they are heard. */
  chunks(): AsyncIterable<Float32Array>;
  /** Tells at which frame of everything the run begins; from then on its words are placed. */
  begin(frame: number): void;
  frames(): number;
  /** Ends it; nobody has to wait for that. */
  close(): void;
}

/** Lets the engine begin although nobody reads the run yet. */
function startRun({ run, pcm, timings }: OpenedRun, { sampleRate, words }: Playing): StartedRun {
  const shaped = shapeEdges(resample(toMono(pcm), sampleRate), run.edges);
  const first = primed(shaped.pcm.chunks);
  // It fails again for whoever reads it.
  first.catch(() => undefined);
  const level = changesLevel(run.gains) ? createLevelCurve(run.gains, sampleRate) : undefined;
  const own: WordTiming[] = [];
  let heard = 0;
  let startFrame: number | undefined;
  let placed = 0;

  const catchUp = () => {
    const later = shaped.shiftSeconds() ?? 0;
    for (const word of timings?.words.slice(own.length) ?? []) {
      const startSeconds = Math.max(0, word.startSeconds + later);
      own.push({ ...word, startSeconds, endSeconds: Math.max(startSeconds, word.endSeconds + later) });
    }
  };
  const place = () => {
    if (startFrame === undefined) return;
    const base = startFrame / sampleRate;
    for (const word of own.slice(placed).filter(({ start }) => start < run.length)) {
      const startSeconds = Math.max(words.at(-1)?.endSeconds ?? 0, base + word.startSeconds);
      words.push({
        start: run.offset + word.start,
        end: run.offset + Math.min(run.length, word.end),
        startSeconds,
        endSeconds: Math.max(startSeconds, base + word.endSeconds),
      });
    }
    placed = own.length;
  };

  async function* chunks() {
    const { stream } = await first;
    for await (const chunk of stream) {
      catchUp();
      place();
      heard += chunk.length;
      yield level ? level(chunk, own) : chunk;
    }
    catchUp();
    place();
  }
  return {
    chunks,
    begin: (frame) => {
      startFrame ??= frame;
      place();
    },
    frames: () => heard,
    close: () => {
      void first.then((opened) => opened.close()).catch(() => undefined);
    },
  };
}

function* silences(pauses: readonly ScriptPause[], sampleRate: number): Generator<Float32Array> {
  for (const { seconds, tone } of pauses) {
    const total = Math.round(seconds * sampleRate);
    const most = Math.round(PAUSE_CHUNK_SECONDS * sampleRate);
    for (let start = 0; start < total; start += most) {
      const samples = new Float32Array(Math.min(most, total - start));
      yield tone ? samples.map((_, index) => toneAt(start + index, total, sampleRate)) : samples;
    }
  }
}

function toneAt(frame: number, total: number, sampleRate: number): number {
  const ramp = TONE.rampSeconds * sampleRate;
  const edge = Math.min(1, frame / ramp, (total - frame) / ramp);
  return TONE.level * edge * Math.sin((2 * Math.PI * TONE.hertz * frame) / sampleRate);
}

function distinct(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}
