import { splitSentences } from '../../media/text/sentence-splitter.ts';
import type { NormalizedText } from '../../media/text/normalized-text.ts';
import type { RequestContext } from '../context.ts';
import type { SynthesisRequest } from '../engine.ts';
import { primaryLanguage } from '../voices/voice-parts.ts';
import type { Warning } from '../warning.ts';
import { changesLevel } from './level-curve.ts';
import { writeRun, type WritingRules, type WrittenRun } from './run-text.ts';
import { nothingToSpeak, playScript, type PlayedPart } from './script-playing.ts';
import type { CastScript } from './script-casting.ts';
import { distinctWarnings, ignoredMarkup, runWarnings } from './script-warnings.ts';
import type { SpeechRoute } from './speech-routing.ts';
import { speakJoined, surroundingTexts, type JoinedOutput } from './speech-seams.ts';
import type { SpeechSurroundings } from './speech-surroundings.ts';
import type { ScriptPart, ScriptRun } from './speech-script.ts';
import { withinSupport } from '../setting-support.ts';
import { controlsFor } from './speech-controls.ts';
import type { SpeechRequest } from './speech.ts';

/** A script on its way. */
export interface SpokenScript {
  readonly output: JoinedOutput;
  /** The texts of all runs as they are spoken, and where they come from in the text without markup. */
  readonly normalized: NormalizedText;
  readonly warnings: readonly Warning[];
}

/** Furthest that a voice is moved, in semitones. */
const MOST_SEMITONES = 24;
/** The gap between two voices where the text has no mark that deserves a pause, in seconds. */
const LEAST_GAP_SECONDS = 0.06;

/** Speaks a script. The engines' slots must be held. */
export async function speakScript(
  cast: CastScript,
  request: SpeechRequest,
  context: RequestContext,
): Promise<SpokenScript> {
  const runs = cast.parts.flatMap((part, index) =>
    part.kind === 'run'
      ? [toTask(part, { cast, request, before: cast.parts[index - 1], after: cast.parts[index + 1] })]
      : [],
  );
  const normalized = joinedText(runs.map(({ written }) => written));
  let offset = 0;
  let next = 0;
  const played = cast.parts.flatMap((part): PlayedPart[] => {
    const task = part.kind === 'run' ? runs[next] : undefined;
    if (part.kind === 'pause') return [part];
    if (!task) return [];
    next += 1;
    const start = offset;
    offset += task.written.text.length;
    const { route, edges, written } = task;
    const speak = async () => {
      if (task.request.text.trim() === '') throw nothingToSpeak();
      return speakJoined(route.speech, task, context);
    };
    const { gains, text } = written;
    const run: PlayedPart = { kind: 'run', speak, offset: start, length: text.length, edges, gains };
    const { gapSeconds } = task;
    return gapSeconds === undefined ? [run] : [run, { kind: 'pause', seconds: gapSeconds, tone: false }];
  });
  const warnings = [...ignoredMarkup(cast, request), ...runs.flatMap((task) => task.warnings)];
  return { output: await playScript(played), normalized, warnings: distinctWarnings(warnings) };
}

function joinedText(runs: readonly WrittenRun[]): NormalizedText {
  let at = 0;
  const pieces = runs.flatMap((run) => {
    const shift = at;
    at += run.text.length;
    return run.pieces.map((piece) => ({ ...piece, start: piece.start + shift, end: piece.end + shift }));
  });
  return { text: runs.map(({ text }) => text).join(''), pieces };
}

interface Placing {
  readonly cast: CastScript;
  readonly request: SpeechRequest;
  readonly before: ScriptPart | undefined;
  readonly after: ScriptPart | undefined;
}

interface RunTask {
  readonly route: SpeechRoute;
  readonly written: WrittenRun;
  readonly request: SynthesisRequest;
  readonly surroundings: SpeechSurroundings | undefined;
  readonly normalize: (text: string) => string;
  readonly edges: { readonly leadSeconds?: number; readonly tailSeconds?: number };
  /** A pause that follows, because another voice speaks then. */
  readonly gapSeconds: number | undefined;
  readonly warnings: readonly Warning[];
}

function toTask(run: ScriptRun, placing: Placing): RunTask {
  const { cast, request, before, after } = placing;
  const route = cast.routeOf(run);
  const rules = writingRules(run, route, request);
  const written = writeRun(run, cast.marked.text, rules);
  const joins = { before: isSpokenBy(route, before, cast), after: isSpokenBy(route, after, cast) };
  const surroundings = surroundingsOf(run, placing, joins);
  const support = route.speech.settings.speed;
  const speed = withinSupport(route.speed * run.speed, support);
  const asked: SynthesisRequest = {
    model: route.candidate.card.id,
    text:
      after?.kind === 'pause' && !isLast(run, cast) ? continued(written.text, rules.language) : written.text,
    voice: route.cast.voice.id,
    language: route.language,
    speed,
    pitchSemitones: clampedPitch(route.cast.pitchSemitones + run.pitchSemitones),
    alignment: request.alignment || changesLevel(written.gains),
    ...optionalParts(request, { route, written, surroundings }),
    ...wantedAsIs(placing, { written, surroundings }),
  };
  return {
    route,
    written,
    request: asked,
    surroundings,
    normalize: (text) => writeRun(plainRun(text), text, rules).text,
    edges: {
      ...(before && !joins.before ? { leadSeconds: 0 } : {}),
      ...(after && !joins.after ? { tailSeconds: 0 } : {}),
    },
    gapSeconds: after?.kind === 'run' && !joins.after ? gapAfter(written.text, route.language) : undefined,
    warnings: runWarnings({ run, route, written, request, speed }),
  };
}

function isSpokenBy(route: SpeechRoute, part: ScriptPart | undefined, cast: CastScript): boolean {
  return part?.kind === 'run' && cast.routeOf(part) === route;
}

function optionalParts(
  request: SpeechRequest,
  { route, written, surroundings }: Pick<RunTask, 'route' | 'written' | 'surroundings'>,
): Partial<SynthesisRequest> {
  const { seed, instructions } = request;
  const controls = controlsFor(request.asked, route.speech);
  return {
    ...(controls === undefined ? {} : { controls }),
    ...(written.phonemes.length === 0 ? {} : { phonemes: written.phonemes }),
    ...(seed === undefined ? {} : { seed }),
    ...(instructions === undefined ? {} : { instructions }),
    ...surroundingTexts(surroundings),
    ...(route.sample === undefined ? {} : { sample: route.sample }),
  };
}

/** One run of which nothing is made but raw samples for the caller may be passed on as it comes. */
function wantedAsIs(
  { cast, request }: Placing,
  { written, surroundings }: Pick<RunTask, 'written' | 'surroundings'>,
): Pick<SynthesisRequest, 'asIs'> {
  const { format, joinable, alignment } = request;
  const isPlain = cast.parts.length === 1 && surroundings === undefined && !changesLevel(written.gains);
  if (!isPlain || joinable !== false || alignment || format.id !== 'pcm') return {};
  return format.sampleRate === undefined ? {} : { asIs: { sampleRate: format.sampleRate } };
}

function writingRules({ language }: ScriptRun, route: SpeechRoute, request: SpeechRequest): WritingRules {
  // A language that its voice does not speak is written out as the voice will read it.
  const own = language !== undefined && primaryLanguage(language) === primaryLanguage(route.language);
  return {
    language: own ? language : route.language,
    normalizes: request.normalization !== 'off',
    pronunciations: request.pronunciations ?? [],
    phonemes: route.speech.settings.phonemes !== undefined,
  };
}

function plainRun(text: string): ScriptRun {
  const manner = { speed: 1, pitchSemitones: 0, gainDecibels: 0 };
  return {
    kind: 'run',
    start: 0,
    end: text.length,
    speed: 1,
    pitchSemitones: 0,
    stretches: [{ kind: 'text', start: 0, end: text.length, manner }],
  };
}

/** At both ends of the whole it is what the request says, else the neighbouring run where the same voice speaks it. */
function surroundingsOf(
  run: ScriptRun,
  { cast, request, before, after }: Placing,
  joins: { readonly before: boolean; readonly after: boolean },
): SpeechSurroundings | undefined {
  const { text } = cast.marked;
  const around: SpeechSurroundings = {
    ...(before ? {} : atStart(request.surroundings)),
    ...(after ? {} : atEnd(request.surroundings)),
    ...(joins.before && before?.kind === 'run' ? { before: text.slice(before.start, run.start) } : {}),
    ...(joins.after && after?.kind === 'run' ? { after: text.slice(run.end, after.end) } : {}),
  };
  return Object.keys(around).length === 0 ? undefined : around;
}

function atStart({ before, previous }: SpeechSurroundings = {}): SpeechSurroundings {
  return { ...(before === undefined ? {} : { before }), ...(previous === undefined ? {} : { previous }) };
}

function atEnd({ after, next }: SpeechSurroundings = {}): SpeechSurroundings {
  return { ...(after === undefined ? {} : { after }), ...(next === undefined ? {} : { next }) };
}

/** A voice that stops in the middle of a sentence says so by its melody, for which engines need a mark. */
function continued(text: string, language: string): string {
  const spoken = text.trimEnd();
  if (!/[\p{L}\p{N}\p{M}]$/u.test(spoken)) return text;
  return `${spoken}${['zh', 'cmn', 'yue', 'ja'].includes(primaryLanguage(language)) ? '，' : ','}`;
}

function isLast(run: ScriptRun, { parts }: CastScript): boolean {
  return parts.findLast((part) => part.kind === 'run') === run;
}

function gapAfter(text: string, language: string): number {
  const pause = splitSentences(text, { language: primaryLanguage(language) }).at(-1)?.pauseAfterSeconds ?? 0;
  return Math.max(LEAST_GAP_SECONDS, pause);
}

function clampedPitch(semitones: number): number {
  return Math.max(-MOST_SEMITONES, Math.min(MOST_SEMITONES, semitones));
}
