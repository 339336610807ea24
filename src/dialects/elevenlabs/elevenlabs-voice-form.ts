import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, type FieldIssue } from '../../base/errors.ts';
import { mediaLength } from '../../core/media-input.ts';
import { REFERENCE_BYTES } from '../../core/voices/reference-recording.ts';
import type { VoiceUpload } from '../../core/voices/voice-studio.ts';
import type { Gender } from '../../core/voices/voice.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { lastValues, readForm, type Form, type FormFile } from '../parse-form.ts';
import { findSpokenLanguage } from '../spoken-languages.ts';
import { looseBoolean } from './elevenlabs-fields.ts';

/** Recordings of one voice at most, as with the vendor. */
const MOST_SAMPLES = 25;
const NAME_CHARACTERS = 256;
const DESCRIPTION_CHARACTERS = 5_000;
const MOST_LABELS = 50;
const LABEL_CHARACTERS = 500;

/** The field that holds the recordings. */
export const SAMPLES_FIELD = 'files';

const label = z.string().max(LABEL_CHARACTERS);

/** What is said about a voice beside its recordings. */
export const voiceFields = z.object({
  name: z.string().min(1).max(NAME_CHARACTERS),
  description: z.string().max(DESCRIPTION_CHARACTERS).optional(),
  remove_background_noise: looseBoolean(z.boolean().default(false)),
  labels: z
    .record(label, label)
    .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `must be at most ${MOST_LABELS} labels`)
    .optional(),
});

/** A voice to be made, or what is to be changed in one. */
export interface VoiceForm extends z.output<typeof voiceFields> {
  readonly uploads: readonly VoiceUpload[];
}

/** Reads the form of a new voice. Throws `invalid_request` naming the field that is wrong or missing. */
export async function readNewVoiceForm(request: FastifyRequest): Promise<VoiceForm> {
  const form = await readVoiceForm(request);
  if (form.uploads.length > 0) return form;
  throw invalidFields([{ path: [SAMPLES_FIELD], kind: 'missing', message: 'this field is required' }]);
}

/** Reads the form of a change, in which recordings are added to those that are there. */
export async function readVoiceForm(request: FastifyRequest): Promise<VoiceForm> {
  if (!request.isMultipart()) {
    const message = 'A voice must be sent as multipart/form-data, with the parts `name` and `files`.';
    throw new AppError('unsupported_media', message, { reason: 'content_type' });
  }
  const form = await readForm(request, { fileBytes: REFERENCE_BYTES, files: MOST_SAMPLES });
  refuseTextAsFile(form);
  const uploads = form.files.filter(isFilled).map(toUpload);
  return { ...parseBody(voiceFields, sentFields(form)), uploads };
}

/** An empty part is a control that nobody filled in; some clients write `null` for what was left out. */
function sentFields(form: Form): Record<string, unknown> {
  const sent = Object.entries(lastValues(form)).filter(([name, text]) => {
    return text !== '' && (name === 'name' || name === 'description' || text !== 'null');
  });
  const fields: Record<string, unknown> = Object.fromEntries(sent);
  return typeof fields['labels'] === 'string' ? { ...fields, labels: parseLabels(fields['labels']) } : fields;
}

/** JSON text, which one client encodes twice when it is given text. */
function parseLabels(text: string): unknown {
  try {
    const once: unknown = JSON.parse(text);
    const labels: unknown = typeof once === 'string' ? JSON.parse(once) : once;
    return labels ?? undefined;
  } catch {
    const issue: FieldIssue = {
      path: ['labels'],
      kind: 'malformed',
      message: 'must be a JSON object of texts',
      received: text,
    };
    throw invalidFields([issue]);
  }
}

/** Clients call the list `files`, form builders also `files[]`. */
function isSamples(field: string): boolean {
  return field === SAMPLES_FIELD || field === `${SAMPLES_FIELD}[]`;
}

function isFilled({ field, filename, media }: FormFile): boolean {
  return isSamples(field) && (filename !== '' || mediaLength(media) > 0);
}

/** Text where a recording belongs would be lost in silence. */
function refuseTextAsFile({ fields }: Form): void {
  const texts = [...fields].filter(([name]) => isSamples(name)).flatMap(([, values]) => values);
  if (texts.every((text) => text === '' || text === 'null')) return;
  const message = 'must be file parts with a file name';
  throw invalidFields([{ path: [SAMPLES_FIELD], kind: 'malformed', message }]);
}

function toUpload({ filename, media }: FormFile): VoiceUpload {
  return { audio: { ...media, filename }, filename };
}

/** What labels tell about a voice that matters to who plays it. */
export function traitsInLabels(labels: Readonly<Record<string, string>>): {
  readonly gender?: Gender;
  readonly language?: string;
} {
  const gender = GENDERS.find((one) => one === labels['gender']?.trim().toLowerCase());
  const language = labels['language'] === undefined ? undefined : toTag(labels['language']);
  return { ...(gender ? { gender } : {}), ...(language ? { language } : {}) };
}

const GENDERS = ['female', 'male', 'neutral'] as const;

/** `en-GB` stays as it is; a name such as `English` becomes `en`; what is no language becomes nothing. */
function toTag(text: string): string | undefined {
  const code = findSpokenLanguage(text);
  if (code === undefined) return undefined;
  const tag = text.trim().replace('_', '-');
  return tag.toLowerCase().startsWith(`${code}-`) ? tag : code;
}
