import { AppError } from '../../base/errors.ts';
import { detectLanguage } from '../../media/text/language-detection.ts';
import type { RequestContext } from '../context.ts';
import type { SpeechEngine, VoiceSample } from '../engine.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { Likeness } from '../voices/voice-likeness.ts';
import type { VoiceLibrary } from '../voices/voice-library.ts';
import { primaryLanguage, type CastVoice, type WantedVoice } from '../voices/voice-parts.ts';
import type { PresetVoice, Voice } from '../voices/voice.ts';
import type { Warning } from '../warning.ts';
import type { SpeechRequest } from './speech.ts';

/** One engine that can speak a request, with the voice and language it would use. */
export interface SpeechRoute {
  readonly candidate: Candidate;
  readonly speech: SpeechEngine;
  readonly cast: CastVoice;
  readonly language: string;
  /** Tempo against the engine voice's own, not yet within the engine's range. */
  readonly speed: number;
  /** Whose voice the engine takes on. */
  readonly sample?: VoiceSample;
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

/** What routes are found with. */
export interface SpeechRoutingParts {
  readonly models: ModelCatalog;
  readonly voices: VoiceLibrary;
}

/**
 * The engines that can speak a request, best first: before all others those that have the voice itself or can take it
 * on. Each is looked for when it is asked for. Throws `not_found` for an unknown model or voice, `unsupported_feature`
 * when no engine has the voice or the language, and what is wrong with a recording of a voice.
 */
export async function* findSpeechRoutes(
  request: SpeechRequest,
  { models, voices }: SpeechRoutingParts,
  context: RequestContext,
): AsyncGenerator<SpeechRoute, void> {
  const candidates = models.candidates(request.model, 'speech');
  const wanted = await wantedVoice(request, voices, context);
  const wish = wishedLanguage(request, wanted);
  const input: RoutingInput = { request, wanted, wish, voices, context };
  let found = false;
  for await (const route of routesThrough(candidates, input)) {
    found = true;
    yield route;
  }
  if (found) return;
  const mute = candidates.find(speaksOnlyFromSamples);
  if (mute && wanted.kind !== 'engine') throw sampleNeeded(mute, input);
  if (wanted.kind === 'engine') throw foreignVoice(wanted.voice.id, request);
  yield inEnglish(await fallbackRoute(candidates[0], input), input);
}

/**
 * A language that was merely asked for, and that nobody here speaks, is dropped with a warning; one that the text is
 * certainly written in cannot be.
 */
async function fallbackRoute(
  first: Candidate | undefined,
  input: RoutingInput,
): Promise<SpeechRoute | undefined> {
  if (!first || input.wish.binding) return undefined;
  return routeThrough(first, { ...input, wish: { language: DEFAULT_LANGUAGE, binding: false } });
}

function inEnglish(route: SpeechRoute | undefined, { request, wish }: RoutingInput): SpeechRoute {
  if (route) return { ...route, warnings: [...route.warnings, ...droppedLanguage(request)] };
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

async function wantedVoice(
  { voice, spelling }: SpeechRequest,
  voices: VoiceLibrary,
  context: RequestContext,
): Promise<WantedVoice> {
  const param = spelling.voice;
  if (voice.kind === 'id') return voices.get(voice.id, { param, principal: context.principal });
  if (voice.kind === 'sample')
    return { kind: 'sample', likeness: voices.likenessOf(voice, { param, context }) };
  return { kind: 'preset', preset: DEFAULT_VOICE };
}

function wishedLanguage(request: SpeechRequest, wanted: WantedVoice): LanguageWish {
  if (request.language !== undefined) return { language: request.language.toLowerCase(), binding: false };
  if (wanted.kind === 'engine')
    return { language: wanted.voice.languages[0] ?? DEFAULT_LANGUAGE, binding: true };
  const detected = detectLanguage(request.text);
  const own = wanted.kind === 'added' ? wanted.record.language : undefined;
  if (own !== undefined && !detected?.certain) return { language: own, binding: false };
  return { language: detected?.language ?? DEFAULT_LANGUAGE, binding: detected?.certain ?? false };
}

interface RoutingInput {
  readonly request: SpeechRequest;
  readonly wanted: WantedVoice;
  readonly wish: LanguageWish;
  readonly voices: VoiceLibrary;
  readonly context: RequestContext;
}

async function* routesThrough(
  candidates: readonly Candidate[],
  input: RoutingInput,
): AsyncGenerator<SpeechRoute, void> {
  const { wanted, request } = input;
  const takers: Candidate[] = [];
  for (const candidate of candidates) {
    const route = await takerRoute(candidate, input);
    if (!route) continue;
    takers.push(candidate);
    yield route;
  }
  // Those come only after a taker that broke, which is no reason to measure a recording.
  const unmeasured = takers.length > 0 && wanted.kind === 'sample';
  const played: RoutingInput = unmeasured
    ? { ...input, wanted: { kind: 'preset', preset: DEFAULT_VOICE } }
    : input;
  for (const candidate of itselfFirst(candidates, wanted)) {
    const route = takers.includes(candidate) ? undefined : await routeThrough(candidate, played);
    if (!route) continue;
    const warnings = unmeasured ? [ignoredSample(request, candidate)] : route.warnings;
    yield { ...route, warnings };
  }
}

/** A described voice is played best by the engine whose voice it is. */
function itselfFirst(candidates: readonly Candidate[], wanted: WantedVoice): readonly Candidate[] {
  const base = wanted.kind === 'added' ? wanted.record.design?.baseVoice : undefined;
  if (base === undefined) return candidates;
  const isOther = ({ engine }: Candidate) => Number(!base.startsWith(`${engine.id}/`));
  return candidates.toSorted((a, b) => isOther(a) - isOther(b));
}

/** The way through a model that takes on the wanted voice, if it does. */
async function takerRoute(candidate: Candidate, input: RoutingInput): Promise<SpeechRoute | undefined> {
  const { engine, card } = candidate;
  const likeness = likenessIn(input.wanted);
  if (!engine.speech?.findSampleVoice || !likeness) return undefined;
  const sample = await likeness.sample();
  const voice = sample && engine.speech.findSampleVoice(card.id, sample);
  if (!voice || !maySpeak(voice, input)) return undefined;
  const own: RoutingInput = { ...input, wanted: { kind: 'engine', voice } };
  const route = await routeThrough(candidate, own);
  return route && { ...route, speed: spokenSpeed(input, route.cast), sample };
}

function likenessIn(wanted: WantedVoice): Likeness | undefined {
  return wanted.kind === 'sample' || wanted.kind === 'added' ? wanted.likeness : undefined;
}

async function routeThrough(candidate: Candidate, input: RoutingInput): Promise<SpeechRoute | undefined> {
  const { engine, card } = candidate;
  const { wanted, wish, context } = input;
  if (!engine.speech) return undefined;
  const language = wanted.kind === 'engine' ? spokenBy(wanted.voice, wish.language) : wish.language;
  if (card.languages !== 'any' && !card.languages.includes(primaryLanguage(language))) return undefined;
  const cast = await input.voices.cast(wanted, { engine, model: card.id, language, context });
  if (!cast) return undefined;
  const speed = spokenSpeed(input, cast);
  return { candidate, speech: engine.speech, cast, language, speed, warnings: playedBy(cast, input) };
}

/** What the request says, else what is usual for the voice. */
function spokenSpeed({ request, wanted }: RoutingInput, { tempo }: CastVoice): number {
  const usual = wanted.kind === 'added' ? wanted.record.traits.speed : undefined;
  return (request.speed ?? usual ?? 1) * tempo;
}

/** Whoever asked for somebody's voice is told who plays it. */
function playedBy(
  { voice, pitchSemitones, standIn }: CastVoice,
  { wanted, request }: RoutingInput,
): Warning[] {
  const likeness = likenessIn(wanted);
  if (!likeness || !standIn) return [];
  const shift = Math.abs(pitchSemitones).toFixed(1);
  const shifted = shift === '0.0' ? '' : `, ${shift} semitones ${pitchSemitones > 0 ? 'higher' : 'lower'}`;
  return [
    {
      type: 'adjusted',
      setting: request.spelling.voice,
      from: likeness.title,
      to: `the nearest that is here: ${voice.id}${shifted}`,
    },
  ];
}

/** The language counts for more than the sample: a voice that cannot speak it is of no use. */
function maySpeak(voice: Voice, { wish }: RoutingInput): boolean {
  return voice.languages.some((tag) => primaryLanguage(tag) === primaryLanguage(wish.language));
}

function ignoredSample({ spelling }: SpeechRequest, { card }: Candidate): Warning {
  const reason = `${card.id} cannot take on the voice of this sample`;
  return { type: 'ignored', setting: spelling.voice, reason };
}

/** A voice that was named itself keeps to a language of its own. */
function spokenBy(voice: Voice, language: string): string {
  const speaks = voice.languages.some((tag) => primaryLanguage(tag) === primaryLanguage(language));
  return speaks ? language : (voice.languages[0] ?? language);
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

function sampleNeeded({ card }: Candidate, { wanted, request }: RoutingInput): AppError {
  const message = likenessIn(wanted)
    ? `The model ${card.id} cannot take on the voice of this sample: it needs the recording itself, in a language that it speaks, and some models need the words in it.`
    : `The model ${card.id} speaks with the voice of a sample, so it needs one.`;
  return new AppError('invalid_request', message, {
    param: request.spelling.voice,
    reason: 'voice_sample',
  });
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
