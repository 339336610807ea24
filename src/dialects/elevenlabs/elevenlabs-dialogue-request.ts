import { z } from 'zod';
import type { DictionaryRule } from '../../core/dictionaries/dictionary-rules.ts';
import { writeDialogue, type DialogueScript } from '../../core/speech/dialogue.ts';
import type { SpeechRequest } from '../../core/speech/speech.ts';
import { looseNumber } from './elevenlabs-fields.ts';
import { findVendorModel } from './elevenlabs-models.ts';
import { toSpeechRequest, type SpeechCall } from './elevenlabs-speech-request.ts';
import { speechBody, type SpeechQuery } from './elevenlabs-speech-schema.ts';

/** The model that speaks when none is named. */
const DIALOGUE_MODEL = 'eleven_v3';
const MOST_VOICES = 10;
const MOST_AROUND = 100;

const share = looseNumber(z.number().min(0).max(1).nullish());

/** The body of all four ways to ask for a dialogue. */
export const dialogueBody = speechBody
  .omit({ text: true, voice_settings: true, previous_text: true, next_text: true })
  .extend({
    inputs: z
      .array(z.object({ text: z.string(), voice_id: z.string().min(1) }))
      .min(1)
      .refine(
        (inputs) => new Set(inputs.map((input) => input.voice_id)).size <= MOST_VOICES,
        `must have at most ${MOST_VOICES} different voices`,
      ),
    settings: z.object({ stability: share, similarity: share }).nullish(),
    previous_text: z.string().max(MOST_AROUND).nullish(),
    future_text: z.string().max(MOST_AROUND).nullish(),
  });

export type DialogueBody = z.output<typeof dialogueBody>;

/** A dialogue as a call of a speech route, with what only a dialogue has. */
export interface DialogueCall extends DialogueScript {
  readonly call: SpeechCall;
}

/** What a dialogue is asked with. */
export interface DialogueOrder {
  readonly body: DialogueBody;
  readonly query: SpeechQuery;
  readonly delivery: SpeechRequest['delivery'];
  readonly alignment: boolean;
}

/** Puts the turns of a dialogue together. */
export function toDialogueCall({ body, query, delivery, alignment }: DialogueOrder): DialogueCall {
  const { inputs, settings, future_text: after, ...rest } = body;
  const model = body.model_id || query.model_id || DIALOGUE_MODEL;
  const { marked, turns } = writeDialogue(
    inputs.map(({ text, voice_id: voice }) => ({ text, voice })),
    findVendorModel(model)?.audioTags ? 'audio_tags' : 'inline',
  );
  return {
    marked,
    turns,
    call: {
      voiceId: inputs[0]?.voice_id ?? '',
      query,
      delivery,
      alignment,
      body: {
        ...rest,
        text: marked.text,
        model_id: model,
        next_text: after,
        voice_settings: settings && { ...settings, similarity_boost: settings.similarity },
      },
    },
  };
}

/** How a dialogue spells what single speech spells otherwise. */
const SPELLED: Readonly<Record<string, string>> = {
  'voice_settings.stability': 'settings.stability',
  'voice_settings.similarity_boost': 'settings.similarity',
  next_text: 'future_text',
};

/** A dialogue in our words. */
export function toDialogueRequest(
  { call, marked }: DialogueCall,
  pronunciations: readonly (readonly DictionaryRule[])[] | undefined,
): SpeechRequest {
  const request = toSpeechRequest({ ...call, ...(pronunciations ? { pronunciations } : {}) });
  return {
    ...request,
    markup: marked,
    asked: request.asked.map((one) => ({ ...one, parameter: SPELLED[one.parameter] ?? one.parameter })),
    spelling: { text: 'inputs', voice: 'inputs', model: 'model_id', format: 'output_format' },
  };
}
