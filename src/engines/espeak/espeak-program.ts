import type {
  EspeakEvent,
  EspeakModule,
  EspeakModuleOptions,
  EspeakPointer,
} from '@echogarden/espeak-ng-emscripten';

/** Hertz of everything that espeak says. */
export const ESPEAK_SAMPLE_RATE = 22_050;

/** What espeak is to say. */
export interface EspeakUtterance {
  /** A voice file, perhaps with `+` and a variant. It must be one that exists: espeak reads any file of that name. */
  readonly voice: string;
  /** Not plain text but markup, as `toEspeakMarkup` makes it. */
  readonly markup: string;
}

/** Hears about a tenth of a second at a time and what begins in it. Answers whether to stop. */
export type EspeakListener = (samples: Int16Array, events: readonly EspeakEvent[]) => boolean;

/** A loaded espeak. */
export interface EspeakProgram {
  /** Speaks to the end, or until the listener has heard enough. Equal utterances give equal samples. */
  speak(utterance: EspeakUtterance, onSound: EspeakListener): void;
  /** The table of all sounds of all languages, in espeak's own form. */
  readonly soundTable: Uint8Array;
  /** The name of the table of a voice's sounds. */
  tableOf(voice: string): string;
}

const DATA_FOLDER = '/usr/share/espeak-ng-data';

/** The package's way to load espeak. */
export type EspeakFactory = (options: EspeakModuleOptions) => Promise<EspeakModule>;

/** Loads espeak with its data, which may be shared with other threads. It prints nothing. */
export async function loadEspeak(create: EspeakFactory, data: SharedArrayBuffer): Promise<EspeakProgram> {
  const module = await create({
    getPreloadedPackage: () => disguise(data),
    print: () => undefined,
    printErr: () => undefined,
  });
  const speaker = new module.eSpeakNGWorker();
  const sampleRate = speaker.get_samplerate();
  if (sampleRate !== ESPEAK_SAMPLE_RATE) throw new Error(`espeak speaks at ${sampleRate} Hz.`);
  const fresh = copyUsed(module.HEAPU8);

  return {
    get soundTable() {
      return module.FS.readFile(`${DATA_FOLDER}/phontab`);
    },
    tableOf: (voice) => {
      const file = module.FS.readFile(`${DATA_FOLDER}/lang/${voice.split('+')[0]}`, { encoding: 'utf8' });
      const named = /^phonemes\s+(?<name>\S+)/mu.exec(file) ?? /^language\s+(?<name>\S+)/mu.exec(file);
      return named?.groups?.['name'] ?? '';
    },
    speak: ({ voice, markup }, onSound) => {
      // Noise, vibrato, buffers: espeak carries them from one utterance into the next. Its memory of before the
      // first one makes every utterance the first one, and frees whatever the last one has left behind.
      module.HEAPU8.set(fresh);
      module.HEAPU8.fill(0, fresh.length);
      speaker.set_voice(place(module, voice), place(module, ''));
      speaker.synthesize(place(module, markup), onSound);
    },
  };
}

/** The package takes only what calls itself an ArrayBuffer, and then reads it in ways that suit both kinds. */
function disguise(data: SharedArrayBuffer): SharedArrayBuffer {
  return Object.defineProperty(data, 'constructor', { value: ArrayBuffer });
}

function copyUsed(memory: Uint8Array): Uint8Array {
  return memory.slice(0, memory.findLastIndex((byte) => byte !== 0) + 1);
}

/** Writes a text into memory that is taken back with everything else before the next utterance. */
function place(module: EspeakModule, text: string): EspeakPointer {
  const bytes = new TextEncoder().encode(text);
  const address = module._malloc(bytes.length + 1);
  if (address === 0) throw new Error('espeak is out of memory.');
  module.HEAPU8.set(bytes, address);
  module.HEAPU8[address + bytes.length] = 0;
  return { ptr: address };
}
