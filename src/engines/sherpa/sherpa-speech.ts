import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type { SpeechEngine, SpeechOutput, SynthesisRequest } from '../../core/engine.ts';
import { primaryLanguage } from '../../core/voices/voice-library.ts';
import type { Warning } from '../../core/warning.ts';
import { decodeAudio, WIDEST_DECODE_LIMITS } from '../../media/decoders/audio-decoders.ts';
import { collectSamples } from '../../media/pcm.ts';
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
    ...(clones ? { voice_sample: 'any' } : {}),
  };
}

function speakingModels(models: readonly SherpaModel[]): SpeakingModel[] {
  return models.filter((model) => isOfKind(model, 'speaking'));
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
  const { request, context, model, voice } = speaking;
  const language = spokenLanguage(speaking);
  const reference = await readSample(speaking);
  const start = startFor(model, language);
  const call: Omit<SpeakCall, 'text'> = {
    kind: 'speak',
    speaker: speaking.speaker,
    ...(model.layout.family === 'supertonic' ? { language } : {}),
    ...(reference ? { reference } : {}),
  };
  const { pcm } = speakSentences({
    text: request.text,
    language,
    sampleRate: model.layout.sampleRate,
    speed: request.speed,
    pitchSemitones: request.pitchSemitones,
    signal: context.signal,
    speakPiece: (piece, { signal }) =>
      speakPiece({ model, start, signal, processes }, { ...call, text: speakable(piece.text) }),
  });
  const warnings: Warning[] = [];
  if (request.model !== '' && request.model !== model.weights.id) {
    warnings.push({ type: 'adjusted', setting: 'model', from: request.model, to: model.weights.id });
  }
  if (request.sample && !reference) {
    const reason = `${voice.name} speaks with its own voice only`;
    warnings.push({ type: 'ignored', setting: 'voice_sample', reason });
  }
  return { kind: 'pcm', pcm, warnings };
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
 * rules for numbers are Chinese. The others are what they are.
 */
function startFor({ layout }: SpeakingModel, language: string): StartOf {
  const { files, ruleFsts } = layout;
  if (!('kokoro' in files) || language === 'zh') return { kind: 'speaker', files, ruleFsts };
  if (language === 'en') return { kind: 'speaker', files, ruleFsts: '' };
  const { lexicon: _, ...rest } = files.kokoro;
  return { kind: 'speaker', files: { kokoro: { ...rest, lang: language } }, ruleFsts: '' };
}

async function readSample({ request, context, model }: Speaking): Promise<SpeakCall['reference']> {
  const { speakers, needsTranscript, sampleRate } = model.layout;
  if (speakers.length > 0) return undefined;
  const { sample } = request;
  if (!sample) {
    throw sampleNeeded(model, 'speaks with the voice of a sample, so it needs one');
  }
  if (needsTranscript && !sample.transcript?.trim()) {
    throw sampleNeeded(model, 'needs the words that are spoken in the sample');
  }
  if (sample.audio.kind === 'url') throw sampleNeeded(model, 'needs the sample itself, not its address');
  const decoded = await decodeAudio(sample.audio.bytes, {
    sampleRate,
    mono: true,
    limits: WIDEST_DECODE_LIMITS,
    signal: context.signal,
  });
  const samples = (await collectSamples(decoded.pcm.chunks)).subarray(0, SAMPLE_SECONDS.most * sampleRate);
  if (samples.length < SAMPLE_SECONDS.least * sampleRate) {
    throw sampleNeeded(model, `needs a sample of at least ${SAMPLE_SECONDS.least} s`);
  }
  return { samples, sampleRate, transcript: sample.transcript ?? '' };
}

function sampleNeeded(model: SpeakingModel, what: string): AppError {
  return new AppError('invalid_request', `The model ${model.weights.id} ${what}.`, {
    param: 'voice',
    reason: 'voice_sample',
  });
}
