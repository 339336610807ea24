import type { SpeechWindow } from '../../media/speech-windows.ts';
import type { RequestContext } from '../context.ts';
import type { HearingSession, HeardWindow } from '../engine.ts';
import { withinSupport } from '../setting-support.ts';
import { doubtAbout, placeSegment } from './heard-text.ts';
import type { SpeakerTracker } from './speaker-turns.ts';
import { heardLanguage, namedLanguage, settleLanguage, type SpokenLanguage } from './spoken-language.ts';
import type { Listener } from './transcription-routing.ts';
import { hearingSettings } from './transcription-settings.ts';
import type { HearingWish, TranscribedSegment, Transcript } from './transcription.ts';
import type { WordAligner } from './word-alignment.ts';

/** Who hears what for whom. */
export interface WindowHearingParts {
  readonly request: HearingWish;
  readonly context: RequestContext;
  readonly candidate: Listener;
  readonly tracker: SpeakerTracker | undefined;
  readonly aligner: WordAligner;
}

/** Opens the model for one recording. */
export function openHearingSession({
  request,
  context,
  candidate,
}: Pick<WindowHearingParts, 'request' | 'context' | 'candidate'>): Promise<HearingSession> {
  const { language } = request;
  const { card, transcription } = candidate;
  const temperature =
    request.temperature === undefined
      ? undefined
      : withinSupport(request.temperature, hearingSettings(transcription, card.id).temperature);
  return transcription.open(
    {
      model: card.id,
      task: request.task,
      wordTimes: request.wordTimes || request.diarize,
      logprobs: request.logprobs,
      ...(language === undefined ? {} : { language }),
      ...(temperature === undefined ? {} : { temperature }),
    },
    context,
  );
}

/** A recording that is heard window by window. */
export interface WindowHearing {
  /** What is heard in the next window and may pass as speech, in the time of the recording. */
  hear(window: SpeechWindow, session: HearingSession): Promise<readonly TranscribedSegment[]>;
  /** What a window that is not complete seems to hold, from the end of the last one on. Nothing is kept of it. */
  guess(window: SpeechWindow, session: HearingSession): Promise<string>;
  /** The text so far. */
  text(): string;
  /** The whole, when nothing more is to come. */
  transcript(durationSeconds: number): Transcript;
}

/** Starts with nothing heard. */
export function createWindowHearing(parts: WindowHearingParts): WindowHearing {
  const { request, candidate, context, tracker, aligner } = parts;
  const segments: TranscribedSegment[] = [];
  let told: SpokenLanguage = namedLanguage(request);
  const ask = (window: SpeechWindow, session: HearingSession): Promise<HeardWindow> => {
    const prompt = promptFor(request, segments);
    return session.hear({ samples: window.samples, ...(prompt ? { prompt } : {}) });
  };
  /** What passes; where recognisers make text up over silence, or turn in circles, it is left out. */
  const believed = (answer: HeardWindow, window: SpeechWindow) => {
    const passed: TranscribedSegment[] = [];
    for (const found of answer.segments) {
      const doubt = doubtAbout(found, window);
      if (doubt && found.text.trim() !== '')
        context.log.debug({ doubt, model: candidate.card.id }, 'segment-dropped');
      if (doubt) continue;
      const notBefore = passed.at(-1)?.endSeconds ?? segments.at(-1)?.endSeconds ?? 0;
      passed.push(placeSegment(found, { id: 0, window, notBefore }));
    }
    return passed;
  };
  const text = () => joined(segments);
  return {
    hear: async (window, session) => {
      if (window.speech.length === 0) return [];
      const answer = await aligner.align(await ask(window, session), window);
      await tracker?.listen(window);
      const passed = believed(answer, window)
        .flatMap((segment) => tracker?.split(segment) ?? [segment])
        .map((segment, index) => ({ ...segment, id: segments.length + index }));
      if (told.language === undefined) told = heardLanguage(answer, passed);
      segments.push(...passed);
      return passed;
    },
    guess: async (window, session) => {
      if (window.speech.length === 0) return '';
      return joined([...segments, ...believed(await ask(window, session), window)]);
    },
    text,
    transcript: (durationSeconds) => {
      const final = tracker?.settled() ?? segments;
      const whole = joined(final);
      return {
        text: whole,
        ...settleLanguage({ request, told, text: whole, card: candidate.card }),
        durationSeconds: Math.round(durationSeconds * 1000) / 1000,
        segments: final,
      };
    },
  };
}

function joined(segments: readonly TranscribedSegment[]): string {
  return segments
    .map((segment) => segment.text)
    .join('')
    .trim();
}

/** A model hears a window better when it knows what was said before it. */
function promptFor(request: HearingWish, segments: readonly TranscribedSegment[]): string {
  return [request.prompt ?? '', joined(segments.slice(-4))].filter(Boolean).join(' ');
}
