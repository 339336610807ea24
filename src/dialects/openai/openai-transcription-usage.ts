import type { Transcript } from '../../core/transcription/transcription.ts';

/** Rules of thumb, for nothing here counts in the vendor's tokens: ten of sound a second … */
const AUDIO_TOKENS_PER_SECOND = 10;
/** … and one for about four characters of English. */
const CHARACTERS_PER_TOKEN = 4;

/** What was heard, as the vendor counts it under the names of its Whisper models. */
export interface DurationUsage {
  readonly type: 'duration';
  readonly seconds: number;
}

/** What was heard, as the vendor counts it under its newer names. */
export interface TokenUsage {
  readonly type: 'tokens';
  readonly total_tokens: number;
  readonly input_tokens: number;
  readonly input_token_details: { readonly text_tokens: number; readonly audio_tokens: number };
  readonly output_tokens: number;
}

/** Seconds, rounded up as the vendor does. */
export function durationUsage({ durationSeconds }: Transcript): DurationUsage {
  return { type: 'duration', seconds: Math.ceil(durationSeconds) };
}

/** What the vendor would about have counted. */
export function tokenUsage(transcript: Transcript, prompt = ''): TokenUsage {
  // A hair more, so that 1.1 s, which times ten is less than 11 in binary, has 11.
  const audio = Math.floor(transcript.durationSeconds * AUDIO_TOKENS_PER_SECOND + 1e-6);
  const text = textTokens(prompt);
  const output = textTokens(transcript.text);
  return {
    type: 'tokens',
    total_tokens: audio + text + output,
    input_tokens: audio + text,
    input_token_details: { text_tokens: text, audio_tokens: audio },
    output_tokens: output,
  };
}

/** The vendor's newer names count tokens; Whisper's name, and those of our own models, count seconds. */
export function usageOf(
  transcript: Transcript,
  { model, prompt }: { readonly model: string; readonly prompt?: string | undefined },
): DurationUsage | TokenUsage {
  return model.startsWith('gpt-') ? tokenUsage(transcript, prompt) : durationUsage(transcript);
}

function textTokens(text: string): number {
  return Math.ceil(Array.from(text).length / CHARACTERS_PER_TOKEN);
}
