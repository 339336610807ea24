import { REFERENCE_SECONDS } from '../core/voices/reference-recording.ts';
import type { VoiceSampleRecord } from '../core/voices/voice-record.ts';
import type { Warning } from '../core/warning.ts';

/** Silence at the ends is no loss, nor is a breath beside it. */
const TOLERANCE_SECONDS = 0.5;

/** A warning for each recording of a voice of which only the best part was kept; `field` is what it came in. */
export function shortenedSamples(samples: readonly VoiceSampleRecord[], field: string): Warning[] {
  const { most } = REFERENCE_SECONDS;
  return samples.flatMap(({ durationSeconds, heardSeconds = 0 }): Warning[] => {
    if (durationSeconds < most - TOLERANCE_SECONDS || heardSeconds <= most) return [];
    const from = `a recording of more than ${most} s`;
    return [{ type: 'adjusted', setting: field, from, to: `its best ${durationSeconds.toFixed(0)} s` }];
  });
}
