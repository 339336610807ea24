import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { randomAlphanumeric } from '../../base/ids.ts';
import { graphemeSegmenter } from '../../base/segmenters.ts';
import type { Core } from '../../core/core.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { Transcript } from '../../core/transcription/transcription.ts';
import { parseBody } from '../parse-body.ts';
import { admitRequest } from '../request-admission.ts';
import { replayedContext } from '../request-replay.ts';
import { threeLetterCode, UNDETERMINED } from '../spoken-languages.ts';
import { sendTranscriptJson, type TranscriptPace } from '../transcript-reply.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { callerWithToken } from './elevenlabs-single-use.ts';
import { readTranscriptionForm } from './elevenlabs-transcription-form.ts';
import { additionalFormat } from './elevenlabs-transcription-formats.ts';
import { toTranscriptionTask } from './elevenlabs-transcription-request.ts';
import {
  transcriptionFields,
  transcriptionQuery,
  type TranscriptionFields,
} from './elevenlabs-transcription-schema.ts';
import { transcriptTokens, type TranscriptToken } from './elevenlabs-transcription-words.ts';

const PREFIX = '/v1/speech-to-text';

/** Registers the route that writes down a recording, and those of kept transcripts, of which there are none. */
export function transcriptionRoutes(scope: FastifyInstance, core: Core, pace: TranscriptPace = {}): void {
  const admit = async (request: FastifyRequest, reply: FastifyReply) => {
    if (replayedContext(core, request)) return;
    await admitRequest(core, { request, reply }, () => callerWithToken(core, request, 'transcription'));
  };
  scope.post(
    PREFIX,
    { config: { asksWhoCalls: true, generates: true }, onRequest: admit },
    async (request, reply) => {
      const query = parseFields('query', transcriptionQuery, request.query);
      const form = await readTranscriptionForm(request);
      const fields = parseFields('body', transcriptionFields, form.fields);
      const knowsSpeakers = core.engines.some((engine) => engine.speakers);
      const task = toTranscriptionTask({ fields, file: form.file, knowsSpeakers });
      const context = fields.strict ? { ...request.antiphon, strict: true } : request.antiphon;
      if (context.strict) refuseUnderStrict(task.warnings);
      const opening = core.transcription
        .transcribe(task.request, context)
        .then((result) => ({ ...result, warnings: [...task.warnings, ...result.warnings] }));
      const id = query.enable_logging === false ? undefined : randomAlphanumeric(20);
      return sendTranscriptJson(reply, opening, {
        pace,
        toJson: (transcript) => toAnswer(transcript, { fields, id }),
      });
    },
  );
  scope.get(`${PREFIX}/transcripts/:transcription_id`, refuseKeptTranscript);
  scope.delete(`${PREFIX}/transcripts/:transcription_id`, refuseKeptTranscript);
}

const transcriptPath = z.object({ transcription_id: z.string() });

async function refuseKeptTranscript(request: FastifyRequest): Promise<never> {
  const { transcription_id: id } = parseBody(transcriptPath, request.params);
  throw new AppError('not_found', `There is no transcript '${id}': transcripts are sent and not kept here.`, {
    param: 'transcription_id',
    reason: 'transcript_not_found',
  });
}

interface AnswerOptions {
  readonly fields: TranscriptionFields;
  readonly id: string | undefined;
}

/** The transcript as the vendor's clients expect it. */
export function toAnswer(transcript: Transcript, { fields, id }: AnswerOptions): Record<string, unknown> {
  const tokens = transcriptTokens(transcript);
  const { language } = transcript;
  const granularity = fields.timestamps_granularity ?? 'word';
  const formats = fields.additional_formats?.flatMap((format) =>
    additionalFormat(format, { tokens, language }),
  );
  return {
    language_code: language === undefined ? UNDETERMINED : threeLetterCode(language),
    language_probability: languageProbability(transcript),
    text: tokens.map((token) => token.text).join(''),
    words: tokens.map((token) => toWord(token, granularity)),
    ...(formats?.length ? { additional_formats: formats } : {}),
    ...(id === undefined ? {} : { transcription_id: id }),
    audio_duration_secs: transcript.durationSeconds,
  };
}

/** For a language that was only read off the words: likelier than not, and not the certainty of an ear. */
const READ_FROM_TEXT = 0.5;

/** 0 also where the model names a language and does not tell how sure it is. */
function languageProbability(transcript: Transcript): number {
  if (transcript.languageSource === 'caller') return 1;
  if (transcript.languageSource === 'text') return READ_FROM_TEXT;
  return transcript.languageProbability ?? 0;
}

type Granularity = NonNullable<TranscriptionFields['timestamps_granularity']>;

/** The official client fails without a `logprob`: 0 where the model does not tell, as for spaces. */
function toWord(token: TranscriptToken, granularity: Granularity): Record<string, unknown> {
  const { text, type, startSeconds: start, endSeconds: end, logprob = 0, speaker } = token;
  return {
    text,
    type,
    ...(granularity === 'none' ? {} : { start, end }),
    logprob,
    ...(speaker === undefined ? {} : { speaker_id: speaker }),
    ...(granularity === 'character' ? { characters: charactersOf(token) } : {}),
  };
}

/** No recogniser times letters: they share the time of their word evenly. */
function charactersOf({ text, startSeconds, endSeconds }: TranscriptToken): Record<string, unknown>[] {
  const letters = Array.from(graphemeSegmenter().segment(text), ({ segment }) => segment);
  const share = (endSeconds - startSeconds) / Math.max(1, letters.length);
  const at = (index: number) => Math.round((startSeconds + index * share) * 1000) / 1000;
  return letters.map((letter, index) => ({ text: letter, start: at(index), end: at(index + 1) }));
}
