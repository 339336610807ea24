import { form, json, type OperationDocs } from '../operation-docs.ts';
import { pageQuery as consentPage, newConsent, renaming } from './openai-voice-consents.ts';
import { promptFields, sampleFields } from './openai-voice-making.ts';
import { pageQuery } from './openai-voices.ts';

const TAG = { tag: 'Voices' };
const CONSENT = {
  consent_id: { about: 'What making the consent answered.', example: 'cons_0123456789abcdefghijklmn' },
};

/** Voices and the consents that they need. */
export const voiceDocs: Readonly<Record<string, OperationDocs>> = {
  'GET /audio/voices': {
    ...TAG,
    summary: 'List voices',
    about:
      'Yours first, then those that vendors made known, then those of the engines. The vendor has no such list; self-hosted servers agreed on this one.',
    query: pageQuery,
    asks: { limit: '2' },
  },
  'POST /audio/voices': {
    ...TAG,
    summary: 'Make a voice from a recording, or from a description',
    about:
      'From a recording of up to 30 s together with a consent, or, with `type: prompt`, from words alone.',
    bodies: [
      json(promptFields, {
        described: { type: 'prompt', name: 'Narrator', prompt: 'A calm, deep British man' },
      }),
      form({
        schema: sampleFields,
        beside: { type: '`audio_sample` (what it is when absent) or `prompt`' },
        files: {
          audio_sample: { holds: 'recording', about: 'Somebody speaking, at most 10 MiB.', required: true },
        },
        examples: { recorded: { name: 'Mine', consent: 'cons_0123456789abcdefghijklmn' } },
      }),
    ],
  },
  'DELETE /audio/voices/:voice_id': {
    ...TAG,
    summary: 'Delete a voice of yours',
    path: { voice_id: { about: 'Its id; a name is not enough.', example: 'voice_0123456789abcdefghijklmn' } },
  },
  'POST /audio/voice_consents': {
    ...TAG,
    summary: 'Keep a recorded consent',
    about: 'The recording is kept as evidence, as it was sent. Nobody here judges what is said in it.',
    bodies: [
      form({
        schema: newConsent,
        files: {
          recording: {
            holds: 'recording',
            about: 'The consent, spoken by the owner of the voice.',
            required: true,
          },
        },
        examples: { consent: { name: 'Ada', language: 'en-GB' } },
      }),
    ],
  },
  'GET /audio/voice_consents': { ...TAG, summary: 'List consents', query: consentPage },
  'GET /audio/voice_consents/:consent_id': { ...TAG, summary: 'Show a consent', path: CONSENT },
  'POST /audio/voice_consents/:consent_id': {
    ...TAG,
    summary: 'Rename a consent',
    path: CONSENT,
    bodies: [json(renaming, { renamed: { name: 'Ada, 2027' } })],
  },
  'DELETE /audio/voice_consents/:consent_id': { ...TAG, summary: 'Delete a consent', path: CONSENT },
};
