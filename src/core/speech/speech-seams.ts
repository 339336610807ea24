import { createClipMeter, type ClipMeter } from '../../media/clip-meter.ts';
import { shapeEdges, type ClipEdges } from '../../media/clip-edges.ts';
import { concatSamples, type PcmStream } from '../../media/pcm.ts';
import type { RequestContext } from '../context.ts';
import type { SpeechEngine, SpeechOutput, SynthesisRequest } from '../engine.ts';
import type { WordTiming } from './alignment.ts';
import { endOfText, lastPhrase, seamAfter, seamBefore, startOfText, type Seam } from './seam-plan.ts';
import { cutSpeech, type TimedSpeech } from './speech-cut.ts';
import type { SpeechSurroundings, SpeechTrace } from './speech-surroundings.ts';

/** A text to be spoken, and what it is to be joined with. */
export interface JoiningTask {
  readonly request: SynthesisRequest;
  readonly surroundings: SpeechSurroundings | undefined;
  /** Writes a surrounding text as the request's own text was written. */
  readonly normalize: (text: string) => string;
}

/** An engine's answer, and what remains of it once its samples were read to the end. */
export type JoinedOutput = SpeechOutput & { readonly trace?: () => SpeechTrace };

/** Loudness is never changed by more than this factor: about 9 dB. */
const MOST_GAIN = 2.8;
/** Different words of one voice differ in level by up to this factor, about 3 dB; only more is made equal. */
const USUAL_VARIATION = 1.4;
/** How much speech tells a level. */
const LEVEL_SECONDS = 1.5;

/**
 * Speaks a text so that it joins what stands around it. An engine that measures its words says the nearest phrases
 * along, and they are cut off again: intonation, pace and pauses at the joins are those of running speech. With other
 * engines only the pauses fit. The level follows that of the speech before.
 */
export async function speakJoined(
  speech: SpeechEngine,
  task: JoiningTask,
  context: RequestContext,
): Promise<JoinedOutput> {
  const { request } = task;
  const seams = seamsOf(task);
  const speak = (one: SynthesisRequest) => speech.synthesize(one, context);
  const isOwn = speech.settings.previous_text !== undefined;
  if (isOwn || (!seams.before && !seams.after)) return measured(await speak(request), request.text);
  const isRunning = seams.before?.kind === 'running' || seams.after?.kind === 'running';
  const along = speech.measuresWords === true && isRunning ? await speakAlong(speak, task, seams) : undefined;
  const output = along ?? levelled(await speak(request), seams.previous?.level);
  return measured(withPauses(output, pausesOf(seams, along !== undefined)), request.text);
}

interface Seams {
  readonly before: Seam | undefined;
  readonly after: Seam | undefined;
  readonly previous: SpeechTrace | undefined;
  readonly next: SpeechTrace | undefined;
}

function seamsOf({ request, surroundings, normalize }: JoiningTask): Seams {
  const { text, language } = request;
  const { previous, next } = surroundings ?? {};
  const before = previous?.closing ?? normalize(endOfText(surroundings?.before ?? ''));
  const after = next?.opening ?? normalize(startOfText(surroundings?.after ?? ''));
  return {
    before: seamBefore(before, text, language),
    after: seamAfter(text, after, language),
    previous,
    next,
  };
}

/** The texts around a text, for an engine that has a use for them itself. */
export function surroundingTexts(
  surroundings: SpeechSurroundings | undefined,
): Pick<SynthesisRequest, 'surroundings'> {
  const before = surroundings?.previous?.closing ?? surroundings?.before;
  const after = surroundings?.next?.opening ?? surroundings?.after;
  if (before === undefined) return after === undefined ? {} : { surroundings: { after } };
  return { surroundings: after === undefined ? { before } : { before, after } };
}

type Speak = (request: SynthesisRequest) => Promise<SpeechOutput>;

/** Says the nearest phrases along and cuts them off; undefined where the engine gave no times. */
async function speakAlong(speak: Speak, task: JoiningTask, seams: Seams): Promise<SpeechOutput | undefined> {
  const { text } = task.request;
  const before = seams.before?.kind === 'running' ? seams.before.phrase : '';
  const after = seams.after?.kind === 'running' ? seams.after.phrase : '';
  // The seams' own white space is part of the phrases.
  const own = text.slice(before === '' ? 0 : text.length - text.trimStart().length);
  const core = after === '' ? own : own.trimEnd();
  const spoken = `${before}${core}${after}`;
  const skipped = text.indexOf(core);
  const toSpeak = (whole: string, offset: number) => ({
    ...task.request,
    text: whole,
    alignment: true,
    ...movedPhonemes(task.request, { from: skipped, to: skipped + core.length, offset: offset - skipped }),
  });
  const output = await speak(toSpeak(spoken, before.length));
  const timed = timedSpeech(output);
  if (!timed) return undefined;
  const cut = cutSpeech({
    speech: timed,
    spoken,
    start: before.length,
    end: before.length + core.length,
    leadOf: (pause) => shareOf(pause, seams.previous?.tailSeconds),
    tailOf: (pause) => shareOf(pause, seams.next?.leadSeconds),
    gainFor: (level) => gainBetween(level, seams.previous?.closingLevel),
    alone: async () => {
      const alone = timedSpeech(await speak(toSpeak(core, 0)));
      return alone ?? { pcm: { ...timed.pcm, chunks: nothing() }, timings: { words: [] } };
    },
  });
  return { ...output, kind: 'pcm', ...movedBy(cut, { offset: skipped, laterSeconds: () => 0 }) };
}

/** The pronunciations in a stretch of the text, which now stands elsewhere. */
function movedPhonemes(
  { phonemes }: SynthesisRequest,
  stretch: { readonly from: number; readonly to: number; readonly offset: number },
): Pick<SynthesisRequest, 'phonemes'> {
  if (!phonemes) return {};
  const own = phonemes.filter(({ start, end }) => start >= stretch.from && end <= stretch.to);
  return {
    phonemes: own.map(({ start, end, ipa }) => ({
      start: start + stretch.offset,
      end: end + stretch.offset,
      ipa,
    })),
  };
}

function timedSpeech(output: SpeechOutput): TimedSpeech | undefined {
  return output.kind === 'pcm' && output.timings ? { pcm: output.pcm, timings: output.timings } : undefined;
}

async function* nothing(): AsyncGenerator<Float32Array> {
  // Never any samples.
}

/**
 * A pause belongs half to the one text and half to the other. Where the other speech exists already, all that it
 * lacks of the pause is made up.
 */
function shareOf(pauseSeconds: number, thereSeconds: number | undefined): number {
  return thereSeconds === undefined ? pauseSeconds / 2 : Math.max(0, pauseSeconds - thereSeconds);
}

/** Silence that the ends of the speech need: where the surroundings were spoken along they have it already. */
function pausesOf({ before, after, previous, next }: Seams, spokenAlong: boolean): ClipEdges {
  const pauseAt = (seam: Seam | undefined) => {
    if (!seam) return undefined;
    if (seam.kind === 'pause') return seam.seconds;
    return spokenAlong ? undefined : seam.pauseSeconds;
  };
  const [lead, tail] = [pauseAt(before), pauseAt(after)];
  return {
    ...(lead === undefined ? {} : { leadSeconds: shareOf(lead, previous?.tailSeconds) }),
    ...(tail === undefined ? {} : { tailSeconds: shareOf(tail, next?.leadSeconds) }),
  };
}

function withPauses(output: SpeechOutput, edges: ClipEdges): SpeechOutput {
  if (output.kind !== 'pcm') return output;
  if (edges.leadSeconds === undefined && edges.tailSeconds === undefined) return output;
  const shaped = shapeEdges(output.pcm, edges);
  if (!output.timings) return { ...output, pcm: shaped.pcm };
  const { timings } = output;
  return {
    ...output,
    ...movedBy({ pcm: shaped.pcm, timings }, { offset: 0, laterSeconds: shaped.shiftSeconds }),
  };
}

/** The same speech with its words elsewhere in text and time. */
function movedBy(
  { pcm, timings }: TimedSpeech,
  move: { readonly offset: number; readonly laterSeconds: () => number | undefined },
): TimedSpeech {
  const moved: WordTiming[] = [];
  const catchUp = (): readonly WordTiming[] => {
    const later = move.laterSeconds();
    if (later === undefined) return moved;
    for (const word of timings.words.slice(moved.length)) {
      moved.push({
        start: word.start + move.offset,
        end: word.end + move.offset,
        startSeconds: Math.max(0, word.startSeconds + later),
        endSeconds: Math.max(0, word.endSeconds + later),
      });
    }
    return moved;
  };
  return {
    pcm,
    timings: {
      get words() {
        return catchUp();
      },
    },
  };
}

/** The factor that brings one level to another, within reason. */
function gainBetween(level: number, wanted: number | undefined): number {
  if (wanted === undefined || wanted === 0 || level === 0) return 1;
  return Math.max(1 / MOST_GAIN, Math.min(MOST_GAIN, wanted / level));
}

/** Speech as loud as the one before it, judged by its beginning. */
function levelled(output: SpeechOutput, wanted: number | undefined): SpeechOutput {
  if (output.kind !== 'pcm' || wanted === undefined) return output;
  return { ...output, pcm: { ...output.pcm, chunks: levelledChunks(output.pcm, wanted) } };
}

async function* levelledChunks(pcm: PcmStream, wanted: number): AsyncGenerator<Float32Array> {
  const enough = LEVEL_SECONDS * pcm.sampleRate * pcm.channels;
  const meter = createClipMeter(pcm.sampleRate, pcm.channels);
  let waiting: Float32Array<ArrayBuffer> | undefined = new Float32Array(0);
  let gain = 1;
  const settle = () => {
    const factor = gainBetween(meter.measure().level, wanted);
    gain = Math.max(factor, 1 / factor) > USUAL_VARIATION ? factor : 1;
  };
  for await (const chunk of pcm.chunks) {
    if (!waiting) {
      yield amplified(chunk, gain);
      continue;
    }
    meter.push(chunk);
    waiting = concatSamples([waiting, chunk]);
    if (waiting.length < enough) continue;
    settle();
    yield amplified(waiting, gain);
    waiting = undefined;
  }
  if (!waiting) return;
  settle();
  yield amplified(waiting, gain);
}

function amplified(samples: Float32Array, gain: number): Float32Array {
  return gain === 1 ? samples : samples.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
}

/** Looks at the samples while they go by. */
function measured(output: SpeechOutput, text: string): JoinedOutput {
  if (output.kind !== 'pcm') return output;
  const { pcm, timings } = output;
  const meter = createClipMeter(pcm.sampleRate, pcm.channels);
  const trace = () => {
    const closing = text.lastIndexOf(lastPhrase(text));
    const from = timings?.words.find(({ start }) => start >= closing)?.startSeconds ?? 0;
    return {
      opening: startOfText(text),
      closing: endOfText(text),
      ...meter.measure(),
      closingLevel: meter.levelFrom(from),
    };
  };
  return { ...output, pcm: { ...pcm, chunks: watched(pcm.chunks, meter) }, trace };
}

async function* watched(chunks: AsyncIterable<Float32Array>, meter: ClipMeter): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    meter.push(chunk);
    yield chunk;
  }
}
