import { extensionOf, type SettingValue, type SpeechWish } from './speech-wish.ts';

export interface JsonObject {
  readonly [name: string]: SettingValue | JsonObject;
}

/** A request for speech: where it goes, as the vendor's own server has it, and what it carries. */
export interface SpeechCall {
  readonly path: string;
  readonly body: JsonObject;
}

/** The request for a file. */
export function fileCall(wish: SpeechWish): SpeechCall {
  const { text, model, voice, format, settings } = wish;
  switch (wish.dialect) {
    case 'openai':
      return {
        path: '/v1/audio/speech',
        body: { model, voice, input: text, response_format: format, ...nested(settings) },
      };
    case 'elevenlabs':
      return {
        path: `/v1/text-to-speech/${encodeURIComponent(voice)}?output_format=${format}`,
        body: { text, model_id: model, ...nested(settings) },
      };
    case 'eigen':
      return {
        path: '/api/v1/generate',
        body: {
          model,
          text,
          [eigenVoiceField(wish)]: voice,
          ...(model === 'qwen3-tts' ? { response_format: format } : {}),
          ...nested(settings),
        },
      };
  }
}

/** Samples a second of speech that is played while it is made. */
export const LIVE_RATE = 24_000;

/** The request for the same speech as a stream of samples, 16 bits each. */
export function liveCall(wish: SpeechWish): SpeechCall {
  switch (wish.dialect) {
    case 'openai':
      return fileCall({ ...wish, format: 'pcm' });
    case 'elevenlabs': {
      const { body } = fileCall(wish);
      const voice = encodeURIComponent(wish.voice);
      return {
        path: `/v1/text-to-speech/${voice}/stream/with-timestamps?output_format=pcm_${LIVE_RATE}`,
        body,
      };
    }
    case 'eigen': {
      const { path, body } = fileCall(wish);
      const { response_format: _file, ...rest } = body;
      return { path, body: { ...rest, stream: true } };
    }
  }
}

/** Below its own prefix every vendor's route is sure to be that vendor's. */
export function pathHere({ dialect }: SpeechWish, { path }: SpeechCall): string {
  return `/${dialect}${path}`;
}

/** What a file of the speech is called. */
export function fileNameOf({ format }: SpeechWish): string {
  return `speech.${extensionOf(format)}`;
}

/** This vendor's well-known voices stand in one field, those that were added in another. */
function eigenVoiceField({ model, voice }: SpeechWish): string {
  return model === 'chatterbox' || voice.includes('/') || voice.length >= 20 ? 'voice_id' : 'voice';
}

/** `{'a.b': 1}` as `{a: {b: 1}}`. */
function nested(settings: SpeechWish['settings']): JsonObject {
  const body: Record<string, SettingValue | JsonObject> = {};
  for (const [name, value] of Object.entries(settings)) {
    const [outer = name, inner] = name.split('.', 2);
    if (inner === undefined) body[outer] = value;
    else body[outer] = { ...objectOf(body[outer]), [inner]: value };
  }
  return body;
}

function objectOf(value: SettingValue | JsonObject | undefined): JsonObject {
  return typeof value === 'object' ? value : {};
}
