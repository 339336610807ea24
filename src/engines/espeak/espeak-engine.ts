import { open } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { EngineModule, SpeechEngine, SpeechOutput, SynthesisRequest } from '../../core/engine.ts';
import type { ModelCard } from '../../core/models/model.ts';
import { primaryLanguage } from '../../core/voices/voice-library.ts';
import type { Warning } from '../../core/warning.ts';
import { speakSentences } from '../sentence-speech.ts';
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts';
import {
  ESPEAK_LANGUAGE_CODES,
  ESPEAK_LICENCE,
  ESPEAK_VOICES,
  type EspeakVoice,
  findEspeakVoice,
} from './espeak-catalog.ts';
import { ESPEAK_SAMPLE_RATE } from './espeak-program.ts';
import type { EspeakSound, EspeakTask } from './espeak-task.ts';

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
  create: ({ workers }) => {
    const data = findData();
    if (!data) {
      const unavailable = 'The package @echogarden/espeak-ng-emscripten is not installed.';
      return Promise.resolve({ unavailable });
    }
    const pool = createWorkerPool<EspeakTask, EspeakSound>({
      engine: 'espeak',
      script: new URL('espeak-worker.ts', import.meta.url),
      size: workers,
      prepare: () => readShared(data),
      cancelGraceMs: CANCEL_GRACE_MS,
    });
    return Promise.resolve({
      id: 'espeak',
      concurrency: CONCURRENCY,
      models: [CARD],
      speech: createEspeakSpeech(pool, workers),
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

type Pool = WorkerPool<EspeakTask, EspeakSound>;

function createEspeakSpeech(pool: Pool, workers: number): SpeechEngine {
  return {
    voices: ESPEAK_VOICES,
    findVoice: findEspeakVoice,
    settings: { speed: { minimum: 0.1, maximum: 10 }, language: 'any', alignment: 'any', seed: 'any' },
    synthesize: async (request, context) => speak(pool, request, context),
    warm: () => warm(pool, workers),
  };
}

function speak(pool: Pool, request: SynthesisRequest, context: RequestContext): SpeechOutput {
  const voice = findEspeakVoice(request.voice);
  if (!voice) {
    throw new AppError('not_found', `espeak has no voice '${request.voice}'.`, { subject: 'voice' });
  }
  const language = voice.languages[0] ?? request.language;
  const { pcm, timings } = speakSentences({
    text: request.text,
    sampleRate: ESPEAK_SAMPLE_RATE,
    speed: request.speed,
    pitchSemitones: request.pitchSemitones,
    signal: context.signal,
    language,
    speakPiece: (piece, options) => pool.run({ voice: voice.file, language, text: piece.text }, options),
  });
  return { kind: 'pcm', pcm, timings, warnings: warningsAbout(request.text, voice) };
}

/** espeak's Japanese reads kana only. */
function warningsAbout(text: string, voice: EspeakVoice): Warning[] {
  if (primaryLanguage(voice.languages[0] ?? '') !== 'ja' || !/\p{Script=Han}/u.test(text)) return [];
  const reason = 'Kanji cannot be read: the words "Chinese letter" are said for each. Write them in kana.';
  return [{ type: 'ignored', setting: 'text', reason }];
}

/** One short sentence per worker also makes the compiler translate what every later one needs. */
async function warm(pool: Pool, workers: number): Promise<void> {
  await pool.warm();
  const task: EspeakTask = { voice: 'gmw/en-US', language: 'en', text: 'Ready.' };
  const options = { signal: new AbortController().signal, dueMs: performance.now() };
  const runs = Array.from({ length: workers }, async () => {
    for await (const sound of pool.run(task, options)) void sound;
  });
  await Promise.all(runs);
}
