import { AppError, cancelledError } from '../../base/errors.ts';
import { othersFirst } from '../../base/event-loop.ts';
import { toMono } from '../../media/channel-mix.ts';
import type { PcmStream } from '../../media/pcm.ts';
import { resample } from '../../media/resample.ts';
import type { MarkedPart, MarkedText } from '../../media/text/marked-text.ts';
import { findPassageEnd } from '../../media/text/passage-end.ts';
import type { NormalizedText } from '../../media/text/normalized-text.ts';
import type { RequestContext } from '../context.ts';
import type { Warning } from '../warning.ts';
import type { WordTiming } from './alignment.ts';
import { nothingToSpeak } from './script-playing.ts';
import type { CastScript } from './script-casting.ts';
import { speakScript, type SpokenScript } from './script-speech.ts';
import type { JoinedOutput } from './speech-seams.ts';
import type { SpeechSurroundings } from './speech-surroundings.ts';
import { toScript } from './speech-script.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import type { SpeechRequest } from './speech.ts';

/** UTF-16 units of a passage at most: some minutes of speech. Up to twice as many are no long text. */
const PASSAGE_CHARACTERS = 4_000;
/** How much of the neighbouring passage is told, in UTF-16 units: more than shapes a join. */
const NEIGHBOUR_CHARACTERS = 500;

/** What a long text is spoken with. */
export interface LongSpeaking {
  readonly cast: CastScript;
  readonly request: SpeechRequest;
  readonly context: RequestContext;
  /** UTF-16 units of a passage at most; 4,000 when absent. */
  readonly passageCharacters?: number | undefined;
}

/**
 * Speaks a script of any length. A long one is cut into passages, each of which is written out and given to the engine
 * only when the one before it was read, and joins it as two requests with the text around them would: so neither time
 * nor memory of what is heard first depends on the length. Times and texts are kept only where the caller wants times.
 * Throws what `speakScript` throws for the first passage that can be spoken.
 */
export async function speakAtLength(speaking: LongSpeaking): Promise<SpokenScript> {
  const { cast, request, context, passageCharacters = PASSAGE_CHARACTERS } = speaking;
  if (cast.marked.text.length <= 2 * passageCharacters) return speakScript(cast, request, context);
  const passages = openPassages(speaking);
  const first = await passages.next();
  if (!first) throw nothingToSpeak();
  const told = [...first.script.warnings, ...(first.output.warnings ?? [])];
  const joined = createJoined(first, { ...speaking, told, next: passages.next });
  return { output: joined.output, normalized: joined.normalized, warnings: first.script.warnings };
}

type PcmOutput = Extract<JoinedOutput, { readonly kind: 'pcm' }>;

/** A passage that the engine is ready to speak. */
interface OpenedPassage {
  readonly script: SpokenScript;
  readonly output: PcmOutput;
  /** Where it begins in the text without markup. */
  readonly start: number;
}

/** Opens one passage after another; those in which there is nothing to say are passed over. */
function openPassages(speaking: LongSpeaking) {
  const { cast, context, passageCharacters: usualCharacters = PASSAGE_CHARACTERS } = speaking;
  const { text } = cast.marked;
  const language = cast.main.language;
  let at = 0;
  const next = async (): Promise<OpenedPassage | undefined> => {
    while (at < text.length) {
      await othersFirst();
      if (context.signal.aborted) throw cancelledError();
      const start = at;
      context.report?.(start / text.length);
      const mayEnd = (offset: number) => mayCut(cast.marked, offset);
      at = findPassageEnd(text, start, { language, usualCharacters, mayEnd });
      const opened = await openPassage(speaking, start, at);
      if (opened) return opened;
    }
    return undefined;
  };
  return { next };
}

/** Only where a voice speaks on in the same manner, and not in the middle of what is said in its own way. */
function mayCut({ parts }: MarkedText, offset: number): boolean {
  return parts.some(
    (part) =>
      part.kind === 'text' && part.start < offset && offset < part.end && part.manner.saying === undefined,
  );
}

async function openPassage(
  { cast, request, context }: LongSpeaking,
  start: number,
  end: number,
): Promise<OpenedPassage | undefined> {
  const marked = sliceMarked(cast.marked, start, end);
  const passage: CastScript = { ...cast, marked, parts: toScript(marked) };
  const surroundings = surroundingsOf(request, cast.marked.text, { start, end });
  try {
    const script = await speakScript(passage, { ...request, text: marked.text, surroundings }, context);
    return { script, output: toPcm(script.output), start };
  } catch (error) {
    if (error instanceof AppError && error.reason === 'nothing_to_speak') return undefined;
    throw error;
  }
}

function toPcm(output: JoinedOutput): PcmOutput {
  if (output.kind === 'pcm') return output;
  throw new AppError('engine_failed', 'The engine passed its sound on, which was not asked for.');
}

/** At both ends of the whole it is what the request says, inside what stands there. */
function surroundingsOf(
  { surroundings = {} }: SpeechRequest,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): SpeechSurroundings {
  const { before, previous, after, next } = surroundings;
  const atStart = { ...(before === undefined ? {} : { before }), ...(previous ? { previous } : {}) };
  const atEnd = { ...(after === undefined ? {} : { after }), ...(next ? { next } : {}) };
  return {
    ...(start === 0 ? atStart : { before: text.slice(Math.max(0, start - NEIGHBOUR_CHARACTERS), start) }),
    ...(end === text.length ? atEnd : { after: text.slice(end, end + NEIGHBOUR_CHARACTERS) }),
  };
}

function sliceMarked(marked: MarkedText, start: number, end: number): MarkedText {
  const parts = marked.parts.flatMap((part): MarkedPart[] => {
    if (part.kind === 'pause') {
      const isHere = (start === 0 || part.at > start) && part.at <= end;
      return isHere ? [{ ...part, at: part.at - start }] : [];
    }
    const from = Math.max(start, part.start);
    const to = Math.min(end, part.end);
    return from < to ? [{ ...part, start: from - start, end: to - start }] : [];
  });
  return { text: marked.text.slice(start, end), parts, ignored: start === 0 ? marked.ignored : [] };
}

interface Joining extends LongSpeaking {
  /** What the caller has been told about the first passage. */
  readonly told: readonly Warning[];
  readonly next: () => Promise<OpenedPassage | undefined>;
}

/** What has been spoken, as far as the caller wants to know. */
interface Progress {
  readonly words: WordTiming[];
  readonly texts: string[];
  readonly pieces: NormalizedText['pieces'][number][];
  /** UTF-16 units of the texts of all passages before this one. */
  written: number;
  frames: number;
  last: OpenedPassage;
}

function createJoined(
  first: OpenedPassage,
  joining: Joining,
): { output: JoinedOutput; normalized: NormalizedText } {
  const { sampleRate } = first.output.pcm;
  const progress: Progress = { words: [], texts: [], pieces: [], written: 0, frames: 0, last: first };
  const openingTrace = first.output.trace;
  const output: JoinedOutput = {
    kind: 'pcm',
    pcm: { sampleRate, channels: 1, chunks: playPassages(first, progress, joining) },
    ...(first.output.timings ? { timings: { words: progress.words } } : {}),
    ...(first.output.warnings ? { warnings: first.output.warnings } : {}),
    ...(openingTrace
      ? {
          trace: () => {
            const { opening, leadSeconds } = openingTrace();
            return { ...(progress.last.output.trace ?? openingTrace)(), opening, leadSeconds };
          },
        }
      : {}),
  };
  let joined = { texts: 0, text: '' };
  const normalized: NormalizedText = {
    // It is asked for with each word that is placed, and grows with each passage only.
    get text() {
      const { texts } = progress;
      if (joined.texts !== texts.length) joined = { texts: texts.length, text: texts.join('') };
      return joined.text;
    },
    pieces: progress.pieces,
  };
  return { output, normalized };
}

async function* playPassages(
  first: OpenedPassage,
  progress: Progress,
  joining: Joining,
): AsyncGenerator<Float32Array> {
  for (let passage: OpenedPassage | undefined = first; passage; passage = await joining.next()) {
    progress.last = passage;
    if (passage !== first) heed(passage, joining);
    yield* playPassage(passage, progress, { first, wantsTimes: joining.request.alignment });
  }
}

/** The headers are gone: what is new about a later passage can only be written down, or break the speech off. */
function heed({ script, output, start }: OpenedPassage, { told, context }: Joining): void {
  const known = new Set(told.map((warning) => JSON.stringify(warning)));
  const warnings = [...script.warnings, ...(output.warnings ?? [])].filter(
    (warning) => !known.has(JSON.stringify(warning)),
  );
  if (context.strict) refuseUnderStrict(warnings);
  if (warnings.length > 0) context.log.warn({ warnings, start }, 'speech-warnings-after-headers');
}

async function* playPassage(
  { script, output, start }: OpenedPassage,
  progress: Progress,
  { first, wantsTimes }: { readonly first: OpenedPassage; readonly wantsTimes: boolean },
): AsyncGenerator<Float32Array> {
  const { sampleRate } = first.output.pcm;
  const pcm: PcmStream = resample(toMono(output.pcm), sampleRate);
  const offset = progress.written;
  const startSeconds = progress.frames / sampleRate;
  let placed = 0;
  const placeWords = () => {
    if (!wantsTimes) return;
    const words = output.timings?.words ?? [];
    for (let word = words[placed]; word; word = words[placed]) {
      placed += 1;
      progress.words.push({
        start: word.start + offset,
        end: word.end + offset,
        startSeconds: word.startSeconds + startSeconds,
        endSeconds: word.endSeconds + startSeconds,
      });
    }
  };
  if (wantsTimes) addText(progress, script.normalized, start);
  for await (const chunk of pcm.chunks) {
    placeWords();
    progress.frames += chunk.length;
    yield chunk;
  }
  placeWords();
}

function addText(progress: Progress, { text, pieces }: NormalizedText, start: number): void {
  const shift = progress.written;
  progress.texts.push(text);
  for (const piece of pieces) {
    progress.pieces.push({
      ...piece,
      sourceStart: piece.sourceStart + start,
      sourceEnd: piece.sourceEnd + start,
      start: piece.start + shift,
      end: piece.end + shift,
    });
  }
  progress.written += text.length;
}
