/**
 * What sherpa-onnx is told about a model's files. Exactly one member of a union of layouts is given: sherpa picks
 * the kind of model by which of them it finds.
 */
export type RecognizerFiles =
  | { readonly whisper: { readonly encoder: string; readonly decoder: string } }
  | {
      readonly moonshine:
        | {
            readonly preprocessor: string;
            readonly encoder: string;
            readonly uncachedDecoder: string;
            readonly cachedDecoder: string;
          }
        | { readonly encoder: string; readonly mergedDecoder: string };
    }
  | {
      readonly transducer: { readonly encoder: string; readonly decoder: string; readonly joiner: string };
      readonly modelType: 'transducer' | 'nemo_transducer';
    }
  | { readonly senseVoice: { readonly model: string; readonly useInverseTextNormalization: 0 | 1 } };

/** A model that speaks. Paths are absolute; several lexicons are joined by commas. */
export type SpeakerFiles =
  | {
      readonly vits: {
        readonly model: string;
        readonly tokens: string;
        readonly lexicon?: string;
        readonly dataDir?: string;
      };
    }
  | {
      readonly matcha: {
        readonly acousticModel: string;
        readonly vocoder: string;
        readonly tokens: string;
        readonly lexicon?: string;
        readonly dataDir?: string;
      };
    }
  | {
      readonly kokoro: {
        readonly model: string;
        readonly voices: string;
        readonly tokens: string;
        readonly dataDir: string;
        readonly lexicon?: string;
        /** eSpeak's name of the language, for speakers of others than the lexicons'. */
        readonly lang?: string;
      };
    }
  | {
      readonly kitten: {
        readonly model: string;
        readonly voices: string;
        readonly tokens: string;
        readonly dataDir: string;
      };
    }
  | {
      readonly supertonic: {
        readonly durationPredictor: string;
        readonly textEncoder: string;
        readonly vectorEstimator: string;
        readonly vocoder: string;
        readonly ttsJson: string;
        readonly unicodeIndexer: string;
        readonly voiceStyle: string;
      };
    }
  | {
      readonly zipvoice: {
        readonly encoder: string;
        readonly decoder: string;
        readonly vocoder: string;
        readonly tokens: string;
        readonly lexicon: string;
        readonly dataDir: string;
      };
    }
  | {
      readonly pocket: {
        readonly lmMain: string;
        readonly lmFlow: string;
        readonly encoder: string;
        readonly decoder: string;
        readonly textConditioner: string;
        readonly vocabJson: string;
        readonly tokenScoresJson: string;
      };
    };

/** What a child process is started with: one model of one kind. */
export type SherpaStart = {
  /** Of the weights, for messages. */
  readonly id: string;
  readonly threads: number;
} & (
  | {
      readonly kind: 'recognizer';
      readonly files: RecognizerFiles;
      readonly tokens: string;
      /** For models that are told the language when they are loaded. */
      readonly language?: string;
    }
  | { readonly kind: 'speaker'; readonly files: SpeakerFiles; readonly ruleFsts: string }
  | { readonly kind: 'voice_activity'; readonly model: string }
  | { readonly kind: 'embedding'; readonly model: string }
  | {
      readonly kind: 'segmentation';
      readonly model: string;
      /** A speaker embedding, without which sherpa does not open the model. */
      readonly embedding: string;
      /** What the model looks at in one go. */
      readonly windowSamples: number;
    }
);

/** One piece of work for a child process. Samples are mono; those to be heard have 16 000 hertz. */
export type SherpaCall =
  | {
      readonly kind: 'hear';
      readonly samples: Float32Array;
      /** Only for Whisper. An empty language means: find out. */
      readonly whisper?: {
        readonly language: string;
        readonly task: 'transcribe' | 'translate';
        readonly tokenTimes: boolean;
      };
    }
  | {
      readonly kind: 'speak';
      readonly text: string;
      readonly speaker: number;
      /** ISO 639-1, for models that want to be told with each text. */
      readonly language?: string;
      readonly reference?: {
        readonly samples: Float32Array;
        readonly sampleRate: number;
        readonly transcript: string;
      };
    }
  | {
      readonly kind: 'find_speech';
      readonly samples: Float32Array;
      readonly threshold: number;
      readonly minimumSpeechSeconds: number;
      readonly minimumSilenceSeconds: number;
      readonly maximumSpeechSeconds: number;
    }
  | { readonly kind: 'embed'; readonly samples: Float32Array }
  /** At most as many samples as the model looks at in one go. */
  | { readonly kind: 'find_turns'; readonly samples: Float32Array };

/** A piece of text that a model wrote. Its bytes may be a part of a character only. */
export interface RecognizedToken {
  readonly bytes: Uint8Array;
  /** Its number in the model's vocabulary, where that is known. */
  readonly id?: number;
}

/** What a recogniser made of some samples. Lists are empty where the model does not tell. */
export interface RecognizedSpeech {
  /** As sherpa spells it; empty where the model does not tell. */
  readonly language: string;
  /** Without the space before the first word. */
  readonly text: string;
  readonly tokens: readonly RecognizedToken[];
  /** Start of each token in seconds. */
  readonly starts: readonly number[];
  readonly durations: readonly number[];
  readonly logprobs: readonly number[];
  /** In order; together they have as many tokens as there are. */
  readonly segments: readonly {
    readonly startSeconds: number;
    readonly durationSeconds: number;
    readonly tokens: number;
  }[];
}

export type SherpaAnswer =
  | { readonly kind: 'heard'; readonly speech: RecognizedSpeech }
  | { readonly kind: 'spoken' }
  | {
      readonly kind: 'speech_found';
      /** In samples. */
      readonly intervals: readonly { readonly start: number; readonly end: number }[];
    }
  | { readonly kind: 'embedded'; readonly embedding: Float32Array }
  | {
      readonly kind: 'turns_found';
      /** In seconds from the first sample. */
      readonly turns: readonly {
        readonly startSeconds: number;
        readonly endSeconds: number;
        readonly voice: number;
      }[];
    };

/** Samples of a speech on their way. */
export interface SherpaUpdate {
  readonly samples: Float32Array;
}
