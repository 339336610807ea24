import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type {
  HearingRequest,
  HearingSession,
  HearingWindow,
  HeardWindow,
  InstalledWeights,
} from '../../core/engine.ts';
import { toInt16 } from '../../media/pcm.ts';
import type { WhisperAnswer } from './whisper-calls.ts';
import { teachesTranslation } from './whisper-cards.ts';
import { toSegments, toUntimedSegment, toWordedSegments } from './whisper-heard.ts';
import { findWhisperLanguage, fromWhisperLanguage, languageCount } from './whisper-languages.ts';
import type { WhisperModelFacts } from './whisper-model-file.ts';
import type { WhisperModels, WhisperTenancy } from './whisper-models.ts';

const SAMPLE_RATE = 16_000;
/** whisper.cpp looks at the last 224 tokens of a prompt; no token is this long on average. */
const PROMPT_CHARACTERS = 4000;
/** From here on a detected language holds for the rest of the recording. */
const SURE = 0.5;

/** Opens a session on an installed model. Throws what `TranscriptionEngine.open` throws. */
export async function openWhisperSession(
  models: WhisperModels,
  weights: InstalledWeights,
  { request, context }: { readonly request: HearingRequest; readonly context: RequestContext },
): Promise<HearingSession> {
  if (request.task === 'translate') refuseUntrained(weights);
  if (request.language !== undefined) checkLanguage(request.language, 100);
  const tenancy = await models.take(weights, context.signal);
  try {
    return createSession(tenancy, startingLanguage(request, weights, tenancy.facts), { request, context });
  } catch (error) {
    tenancy.release();
    throw error;
  }
}

function createSession(
  { process, facts, release }: WhisperTenancy,
  firstLanguage: string,
  { request, context }: { readonly request: HearingRequest; readonly context: RequestContext },
): HearingSession {
  // whisper.cpp takes such a model for one of the first distilled ones, which tell no times.
  const untimed = facts.textLayers === 2 && facts.vocabulary !== 51_866;
  const pieces = request.wordTimes && !untimed;
  let language = firstLanguage;
  return {
    hear: async (window) => {
      const answer = await process.call(
        {
          samples: toInt16(window.samples),
          language,
          translate: request.task === 'translate',
          pieces,
          ...(window.prompt === undefined ? {} : { prompt: lastPart(window.prompt) }),
          ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
        },
        { signal: context.signal },
      );
      if (answer.language !== undefined && (answer.languageProbability ?? 0) >= SURE)
        language = answer.language;
      return toHeardWindow(answer, window, { request, untimed });
    },
    close: release,
  };
}

function toHeardWindow(
  answer: WhisperAnswer,
  window: HearingWindow,
  { request, untimed }: { readonly request: HearingRequest; readonly untimed: boolean },
): HeardWindow {
  const durationSeconds = window.samples.length / SAMPLE_RATE;
  const spoken = answer.language;
  const written = request.task === 'translate' ? 'en' : spoken;
  const segments = untimed
    ? toUntimedSegment(answer.pieces, durationSeconds)
    : request.wordTimes
      ? toWordedSegments(answer.pieces, { durationSeconds, language: written })
      : toSegments(answer.pieces, durationSeconds);
  // At 0 the model retries at higher temperatures where a result looks poor, and does not tell which one it kept.
  const temperature = request.temperature ? { temperature: request.temperature } : {};
  return {
    segments: segments.map((segment) => ({ ...segment, ...temperature })),
    ...(spoken === undefined ? {} : { language: fromWhisperLanguage(spoken) }),
    ...(answer.languageProbability === undefined ? {} : { languageProbability: answer.languageProbability }),
  };
}

function startingLanguage(
  request: HearingRequest,
  weights: InstalledWeights,
  facts: WhisperModelFacts,
): string {
  const count = languageCount(facts.vocabulary);
  const only = weights.languages === 'any' ? undefined : weights.languages;
  const { language } = request;
  if (language === undefined) return count === 1 || (only?.length === 1 && only[0] === 'en') ? 'en' : 'auto';
  const code = checkLanguage(language, 100);
  if (findWhisperLanguage(language, count) === undefined || (only && !only.includes(code))) {
    const all = count === 1 ? 'English only' : `${count} languages`;
    const known = only ? only.join(', ') : all;
    throw new AppError('invalid_request', `${weights.id} does not hear '${language}'; it hears ${known}.`, {
      param: 'language',
      reason: 'unsupported_language',
    });
  }
  return code;
}

/** An unknown code would reach the model as a token of another meaning. */
function checkLanguage(language: string, count: number): string {
  const code = findWhisperLanguage(language, count);
  if (code !== undefined) return code;
  throw new AppError(
    'invalid_request',
    `'${language}' is none of the 100 languages that Whisper knows. They are named by ISO 639 codes such as 'en' or 'zh'.`,
    { param: 'language', reason: 'unsupported_language' },
  );
}

/** These repeat what is said in its own language when they are told to translate. */
function refuseUntrained(weights: InstalledWeights): void {
  if (teachesTranslation(weights)) return;
  const { id } = weights;
  throw new AppError(
    'unsupported_feature',
    `${id} was never taught to translate. "antiphon models pull whisper/large-v3" installs one that was.`,
    { param: 'model', reason: 'unsupported_task' },
  );
}

function lastPart(prompt: string): string {
  // What the cut may leave of a surrogate pair is dropped.
  return prompt.slice(-PROMPT_CHARACTERS).replace(/^[\uDC00-\uDFFF]/, '');
}
