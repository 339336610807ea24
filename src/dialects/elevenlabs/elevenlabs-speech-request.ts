import { AppError } from '../../base/errors.ts';
import type { DictionaryRule } from '../../core/dictionaries/dictionary-rules.ts';
import type { AskedSetting, SpeechRequest, SpeechSetting } from '../../core/speech/speech.ts';
import { holdsInlineMarkup } from '../../core/speech/speech-markup.ts';
import { DEFAULT_OUTPUT_FORMAT, isMonoOnly, outputFormats } from './elevenlabs-formats.ts';
import { DEFAULT_SPEECH_MODEL, findVendorModel } from './elevenlabs-models.ts';
import type { SpeechBody, SpeechQuery } from './elevenlabs-speech-schema.ts';

/** How the vendor spells our speech settings. */
export const speechParameters = {
  language_code: 'language',
  'voice_settings.stability': 'stability',
  'voice_settings.similarity_boost': 'similarity',
  'voice_settings.style': 'style',
  'voice_settings.use_speaker_boost': 'speaker_boost',
  'voice_settings.speed': 'speed',
  pronunciation_dictionary_locators: 'pronunciations',
  seed: 'seed',
  previous_text: 'previous_text',
  next_text: 'next_text',
  previous_request_ids: 'previous_speech',
  next_request_ids: 'next_speech',
  use_pvc_as_ivc: 'voice_copy',
  apply_text_normalization: 'normalization',
  apply_language_text_normalization: 'language_normalization',
  audio_effects: 'audio_effects',
  optimize_streaming_latency: 'latency',
} as const satisfies Readonly<Record<string, SpeechSetting>>;

type Parameter = keyof typeof speechParameters;

/** The value at which the latency switch asks for text without normalisation. */
const LATENCY_WITHOUT_NORMALIZATION = 4;

/** One call of a speech route. */
export interface SpeechCall {
  readonly voiceId: string;
  readonly query: SpeechQuery;
  readonly body: SpeechBody;
  readonly delivery: SpeechRequest['delivery'];
  /** Whether the route answers with character times. */
  readonly alignment: boolean;
  /** The rules of the dictionaries that the body names. */
  readonly pronunciations?: readonly (readonly DictionaryRule[])[];
}

/** The name of the model that a call asks for. */
export function modelOf(call: Pick<SpeechCall, 'body' | 'query'>): string {
  return call.body.model_id || call.query.model_id || DEFAULT_SPEECH_MODEL;
}

/** A call in our words. Throws `not_found` and `invalid_request` for what this server does not have. */
export function toSpeechRequest(call: SpeechCall): SpeechRequest {
  const { body, query } = call;
  refuseUnknownEffects(call);
  return {
    model: modelOf(call),
    text: body.text,
    voice: { kind: 'id', id: call.voiceId },
    format: outputFormats[query.output_format ?? DEFAULT_OUTPUT_FORMAT].format,
    delivery: call.delivery,
    alignment: call.alignment,
    normalization: normalizationOf(call),
    asked: askedSettings(call),
    spelling: { text: 'text', voice: 'voice_id', model: 'model_id', format: 'output_format' },
    ...optional('language', body.language_code || undefined),
    ...optional('speed', body.voice_settings?.speed),
    ...optional('seed', body.seed),
    ...surroundingsOf(body),
    ...optional('pronunciations', call.pronunciations),
    ...markupOf(call),
  };
}

/** What in a text is not to be read out depends on the model. */
function markupOf(call: SpeechCall): Pick<SpeechRequest, 'markup'> {
  const { text } = call.body;
  if (text.includes('[') && findVendorModel(modelOf(call))?.audioTags) return { markup: 'audio_tags' };
  return holdsInlineMarkup(text) ? { markup: 'inline' } : {};
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [Key in Name]?: Value } {
  if (value === null || value === undefined) return {};
  // An object with the one key `name`: TypeScript widens a computed key to `string`.
  return { [name]: value } as { [Key in Name]: Value };
}

/** Some models keep numbers as they are under `auto`; the highest latency setting does so for every model. */
function normalizationOf(call: SpeechCall): SpeechRequest['normalization'] {
  const asked = call.body.apply_text_normalization ?? 'auto';
  if (asked !== 'auto') return asked;
  const withoutForSpeed = call.query.optimize_streaming_latency === LATENCY_WITHOUT_NORMALIZATION;
  return withoutForSpeed || findVendorModel(modelOf(call))?.keepsNumbers ? 'off' : 'auto';
}

/** The text around the spoken one. The ids of earlier answers, where there are any, take its place. */
function surroundingsOf(body: SpeechBody): Pick<SpeechRequest, 'surroundings'> {
  const before = namesRequests(body.previous_request_ids) ? undefined : body.previous_text || undefined;
  const after = namesRequests(body.next_request_ids) ? undefined : body.next_text || undefined;
  if (before === undefined && after === undefined) return {};
  return { surroundings: { ...optional('before', before), ...optional('after', after) } };
}

/** The vendor's own sample sends an empty text where an earlier answer had no id. */
function namesRequests(ids: readonly string[] | null | undefined): boolean {
  return ids?.some((id) => id !== '') ?? false;
}

function askedSettings(call: SpeechCall): AskedSetting[] {
  const sent = sentParameters(call);
  // The keys of an object literal are exactly the keys of its type.
  const parameters = Object.keys(speechParameters) as Parameter[];
  return parameters.flatMap((parameter) => {
    const value = sent[parameter];
    return asksForSomething(value) ? { setting: speechParameters[parameter], parameter, value } : [];
  });
}

function sentParameters({ body, query }: SpeechCall): Record<Parameter, unknown> {
  const settings = body.voice_settings;
  return {
    language_code: body.language_code,
    'voice_settings.stability': settings?.stability,
    'voice_settings.similarity_boost': settings?.similarity_boost,
    'voice_settings.style': settings?.style,
    'voice_settings.use_speaker_boost': settings?.use_speaker_boost,
    'voice_settings.speed': settings?.speed,
    pronunciation_dictionary_locators: body.pronunciation_dictionary_locators,
    seed: body.seed,
    previous_text: namesRequests(body.previous_request_ids) ? undefined : body.previous_text,
    next_text: namesRequests(body.next_request_ids) ? undefined : body.next_text,
    previous_request_ids: namesRequests(body.previous_request_ids) ? body.previous_request_ids : undefined,
    next_request_ids: namesRequests(body.next_request_ids) ? body.next_request_ids : undefined,
    use_pvc_as_ivc: body.use_pvc_as_ivc,
    apply_text_normalization: body.apply_text_normalization,
    apply_language_text_normalization: body.apply_language_text_normalization,
    audio_effects: body.audio_effects,
    optimize_streaming_latency: query.optimize_streaming_latency || undefined,
  };
}

/** Off, nothing and an empty list are what happens anyway: nobody needs a warning about them. */
function asksForSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return (
    typeof value !== 'object' || Object.values(value).some((part) => part !== null && part !== undefined)
  );
}

const EFFECT_IDS = ['filter_preset_id', 'environment_id', 'background_noise_id'] as const;

function refuseUnknownEffects(call: SpeechCall): void {
  const effects = call.body.audio_effects;
  if (!effects) return;
  for (const field of EFFECT_IDS) {
    const id = effects[field];
    if (!id) continue;
    throw new AppError('not_found', `There is no audio effect '${id}' here.`, {
      param: `audio_effects.${field}`,
      reason: 'audio_effect_not_found',
    });
  }
  const name = call.query.output_format ?? DEFAULT_OUTPUT_FORMAT;
  if (effects.pan && isMonoOnly(name)) {
    throw new AppError(
      'invalid_request',
      `The output format ${name} has one channel, so there is nothing to pan.`,
      {
        param: 'audio_effects.pan',
        reason: 'invalid_parameters',
      },
    );
  }
}
