import type { WeightsEntry } from '../../core/models/weights.ts';
import { sherpaHearingWeights } from './sherpa-hearing-weights.ts';
import { sherpaSpeakerWeights } from './sherpa-speaker-weights.ts';
import { sherpaVoiceWeights } from './sherpa-voice-weights.ts';
import { whisperWeights } from './whisper-weights.ts';

/** Every model that can be installed by name. Lengths and checksums stand here only where they are established. */
export const weightsCatalog: readonly WeightsEntry[] = [
  ...whisperWeights,
  ...sherpaHearingWeights,
  ...sherpaSpeakerWeights,
  ...sherpaVoiceWeights,
];
