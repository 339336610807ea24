import type { RemoteValue, RemoteVoice } from '../../core/models/remote.ts';
import type { FieldMap } from '../remote-fields.ts';
import type { ImageSetting } from '../../core/image/image.ts';
import type { ImageSizes } from '../../core/image/image-engine.ts';
import type { SoundSetting } from '../../core/sound/sound.ts';
import type { SpeechSetting } from '../../core/speech/speech.ts';
import type { VideoSetting } from '../../core/video/video.ts';

/** How a family of models is made to speak. */
export interface SpeechQuirks {
  readonly path: string;
  readonly fields: FieldMap<SpeechSetting>;
  /** Whether sound comes while it is made; otherwise each sentence is asked for by itself. */
  readonly streams: boolean;
  /** What is asked for when it streams, and when it does not. */
  readonly format: 'pcm' | 'wav';
  /** Hertz of raw samples whose answer does not say. */
  readonly sampleRate: number;
  /** Fields that every request has. */
  readonly constant: Readonly<Record<string, RemoteValue>>;
  /** How the language is told: by its English name, its code, or not at all. */
  readonly language: 'name' | 'code' | 'none';
  /** Languages that it speaks, where that does not depend on what is loaded. */
  readonly languages?: readonly string[];
  /** The field that names one of the server's own voices; absent where it has none. */
  readonly voiceField?: string;
  /** Those voices, where every server of the kind has the same. */
  readonly voices?: readonly RemoteVoice[];
  /** How it is given a recording of somebody. */
  readonly sample?: {
    readonly kind: 'data-url' | 'base64-object';
    readonly field: string;
    readonly transcriptField: string;
    /** What is sent where nobody knows the words; absent where the words are needed. */
    readonly withoutTranscript?: Readonly<Record<string, RemoteValue>>;
    /** Longest recording in bytes. */
    readonly maxBytes: number;
  };
  /** Seeds above 2^53 do not survive as numbers there. */
  readonly seedAsText?: true;
}

/** How models that hear are asked. */
export interface HearingQuirks {
  readonly path: string;
  /** How a translation is asked for: at another route, or with a field. */
  readonly translation?: { readonly path: string } | { readonly field: string };
  /** The shape that is asked for: with times, or text alone, which the server may send piece by piece. */
  readonly answer: 'verbose' | 'text' | 'stream';
  readonly wordTimes: boolean;
  readonly prompt: boolean;
  readonly temperature: boolean;
  /** Fields that every request has. */
  readonly constant: Readonly<Record<string, RemoteValue>>;
}

/** How sounds are asked for. */
export interface SoundQuirks {
  readonly path: string;
  readonly modelField: string;
  readonly promptField: string;
  readonly fields: FieldMap<SoundSetting>;
  readonly constant: Readonly<Record<string, RemoteValue>>;
  /** The path of the field under which all but the model lies, if it does. */
  readonly maxSeconds: number;
  /** Guidance for the influences 0 and 1; between them it is a straight line. */
  readonly influence?: { readonly least: number; readonly most: number };
}

/** How pictures are asked for. */
export interface ImageQuirks {
  readonly path: string;
  readonly editPath?: string;
  readonly fields: FieldMap<ImageSetting>;
  readonly constant: Readonly<Record<string, RemoteValue>>;
  readonly sizes: ImageSizes;
  /** The field of the pictures to change. */
  readonly inputField?: string;
  readonly maxInputs: number;
  /** The field of the mask, and what in it may be changed: what is transparent, or what is white. */
  readonly mask?: { readonly field: string; readonly changed: 'transparent' | 'white' };
}

/** How films are asked for. */
export interface VideoQuirks {
  readonly path: string;
  readonly encoding: 'form' | 'json';
  readonly fields: FieldMap<VideoSetting>;
  readonly constant: Readonly<Record<string, RemoteValue>>;
  readonly framesField: string;
  readonly rateField: string;
  /** One field for `WxH`, or two. */
  readonly size: { readonly one: string } | { readonly width: string; readonly height: string };
  readonly firstFrame?: { readonly field: string };
  /** Frames come in such groups and one more. */
  readonly frameStep: number;
  readonly maxSeconds: number;
  readonly maxSide: number;
  readonly sizeStep: number;
}

/** Families of models of one kind; the first is meant where the operator names none. */
export type Families<Quirks> = Readonly<Record<string, Quirks>>;

/** What is particular about one kind of server, as data. */
export interface MediaProfile {
  readonly id: string;
  readonly title: string;
  readonly healthPath: string;
  /** Where gauges stand, and their names. */
  readonly metrics?: { readonly path: string; readonly running: string; readonly waiting: string };
  /** Requests at the same time where the operator does not say. */
  readonly concurrency: number;
  readonly speech?: Families<SpeechQuirks>;
  readonly hearing?: Families<HearingQuirks>;
  readonly sound?: Families<SoundQuirks>;
  readonly image?: Families<ImageQuirks>;
  readonly video?: Families<VideoQuirks>;
  readonly chat?: { readonly path: string };
  /** Texts that the server would take for something else, and why they are refused. */
  readonly refusedText?: { readonly pattern: RegExp; readonly reason: string };
}
