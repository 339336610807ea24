import { open } from 'node:fs/promises';
import { AppError, cancelledError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { EngineModule, SpeechEngine, SpeechOutput, SynthesisRequest } from '../../core/engine.ts';
import type { ModelCard } from '../../core/models/model.ts';
import { mapTimingsToSource } from '../../core/speech/source-timings.ts';
import { primaryLanguage } from '../../core/voices/voice-library.ts';
import type { Warning } from '../../core/warning.ts';
import { findInventedWords, inventWords, type SoundChange, soundWarnings } from '../invented-words.ts';
import { type PieceOptions, speakSentences } from '../sentence-speech.ts';
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts';
import {
  ESPEAK_LANGUAGE_CODES,
  ESPEAK_LICENCE,
  ESPEAK_VOICES,
  type EspeakVoice,
  findEspeakVoice,
} from './espeak-catalog.ts';
import { ESPEAK_SAMPLE_RATE } from './espeak-program.ts';
import type { EspeakInventory } from './espeak-inventory.ts';
import { toEspeakMnemonics } from './espeak-sounds.ts';
import type { EspeakAnswer, EspeakSound, EspeakTask } from './espeak-task.ts';
import type { EspeakWord } from './espeak-text.ts';

/** Requests that share the workers, one sentence of each in turn. */
const CONCURRENCY = 32;

/** espeak listens for a cancel every tenth of a second of speech; the first one of a cold worker takes longest. */
const CANCEL_GRACE_MS = 500;

const CARD: ModelCard = {
  id: 'espeak/espeak',
  name: 'eSpeak NG',
  capability: 'speech',
  description:
    'eSpeak NG: small formant voices for more than a hundred languages, on the CPU. Japanese must be written in kana.',
  languages: ESPEAK_LANGUAGE_CODES,
  implements: [],
  licence: ESPEAK_LICENCE,
};

/**
 * eSpeak NG, compiled to JavaScript, in worker threads: speech in more than a hundred languages with nothing to
 * download. Its package is under the GPL and is loaded by the worker's script alone, so that a server that runs
 * without this engine has no GPL part.
 */
export const espeakEngine: EngineModule = {
  id: 'espeak',
  title: 'eSpeak NG',
  licence: ESPEAK_LICENCE,
  create: ({ workers, keepWarmMs }) => {
    const data = findData();
    if (!data) {
      const unavailable = 'The package @echogarden/espeak-ng-emscripten is not installed.';
      return Promise.resolve({ unavailable });
    }
    const pool = createWorkerPool<EspeakTask, EspeakAnswer>({
      engine: 'espeak',
      script: new URL('espeak-worker.ts', import.meta.url),
      size: workers,
      prepare: () => readShared(data),
      cancelGraceMs: CANCEL_GRACE_MS,
      idleMs: keepWarmMs,
    });
    return Promise.resolve({
      id: 'espeak',
      concurrency: CONCURRENCY,
      models: [CARD],
      speech: createEspeakSpeech(pool),
      stop: () => pool.stop(),
    });
  },
};

function findData(): URL | undefined {
  try {
    return new URL('espeak-ng.data', import.meta.resolve('@echogarden/espeak-ng-emscripten'));
  } catch {
    // An installation may leave it out; the engine is then unavailable, which is the answer.
    return undefined;
  }
}

/** The voices' 24 MB, once for all workers. */
async function readShared(file: URL): Promise<SharedArrayBuffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const data = new SharedArrayBuffer(size);
    const { bytesRead } = await handle.read(new Uint8Array(data), 0, size, 0);
    if (bytesRead !== size)
      throw new Error(`Only ${bytesRead} of ${size} bytes of espeak's data could be read.`);
    return data;
  } finally {
    await handle.close();
  }
}

type Pool = WorkerPool<EspeakTask, EspeakAnswer>;

function createEspeakSpeech(pool: Pool): SpeechEngine {
  const speaker: Speaker = { pool, inventories: new Map() };
  return {
    voices: ESPEAK_VOICES,
    findVoice: findEspeakVoice,
    settings: {
      speed: { minimum: 0.1, maximum: 10 },
      language: 'any',
      alignment: 'any',
      seed: 'any',
      phonemes: 'any',
    },
    measuresWords: true,
    synthesize: (request, context) => speak(speaker, request, context),
    warm: () => warm(pool),
  };
}

interface Speaker {
  readonly pool: Pool;
  /** The sounds of each voice that was asked for any. */
  readonly inventories: Map<string, Promise<EspeakInventory>>;
}

async function speak(
  speaker: Speaker,
  request: SynthesisRequest,
  context: RequestContext,
): Promise<SpeechOutput> {
  const voice = findEspeakVoice(request.voice);
  if (!voice) {
    throw new AppError('not_found', `espeak has no voice '${request.voice}'.`, { subject: 'voice' });
  }
  const language = voice.languages[0] ?? request.language;
  const invented = request.phonemes?.length ? inventWords(request.text, request.phonemes) : undefined;
  const pronounced = await pronounce(invented?.pronunciations, { speaker, voice, language, context });
  const text = invented?.text ?? request.text;
  const { pcm, timings } = speakSentences({
    text,
    sampleRate: ESPEAK_SAMPLE_RATE,
    speed: request.speed,
    pitchSemitones: request.pitchSemitones,
    signal: context.signal,
    language,
    speakPiece: (piece, options) => {
      const words = wordsIn(piece.text, pronounced.mnemonics);
      const task: EspeakTask = {
        kind: 'speech',
        voice: voice.file,
        language,
        text: piece.text,
        ...(words.length === 0 ? {} : { words }),
      };
      // A speech is answered with sounds and nothing else.
      return speaker.pool.run(task, options) as AsyncIterableIterator<EspeakSound>;
    },
  });
  return {
    kind: 'pcm',
    pcm,
    timings: invented ? mapTimingsToSource(timings, invented, request.text) : timings,
    warnings: [...warningsAbout(text, voice), ...pronounced.warnings],
  };
}

interface Pronouncing {
  readonly speaker: Speaker;
  readonly voice: EspeakVoice;
  readonly language: string;
  readonly context: RequestContext;
}

interface Pronounced {
  /** By invented word. */
  readonly mnemonics: ReadonlyMap<string, string>;
  readonly warnings: readonly Warning[];
}

async function pronounce(
  pronunciations: ReadonlyMap<string, string> | undefined,
  { speaker, voice, language, context }: Pronouncing,
): Promise<Pronounced> {
  if (!pronunciations) return { mnemonics: new Map(), warnings: [] };
  const inventory = await inventoryOf(speaker, voice, context);
  const mnemonics = new Map<string, string>();
  const changed: SoundChange[] = [];
  for (const [word, ipa] of pronunciations) {
    const { mnemonics: written, changes } = toEspeakMnemonics(ipa, inventory);
    mnemonics.set(word, written);
    changed.push(...changes);
  }
  return { mnemonics, warnings: soundWarnings(changed, `the voice's language (${language})`) };
}

/** Variants of a voice have the same sounds. */
async function inventoryOf(
  { pool, inventories }: Speaker,
  voice: EspeakVoice,
  context: RequestContext,
): Promise<EspeakInventory> {
  const file = voice.file.split('+')[0] ?? voice.file;
  const known = inventories.get(file) ?? askForInventory(pool, file);
  inventories.set(file, known);
  try {
    return await untilAborted(known, context.signal);
  } catch (error) {
    if (!context.signal.aborted) inventories.delete(file);
    throw error;
  }
}

/** It is taken for everybody who will ask, so nobody's hanging up ends it. */
async function askForInventory(pool: Pool, voice: string): Promise<EspeakInventory> {
  const options: PieceOptions = { signal: new AbortController().signal, dueMs: performance.now() };
  for await (const answer of pool.run({ kind: 'inventory', voice }, options)) {
    if ('sounds' in answer) return answer;
  }
  throw new AppError('engine_failed', `espeak did not tell which sounds the voice '${voice}' has.`);
}

async function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw cancelledError();
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(cancelledError());
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([result, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function wordsIn(text: string, mnemonics: ReadonlyMap<string, string>): EspeakWord[] {
  if (mnemonics.size === 0) return [];
  return findInventedWords(text).flatMap(({ word, start }) => {
    const written = mnemonics.get(word);
    return written === undefined ? [] : [{ start, end: start + word.length, mnemonics: written }];
  });
}

/** espeak's Japanese reads kana only. */
function warningsAbout(text: string, voice: EspeakVoice): Warning[] {
  if (primaryLanguage(voice.languages[0] ?? '') !== 'ja' || !/\p{Script=Han}/u.test(text)) return [];
  const reason = 'Kanji cannot be read: the words "Chinese letter" are said for each. Write them in kana.';
  return [{ type: 'ignored', setting: 'text', reason }];
}

/** A short sentence also makes the compiler translate what every later one needs. Who comes second waits for a second worker. */
async function warm(pool: Pool): Promise<void> {
  await pool.warm(1);
  const task: EspeakTask = { kind: 'speech', voice: 'gmw/en-US', language: 'en', text: 'Ready.' };
  const options = { signal: new AbortController().signal, dueMs: performance.now() };
  for await (const sound of pool.run(task, options)) void sound;
}
