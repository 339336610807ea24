declare module '@echogarden/espeak-ng-emscripten' {
  /** Something that happens in the speech. Only the fields that are used here. */
  export interface EspeakEvent {
    readonly type: string | undefined;
    /** The code point of the text at which it happens, counted from 1. */
    readonly text_position: number;
    /** Milliseconds from the beginning of the speech. */
    readonly audio_position: number;
    /** The symbols of a sound for `phoneme` (none: a pause), a number for others. */
    readonly id?: string | number;
  }

  /** The address of a text in the module's memory that ends with a zero byte. */
  export interface EspeakPointer {
    readonly ptr: number;
  }

  /** The speaker. Its texts may be addresses, which the package's own buffer then does not copy. */
  export interface EspeakSpeaker {
    get_samplerate(): number;
    /** With an empty language, the name is that of a voice file, perhaps with `+` and that of a variant. */
    set_voice(name: EspeakPointer, language: EspeakPointer): number;
    /** Calls back with some samples and what begins in them; a true answer ends the speech. */
    synthesize(
      text: EspeakPointer,
      onSound: (samples: Int16Array, events: readonly EspeakEvent[]) => boolean,
    ): void;
    list_voices(): readonly {
      readonly identifier: string;
      readonly name: string;
      readonly languages: readonly { readonly name: string }[];
    }[];
  }

  export interface EspeakModule {
    /** The whole memory. Another array after it has grown. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    readonly eSpeakNGWorker: new () => EspeakSpeaker;
    readonly FS: {
      readdir(path: string): readonly string[];
      readFile(path: string): Uint8Array;
      readFile(path: string, options: { readonly encoding: 'utf8' }): string;
    };
    _malloc(byteLength: number): number;
  }

  export interface EspeakModuleOptions {
    /** Gives the bytes of the data file, which are otherwise read from disk. */
    readonly getPreloadedPackage?: () => ArrayBufferLike;
    readonly print?: (line: string) => void;
    readonly printErr?: (line: string) => void;
  }

  export default function createEspeak(options?: EspeakModuleOptions): Promise<EspeakModule>;
}
