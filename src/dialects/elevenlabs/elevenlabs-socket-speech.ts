import { countCodePoints } from '../../base/code-points.ts';
import { AppError } from '../../base/errors.ts';
import { randomHex } from '../../base/ids.ts';
import { Mailbox } from '../../base/mailbox.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { speakLine, type SpokenPiece } from '../../core/speech/speech-line.ts';
import type { SpeechRequest } from '../../core/speech/speech.ts';
import type { SpeechService } from '../../core/speech/speech-service.ts';
import type { KnownVoice } from '../../core/voices/voice-library.ts';
import { createTextBuffer, type SpeakWhen } from '../../core/speech/text-buffer.ts';
import { findPronunciations } from './elevenlabs-dictionaries.ts';
import { DEFAULT_OUTPUT_FORMAT, outputFormatNames, outputFormats } from './elevenlabs-formats.ts';
import { keepSpeech } from './elevenlabs-kept-speech.ts';
import { findVendorModel } from './elevenlabs-models.ts';
import type { SocketCall } from './elevenlabs-socket-call.ts';
import { scheduleOf, type ClientMessage } from './elevenlabs-socket-messages.ts';
import { checkTextLength } from './elevenlabs-speech.ts';
import { toSpeechRequest, type SpeechCall } from './elevenlabs-speech-request.ts';

/** How many characters wait before the first stretch is spoken, the second, and so on. */
const USUAL_SCHEDULE = [120, 160, 250, 290];
/** Characters that may wait to be spoken: some hours of speech. */
const MOST_WAITING_CHARACTERS = 200_000;
/** How much of what was spoken before shapes how the next stretch is spoken. */
const MOST_BEFORE_CHARACTERS = 300;

/** The speech of one context, or of a socket that has only one: text goes in bit by bit, sound comes out in order. */
export interface SocketSpeech {
  /** Takes the text of a message and what it says about when to speak. */
  accept(message: ClientMessage): void;
  /** No more text comes: the rest is spoken. */
  end(): void;
  /** No more text comes; only what was flushed is spoken to its end, anything else stops at once. */
  close(): void;
  /** Whether anything is being spoken or waits for its turn. */
  isBusy(): boolean;
  /** Resolves when everything is spoken and sent. Rejects with `cancelled` when it was stopped. */
  readonly done: Promise<void>;
}

/** What speech on a socket is made of. */
export interface SocketSpeechParts {
  readonly core: Core;
  readonly call: SocketCall;
  readonly voice: KnownVoice;
  /** The message that opens it; its settings hold until another one changes them. */
  readonly opening: ClientMessage;
  /** Its signal ends the speech. */
  readonly context: RequestContext;
  readonly send: (piece: SpokenPiece) => Promise<void>;
}

/** Opens speech. Nothing is held for it before there is something to speak. */
export async function openSocketSpeech(parts: SocketSpeechParts): Promise<SocketSpeech> {
  const { call, context } = parts;
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const requests = new Mailbox<SpeechRequest>();
  signal.addEventListener('abort', () => requests.endAfter(0), { once: true });
  const buffer = createTextBuffer(scheduleOf(parts.opening) ?? USUAL_SCHEDULE, {
    tags: call.query.enable_ssml_parsing ?? false,
  });
  const toRequest = await requestMaker(parts);
  const checkLength = lengthCheck(parts.core);
  let finished = false;
  let asked = 0;
  let flushed = 0;
  let waitingCharacters = 0;

  const done = speakLine({
    speech: keepingSpeech(parts),
    requests,
    format: outputFormats[call.query.output_format ?? DEFAULT_OUTPUT_FORMAT].format,
    everyPieceTimed: call.query.sync_alignment ?? false,
    context: { ...context, signal },
    deliver: parts.send,
  }).finally(() => {
    finished = true;
  });

  const speak = (message: ClientMessage, when: SpeakWhen) => {
    for (const text of buffer.add(message.text ?? '', when)) {
      requests.put(toRequest(text, message));
      asked += 1;
    }
    if (message.flush) flushed = asked;
  };

  return {
    accept: (message) => {
      checkLength(message.text ?? '');
      waitingCharacters = requests.size === 0 ? buffer.length : waitingCharacters;
      waitingCharacters += message.text?.length ?? 0;
      if (waitingCharacters > MOST_WAITING_CHARACTERS) throw tooMuchWaits();
      speak(message, whenOf(message, call));
    },
    end: () => {
      speak({ text: '' }, 'now');
      requests.end();
    },
    close: () => {
      const begun = asked - requests.size;
      if (begun > flushed) stop.abort();
      else requests.endAfter(flushed - begun);
    },
    isBusy: () => !finished && (requests.size > 0 || !requests.isAwaited),
    done,
  };
}

/** Keeps each stretch in the caller's history, as the samples that it was before it became a part of the stream. */
function keepingSpeech({ core, call, voice, opening }: SocketSpeechParts): Pick<SpeechService, 'speak'> {
  const { format } = outputFormats[call.query.output_format ?? DEFAULT_OUTPUT_FORMAT];
  const outputFormat = outputFormatNames.find(
    (name) =>
      outputFormats[name].format.id === 'wav' && outputFormats[name].format.sampleRate === format.sampleRate,
  );
  return {
    speak: async (request, context) => {
      const result = await core.speech.speak(request, context);
      const asked = {
        source: 'speech',
        enableLogging: call.query.enable_logging,
        model: request.model,
        voice,
        text: request.text,
        cost: Math.round(result.characters * (findVendorModel(request.model)?.costFactor ?? 1)),
        outputFormat,
        settings: opening.voice_settings,
      } as const;
      // Each stretch is an item of its own, and so has an id of its own.
      return keepSpeech(core, { asked, result }, { ...context, requestId: randomHex(16) }).result;
    },
  };
}

function whenOf(message: ClientMessage, { query }: SocketCall): SpeakWhen {
  if (message.flush || query.auto_mode) return 'now';
  return message.try_trigger_generation ? 'soon' : 'scheduled';
}

/** Counts the text of one speech over all its messages. The vendors' limits are for a stretch of it, the operator's is for all. */
function lengthCheck({ maxTextCharacters: most }: Core): (text: string) => void {
  let length = 0;
  return (text) => {
    // A blank message only keeps the socket open.
    if (most === undefined || text.trim() === '') return;
    length += countCodePoints(text);
    if (length <= most) return;
    const message = `The text of this speech has more than ${most} characters, which is the most that this server takes.`;
    throw new AppError('invalid_request', message, { param: 'text', reason: 'text_too_long' });
  };
}

function tooMuchWaits(): AppError {
  const message = `More than ${MOST_WAITING_CHARACTERS} characters wait to be spoken: send text more slowly.`;
  return new AppError('invalid_request', message, { param: 'text', reason: 'text_too_long' });
}

/** Turns stretches of text into requests, each with what was spoken before it. */
async function requestMaker({ core, call, opening, context }: SocketSpeechParts) {
  const locators = opening.pronunciation_dictionary_locators;
  const pronunciations = await findPronunciations(core, locators, context);
  let settings = opening.voice_settings;
  let before = '';
  return (text: string, message: ClientMessage): SpeechRequest => {
    settings = message.voice_settings ?? settings;
    const speech = toSpeechCall(call, {
      text,
      voice_settings: settings,
      pronunciation_dictionary_locators: locators,
    });
    checkTextLength(core, speech);
    const request = toSpeechRequest({ ...speech, pronunciations });
    const surroundings = before === '' ? {} : { surroundings: { before } };
    before = `${before}${text}`.slice(-MOST_BEFORE_CHARACTERS);
    return { ...request, ...surroundings, ...markupOf(text, call) };
  };
}

/** A stretch of text is seldom a whole document: what stands in it by itself is read. */
function markupOf(text: string, { query }: SocketCall): Pick<SpeechRequest, 'markup'> {
  if (!query.enable_ssml_parsing) return {};
  const isWhole = /^\s*<speak[\s>]/.test(text) && text.trimEnd().endsWith('</speak>');
  return { markup: isWhole ? 'ssml' : 'inline' };
}

function toSpeechCall({ voiceId, query }: SocketCall, body: SpeechCall['body']): SpeechCall {
  return {
    voiceId,
    query,
    body: {
      ...body,
      language_code: query.language_code,
      seed: query.seed,
      apply_text_normalization: query.apply_text_normalization,
    },
    delivery: 'stream',
    alignment: true,
  };
}
