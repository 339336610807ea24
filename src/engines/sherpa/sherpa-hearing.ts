import { AppError } from '../../base/errors.ts';
import type { RequestContext } from '../../core/context.ts';
import type {
  HearingRequest,
  HearingSession,
  HeardSegment,
  HeardWindow,
  TranscriptionEngine,
} from '../../core/engine.ts';
import { rootMeanSquare } from '../../media/pcm.ts';
import { toSegments } from './heard-words.ts';
import { isOfKind, type SherpaCatalog, type SherpaModel } from './sherpa-catalog.ts';
import type { RecognizedSpeech, SherpaCall } from './sherpa-config.ts';
import type { SherpaProcess, SherpaProcesses, StartOf } from './sherpa-processes.ts';

type HearingModel = Extract<SherpaModel, { kind: 'hearing' }>;
type HearCall = Extract<SherpaCall, { kind: 'hear' }>;

const SAMPLE_RATE = 16_000;
/** sherpa's Whisper drops what comes after 29.5 s without a word. */
const WHISPER_SECONDS = 29.4;
/** Where a longer window is cut: at the quietest moment of its last seconds. */
const CUT_SEARCH_SECONDS = 5;
const CUT_STEP_SECONDS = 0.02;

/** Whisper's codes that are not those of ISO 639-1. */
const WHISPER_CODES: Readonly<Record<string, string>> = { jv: 'jw', nb: 'no' };

/** The part of sherpa that hears: Whisper, Moonshine, Parakeet and other transducers, SenseVoice. */
export function createSherpaHearing(catalog: SherpaCatalog, processes: SherpaProcesses): TranscriptionEngine {
  return {
    get settings() {
      return settingsOf(catalog.known());
    },
    settingsOf: (id) => settingsOf(catalog.known().filter((model) => model.weights.id === id)),
    open: async (request, context) => {
      const model = await catalog.get(request.model, 'hearing');
      const language = checkLanguage(request, model);
      checkTask(request, model);
      const tenancy = await processes.take(model, startFor(model, language), context.signal);
      return createSession({ model, request, context, language, process: tenancy.process }, tenancy.release);
    },
  };
}

/** What one of these models obeys. Another one of them that cannot leaves it out of its answer. */
function settingsOf(models: readonly SherpaModel[]): TranscriptionEngine['settings'] {
  const ears = models.filter((model) => isOfKind(model, 'hearing'));
  const layouts = ears.map(({ layout }) => layout);
  return {
    ...(ears.some(obeysLanguage) ? { language: 'any' } : {}),
    ...(layouts.some(({ tokenTimes }) => tokenTimes) ? { word_times: 'any' } : {}),
    ...(layouts.some(({ logprobs }) => logprobs) ? { logprobs: 'any' } : {}),
  };
}

/** A model for several languages that cannot be told which one finds out by itself, whatever is asked. */
function obeysLanguage({ layout, weights }: HearingModel): boolean {
  return layout.languages.length > 0 || weights.languages.length === 1;
}

function startFor({ layout }: HearingModel, language: string | undefined): StartOf {
  const { files, tokens, languageAtStart } = layout;
  const told = languageAtStart && language !== undefined ? { language } : {};
  return { kind: 'recognizer', files, tokens, ...told };
}

/** The model's own code of the language. An unknown one would end the process. */
function checkLanguage({ language }: HearingRequest, model: HearingModel): string | undefined {
  if (language === undefined) return undefined;
  const { id, languages: listed } = model.weights;
  const { languages } = model.layout;
  const code = languages.includes(language) ? language : (WHISPER_CODES[language] ?? language);
  const isKnown = languages.length > 0 ? languages.includes(code) : listed === 'any' || listed.includes(code);
  if (isKnown) return code;
  const known = languages.length > 0 ? languages : listed;
  throw new AppError(
    'invalid_request',
    `The model ${id} does not know the language '${language}'. It knows: ${known === 'any' ? 'any' : known.join(', ')}.`,
    { param: 'language', reason: 'unsupported_language' },
  );
}

function checkTask({ task }: HearingRequest, model: HearingModel): void {
  if (task === 'transcribe' || model.layout.translates) return;
  throw new AppError(
    'unsupported_feature',
    `The model ${model.weights.id} cannot translate; multilingual Whisper models can.`,
    { param: 'model', reason: 'unsupported_model' },
  );
}

interface Session {
  readonly model: HearingModel;
  readonly process: SherpaProcess;
  readonly request: HearingRequest;
  readonly context: RequestContext;
  /** The model's own code. */
  readonly language: string | undefined;
}

function createSession(session: Session, release: () => void): HearingSession {
  return {
    hear: async ({ samples }) => {
      const heard: HeardWindow[] = [];
      for (const part of parts(samples, session.model)) {
        heard.push(await hearPart(session, samples.subarray(part.start, part.end), part.start));
      }
      const language = heard.find((window) => window.language !== undefined)?.language;
      const segments = heard.flatMap((window) => window.segments);
      return { segments, ...(language === undefined ? {} : { language }) };
    },
    close: release,
  };
}

async function hearPart(session: Session, samples: Float32Array, start: number): Promise<HeardWindow> {
  const { process, request, context } = session;
  const answer = await process.call(callFor(session, samples), { signal: context.signal });
  if (answer.kind !== 'heard') throw new AppError('internal', 'The recogniser gave the answer of another.');
  const segments = toSegments(answer.speech, samples.length / SAMPLE_RATE, request).map((segment) =>
    moved(segment, start / SAMPLE_RATE),
  );
  const language = languageOf(answer.speech, session);
  return { segments, ...(language === undefined ? {} : { language }) };
}

function callFor({ model, request, language = '' }: Session, samples: Float32Array): HearCall {
  if (!('whisper' in model.layout.files)) return { kind: 'hear', samples };
  const tokenTimes = request.wordTimes && model.layout.tokenTimes;
  return { kind: 'hear', samples, whisper: { language, task: request.task, tokenTimes } };
}

/** sherpa writes `en`, `<|en|>` or nothing. */
function languageOf(speech: RecognizedSpeech, { request, model }: Session): string | undefined {
  if (request.language !== undefined) return request.language;
  const told = /[a-z]{2,3}/.exec(speech.language)?.[0];
  if (told !== undefined) return told === 'jw' ? 'jv' : told;
  const { languages } = model.weights;
  return languages !== 'any' && languages.length === 1 ? languages[0] : undefined;
}

function moved(segment: HeardSegment, seconds: number): HeardSegment {
  if (seconds === 0) return segment;
  const shift = <T extends { readonly startSeconds: number; readonly endSeconds: number }>(timed: T): T => ({
    ...timed,
    startSeconds: timed.startSeconds + seconds,
    endSeconds: timed.endSeconds + seconds,
  });
  return { ...shift(segment), ...(segment.words ? { words: segment.words.map(shift) } : {}) };
}

/** The stretches in which the model can hear all of a window. */
function parts(samples: Float32Array, { layout }: HearingModel): { start: number; end: number }[] {
  const most = 'whisper' in layout.files ? WHISPER_SECONDS * SAMPLE_RATE : samples.length;
  const found: { start: number; end: number }[] = [];
  let start = 0;
  while (samples.length - start > most) {
    const end = quietestBefore(samples, start + most);
    found.push({ start, end });
    start = end;
  }
  return [...found, { start, end: samples.length }];
}

function quietestBefore(samples: Float32Array, end: number): number {
  const step = CUT_STEP_SECONDS * SAMPLE_RATE;
  let best = { at: end, level: Number.POSITIVE_INFINITY };
  for (let at = end - CUT_SEARCH_SECONDS * SAMPLE_RATE; at + step <= end; at += step) {
    const level = rootMeanSquare(samples.subarray(at, at + step));
    if (level <= best.level) best = { at: at + step / 2, level };
  }
  return best.at;
}
