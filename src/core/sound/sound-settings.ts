import { movedInto, settingWarnings, type Asked, type SupportedSettings } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { SoundEngine } from './sound-engine.ts';
import type { SoundSetting, SoundWish } from './sound.ts';

/** How settings are obeyed when an engine serves: a sound is brought to the asked length whatever the engine makes. */
export function soundSupport({ settings }: SoundEngine): SupportedSettings<SoundSetting> {
  return { ...settings, duration: 'any' };
}

/** What a caller has to be told about the settings that were asked for. */
export function soundWarnings(
  asked: readonly Asked<SoundSetting>[],
  sound: SoundEngine,
  engineId: string,
): Warning[] {
  return settingWarnings(asked, soundSupport(sound), engineId);
}

/** The wish with its numbers moved into the ranges in which the engine obeys. */
export function withinRanges(wish: SoundWish, { settings }: SoundEngine): SoundWish {
  return {
    ...wish,
    ...movedInto('durationSeconds', wish.durationSeconds, settings.duration),
    ...movedInto('startSeconds', wish.startSeconds, settings.start),
    ...movedInto('steps', wish.steps, settings.steps),
    ...movedInto('promptInfluence', wish.promptInfluence, settings.prompt_influence),
    ...movedInto('seed', wish.seed, settings.seed),
  };
}

/** The longest sound that one of the engine's models makes, in seconds. */
export function longestSeconds(sound: SoundEngine, model: string): number {
  const { duration } = sound.settings;
  const most = sound.maxSeconds(model);
  return duration === undefined || duration === 'any' ? most : Math.min(most, duration.maximum);
}
