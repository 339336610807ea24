import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { parseBody } from '../parse-body.ts';

const PCM_RATE = 24_000;

const format = z.discriminatedUnion('type', [
  z.object({ type: z.literal('audio/pcm'), rate: z.int().min(8_000).max(48_000).default(PCM_RATE) }),
  z.object({ type: z.literal('audio/pcmu') }),
  z.object({ type: z.literal('audio/pcma') }),
]);

const transcription = z.object({
  model: z.string().min(1).optional(),
  language: z.string().nullish(),
  languages: z.array(z.string()).nullish(),
  prompt: z.string().nullish(),
  keywords: z.array(z.string()).nullish(),
  delay: z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
});

const noiseReduction = z.object({
  type: z.enum(['near_field', 'far_field']).nullish(),
  strength: z.number().min(0).nullish(),
});

const turnDetection = z.object({
  type: z.enum(['server_vad', 'semantic_vad']).default('server_vad'),
  threshold: z.number().min(0).max(1).optional(),
  prefix_padding_ms: z.int().min(0).max(10_000).optional(),
  silence_duration_ms: z.int().min(0).max(60_000).optional(),
  idle_timeout_ms: z.int().min(1_000).max(60_000).nullish(),
  eagerness: z.enum(['low', 'medium', 'high', 'auto']).optional(),
  create_response: z.boolean().optional(),
  interrupt_response: z.boolean().optional(),
});

const include = z.array(z.enum(['item.input_audio_transcription.logprobs']));

const patch = z.object({
  type: z.string().optional(),
  audio: z
    .object({
      input: z
        .object({
          format: format.optional(),
          transcription: transcription.nullish(),
          noise_reduction: noiseReduction.nullish(),
          turn_detection: turnDetection.nullish(),
        })
        .optional(),
    })
    .optional(),
  include: include.nullish(),
});

const OLD_FORMATS = ['pcm16', 'g711_ulaw', 'g711_alaw'] as const;

const oldPatch = z.object({
  input_audio_format: z.enum(OLD_FORMATS).optional(),
  input_audio_transcription: transcription.nullish(),
  input_audio_noise_reduction: noiseReduction.nullish(),
  turn_detection: turnDetection.nullish(),
  include: include.nullish(),
});

type Format = z.output<typeof format>;

/** How sound is heard on a socket, in the vendor's words. */
export interface RealtimeSession {
  readonly format: Format;
  readonly transcription: z.output<typeof transcription> | null;
  readonly noiseReduction: z.output<typeof noiseReduction> | null;
  readonly turnDetection: z.output<typeof turnDetection> | null;
  readonly include: z.output<typeof include> | null;
}

/** What the vendor takes where a caller says nothing. */
export const DEFAULT_SESSION: RealtimeSession = {
  format: { type: 'audio/pcm', rate: PCM_RATE },
  transcription: null,
  noiseReduction: null,
  turnDetection: {
    type: 'server_vad',
    threshold: 0.5,
    prefix_padding_ms: 300,
    silence_duration_ms: 200,
    idle_timeout_ms: null,
  },
  include: null,
};

/** A session with what a caller changes about it. Throws `invalid_request` naming the field, and `unsupported_feature` for conversations. */
export function changedSession(session: RealtimeSession, asked: unknown): RealtimeSession {
  const { type, audio, include: wanted } = parseBody(patch, asked ?? {});
  if (type !== undefined && type !== 'transcription') {
    throw new AppError(
      'unsupported_feature',
      `Sessions of type '${type}' are not held here, only 'transcription'.`,
      {
        param: 'session.type',
      },
    );
  }
  const input = audio?.input ?? {};
  return merged(session, {
    format: input.format,
    transcription: input.transcription,
    noiseReduction: input.noise_reduction,
    turnDetection: input.turn_detection,
    include: wanted,
  });
}

/** The same in the words of the interface's first version. */
export function changedOldSession(session: RealtimeSession, asked: unknown): RealtimeSession {
  const body = parseBody(oldPatch, asked ?? {});
  return merged(session, {
    format: body.input_audio_format === undefined ? undefined : newFormat(body.input_audio_format),
    transcription: body.input_audio_transcription,
    noiseReduction: body.input_audio_noise_reduction,
    turnDetection: body.turn_detection,
    include: body.include,
  });
}

type Changes = { readonly [Part in keyof RealtimeSession]: RealtimeSession[Part] | undefined };

/** What is left out stays, null switches off, and what is said about a part adds to it. */
function merged(session: RealtimeSession, changes: Changes): RealtimeSession {
  const { turnDetection: turns } = changes;
  const sameTurns = turns?.type === session.turnDetection?.type ? session.turnDetection : null;
  return {
    format: changes.format ?? session.format,
    transcription: part(session.transcription, changes.transcription),
    noiseReduction: part(session.noiseReduction, changes.noiseReduction),
    turnDetection: part(turns === undefined ? session.turnDetection : sameTurns, turns),
    include: changes.include === undefined ? session.include : changes.include,
  };
}

function part<Part extends object>(before: Part | null, change: Part | null | undefined): Part | null {
  if (change === undefined) return before;
  return change === null ? null : { ...before, ...change };
}

function newFormat(name: (typeof OLD_FORMATS)[number]): Format {
  if (name === 'pcm16') return { type: 'audio/pcm', rate: PCM_RATE };
  return { type: name === 'g711_ulaw' ? 'audio/pcmu' : 'audio/pcma' };
}

function oldFormat({ type }: Format): (typeof OLD_FORMATS)[number] {
  if (type === 'audio/pcm') return 'pcm16';
  return type === 'audio/pcmu' ? 'g711_ulaw' : 'g711_alaw';
}

/** A session as the vendor shows it. It expires at a time, in seconds since 1970, once somebody is connected. */
export function sessionJson(id: string, session: RealtimeSession, expiresAt = 0): object {
  return {
    type: 'transcription',
    object: 'realtime.transcription_session',
    id,
    expires_at: expiresAt,
    audio: {
      input: {
        format: session.format,
        transcription: session.transcription,
        noise_reduction: session.noiseReduction,
        turn_detection: session.turnDetection,
      },
    },
    include: session.include,
  };
}

/** The same in the words of the interface's first version. */
export function oldSessionJson(id: string, session: RealtimeSession, expiresAt = 0): object {
  return {
    id,
    object: 'realtime.transcription_session',
    expires_at: expiresAt,
    input_audio_format: oldFormat(session.format),
    input_audio_transcription: session.transcription,
    input_audio_noise_reduction: session.noiseReduction,
    turn_detection: session.turnDetection,
    include: session.include,
  };
}
