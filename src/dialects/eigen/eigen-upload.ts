import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import type { Core } from '../../core/core.ts';
import { invalidFields, parseBody } from '../parse-body.ts';
import { findOnlyFile, type FormFile } from '../parse-form.ts';
import { shortenedSamples } from '../shortened-samples.ts';
import { warningHeaders } from '../speech-reply.ts';
import { readEigenBody, type EigenBody } from './eigen-body.ts';
import { textField } from './eigen-fields.ts';
import { contextOf } from './eigen-generate.ts';
import { EIGEN_MODELS } from './eigen-names.ts';
import { checkSampleFile } from './eigen-voice-sample.ts';

const FIELD = 'voice_reference_file';

const modelField = z.object({ model: z.string().min(1) });
export const nameField = z.object({ voice_name: textField });

/** `POST /api/v1/generate/upload`: keeps a recording of a voice, to be spoken with by any model. */
export async function uploadVoice(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = await readUpload(request);
  const { model } = parseBody(modelField, body.fields);
  return keepVoice(core, { request, reply, model, body });
}

/** The older `POST /api/{model}/upload_voice`. */
export async function uploadVoiceByPath(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { model } = parseBody(modelField, request.params);
  return keepVoice(core, { request, reply, model, body: await readUpload(request) });
}

interface Upload {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly model: string;
  readonly body: EigenBody;
}

async function readUpload(request: FastifyRequest): Promise<EigenBody> {
  if (request.isMultipart()) return readEigenBody(request);
  throw new AppError('unsupported_media', 'A recording is sent as multipart/form-data.', {
    reason: 'content_type',
  });
}

async function keepVoice(core: Core, upload: Upload): Promise<FastifyReply> {
  const { body, model, reply } = upload;
  checkModel(core, model);
  const file = recordingIn(body);
  const { voice_name: name } = parseBody(nameField, body.fields);
  const id = randomHex(16);
  const context = contextOf(upload);
  const voice = await core.studio.create(
    {
      id,
      name: name || `voice-${id.slice(0, 8)}`,
      source: {
        kind: 'samples',
        uploads: [{ audio: file.media, filename: file.filename }],
        denoise: false,
      },
      param: FIELD,
    },
    context,
  );
  return reply.headers(warningHeaders(shortenedSamples(voice.samples, FIELD))).send({ voice_id: voice.id });
}

function checkModel(core: Core, model: string): void {
  const speaks = ({ capability }: { readonly capability: string }) => capability === 'speech';
  const own = EIGEN_MODELS.filter(speaks).map(({ name }) => name);
  const installed = core.models.engineModels.filter(speaks).map(({ id }) => id);
  if ([...own, ...installed].includes(model)) return;
  const message = `'${model}' is no model that speaks with an uploaded voice`;
  throw invalidFields([
    { path: ['model'], kind: 'not_allowed_value', message, allowed: own, received: model },
  ]);
}

function recordingIn({ fields, files }: EigenBody): FormFile {
  const file = findOnlyFile(files, FIELD);
  if (file?.filename) {
    checkSampleFile(file, {});
    return file;
  }
  const sent = file !== undefined || FIELD in fields;
  throw invalidFields([
    sent
      ? { path: [FIELD], kind: 'wrong_type', message: 'must be a file part with a file name' }
      : { path: [FIELD], kind: 'missing', message: 'is required: a recording of the voice' },
  ]);
}
