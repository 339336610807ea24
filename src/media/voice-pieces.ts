import { speechIntervals, type Interval } from './speech-windows.ts';
import { createVoiceDetector, VOICE_FRAME, VOICE_SAMPLE_RATE } from './voice-activity.ts';

/** A short stretch of speech that is taken for one voice's. */
export interface VoicePiece extends Interval {
  /** What to listen to in order to know the voice: the piece and a little of the speech around it. */
  readonly heard: Interval;
}

/** A pause that may be the end of somebody's turn. */
const PAUSE_MS = 150;
/** Somebody else may go on without a pause, so longer stretches are cut. */
const PIECE_SECONDS = 0.75;
/** Speech that is no longer is one piece. */
const WHOLE_SECONDS = 1.5;
/** A voice is hardly known by less, so what is around a piece is heard with it. */
const HEARD_SECONDS = 2.5;
/** How clear a voice must be. */
const THRESHOLD = 0.5;

/** Where somebody speaks in mono 16 kHz samples, cut at pauses and into short pieces; in seconds from their start. */
export async function voicePieces(samples: Float32Array): Promise<VoicePiece[]> {
  const detector = await createVoiceDetector(THRESHOLD);
  try {
    const voiced: boolean[] = [];
    for (let at = 0; at + VOICE_FRAME <= samples.length; at += VOICE_FRAME) {
      voiced.push(detector.isVoice(samples.subarray(at, at + VOICE_FRAME)));
    }
    const end = samples.length / VOICE_SAMPLE_RATE;
    return speechIntervals(voiced, { prefixPaddingMs: 0, silenceDurationMs: PAUSE_MS })
      .map((interval) => ({ ...interval, endSeconds: Math.min(end, interval.endSeconds) }))
      .flatMap(piecesOf);
  } finally {
    detector.close();
  }
}

function piecesOf(speech: Interval): VoicePiece[] {
  const length = speech.endSeconds - speech.startSeconds;
  const count = length <= WHOLE_SECONDS ? 1 : Math.round(length / PIECE_SECONDS);
  const around = Math.max(0, (HEARD_SECONDS - length / count) / 2);
  return Array.from({ length: count }, (_, index) => {
    const startSeconds = speech.startSeconds + (index * length) / count;
    const endSeconds = speech.startSeconds + ((index + 1) * length) / count;
    return {
      startSeconds,
      endSeconds,
      heard: {
        startSeconds: Math.max(speech.startSeconds, startSeconds - around),
        endSeconds: Math.min(speech.endSeconds, endSeconds + around),
      },
    };
  });
}
