import { AppError } from '../../base/errors.ts';
import { detectLanguage } from '../../media/text/language-detection.ts';
import type { SpeechEngine } from '../engine.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import {
  primaryLanguage,
  type CastVoice,
  type KnownVoice,
  type VoiceLibrary,
} from '../voices/voice-library.ts';
import type { PresetVoice, Voice } from '../voices/voice.ts';
import type { Warning } from '../warning.ts';
import type { SpeechRequest } from './speech.ts';

/** One engine that can speak a request, with the voice and language it would use. */
export interface SpeechRoute {
  readonly candidate: Candidate;
  readonly speech: SpeechEngine;
  readonly cast: CastVoice;
  readonly language: string;
  /** Whether it speaks with the voice of the request's sample. */
  readonly takesSample: boolean;
  readonly warnings: readonly Warning[];
}

/** The language spoken when neither caller, voice nor text says otherwise. */
const DEFAULT_LANGUAGE = 'en';

/** Speaks when no voice is named: the first female voice of the chosen engine. */
const DEFAULT_VOICE: PresetVoice = {
  id: 'default',
  name: 'default',
  dialect: 'none',
  gender: 'female',
  pitchSemitones: 0,
  variant: 0,
  description: 'The first female voice of the engine that speaks',
  labels: {},
};

/**
 * The engines that can speak a request, best first; where a sample was sent, those before all others that can take
 * on its voice. Throws `not_found` for an unknown model or voice and
 * `unsupported_feature` when no engine has the voice or the language.
 */
export function findSpeechRoutes(
  request: SpeechRequest,
  parts: { readonly models: ModelCatalog; readonly voices: VoiceLibrary },
): readonly SpeechRoute[] {
  const candidates = parts.models.candidates(request.model, 'speech');
  const known = knownVoice(request, parts.voices);
  const wish = wishedLanguage(request, known);
  const routes = candidates.flatMap(
    (candidate) => routeThrough(candidate, { request, known, wish, voices: parts.voices }) ?? [],
  );
  if (routes.length > 0) return takersFirst(routes);
  const first = candidates[0];
  const mute = candidates.find(speaksOnlyFromSamples);
  if (mute && known.kind === 'preset') throw sampleNeeded(mute, request);
  if (known.kind === 'engine') throw foreignVoice(known.voice.id, request);
  // A language that was merely asked for, and that nobody here speaks, is dropped with a warning; one that the
  // text is certainly written in cannot be.
  if (first?.engine.speech && !wish.binding) {
    const fallback = routeThrough(first, {
      request,
      known,
      wish: { language: DEFAULT_LANGUAGE, binding: false },
      voices: parts.voices,
    });
    if (fallback) return [{ ...fallback, warnings: [...fallback.warnings, ...droppedLanguage(request)] }];
  }
  throw new AppError('unsupported_feature', `No running engine speaks the language '${wish.language}'.`, {
    param: request.spelling.text,
    reason: 'unsupported_language',
  });
}

interface LanguageWish {
  readonly language: string;
  /** Whether speaking another language would make nonsense of the text. */
  readonly binding: boolean;
}

function knownVoice(request: SpeechRequest, voices: VoiceLibrary): KnownVoice {
  if (request.voice.kind === 'id') return voices.get(request.voice.id, request.spelling.voice);
  return { kind: 'preset', preset: DEFAULT_VOICE };
}

function wishedLanguage(request: SpeechRequest, known: KnownVoice): LanguageWish {
  if (request.language !== undefined) return { language: request.language.toLowerCase(), binding: false };
  if (known.kind === 'engine')
    return { language: known.voice.languages[0] ?? DEFAULT_LANGUAGE, binding: true };
  const detected = detectLanguage(request.text);
  return { language: detected?.language ?? DEFAULT_LANGUAGE, binding: detected?.certain ?? false };
}

interface RoutingInput {
  readonly request: SpeechRequest;
  readonly known: KnownVoice;
  readonly wish: LanguageWish;
  readonly voices: VoiceLibrary;
}

function routeThrough(candidate: Candidate, input: RoutingInput): SpeechRoute | undefined {
  const { engine, card } = candidate;
  if (!engine.speech) return undefined;
  const { request } = input;
  if (request.voice.kind === 'sample') {
    const voice = engine.speech.findSampleVoice?.(card.id, request.voice);
    const known = voice && maySpeak(voice, input) && ({ kind: 'engine', voice } as const);
    const sampled = known && routeWithVoice(candidate, { ...input, known });
    if (sampled) return { ...sampled, takesSample: true };
  }
  const route = routeWithVoice(candidate, input);
  return route && { ...route, warnings: ignoredSample(request, candidate) };
}

function routeWithVoice(candidate: Candidate, input: RoutingInput): SpeechRoute | undefined {
  const { engine, card } = candidate;
  if (!engine.speech) return undefined;
  const language =
    input.known.kind === 'engine' ? spokenBy(input.known, input.wish.language) : input.wish.language;
  if (card.languages !== 'any' && !card.languages.includes(primaryLanguage(language))) return undefined;
  const cast = input.voices.cast(input.known, { engine, model: card.id, language });
  return cast && { candidate, speech: engine.speech, cast, language, takesSample: false, warnings: [] };
}

/** The language counts for more than the sample: a voice that cannot speak it is of no use. */
function maySpeak(voice: Voice, { wish }: RoutingInput): boolean {
  return voice.languages.some((tag) => primaryLanguage(tag) === primaryLanguage(wish.language));
}

function takersFirst(routes: readonly SpeechRoute[]): readonly SpeechRoute[] {
  return routes.toSorted((a, b) => Number(b.takesSample) - Number(a.takesSample));
}

/** An engine none of whose models takes samples ignores the setting as a whole, which is told elsewhere. */
function ignoredSample({ voice, asked }: SpeechRequest, { engine, card }: Candidate): Warning[] {
  if (voice.kind !== 'sample' || engine.speech?.settings.voice_sample === undefined) return [];
  const { parameter } = asked.find((one) => one.setting === 'voice_sample') ?? { parameter: 'voice_sample' };
  const reason = `${card.id} cannot take on the voice of this sample`;
  return [{ type: 'ignored', setting: parameter, reason }];
}

/** A voice that was named itself keeps to a language of its own. */
function spokenBy(known: Extract<KnownVoice, { kind: 'engine' }>, language: string): string {
  const speaks = known.voice.languages.some((tag) => primaryLanguage(tag) === primaryLanguage(language));
  return speaks ? language : (known.voice.languages[0] ?? language);
}

function droppedLanguage(request: SpeechRequest): Warning[] {
  const asked = request.asked.find((one) => one.setting === 'language');
  return asked
    ? [
        {
          type: 'ignored',
          setting: asked.parameter,
          reason: `no running engine speaks '${String(asked.value)}'`,
        },
      ]
    : [];
}

function speaksOnlyFromSamples({ engine: { speech }, card }: Candidate): boolean {
  if (!speech?.findSampleVoice) return false;
  return !speech.voices.some(({ labels }) => (labels['model'] ?? card.id) === card.id);
}

function sampleNeeded({ card }: Candidate, { voice, spelling }: SpeechRequest): AppError {
  const message =
    voice.kind === 'sample'
      ? `The model ${card.id} cannot take on the voice of this sample: it needs the recording itself, in a language that it speaks, and some models need the words in it.`
      : `The model ${card.id} speaks with the voice of a sample, so it needs one.`;
  return new AppError('invalid_request', message, { param: spelling.voice, reason: 'voice_sample' });
}

function foreignVoice(voiceId: string, request: SpeechRequest): AppError {
  return new AppError(
    'unsupported_feature',
    `The voice '${voiceId}' cannot be used with the model '${request.model}'.`,
    {
      param: request.spelling.voice,
      reason: 'voice_of_another_model',
    },
  );
}
