/** Our own declarations: those of the package leave out where models lie, and promise what is sometimes null. */
declare module 'soundswallower' {
  /** A stretch of the alignment: seconds from the first sample. */
  export interface SoundswallowerSegment {
    /** The entry of the dictionary, `the(2)` for a second pronunciation; `<sil>` and the like for no word. */
    readonly t: string;
    readonly b: number;
    readonly d: number;
    /** Probability, 0 to 1: how much of the sound the word accounts for. */
    readonly p: number;
    readonly w?: readonly SoundswallowerSegment[];
  }

  export interface SoundswallowerDecoder {
    /** Reads the model. Nothing else may be called before. */
    initialize(): Promise<void>;
    /** The pronunciation, or null for a word that is not in the dictionary. Case counts. */
    lookup_word(word: string): string | null;
    /** Throws for a pronunciation with a sound that the model has not, and for a word that is there already. */
    add_words(...words: readonly (readonly [word: string, pronunciation: string])[]): void;
    /** Words of the dictionary with spaces between. Throws for any other. */
    set_align_text(text: string): void;
    start(): void;
    process_audio(samples: Float32Array, noSearch: boolean, whole: boolean): number;
    stop(): void;
    /** Has no `w`, or an empty one, when text and sound do not fit. Some failures throw. */
    get_alignment(): SoundswallowerSegment;
  }

  export interface SoundswallowerModule {
    readonly Decoder: new (settings: Readonly<Record<string, string | number>>) => SoundswallowerDecoder;
  }

  export interface SoundswallowerOptions {
    /** The folder of the models; a relative one is looked up in the working directory. */
    readonly modelBase: string;
    readonly defaultModel: string;
    readonly print?: (line: string) => void;
    readonly printErr?: (line: string) => void;
  }

  export default function createSoundswallower(options: SoundswallowerOptions): Promise<SoundswallowerModule>;
}
