declare module 'sherpa-onnx-node' {
  /** Samples in -1..1 with their rate in hertz. */
  interface Waveform {
    readonly samples: Float32Array;
    readonly sampleRate: number;
  }

  interface OfflineStream {
    acceptWaveform(wave: Waveform): void;
  }

  /** What a recogniser heard. A list is empty where the model does not tell. */
  interface RecognizerResult {
    /** `en`, or `<|en|>`; empty where the model does not tell. */
    readonly lang: string;
    readonly text: string;
    readonly tokens: readonly string[];
    /** Start of each token in seconds. */
    readonly timestamps: readonly number[];
    readonly durations?: readonly number[];
    readonly ys_log_probs?: readonly number[];
    readonly segment_timestamps?: readonly number[];
    readonly segment_durations?: readonly number[];
    readonly segment_texts?: readonly string[];
  }

  interface Recognizer {
    createStream(): OfflineStream;
    /** Only Whisper's recogniser takes another configuration once it exists. */
    setConfig(config: object): void;
    decodeAsync(stream: OfflineStream): Promise<RecognizerResult>;
  }

  interface Speaker {
    readonly numSpeakers: number;
    readonly sampleRate: number;
    /** Rejects when nothing could be spoken. Progress that answers 0 ends the speech after the current part. */
    generateAsync(request: {
      readonly text: string;
      readonly enableExternalBuffer: boolean;
      readonly generationConfig: object;
      readonly onProgress: (part: { readonly samples: Float32Array }) => 0 | 1;
    }): Promise<Waveform>;
  }

  interface VoiceActivityDetector {
    acceptWaveform(samples: Float32Array): void;
    isEmpty(): boolean;
    front(enableExternalBuffer: boolean): { readonly start: number; readonly samples: Float32Array };
    pop(): void;
    flush(): void;
    reset(): void;
  }

  interface EmbeddingStream {
    acceptWaveform(wave: Waveform): void;
    inputFinished(): void;
  }

  interface EmbeddingExtractor {
    readonly dim: number;
    createStream(): EmbeddingStream;
    isReady(stream: EmbeddingStream): boolean;
    compute(stream: EmbeddingStream, enableExternalBuffer: boolean): Float32Array;
  }

  interface SpeakerDiarization {
    process(
      samples: Float32Array,
    ): readonly { readonly start: number; readonly end: number; readonly speaker: number }[];
  }

  /** The package is CommonJS. Its own types lag behind its binary, so these say what is used here. */
  const sherpa: {
    readonly OfflineRecognizer: { createAsync(config: object): Promise<Recognizer> };
    readonly OfflineTts: { createAsync(config: object): Promise<Speaker> };
    readonly Vad: new (config: object, bufferSeconds: number) => VoiceActivityDetector;
    readonly SpeakerEmbeddingExtractor: new (config: object) => EmbeddingExtractor;
    readonly OfflineSpeakerDiarization: new (config: object) => SpeakerDiarization;
  };
  export default sherpa;
  export type { EmbeddingExtractor, Recognizer, RecognizerResult, Speaker, VoiceActivityDetector };
}
