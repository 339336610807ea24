import type { z } from 'zod';
import type { VoiceTraits } from '../../core/voices/voice-record.ts';
import type { voiceSettings } from './elevenlabs-speech-schema.ts';

/** The settings that a voice is spoken with when a request says nothing. */
export const defaultVoiceSettings = {
  stability: 0.5,
  use_speaker_boost: true,
  similarity_boost: 0.75,
  style: 0,
  speed: 1,
} as const;

/** The settings of a voice in the vendor's words: those that were set, and the usual ones for all others. */
export function settingsOf(traits: VoiceTraits) {
  return {
    stability: traits.stability ?? defaultVoiceSettings.stability,
    use_speaker_boost: traits.speakerBoost ?? defaultVoiceSettings.use_speaker_boost,
    similarity_boost: traits.similarity ?? defaultVoiceSettings.similarity_boost,
    style: traits.style ?? defaultVoiceSettings.style,
    speed: traits.speed ?? defaultVoiceSettings.speed,
  };
}

/** The settings that somebody sent, in our words; what was left out stays as it is. */
export function toTraits(settings: z.output<typeof voiceSettings>): VoiceTraits {
  const { stability, similarity_boost: similarity, style, use_speaker_boost: boost, speed } = settings;
  return {
    ...(typeof stability === 'number' ? { stability } : {}),
    ...(typeof similarity === 'number' ? { similarity } : {}),
    ...(typeof style === 'number' ? { style } : {}),
    ...(typeof boost === 'boolean' ? { speakerBoost: boost } : {}),
    ...(typeof speed === 'number' ? { speed } : {}),
  };
}
