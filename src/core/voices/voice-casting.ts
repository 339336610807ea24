import { isAbort } from '../../base/errors.ts';
import { concatSamples } from '../../media/pcm.ts';
import { semitonesBetween } from '../../media/pitch.ts';
import { measureInWorker } from '../../media/reference-pool.ts';
import { normalizeForSpeech } from '../../media/text/speech-normalizer.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import type { VoiceMeasure } from './voice-record.ts';
import type { Voice } from './voice.ts';

/** Who is to play a voice, in which language, and for whom. */
export interface CastingPart {
  readonly engine: Engine;
  /** Id of the engine's model that will speak. */
  readonly model: string;
  /** BCP 47. */
  readonly language: string;
  readonly context: RequestContext;
}

/** An engine voice and the shift with which it comes nearest to somebody. */
export interface NearestVoice {
  readonly voice: Voice;
  readonly pitchSemitones: number;
}

/** Finds the engine voice that sounds most like somebody. */
export interface VoiceCasting {
  /** The nearest of some voices of an engine; undefined when none of them could be measured. */
  nearest(
    wanted: VoiceMeasure,
    voices: readonly Voice[],
    part: CastingPart,
  ): Promise<NearestVoice | undefined>;
  /** How high an engine voice speaks, by letting it say a sentence once; undefined when it cannot. */
  measure(voice: Voice, part: Omit<CastingPart, 'language'>): Promise<VoiceMeasure | undefined>;
}

/** A voice shifted further sounds like a machine. */
export const MOST_SHIFT_SEMITONES = 7;
/** Each semitone that no shift can make up for counts like so many. */
const UNREACHED_WEIGHT = 4;
/** How much a livelier or flatter melody counts against a higher or lower voice. */
const RANGE_WEIGHT = 0.3;
/** Voices that are tried out for one part; engines have up to hundreds. */
const MOST_TRIED = 8;
/** A sentence takes no longer, or the voice is not measured. */
const MEASURING_MS = 60_000;
/** Enough of a sentence. */
const HEARD_SECONDS = 6;

const ENGLISH_SENTENCE = 'The boats came back to the quiet harbour, one after another, late in the evening.';
/** Every language has numbers, and every engine says them. */
const COUNTING = '1, 2, 3, 4, 5, 6, 7, 8.';

/** Builds the casting. What was measured is remembered as long as the program runs. */
export function createVoiceCasting(runner: EngineRunner): VoiceCasting {
  const measures = new Map<string, Promise<VoiceMeasure | undefined>>();
  const measure: VoiceCasting['measure'] = async (voice, part) => {
    const known = measures.get(voice.id) ?? tryOut(voice, part, runner);
    measures.set(voice.id, known);
    try {
      return await known;
    } catch (error) {
      // Another time it may work.
      measures.delete(voice.id);
      if (isAbort(error) || part.context.signal.aborted) return undefined;
      part.context.log.warn({ error, voice: voice.id }, 'voice-not-measured');
      return undefined;
    }
  };
  return {
    measure,
    nearest: async (wanted, voices, part) => {
      const tried = voices.toSorted((a, b) => a.rank - b.rank).slice(0, MOST_TRIED);
      const found = await Promise.all(
        tried.map(async (voice) => {
          const measured = await measure(voice, part);
          return measured ? [{ voice, ...fitness(wanted, measured) }] : [];
        }),
      );
      return found.flat().toSorted((a, b) => a.distance - b.distance)[0];
    },
  };
}

function fitness(wanted: VoiceMeasure, voice: VoiceMeasure): { pitchSemitones: number; distance: number } {
  const apart = semitonesBetween(voice.pitchHertz, wanted.pitchHertz);
  const pitchSemitones = Math.max(-MOST_SHIFT_SEMITONES, Math.min(MOST_SHIFT_SEMITONES, apart));
  const unreached = Math.abs(apart - pitchSemitones);
  const range = Math.abs(voice.pitchRangeSemitones - wanted.pitchRangeSemitones);
  const distance = Math.abs(pitchSemitones) + UNREACHED_WEIGHT * unreached + RANGE_WEIGHT * range;
  return { pitchSemitones: Math.round(pitchSemitones * 100) / 100, distance };
}

/** Whoever asks first may hang up: others wait for the same answer. */
async function tryOut(
  voice: Voice,
  { engine, model, context }: Omit<CastingPart, 'language'>,
  runner: EngineRunner,
): Promise<VoiceMeasure | undefined> {
  const { speech } = engine;
  if (!speech) return undefined;
  const language = voice.languages[0] ?? 'en';
  const primary = language.split('-')[0] ?? language;
  const sentence = primary === 'en' ? ENGLISH_SENTENCE : COUNTING;
  const text = normalizeForSpeech(sentence, { language: primary }).text;
  const signal = AbortSignal.timeout(MEASURING_MS);
  const own = { ...context, signal };
  const release = await runner.acquire(engine, own);
  try {
    const request = { model, text, voice: voice.id, language, speed: 1, pitchSemitones: 0, alignment: false };
    const output = await speech.synthesize(request, own);
    if (output.kind !== 'pcm' || output.pcm.channels !== 1) return undefined;
    const { sampleRate, chunks } = output.pcm;
    const samples = await firstSamples(chunks, HEARD_SECONDS * sampleRate);
    const caller = { owner: context.principal.id, signal };
    return await measureInWorker(samples, sampleRate, caller);
  } finally {
    release();
  }
}

async function firstSamples(
  chunks: AsyncIterable<Float32Array>,
  most: number,
): Promise<Float32Array<ArrayBuffer>> {
  const held: Float32Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    // Some engines use the memory of a chunk again.
    held.push(chunk.slice());
    length += chunk.length;
    if (length >= most) break;
  }
  return concatSamples(held);
}
