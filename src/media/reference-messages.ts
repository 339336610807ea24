import type { PitchMeasure } from './pitch.ts';
import type { RawReference, ReferenceSound } from './reference-sound.ts';

/** What a reference worker is asked, one after another. */
export type ReferenceTask =
  | { readonly type: 'shape'; readonly raw: RawReference }
  | { readonly type: 'measure'; readonly samples: Float32Array<ArrayBuffer>; readonly sampleRate: number };

/** What it answers. A task that fails ends it. */
export type ReferenceAnswer =
  | { readonly type: 'shape'; readonly sound: ReferenceSound }
  | { readonly type: 'measure'; readonly measure: PitchMeasure | undefined };
