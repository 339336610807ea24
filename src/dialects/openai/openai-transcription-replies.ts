import type {
  TokenLogprob,
  TranscribedSegment,
  TranscribedWord,
  Transcript,
} from '../../core/transcription/transcription.ts';
import { languageName } from './openai-languages.ts';
import type { TranscriptionBody, TranslationBody } from './openai-transcription-body.ts';
import { wantsLogprobs } from './openai-transcription-request.ts';
import { tokenUsage, usageOf } from './openai-transcription-usage.ts';

/** The one model that tells which languages it heard. */
const MODEL_WITH_LANGUAGES = 'gpt-transcribe';

/** Clients want a name here, and no language has this one: they show it or find no code for it. */
const UNKNOWN_LANGUAGE = 'unknown';

/** A transcription in the vendor's JSON, brief unless the body asks for more; the keys stand in the vendor's order. */
export function toTranscriptionJson(transcript: Transcript, body: TranscriptionBody): object {
  if (body.response_format === 'verbose_json') return toVerboseTranscription(transcript, body);
  if (body.response_format === 'diarized_json') return toDiarizedTranscription(transcript, body);
  return {
    text: transcript.text,
    ...(wantsLogprobs(body) ? { logprobs: toLogprobs(transcript) } : {}),
    ...heardLanguages(transcript, body),
    usage: usageOf(transcript, body),
  };
}

function toDiarizedTranscription(transcript: Transcript, body: TranscriptionBody): object {
  return {
    task: 'transcribe',
    duration: transcript.durationSeconds,
    text: transcript.text,
    segments: transcript.segments.map(toSpeakerSegment),
    usage: tokenUsage(transcript, body.prompt),
  };
}

/** A translation in the vendor's JSON, which says nothing about usage. */
export function toTranslationJson(
  transcript: Transcript,
  { response_format: format }: TranslationBody,
): object {
  if (format !== 'verbose_json') return { text: transcript.text };
  return {
    task: 'translate',
    language: 'english',
    duration: transcript.durationSeconds,
    text: transcript.text,
    segments: transcript.segments.map(toWhisperSegment),
  };
}

function toVerboseTranscription(transcript: Transcript, body: TranscriptionBody): object {
  const granularities = body.timestamp_granularities?.length ? body.timestamp_granularities : ['segment'];
  return {
    task: 'transcribe',
    language: transcript.language === undefined ? UNKNOWN_LANGUAGE : languageName(transcript.language),
    duration: transcript.durationSeconds,
    text: transcript.text,
    ...(granularities.includes('segment') ? { segments: transcript.segments.map(toWhisperSegment) } : {}),
    ...(granularities.includes('word')
      ? { words: transcript.segments.flatMap(({ words }) => words.flatMap(toBareWord)) }
      : {}),
    usage: usageOf(transcript, body),
  };
}

/** Which languages were heard, where the vendor says so; none where nobody spoke or nobody can tell. */
export function heardLanguages(
  transcript: Transcript,
  { model }: Pick<TranscriptionBody, 'model'>,
): { readonly languages?: readonly { readonly code: string }[] } {
  if (model !== MODEL_WITH_LANGUAGES) return {};
  const { text, language } = transcript;
  return { languages: text === '' || language === undefined ? [] : [{ code: language }] };
}

export interface WireLogprob {
  readonly token: string;
  readonly logprob: number;
  /** The token in UTF-8. */
  readonly bytes: readonly number[];
}

/** A token as the vendor writes it. */
export function toLogprob({ text, logprob }: TokenLogprob): WireLogprob {
  return { token: text, logprob, bytes: [...Buffer.from(text)] };
}

/** All tokens; the first without the space in front that the text does not have either. */
export function toLogprobs({ segments }: Transcript): WireLogprob[] {
  const [first, ...rest] = segments.flatMap(({ logprobs }) => logprobs);
  return first ? [withoutSpace(first), ...rest].map(toLogprob) : [];
}

/** A token without space in front. */
export function withoutSpace(token: TokenLogprob): TokenLogprob {
  return { ...token, text: token.text.trimStart() };
}

/**
 * All ten keys, for clients refuse a segment that lacks one. Where a model does not tell how sure it is, zeros say
 * that nothing speaks against it.
 */
function toWhisperSegment(segment: TranscribedSegment): object {
  return {
    id: segment.id,
    seek: Math.floor(segment.startSeconds * 100),
    start: segment.startSeconds,
    end: segment.endSeconds,
    text: segment.text,
    tokens: segment.tokens,
    temperature: segment.temperature,
    avg_logprob: segment.averageLogprob ?? meanLogprob(segment.logprobs),
    compression_ratio: segment.compressionRatio,
    no_speech_prob: segment.noSpeechProbability ?? 0,
  };
}

function meanLogprob(tokens: readonly TokenLogprob[]): number {
  const sum = tokens.reduce((total, { logprob }) => total + logprob, 0);
  return tokens.length === 0 ? 0 : sum / tokens.length;
}

/** Marks that belong to a word when they stand at its edge: 50 %, #1, @home, -5. */
const NO_PUNCTUATION = /[%#@&]/;

/** A word without the punctuation around it; nothing, where it consists of nothing else. */
function toBareWord(word: TranscribedWord): readonly object[] {
  const isPunctuation = (character: string | undefined) =>
    character !== undefined && /[\p{P}\s]/u.test(character) && !NO_PUNCTUATION.test(character);
  const characters = Array.from(word.text);
  const isMinus = () => characters[0] === '-' && /\d/.test(characters[1] ?? '');
  while (isPunctuation(characters[0]) && !isMinus()) characters.shift();
  while (isPunctuation(characters.at(-1))) characters.pop();
  const bare = characters.join('');
  return bare === '' ? [] : [{ word: bare, start: word.startSeconds, end: word.endSeconds }];
}

/** A segment with its speaker; who cannot be told from the others is the first. */
export function toSpeakerSegment(segment: TranscribedSegment): object {
  return {
    type: 'transcript.text.segment',
    text: segment.text,
    speaker: segment.speaker ?? 'A',
    start: segment.startSeconds,
    end: segment.endSeconds,
    id: `seg_${segment.id}`,
  };
}
