import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { randomAlphanumeric } from '../../base/ids.ts';
import { collectBytes } from '../../base/stream.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { ANY_MODEL } from '../../core/models/model-catalog.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { SpeechResult } from '../../core/speech/speech.ts';
import {
  createVoiceDrafts,
  draftMarkup,
  draftVoices,
  type VoiceDraft,
  type VoiceDrafts,
} from '../../core/voices/voice-drafts.ts';
import type { VoiceRecord } from '../../core/voices/voice-record.ts';
import { primaryLanguage } from '../../core/voices/voice-parts.ts';
import type { Warning } from '../../core/warning.ts';
import { parseBody } from '../parse-body.ts';
import { GENERATES } from '../respond-async.ts';
import { sendSpeech, warningHeaders } from '../speech-reply.ts';
import { looseBoolean, looseNumber, parseFields, queryValue } from './elevenlabs-fields.ts';
import {
  DEFAULT_OUTPUT_FORMAT,
  outputFormatNames,
  outputFormats,
  type OutputFormatName,
} from './elevenlabs-formats.ts';
import { toListedVoice, type VoiceViewer } from './elevenlabs-voice-listing.ts';

const PREFIX = '/v1/text-to-voice';
const ID_LENGTH = 20;

/** What a draft says when the caller gives it nothing to say. */
const OWN_TEXT =
  'Good evening. I was asked to tell you a little about the place where I live: there is a river, a road beside it, and a light in every window.';

const flag = looseBoolean(z.boolean().nullish());
const number = looseNumber(z.number().nullish());

export const designBody = z.object({
  voice_description: z.string().min(20).max(1_000),
  text: z.string().min(100).max(1_000).nullish(),
  auto_generate_text: flag,
  seed: looseNumber(z.int().min(0).max(2_147_483_647).nullish()),
  stream_previews: flag,
  model_id: z.string().nullish(),
  loudness: looseNumber(z.number().min(-1).max(1).nullish()),
  quality: number,
  guidance_scale: number,
  should_enhance: flag,
  reference_audio_base64: z.string().nullish(),
  prompt_strength: number,
});

type DesignBody = z.output<typeof designBody>;

export const designQuery = z.object({ output_format: queryValue(z.enum(outputFormatNames).optional()) });

export const createBody = z.object({
  voice_name: z.string().min(1).max(256),
  voice_description: z.string().max(1_000),
  generated_voice_id: z.string().min(1),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
  played_not_selected_voice_ids: z.array(z.string()).nullish(),
});

/** Registers voices after a description: three drafts to listen to, of which one becomes a voice within an hour. */
export function voiceDesignRoutes(
  scope: FastifyInstance,
  core: Core,
  viewerOf: (request: FastifyRequest) => VoiceViewer,
): void {
  const drafts = createVoiceDrafts(core.clock);

  const design = (request: FastifyRequest, reply: FastifyReply) =>
    draftThree(core, drafts, { request, reply });
  const create = async (request: FastifyRequest) => {
    const record = await makeVoice(core, drafts, request);
    return toListedVoice({ kind: 'added', record }, viewerOf(request));
  };

  scope.post(`${PREFIX}/design`, GENERATES, design);
  scope.post(`${PREFIX}/create-previews`, GENERATES, design);
  scope.post(PREFIX, create);
  scope.post(`${PREFIX}/create-voice-from-preview`, create);
  scope.get(`${PREFIX}/:generated_voice_id/stream`, async (request, reply) => {
    const { generated_voice_id: id } = parseBody(
      z.object({ generated_voice_id: z.string() }),
      request.params,
    );
    const draft = drafts.find(id, request.antiphon.principal.id);
    const spoken = await tryOut(core, { draft, format: DEFAULT_OUTPUT_FORMAT }, request.antiphon);
    return sendSpeech(reply, spoken, { contentType: outputFormats[DEFAULT_OUTPUT_FORMAT].contentType });
  });
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function draftThree(
  core: Core,
  drafts: VoiceDrafts,
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const { output_format: format = DEFAULT_OUTPUT_FORMAT } = parseFields('query', designQuery, request.query);
  const body = parseFields('body', designBody, request.body);
  const text = body.text || OWN_TEXT;
  const voices = core.voices.engineVoices;
  const found = draftVoices(body.voice_description, { voices, ...(body.seed ? { seed: body.seed } : {}) });
  const warnings = [...understood(found), ...ignoredFields(body)];
  const { antiphon: context } = request;
  if (context.strict) refuseUnderStrict(warnings);
  const previews: unknown[] = [];
  for (const one of found) {
    const draft: VoiceDraft = { ...one, text };
    const spoken = body.stream_previews ? undefined : await tryOut(core, { draft, format }, context);
    const audio = spoken ? await collectBytes(spoken.chunks) : new Uint8Array(0);
    previews.push({
      audio_base_64: Buffer.from(audio).toString('base64'),
      generated_voice_id: drafts.keep(draft, context.principal.id),
      media_type: outputFormats[format].contentType,
      duration_secs: Math.round((spoken?.secondsSoFar() ?? 0) * 1000) / 1000,
      language: primaryLanguage(draft.sketch.locale ?? 'en'),
    });
  }
  return reply.headers(warningHeaders(warnings)).send({ previews, text });
}

async function makeVoice(core: Core, drafts: VoiceDrafts, request: FastifyRequest): Promise<VoiceRecord> {
  const body = parseFields('body', createBody, request.body);
  const { antiphon: context } = request;
  const { design: made, sketch } = drafts.find(body.generated_voice_id, context.principal.id);
  const labels = Object.entries(body.labels ?? {}).filter(
    (label): label is [string, string] => label[1] !== null,
  );
  return core.studio.create(
    {
      id: randomAlphanumeric(ID_LENGTH),
      name: body.voice_name,
      description: body.voice_description,
      labels: Object.fromEntries(labels),
      ...(sketch.gender === undefined ? {} : { gender: sketch.gender }),
      ...(sketch.locale === undefined ? {} : { language: sketch.locale }),
      source: { kind: 'design', design: made },
      param: 'generated_voice_id',
    },
    context,
  );
}

interface Audition {
  readonly draft: VoiceDraft;
  readonly format: OutputFormatName;
}

/** Lets a draft speak as the voice that would be made of it. */
function tryOut(core: Core, { draft, format }: Audition, context: RequestContext): Promise<SpeechResult> {
  const { design, sketch, text } = draft;
  return core.speech.speak(
    {
      model: ANY_MODEL,
      text,
      markup: draftMarkup(draft),
      voice: design.baseVoice === undefined ? { kind: 'default' } : { kind: 'id', id: design.baseVoice },
      language: sketch.locale ?? 'en',
      speed: design.speed,
      format: outputFormats[format].format,
      delivery: 'stream',
      alignment: false,
      normalization: 'auto',
      asked: [],
      spelling: { text: 'text', voice: 'voice_description', model: 'model_id', format: 'output_format' },
    },
    context,
  );
}

/** Nothing of a description but the words that are known has any effect. */
function understood([first]: readonly Pick<VoiceDraft, 'sketch'>[]): Warning[] {
  const words = first?.sketch.understood ?? [];
  const to = words.length > 0 ? `these words of it: ${words.join(', ')}` : 'no word of it';
  return [{ type: 'adjusted', setting: 'voice_description', from: 'the whole description', to }];
}

const WITHOUT_EFFECT = [
  'loudness',
  'quality',
  'guidance_scale',
  'should_enhance',
  'reference_audio_base64',
  'prompt_strength',
] as const;

function ignoredFields(body: DesignBody): Warning[] {
  const reason = 'the voice is an engine voice here, changed in pitch and tempo';
  return WITHOUT_EFFECT.flatMap((setting): Warning[] => {
    const value = body[setting];
    return value === undefined || value === null || value === false || value === ''
      ? []
      : [{ type: 'ignored', setting, reason }];
  });
}
