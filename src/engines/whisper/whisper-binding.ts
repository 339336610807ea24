import { createRequire } from 'node:module';

/** One piece of what was heard: a segment, or with `maxLen: 1` about a token. Times in milliseconds. */
export interface WhisperPiece {
  readonly text: string;
  readonly t0: number;
  readonly t1: number;
}

/** The options of whisper.cpp's `whisper_full` that the addon passes on and that are used here. */
export interface WhisperOptions {
  /** One of Whisper's codes or `auto`. */
  readonly language: string;
  readonly translate: boolean;
  readonly maxThreads: number;
  readonly tokenTimestamps: boolean;
  /** Longest piece in characters, cut between tokens; 0 leaves segments whole. */
  readonly maxLen: number;
  readonly temperature: number;
  /** Step of the retries at higher temperatures; 0 forbids them. */
  readonly temperatureInc: number;
  readonly prompt?: string;
}

/** A loaded model of whisper.cpp. */
export interface WhisperContext {
  /** Signed 16-bit mono samples at 16 000 hertz. `stop` drops the result but does not end the computation. */
  transcribeData(
    samples: ArrayBuffer,
    options: WhisperOptions,
  ): {
    readonly stop: () => Promise<void>;
    readonly promise: Promise<{ readonly language?: string; readonly segments: readonly WhisperPiece[] }>;
  };
}

/** The part of the addon that is used. */
export interface WhisperAddon {
  readonly WhisperContext: {
    new (options: { readonly filePath: string; readonly useGpu: boolean }): WhisperContext;
    /** While it is on, whisper.cpp's log goes to the listener, not to the standard error, and the process stays alive. */
    toggleNativeLog(enable: boolean, listener?: (level: string, text: string) => void): void;
  };
}

/** A package that holds the addon for this machine. */
export interface WhisperPackage {
  readonly name: string;
  readonly useGpu: boolean;
}

const require = createRequire(import.meta.url);

/**
 * The installed packages for this machine, best first. The variants for graphics processors are large and never
 * come along by themselves: whoever installs one wants it used.
 */
export function findWhisperPackages(): WhisperPackage[] {
  const base = whisperPackageName();
  const known: WhisperPackage[] = [
    { name: `${base}-cuda`, useGpu: true },
    { name: `${base}-vulkan`, useGpu: true },
    { name: base, useGpu: false },
  ];
  return known.filter(({ name }) => isInstalled(name));
}

/** The package that this platform and processor need. */
export function whisperPackageName(): string {
  return `@fugood/node-whisper-${process.platform}-${process.arch}`;
}

/** Loads native code into this process: for the child only. Throws when the system lacks what the addon needs. */
export function loadWhisperAddon(name: string): WhisperAddon {
  // What the packages of this name export; its interface stands above.
  return require(name) as WhisperAddon;
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    // Not installed, which is an answer.
    return false;
  }
}
