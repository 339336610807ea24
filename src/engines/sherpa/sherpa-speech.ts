import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { SpeechEngine, SpeechOutput, SynthesisRequest, VoiceSample } from '../../core/engine.ts';
import { mediaChunks, type MediaBytes } from '../../core/media-input.ts';
import { primaryLanguage } from '../../core/voices/voice-library.ts';
import type { Warning } from '../../core/warning.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../media/decoders/audio-decoders.ts';
import { concatSamples } from '../../media/pcm.ts';
import { estimateWordTimes } from '../../media/word-estimates.ts';
import { speakSentences, type SpokenPart } from '../sentence-speech.ts';
import { isOfKind, type SherpaCatalog, type SherpaModel } from './sherpa-catalog.ts';
import type { SherpaCall } from './sherpa-config.ts';
import type { SherpaProcesses, StartOf } from './sherpa-processes.ts';
import { sampleVoiceOf, voicesOf, type SherpaVoice, type SpeakingModel } from './sherpa-voices.ts';

type SpeakCall = Extract<SherpaCall, { kind: 'speak' }>;

/** Longest sample of a voice that is listened to; more only costs time with each sentence. */
const SAMPLE_SECONDS = { least: 1, most: 12 } as const;

/** The part of sherpa that speaks: VITS and Piper, Matcha, Kokoro, Kitten, Supertonic, ZipVoice and Pocket. */
export function createSherpaSpeech(catalog: SherpaCatalog, processes: SherpaProcesses): SpeechEngine {
  return {
    get voices() {
      return speakingModels(catalog.known())
        .flatMap(voicesOf)
        .map(({ voice }) => voice);
    },
    findVoice: (id) => findVoice(id, catalog.known())?.voice,
    findSampleVoice: (id, sample) => {
      const model = speakingModels(catalog.known()).find(({ weights }) => weights.id === id);
      return model && canWorkWith(sample, model) ? sampleVoiceOf(model)?.voice : undefined;
    },
    get settings() {
      return settingsOf(speakingModels(catalog.known()));
    },
    synthesize: async (request, context) => {
      const found = findVoice(request.voice, await catalog.refresh());
      if (!found) throw await noSuchVoice(request.voice, catalog);
      return speak({ ...found, request, context }, processes);
    },
  };
}

function settingsOf(models: readonly SpeakingModel[]): SpeechEngine['settings'] {
  const clones = models.some(({ layout }) => layout.speakers.length === 0);
  return {
    speed: { minimum: 0.1, maximum: 10 },
    language: 'any',
    alignment: 'any',
    ...(clones ? { voice_sample: 'any' } : {}),
  };
}

function speakingModels(models: readonly SherpaModel[]): SpeakingModel[] {
  return models.filter((model) => isOfKind(model, 'speaking'));
}

/** Nothing is fetched here, and nothing is heard. */
function canWorkWith(sample: VoiceSample, { layout }: SpeakingModel): boolean {
  if (sample.audio.kind === 'url') return false;
  if (!layout.needsTranscript) return true;
  // What is said in a part of it, nobody knows.
  return Boolean(sample.transcript?.trim()) && (sample.durationSeconds ?? 0) <= SAMPLE_SECONDS.most;
}

function findVoice(id: string, models: readonly SherpaModel[]): SherpaVoice | undefined {
  return speakingModels(models)
    .flatMap((model) => [...voicesOf(model), sampleVoiceOf(model) ?? []].flat())
    .find(({ voice }) => voice.id.toLowerCase() === id.toLowerCase());
}

/** Says what is wrong with the voice's model, if that is why. */
async function noSuchVoice(id: string, catalog: SherpaCatalog): Promise<AppError> {
  await catalog.get(id.slice(0, id.lastIndexOf('/')), 'speaking');
  return new AppError('not_found', `sherpa has no voice '${id}'.`, { subject: 'voice' });
}

interface Speaking extends SherpaVoice {
  readonly request: SynthesisRequest;
  readonly context: RequestContext;
}

async function speak(speaking: Speaking, processes: SherpaProcesses): Promise<SpeechOutput> {
  const { request, context, model } = speaking;
  const language = spokenLanguage(speaking);
  const { reference, warnings: sampleWarnings } = await readSample(speaking);
  const start = startFor(speaking, language);
  const call: Omit<SpeakCall, 'text'> = {
    kind: 'speak',
    speaker: speaking.speaker,
    ...(model.layout.family === 'supertonic' ? { language } : {}),
    ...(reference ? { reference } : {}),
  };
  const { pcm, timings } = speakSentences({
    text: request.text,
    language,
    sampleRate: model.layout.sampleRate,
    speed: request.speed,
    pitchSemitones: request.pitchSemitones,
    signal: context.signal,
    speakPiece: (piece, { signal }) => {
      const text = speakable(piece.text);
      const parts = speakPiece({ model, start, signal, processes }, { ...call, text });
      return request.alignment ? withEstimates(parts, { text, language, model }) : parts;
    },
  });
  const warnings: Warning[] = [...sampleWarnings];
  if (request.model !== '' && request.model !== model.weights.id) {
    warnings.push({ type: 'adjusted', setting: 'model', from: request.model, to: model.weights.id });
  }
  if (!request.alignment) return { kind: 'pcm', pcm, warnings };
  warnings.push({ type: 'adjusted', setting: 'alignment', from: 'measured', to: 'estimated' });
  return { kind: 'pcm', pcm, timings, warnings };
}

interface Estimating {
  readonly text: string;
  readonly language: string;
  readonly model: SpeakingModel;
}

/** None of these models tells when its words sound, and a guess needs the whole sentence. */
async function* withEstimates(
  parts: AsyncIterable<SpokenPart>,
  { text, language, model }: Estimating,
): AsyncGenerator<SpokenPart> {
  const spoken: Float32Array[] = [];
  for await (const { samples } of parts) spoken.push(samples);
  const samples = concatSamples(spoken);
  const { sampleRate } = model.layout;
  yield { samples, words: estimateWordTimes({ text, samples, sampleRate, language }) };
}

interface PieceParts {
  readonly model: SpeakingModel;
  readonly start: StartOf;
  readonly signal: AbortSignal;
  readonly processes: SherpaProcesses;
}

async function* speakPiece(
  { model, start, signal, processes }: PieceParts,
  call: SpeakCall,
): AsyncGenerator<SpokenPart> {
  if (call.text.trim() === '') return;
  const { process, release } = await processes.take(model, start, signal);
  try {
    yield* process.stream(call, { signal });
  } finally {
    release();
  }
}

/** Native code takes the end of a C string for the end of the text, and half a surrogate pair for nothing good. */
function speakable(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\uFFFD]/gu, ' ');
}

/** The language of the request, where the voice has it; else the voice's own. */
function spokenLanguage({ voice, request }: Speaking): string {
  const wanted = primaryLanguage(request.language);
  const known = voice.languages.map(primaryLanguage);
  return known.includes(wanted) ? wanted : (known[0] ?? wanted);
}

/**
 * Kokoro has to be started for a language: with lexicons for English and Chinese, without for others, and its
 * rules for numbers are Chinese. British speakers have a lexicon of their own. The others are what they are.
 */
function startFor({ model, voice }: SherpaVoice, language: string): StartOf {
  const { files, ruleFsts, britishLexicon } = model.layout;
  if (!('kokoro' in files) || language === 'zh') return { kind: 'speaker', files, ruleFsts };
  const [tag = language] = voice.languages;
  const { lexicon, ...rest } = files.kokoro;
  if (language === 'en') {
    const own = tag === 'en-GB' ? (britishLexicon ?? lexicon) : lexicon;
    const kokoro = own === undefined ? rest : { ...rest, lexicon: own };
    return { kind: 'speaker', files: { kokoro }, ruleFsts: '' };
  }
  // eSpeak's Portuguese is that of Portugal, unless it is told.
  const lang = tag === 'pt-BR' ? 'pt-br' : language;
  return { kind: 'speaker', files: { kokoro: { ...rest, lang } }, ruleFsts: '' };
}

interface ReadSample {
  readonly reference?: NonNullable<SpeakCall['reference']>;
  readonly warnings: readonly Warning[];
}

async function readSample({ request, context, model }: Speaking): Promise<ReadSample> {
  const { speakers, needsTranscript, sampleRate } = model.layout;
  if (speakers.length > 0) return { warnings: [] };
  const { sample } = request;
  if (!sample) {
    throw sampleNeeded(model, 'speaks with the voice of a sample, so it needs one');
  }
  if (needsTranscript && !sample.transcript?.trim()) {
    throw sampleNeeded(model, 'needs the words that are spoken in the sample');
  }
  if (sample.audio.kind === 'url') throw sampleNeeded(model, 'needs the sample itself, not its address');
  const { samples, isCut } = await decodeSample(sample.audio, { sampleRate, signal: context.signal });
  if (samples.length < SAMPLE_SECONDS.least * sampleRate) {
    throw sampleNeeded(model, `needs a sample of at least ${SAMPLE_SECONDS.least} s`);
  }
  const { most } = SAMPLE_SECONDS;
  // What is said in a part of it, nobody knows.
  if (isCut && needsTranscript) throw sampleNeeded(model, `needs a sample of at most ${most} s`);
  return {
    reference: { samples, sampleRate, transcript: sample.transcript ?? '' },
    warnings: isCut
      ? [{ type: 'adjusted', setting: 'voice_sample', from: 'the whole sample', to: `its first ${most} s` }]
      : [],
  };
}

/** Reads no more of a recording than is used. */
async function decodeSample(
  audio: MediaBytes,
  { sampleRate, signal }: { readonly sampleRate: number; readonly signal: AbortSignal },
): Promise<{ readonly samples: Float32Array; readonly isCut: boolean }> {
  const most = SAMPLE_SECONDS.most * sampleRate;
  const chunks: Float32Array[] = [];
  let length = 0;
  try {
    const { pcm } = await decodeAudio(mediaChunks(audio), {
      sampleRate,
      mono: true,
      limits: WIDEST_DECODE_LIMITS,
      signal,
    });
    for await (const chunk of pcm.chunks) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) break;
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unsupported_media') throw error;
    const details = error.reason === undefined ? {} : { reason: error.reason };
    throw new AppError(error.code, error.message, { ...details, param: 'voice', cause: error });
  }
  return { samples: concatSamples(chunks).subarray(0, most), isCut: length > most };
}

function sampleNeeded(model: SpeakingModel, what: string): AppError {
  return new AppError('invalid_request', `The model ${model.weights.id} ${what}.`, {
    param: 'voice',
    reason: 'voice_sample',
  });
}
