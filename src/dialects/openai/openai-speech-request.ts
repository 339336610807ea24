import { z } from 'zod';
import { countCodePoints } from '../../base/code-points.ts';
import { AppError } from '../../base/errors.ts';
import type { SpeechRequest, SpeechSetting } from '../../core/speech/speech.ts';
import { askedIn } from '../asked-settings.ts';
import { parseBody } from '../parse-body.ts';
import { MAX_INPUT_CHARACTERS } from './openai-names.ts';

/** Hertz of everything this vendor speaks. */
const SAMPLE_RATE = 24_000;

const MAX_INSTRUCTION_CHARACTERS = 4_096;
const SLOWEST = 0.25;
const FASTEST = 4;

/** A format of the vendor: what we are asked to make, and the content type under which it is sent. */
interface OutputFormat {
  readonly format: SpeechRequest['format'];
  readonly contentType: string;
}

/** The vendor's formats, with the sample and bit rates of its own answers. */
export const outputFormats = {
  mp3: { format: { id: 'mp3', sampleRate: SAMPLE_RATE, bitRate: 128_000 }, contentType: 'audio/mpeg' },
  opus: { format: { id: 'opus', sampleRate: SAMPLE_RATE, bitRate: 56_000 }, contentType: 'audio/opus' },
  aac: { format: { id: 'aac', sampleRate: SAMPLE_RATE, bitRate: 64_000 }, contentType: 'audio/aac' },
  flac: { format: { id: 'flac', sampleRate: SAMPLE_RATE }, contentType: 'audio/flac' },
  wav: { format: { id: 'wav', sampleRate: SAMPLE_RATE }, contentType: 'audio/wav' },
  pcm: { format: { id: 'pcm', sampleRate: SAMPLE_RATE }, contentType: 'audio/pcm' },
} as const satisfies Readonly<Record<string, OutputFormat>>;

/** How the vendor spells our speech settings. */
export const speechParameters = {
  speed: 'speed',
  instructions: 'instructions',
} as const satisfies Readonly<Record<string, SpeechSetting>>;

/** A text whose length is counted in code points, as people and the vendor count. */
function textUpTo(limit: number) {
  return z.string().check((check) => {
    if (countCodePoints(check.value) <= limit) return;
    check.issues.push({
      code: 'too_big',
      origin: 'string',
      maximum: limit,
      inclusive: true,
      input: check.value,
    });
  });
}

const name = z.string().min(1);

export const speechBody = z.object({
  model: name,
  input: z.string(),
  voice: z.union([name, z.object({ id: name })], { error: 'must be the name of a voice or {"id": "…"}' }),
  instructions: textUpTo(MAX_INSTRUCTION_CHARACTERS).nullish(),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).nullish(),
  speed: z.number().min(SLOWEST).max(FASTEST).nullish(),
  stream_format: z.enum(['audio', 'sse']).nullish(),
});

export type SpeechBody = z.output<typeof speechBody>;

/** The limit is the operator's and the same for every request; a schema takes longer to build than to use. */
const bodies = new Map<number, typeof speechBody>();

function bodyUpTo(limit: number): typeof speechBody {
  const known = bodies.get(limit);
  if (known) return known;
  const made = speechBody.extend({ input: textUpTo(limit) });
  bodies.set(limit, made);
  return made;
}

/** Checks the body of a speech request. Throws `invalid_request` naming what is wrong with it. */
export function readSpeechBody(body: unknown, maxCharacters: number = MAX_INPUT_CHARACTERS): SpeechBody {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return parseBody(bodyUpTo(maxCharacters), body);
  }
  throw new AppError('invalid_request', 'The body must be a JSON object, sent as application/json.', {
    reason: 'malformed',
  });
}

/** A speech request in our words. */
export function toSpeechRequest(body: SpeechBody): SpeechRequest {
  const { speed, instructions } = body;
  return {
    model: body.model,
    text: body.input,
    voice: { kind: 'id', id: typeof body.voice === 'string' ? body.voice : body.voice.id },
    format: outputFormats[body.response_format ?? 'mp3'].format,
    // The vendor never tells the length in advance, not even in a WAV header.
    delivery: 'stream',
    normalization: 'auto',
    alignment: false,
    joinable: false,
    ...(typeof speed === 'number' ? { speed } : {}),
    ...(instructions ? { instructions } : {}),
    asked: askedIn(speechParameters, body),
    spelling: { text: 'input', voice: 'voice', model: 'model', format: 'response_format' },
  };
}
