declare module '@echogarden/rnnoise-wasm' {
  /** The exports of the C library that are used here. Addresses and counts are plain numbers. */
  export interface RnnoiseModule {
    readonly HEAPF32: Float32Array<ArrayBuffer>;
    _malloc(byteLength: number): number;
    _free(address: number): void;
    /** With 0 for its weights the library takes those that it was built with. */
    _rnnoise_create(weights: number): number;
    _rnnoise_destroy(state: number): void;
    /** 480 samples of 48 kHz in the range of 16-bit integers; returns how likely there is a voice, 0..1. */
    _rnnoise_process_frame(state: number, output: number, input: number): number;
  }
  export default function createRnnoise(options?: {
    readonly wasmBinary?: Uint8Array;
  }): Promise<RnnoiseModule>;
}
