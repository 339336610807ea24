// The package declares types for its entry point only, which would load its native build.
declare module '@evan/opus/wasm/index.mjs' {
  export class Encoder {
    constructor(options: {
      readonly channels: 1 | 2;
      readonly sample_rate: number;
      readonly application: 'voip' | 'audio' | 'restricted_lowdelay';
    });
    /** Sets a value, or returns one when none is given: the numbers are those of opus_defines.h. */
    ctl(request: number, value?: number): number;
    /** Takes one frame of signed 16-bit samples and returns one packet. */
    encode(samples: ArrayBufferView): Uint8Array<ArrayBuffer>;
    /** Frees the encoder's memory. */
    drop(): void;
  }
}
