declare module '@echogarden/sonic-wasm' {
  /** The exports of the C library that are used here. Addresses and counts are plain numbers. */
  export interface SonicModule {
    readonly HEAPF32: Float32Array<ArrayBuffer>;
    _malloc(byteLength: number): number;
    _free(address: number): void;
    _sonicCreateStream(sampleRate: number, channels: number): number;
    _sonicDestroyStream(stream: number): void;
    _sonicSetSpeed(stream: number, speed: number): void;
    /** Takes frames, not samples; returns 0 when memory ran out. */
    _sonicWriteFloatToStream(stream: number, samples: number, frames: number): number;
    /** Returns the number of frames read. */
    _sonicReadFloatFromStream(stream: number, samples: number, mostFrames: number): number;
    _sonicFlushStream(stream: number): number;
  }
  export default function createSonic(options?: { readonly wasmBinary?: Uint8Array }): Promise<SonicModule>;
}
