import { concatSamples } from './pcm.ts';
import { createVoiceDetector, VOICE_FRAME, VOICE_SAMPLE_RATE, type VoiceDetector } from './voice-activity.ts';

/** How the turns of somebody who speaks are told from the silence between them. */
export interface TurnSettings {
  /** 0..1; higher wants clearer speech. */
  readonly threshold: number;
  /** Milliseconds before a voice that still belong to its turn. */
  readonly prefixPaddingMs: number;
  /** Milliseconds without a voice that end a turn. */
  readonly silenceDurationMs: number;
  /** Milliseconds of voice without a gap that begin a turn. */
  readonly minSpeechMs: number;
  /** Milliseconds without a turn after which silence is reported; absent means never. */
  readonly idleTimeoutMs?: number;
}

/** What sound turns out to be; positions count samples from the first one of all. */
export type TurnPiece =
  | { readonly type: 'speech-start'; readonly atSample: number }
  | { readonly type: 'sound'; readonly samples: Float32Array }
  | { readonly type: 'speech-stop'; readonly atSample: number }
  | {
      readonly type: 'idle';
      readonly fromSample: number;
      readonly toSample: number;
      readonly samples: Float32Array;
    };

/** Finds turns in sound (mono, 16 kHz) as it comes. The sound of a turn lies between its start and its stop. */
export interface TurnCutter {
  push(samples: Float32Array): TurnPiece[];
  readonly isSpeaking: boolean;
  /** Ends a turn by force, and gives the sound that has not been given away yet. Whatever comes next is a new start. */
  interrupt(): Float32Array;
  /** Gives the memory back. */
  close(): void;
}

const FRAME_MS = (VOICE_FRAME / VOICE_SAMPLE_RATE) * 1000;

/** Opens a cutter for sound whose first sample has the given position. */
export async function openTurnCutter(settings: TurnSettings, firstSample = 0): Promise<TurnCutter> {
  return new Cutter(await createVoiceDetector(settings.threshold), settings, firstSample);
}

function framesIn(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / FRAME_MS));
}

class Cutter implements TurnCutter {
  readonly #detector: VoiceDetector;
  readonly #frames: {
    readonly start: number;
    readonly stop: number;
    readonly kept: number;
    readonly idle: number;
  };
  /** Where the next frame begins. */
  #position: number;
  /** Less than a frame. */
  #rest = new Float32Array(0);
  /** Frames since the last turn, as many as a new one may begin with. */
  #held: Float32Array[] = [];
  #isSpeaking = false;
  /** Frames in a row that have a voice, and that have none. */
  #voiced = 0;
  #silent = 0;
  /** Frames since the last turn, or since silence was reported. */
  #quiet = 0;

  constructor(detector: VoiceDetector, settings: TurnSettings, firstSample: number) {
    const start = framesIn(settings.minSpeechMs);
    const idle =
      settings.idleTimeoutMs === undefined ? Number.POSITIVE_INFINITY : framesIn(settings.idleTimeoutMs);
    this.#detector = detector;
    this.#position = firstSample;
    this.#frames = {
      start,
      stop: framesIn(settings.silenceDurationMs),
      // Silence that is reported is reported with its sound.
      kept: Number.isFinite(idle) ? idle : start + Math.ceil(settings.prefixPaddingMs / FRAME_MS),
      idle,
    };
    this.#prefix = Math.ceil(settings.prefixPaddingMs / FRAME_MS);
  }

  /** Frames before a voice that belong to its turn. */
  readonly #prefix: number;

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  push(samples: Float32Array): TurnPiece[] {
    const known = this.#rest.length === 0 ? samples : concatSamples([this.#rest, samples]);
    const pieces: TurnPiece[] = [];
    let offset = 0;
    for (; offset + VOICE_FRAME <= known.length; offset += VOICE_FRAME) {
      pieces.push(...this.#hear(known.slice(offset, offset + VOICE_FRAME)));
    }
    this.#rest = known.slice(offset);
    return pieces;
  }

  interrupt(): Float32Array {
    const given = concatSamples([...this.#held, this.#rest]);
    this.#position += this.#rest.length;
    this.#rest = new Float32Array(0);
    this.#rests();
    return given;
  }

  close(): void {
    this.#detector.close();
  }

  #rests(): void {
    this.#isSpeaking = false;
    this.#held = [];
    this.#voiced = 0;
    this.#silent = 0;
    this.#quiet = 0;
  }

  #hear(frame: Float32Array): TurnPiece[] {
    const hasVoice = this.#detector.isVoice(frame);
    this.#voiced = hasVoice ? this.#voiced + 1 : 0;
    this.#silent = hasVoice ? 0 : this.#silent + 1;
    this.#position += frame.length;
    return this.#isSpeaking ? this.#hearTurn(frame) : this.#hearSilence(frame);
  }

  #hearTurn(frame: Float32Array): TurnPiece[] {
    const sound: TurnPiece = { type: 'sound', samples: frame };
    if (this.#silent < this.#frames.stop) return [sound];
    this.#rests();
    return [sound, { type: 'speech-stop', atSample: this.#position }];
  }

  #hearSilence(frame: Float32Array): TurnPiece[] {
    this.#held.push(frame);
    this.#quiet += 1;
    if (this.#voiced >= this.#frames.start) return this.#begin();
    if (this.#quiet >= this.#frames.idle && this.#voiced === 0) return [this.#idle()];
    // A voice that has begun is never let go of, and so a little more may be held.
    if (this.#held.length > this.#frames.kept) this.#held.shift();
    return [];
  }

  #begin(): TurnPiece[] {
    const samples = concatSamples(this.#held.slice(-(this.#prefix + this.#voiced)));
    this.#rests();
    this.#isSpeaking = true;
    return [
      { type: 'speech-start', atSample: this.#position - samples.length },
      { type: 'sound', samples },
    ];
  }

  #idle(): TurnPiece {
    const samples = concatSamples(this.#held);
    const fromSample = this.#position - this.#quiet * VOICE_FRAME;
    this.#rests();
    return { type: 'idle', fromSample, toSample: this.#position, samples };
  }
}
