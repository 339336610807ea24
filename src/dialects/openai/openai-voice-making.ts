import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import { designVoice, sketchVoice, type VoiceSketch } from '../../core/voices/voice-description.ts';
import type { ConsentRecord, VoiceRecord } from '../../core/voices/voice-record.ts';
import type { Warning } from '../../core/warning.ts';
import { parseBody } from '../parse-body.ts';
import { shortenedSamples } from '../shortened-samples.ts';
import { NAME_CHARACTERS } from './openai-voice-consents.ts';
import { readVoiceForm, recordingIn, type VoiceForm } from './openai-voice-form.ts';

const ID_LENGTH = 24;
const SAMPLE_FIELD = 'audio_sample';
const PROMPT_CHARACTERS = 4_096;

const text = (most: number) => z.string().trim().min(1).max(most);

const kindField = z.object({ type: z.enum(['audio_sample', 'prompt']).default('audio_sample') });

export const sampleFields = z.object({ name: text(NAME_CHARACTERS), consent: z.string().min(1) });

export const promptFields = z.object({
  name: text(NAME_CHARACTERS),
  prompt: text(PROMPT_CHARACTERS),
  model: z.string().optional(),
  script_hint: text(PROMPT_CHARACTERS).optional(),
});

/** A voice that was made, and what was not done as asked. */
export interface MadeVoice {
  readonly voice: VoiceRecord;
  readonly warnings: readonly Warning[];
}

/** Makes a voice from a recording and a consent, or from a description. */
export async function createVoice(core: Core, request: FastifyRequest): Promise<MadeVoice> {
  const form = await readVoiceForm(request);
  const { type } = parseBody(kindField, form.fields);
  return type === 'prompt'
    ? describedVoice(core, form, request.antiphon)
    : recordedVoice(core, form, request.antiphon);
}

function newId(): string {
  return `voice_${randomAlphanumeric(ID_LENGTH)}`;
}

async function recordedVoice(core: Core, form: VoiceForm, context: RequestContext): Promise<MadeVoice> {
  const upload = recordingIn(form, SAMPLE_FIELD);
  const { name, consent } = parseBody(sampleFields, form.fields);
  const { id: consentId, language } = await getConsent(core, consent, context);
  const voice = await core.studio.create(
    {
      id: newId(),
      name,
      language,
      consentId,
      source: { kind: 'samples', uploads: [upload], denoise: false },
      param: SAMPLE_FIELD,
    },
    context,
  );
  return { voice, warnings: shortenedSamples(voice.samples, SAMPLE_FIELD) };
}

/** Here a consent is the value of a field, not a thing with an address. */
async function getConsent(core: Core, id: string, context: RequestContext): Promise<ConsentRecord> {
  try {
    return await core.studio.consent(id, context);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    throw new AppError('invalid_request', error.message, { param: 'consent' });
  }
}

/** A voice after a description: an engine voice, higher or lower, slower or faster, as far as there are words for that. */
async function describedVoice(core: Core, form: VoiceForm, context: RequestContext): Promise<MadeVoice> {
  const fields = parseBody(promptFields, form.fields);
  const { name, prompt } = fields;
  const sketch = sketchVoice(prompt);
  const warnings = [understoodWarning(sketch), ...ignoredFields(fields)];
  if (context.strict) refuseUnderStrict(warnings);
  const { gender, locale } = sketch;
  const voice = await core.studio.create(
    {
      id: newId(),
      name,
      description: prompt,
      ...(gender === undefined ? {} : { gender }),
      ...(locale === undefined ? {} : { language: locale }),
      source: { kind: 'design', design: designVoice(sketch, prompt, { voices: core.voices.engineVoices }) },
      param: 'prompt',
    },
    context,
  );
  return { voice, warnings };
}

function understoodWarning({ understood }: VoiceSketch): Warning {
  const to = understood.length > 0 ? `these words of it: ${understood.join(', ')}` : 'no word of it';
  return { type: 'adjusted', setting: 'prompt', from: 'the whole description', to };
}

/** With the vendor a script only shapes how a voice is tried out, and the model makes it. */
function ignoredFields({ model, script_hint: script }: z.output<typeof promptFields>): Warning[] {
  const sent = { model: model === 'auto' ? undefined : model, script_hint: script };
  const reason = 'the voice is made from an engine voice here, without a script';
  return Object.entries(sent).flatMap(([setting, value]): Warning[] =>
    value === undefined ? [] : [{ type: 'ignored', setting, reason }],
  );
}
