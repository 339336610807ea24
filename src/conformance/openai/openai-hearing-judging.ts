import { z } from 'zod';
import type { Reply } from '../kit-asking.ts';
import { expectHeader, expectShape, expectStatus } from '../kit-judging.ts';
import type { Probe } from '../kit-row.ts';
import { transcribe } from './openai-judging.ts';

export const TOKENS = z.object({
  type: z.literal('tokens'),
  input_tokens: z.int(),
  output_tokens: z.int(),
  total_tokens: z.int(),
});
export const DURATION = z.object({ type: z.literal('duration'), seconds: z.number() });
const HEARD = z.object({ text: z.string(), usage: z.union([TOKENS, DURATION]).optional() });
const WORD = z.object({ word: z.string(), start: z.number(), end: z.number() });
const SEGMENT = z.object({
  id: z.number(),
  seek: z.number(),
  start: z.number(),
  end: z.number(),
  text: z.string(),
  tokens: z.array(z.int()),
  temperature: z.number(),
  avg_logprob: z.number(),
  compression_ratio: z.number(),
  no_speech_prob: z.number(),
});
export const VERBOSE = z.object({
  task: z.string(),
  language: z.string().regex(/^[a-z ]+$/, 'is a lowercase English name'),
  duration: z.number(),
  text: z.string(),
  segments: z.array(SEGMENT).optional(),
  words: z.array(WORD).optional(),
});
const SPOKEN_SEGMENT = z.object({
  type: z.literal('transcript.text.segment'),
  id: z.string(),
  start: z.number(),
  end: z.number(),
  text: z.string(),
  speaker: z.string(),
});
export const DIARIZED = z.object({ text: z.string(), segments: z.array(SPOKEN_SEGMENT) });
export const LOGPROBS = z
  .array(z.object({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()) }))
  .min(1);

export const WORDS = 'timestamp_granularities[]';
export const SRT = /^1\n\d{2}:\d{2}:\d{2},\d{3} --> \d{2}:\d{2}:\d{2},\d{3}\n[^]+\n\n\n$/;
export const VTT = /^WEBVTT\n\n\d{2}:\d{2}:\d{2}\.\d{3} --> \d{2}:\d{2}:\d{2}\.\d{3}\n[^]+[^\n]\n\n$/;

/** The model that tells tokens and probabilities. */
export const NEWER = 'gpt-4o-transcribe';
/** The model that tells speakers. */
export const SPEAKERS = 'gpt-4o-transcribe-diarize';

export async function verbose(
  probe: Probe,
  granularities: readonly string[],
): Promise<z.infer<typeof VERBOSE>> {
  const reply = await transcribe(probe, { response_format: 'verbose_json', [WORDS]: granularities });
  expectStatus(reply, 200);
  return expectShape(reply, VERBOSE);
}

export function expectText(reply: Reply): string {
  expectStatus(reply, 200);
  expectHeader(reply, 'content-type', /^application\/json/);
  return expectShape(reply, HEARD).text;
}
