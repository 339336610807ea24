declare module '@echogarden/fvad-wasm' {
  /** The exports of the C library that are used here. Addresses and counts are plain numbers. */
  export interface FvadModule {
    readonly HEAP16: Int16Array<ArrayBuffer>;
    _malloc(byteLength: number): number;
    _free(address: number): void;
    _fvad_new(): number;
    _fvad_free(detector: number): void;
    /** 0 (lets most through) to 3 (wants clear speech); returns 0, or -1 for another mode. */
    _fvad_set_mode(detector: number, mode: number): number;
    /** 8000, 16000, 32000 or 48000 hertz; returns 0, or -1 for another rate. */
    _fvad_set_sample_rate(detector: number, sampleRate: number): number;
    /** 10, 20 or 30 ms of samples; returns 1 for voice, 0 for none, -1 for a wrong length. */
    _fvad_process(detector: number, samples: number, count: number): number;
  }
  export default function createFvad(options?: { readonly wasmBinary?: Uint8Array }): Promise<FvadModule>;
}
