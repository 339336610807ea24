import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { Core } from '../../core/core.ts';
import type { ConsentRecord } from '../../core/voices/voice-record.ts';
import { parseBody } from '../parse-body.ts';
import { listPage } from './openai-list-page.ts';
import { readVoiceForm, recordingIn } from './openai-voice-form.ts';

const PATH = '/audio/voice_consents';
const ID_LENGTH = 24;
const RECORDING_FIELD = 'recording';

/** Longest name of a consent or a voice, in characters. */
export const NAME_CHARACTERS = 256;

const name = z.string().trim().min(1).max(NAME_CHARACTERS);
export const newConsent = z.object({ name, language: z.string() });
export const renaming = z.object({ name });
const consentParams = z.object({ consent_id: z.string() });
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().optional(),
});

/**
 * Registers what keeps recorded consents. A recording is kept as evidence, just as it was sent; nobody here judges what
 * is said in it.
 */
export function consentRoutes(scope: FastifyInstance, core: Core): void {
  scope.post(PATH, async (request) => {
    const form = await readVoiceForm(request);
    const fields = parseBody(newConsent, form.fields);
    const consent = await core.studio.addConsent(
      {
        id: `cons_${randomAlphanumeric(ID_LENGTH)}`,
        name: fields.name,
        language: languageTag(fields.language),
        recording: recordingIn(form, RECORDING_FIELD),
        param: RECORDING_FIELD,
      },
      request.antiphon,
    );
    return toEntry(consent);
  });

  scope.get(PATH, async (request) => {
    const query = parseBody(pageQuery, request.query);
    const consents = await core.studio.consents(request.antiphon);
    return listPage(consents.map(toEntry), query);
  });

  scope.get(`${PATH}/:consent_id`, async (request) =>
    toEntry(await core.studio.consent(consentIdOf(request), request.antiphon)),
  );

  scope.post(`${PATH}/:consent_id`, async (request) => {
    const { fields } = await readVoiceForm(request);
    const { name: renamed } = parseBody(renaming, fields);
    return toEntry(await core.studio.renameConsent(consentIdOf(request), renamed, request.antiphon));
  });

  scope.delete(`${PATH}/:consent_id`, async (request) => {
    const id = consentIdOf(request);
    await core.studio.removeConsent(id, request.antiphon);
    return { object: 'audio.voice_consent', id, deleted: true };
  });
}

function consentIdOf(request: FastifyRequest): string {
  return parseBody(consentParams, request.params).consent_id;
}

function toEntry({ id, name: label, language, createdAt }: ConsentRecord) {
  return {
    object: 'audio.voice_consent',
    id,
    name: label,
    language,
    created_at: Math.floor(createdAt / 1000),
  };
}

/** The tag as it was sent, which the vendor gives back so. Throws `invalid_request` for what is no tag of BCP 47. */
function languageTag(text: string): string {
  const [subtag = ''] = text.split('-');
  // Longer words are well-formed, too, but no language has been registered under one.
  if (/^[a-z]{2,3}$/i.test(subtag) && isWellFormed(text)) return text;
  throw new AppError(
    'invalid_request',
    `'language' must be a language tag such as 'en-US', but is '${text}'.`,
    {
      param: 'language',
      reason: 'invalid_language_format',
    },
  );
}

function isWellFormed(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
