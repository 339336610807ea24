import { AppError, cancelledError, toAppError } from '../../base/errors.ts';
import type { Mailbox } from '../../base/mailbox.ts';
import { concatBytes } from '../../base/stream.ts';
import { findAudioFormat, encodeAudio } from '../../media/formats/index.ts';
import type { AudioFormatRequest } from '../../media/formats/format.ts';
import { concatSamples } from '../../media/pcm.ts';
import type { RequestContext } from '../context.ts';
import { createAlignmentCursor, type AlignmentTrack, type CharacterAlignment } from './alignment.ts';
import { createCharacterQueue, type CharacterQueue } from './character-queue.ts';
import type { SpeechService } from './speech-service.ts';
import type { SpeechRequest, SpeechResult } from './speech.ts';

/** Sound of a line, and the characters that begin in it. Times are in seconds from the start of the piece. */
export interface SpokenPiece {
  readonly bytes: Uint8Array;
  /** How much sound it adds to the line. */
  readonly seconds: number;
  /** Over the text as it was asked for; absent where no character begins or the engine tells no times. */
  readonly original: CharacterAlignment | undefined;
  /** Over the text as it was spoken. */
  readonly normalized: CharacterAlignment | undefined;
  /** Who speaks; given with the first piece of each request. */
  readonly answer: SpeechAnswer | undefined;
}

/** What a caller may want to know of who spoke a request. */
export type SpeechAnswer = Pick<SpeechResult, 'servedBy' | 'voiceId' | 'standIn' | 'warnings'>;

/** What a line is made of. */
export interface SpeechLineParts {
  readonly speech: Pick<SpeechService, 'speak'>;
  /** What to speak, in order. The line is over when it ends. */
  readonly requests: Mailbox<SpeechRequest>;
  readonly format: AudioFormatRequest & { readonly sampleRate: number };
  /** Whether a piece waits until it has characters, where the engine tells times. */
  readonly everyPieceTimed: boolean;
  readonly context: RequestContext;
  /** Takes a piece. Nothing more is made before its promise resolves. */
  readonly deliver: (piece: SpokenPiece) => Promise<void>;
}

/** The first piece of a request comes as soon as there is any sound; later ones carry about so much. */
const PIECE_SECONDS = 0.25;
/** The end of a request's sound is kept back until its last characters are known, to carry them. */
const TAIL_SECONDS = 0.02;
/** A piece without a character is kept back for so long, so that gaps between words do not look like lost times. */
const MOST_UNTIMED_SECONDS = 1;
/**
 * Silence that follows where the text runs dry, for formats whose encoder keeps the last moments back until more
 * sound comes. It is as long as the worst of them needs: MP3 at its lowest rates.
 */
const FLUSH_SECONDS = 0.25;

/**
 * Speaks request after request into one continuous stream of bytes: one encoder and one header for all of them, so
 * that the pieces joined are a single file. Resolves when the requests have ended and everything is delivered. Text in
 * which there is nothing to speak is passed over. Throws what the speech service throws, and `cancelled` when the
 * context's signal fires; the requests must be ended by then.
 */
export async function speakLine(parts: SpeechLineParts): Promise<void> {
  // Nothing is held for a line on which nobody has spoken yet.
  const first = await parts.requests.next();
  if (!first) return;
  const pieces = makePieces(parts);
  const chunks = lineSamples(first, { pieces, parts });
  const pcm = { sampleRate: parts.format.sampleRate, channels: 1, chunks } as const;
  for await (const bytes of encodeAudio(pcm, parts.format)) await pieces.take(bytes);
  await pieces.deliverRest();
}

interface OpenLine {
  readonly pieces: PieceMaker;
  readonly parts: SpeechLineParts;
}

/** The samples of all requests. The encoder reads them, and only while its bytes are waited for. */
async function* lineSamples(first: SpeechRequest, { pieces, parts }: OpenLine): AsyncGenerator<Float32Array> {
  const { requests, context } = parts;
  for (let request: SpeechRequest | undefined = first; request; request = await requests.next()) {
    if (context.signal.aborted) throw cancelledError();
    yield* requestSamples(request, { pieces, parts });
    // At the end the encoder still has something to say: that goes with it.
    if (!requests.ended || requests.size > 0) await pieces.deliverRest();
  }
  if (context.signal.aborted) throw cancelledError();
}

async function* requestSamples(
  request: SpeechRequest,
  { pieces, parts }: OpenLine,
): AsyncGenerator<Float32Array> {
  const { requests, format } = parts;
  const result = await findSpeech(parts, request);
  if (!result) return;
  pieces.begin(result);
  const tailFrames = Math.ceil(TAIL_SECONDS * format.sampleRate);
  for await (const { samples, last } of withTailApart(monoSamples(result.chunks), tailFrames)) {
    const keepsBack = findAudioFormat(format.id)?.costly ?? false;
    const dry = last && keepsBack && requests.size === 0 && !requests.ended;
    const silence = new Float32Array(dry ? Math.ceil(FLUSH_SECONDS * format.sampleRate) : 0);
    pieces.advance(samples.length + silence.length, last);
    yield concatSamples([samples, silence]);
  }
}

interface SampleStretch {
  readonly samples: Float32Array;
  readonly last: boolean;
}

/** The same samples, but so many are kept back until it is known whether they are the last. */
async function* withTailApart(
  chunks: AsyncIterable<Float32Array>,
  tailFrames: number,
): AsyncGenerator<SampleStretch> {
  let kept = new Float32Array(0);
  for await (const chunk of chunks) {
    const known = concatSamples([kept, chunk]);
    const end = Math.max(0, known.length - tailFrames);
    kept = known.slice(end);
    if (end > 0) yield { samples: known.subarray(0, end), last: false };
  }
  yield { samples: kept, last: true };
}

/** Puts bytes and characters of a line together. */
interface PieceMaker {
  /** A request begins to sound. */
  begin(result: SpeechResult): void;
  /** So many more frames are on their way to the encoder; whether they are the last of their request. */
  advance(frames: number, last: boolean): void;
  /** Takes what came out of the encoder, and delivers what is there once that is worth a piece. */
  take(bytes: Uint8Array): Promise<void>;
  deliverRest(): Promise<void>;
}

function makePieces({ format, context, everyPieceTimed, deliver }: SpeechLineParts): PieceMaker {
  const original = createCharacterQueue();
  const normalized = createCharacterQueue();
  let times: readonly Timeline[] = [];
  let encoded: Uint8Array[] = [];
  let answer: SpeechAnswer | undefined;
  let frames = { in: 0, delivered: 0 };
  const secondsIn = () => frames.in / format.sampleRate;

  const deliverRest = async () => {
    if (context.signal.aborted) throw cancelledError();
    if (encoded.length === 0 && frames.in === frames.delivered) return;
    const span = { startSeconds: frames.delivered / format.sampleRate, endSeconds: secondsIn() };
    const piece = {
      bytes: concatBytes(encoded),
      seconds: span.endSeconds - span.startSeconds,
      original: original.take(span),
      normalized: normalized.take(span),
      answer,
    };
    encoded = [];
    answer = undefined;
    frames = { in: frames.in, delivered: frames.in };
    await deliver(piece);
  };

  const isWorthDelivering = () => {
    const seconds = (frames.in - frames.delivered) / format.sampleRate;
    if (answer === undefined && seconds < PIECE_SECONDS) return false;
    if (times.length === 0 || original.hasBefore(secondsIn())) return seconds > 0;
    return !everyPieceTimed && seconds >= MOST_UNTIMED_SECONDS;
  };

  return {
    begin: (result) => {
      const { alignment } = result;
      const originSeconds = secondsIn();
      answer = result;
      times = alignment
        ? [
            followTimes(alignment.original, { originSeconds, queue: original }),
            followTimes(alignment.normalized, { originSeconds, queue: normalized }),
          ]
        : [];
    },
    advance: (count, last) => {
      frames = { ...frames, in: frames.in + count };
      for (const each of times) {
        if (last) each.finish(secondsIn());
        else each.advance(secondsIn());
      }
    },
    take: async (bytes) => {
      encoded.push(bytes);
      if (isWorthDelivering()) await deliverRest();
    },
    deliverRest,
  };
}

/** The samples of a request at the line's rate; undefined when it holds nothing to speak. */
async function findSpeech(
  { speech, format, context }: SpeechLineParts,
  request: SpeechRequest,
): Promise<SpeechResult | undefined> {
  // The one format of bare samples that says how many channels there are.
  const asSamples = { id: 'wav', sampleRate: format.sampleRate };
  try {
    return await speech.speak({ ...request, delivery: 'stream', format: asSamples }, context);
  } catch (error) {
    const { reason } = toAppError(error);
    if (reason === 'nothing_to_speak' || reason === 'empty_text') return undefined;
    throw error;
  }
}

/** The times of a text that is being spoken, in seconds from the start of the line. */
interface Timeline {
  advance(lineSeconds: number): void;
  finish(lineSeconds: number): void;
}

/** Brings the characters of a text into a queue while it is spoken. */
function followTimes(
  track: AlignmentTrack,
  to: { readonly originSeconds: number; readonly queue: CharacterQueue },
): Timeline {
  const cursor = createAlignmentCursor(track);
  return {
    advance: (lineSeconds) => to.queue.add(cursor.take(lineSeconds - to.originSeconds), to.originSeconds),
    finish: (lineSeconds) => {
      to.queue.add(cursor.takeRest(lineSeconds - to.originSeconds), to.originSeconds);
      to.queue.release();
    },
  };
}

const WAV_HEADER_BYTES = 44;
const WAV_CHANNELS_OFFSET = 22;

/** The samples behind a WAV header that comes by itself, in one channel. */
export async function* monoSamples(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Float32Array> {
  let channels: number | undefined;
  for await (const chunk of chunks) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (channels === undefined) {
      // The header comes by itself, before the first sample.
      channels = view.getUint16(WAV_CHANNELS_OFFSET, true);
      if (chunk.length > WAV_HEADER_BYTES) throw new AppError('internal', 'Samples came with the header.');
      continue;
    }
    yield mixedDown(view, channels);
  }
}

function mixedDown(view: DataView, channels: number): Float32Array {
  const scale = 32_768 * channels;
  return Float32Array.from({ length: view.byteLength / (2 * channels) }, (_, frame) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += view.getInt16((frame * channels + channel) * 2, true);
    return sum / scale;
  });
}
