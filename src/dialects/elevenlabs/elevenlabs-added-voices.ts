import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import type { Core } from '../../core/core.ts';
import type { VoiceRecord } from '../../core/voices/voice-record.ts';
import { parseBody } from '../parse-body.ts';
import { shortenedSamples } from '../shortened-samples.ts';
import { warningHeaders } from '../speech-reply.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { voiceSettings } from './elevenlabs-speech-schema.ts';
import { readNewVoiceForm, readVoiceForm, SAMPLES_FIELD, traitsInLabels } from './elevenlabs-voice-form.ts';
import { getAddedVoice, getVoice, voiceIdOf, voicePaths } from './elevenlabs-voice-paths.ts';
import { toTraits } from './elevenlabs-voice-settings.ts';

/** Letters and digits of the vendor's ids. */
const ID_LENGTH = 20;
/** What the vendor's clients need as an answer; one without a body breaks them. */
const DONE = { status: 'ok' } as const;

const sampleParams = z.object({ sample_id: z.string() });

/** Registers what makes, changes and removes voices, and the recordings that they were made from. */
export function addedVoiceRoutes(scope: FastifyInstance, core: Core): void {
  scope.post('/v1/voices/add', (request, reply) => addVoice(core, request, reply));
  for (const path of voicePaths('/v1/voices', '/edit')) {
    scope.post(path, (request, reply) => editVoice(core, request, reply));
  }
  for (const path of voicePaths('/v1/voices')) {
    scope.delete(path, async (request) => {
      const { id } = await addedVoice(core, request);
      await core.studio.remove(id, request.antiphon);
      return DONE;
    });
  }
  for (const path of voicePaths('/v1/voices', '/settings/edit')) {
    scope.post(path, async (request) => {
      const { id } = await addedVoice(core, request);
      const traits = toTraits(parseFields('body', voiceSettings, request.body));
      await core.studio.edit(id, { traits }, request.antiphon);
      return DONE;
    });
  }
  sampleRoutes(scope, core);
}

function addedVoice(core: Core, request: FastifyRequest): Promise<VoiceRecord> {
  return getAddedVoice(core, voiceIdOf(request), request.antiphon);
}

async function addVoice(core: Core, request: FastifyRequest, reply: FastifyReply) {
  const form = await readNewVoiceForm(request);
  const { name, description, labels = {}, remove_background_noise: denoise, uploads } = form;
  const { id, samples } = await core.studio.create(
    {
      id: randomAlphanumeric(ID_LENGTH),
      name,
      labels,
      ...(description === undefined ? {} : { description }),
      ...traitsInLabels(labels),
      source: { kind: 'samples', uploads, denoise },
      param: SAMPLES_FIELD,
    },
    request.antiphon,
  );
  reply.headers(warningHeaders(shortenedSamples(samples, SAMPLES_FIELD)));
  return { voice_id: id, requires_verification: false };
}

async function editVoice(core: Core, request: FastifyRequest, reply: FastifyReply) {
  const {
    name,
    description,
    labels,
    remove_background_noise: denoise,
    uploads,
  } = await readVoiceForm(request);
  const { id } = await addedVoice(core, request);
  const { samples } = await core.studio.edit(
    id,
    {
      name,
      uploads,
      denoise,
      param: SAMPLES_FIELD,
      ...(description === undefined ? {} : { description }),
      ...(labels === undefined ? {} : { labels, ...traitsInLabels(labels) }),
    },
    request.antiphon,
  );
  const added = samples.slice(samples.length - uploads.length);
  reply.headers(warningHeaders(shortenedSamples(added, SAMPLES_FIELD)));
  return DONE;
}

function sampleRoutes(scope: FastifyInstance, core: Core): void {
  const find = async (request: FastifyRequest) => {
    const { sample_id: sampleId } = parseBody(sampleParams, request.params);
    const known = await getVoice(core, voiceIdOf(request), request.antiphon);
    if (known.kind === 'added') return { id: known.record.id, sampleId };
    const message = `The voice ${voiceIdOf(request)} came with the server and has no samples.`;
    throw new AppError('not_found', message, { param: 'sample_id', subject: 'file' });
  };

  scope.get('/v1/voices/:voice_id/samples/:sample_id/audio', async (request, reply) => {
    const { id, sampleId } = await find(request);
    const sample = await core.studio.sampleAudio(id, sampleId, request.antiphon);
    reply.headers({ 'content-type': sample.mediaType, 'content-length': sample.byteLength });
    return reply.send(Readable.from(sample.bytes, { objectMode: false }));
  });

  scope.delete('/v1/voices/:voice_id/samples/:sample_id', async (request) => {
    const { id, sampleId } = await find(request);
    await core.studio.removeSample(id, sampleId, request.antiphon);
    return DONE;
  });
}
