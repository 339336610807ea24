import {
  settingWarnings,
  withinSupport,
  type Asked,
  type SettingSupport,
  type SupportedSettings,
} from '../setting-support.ts';
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
    ...moved('durationSeconds', wish.durationSeconds, settings.duration),
    ...moved('startSeconds', wish.startSeconds, settings.start),
    ...moved('steps', wish.steps, settings.steps),
    ...moved('promptInfluence', wish.promptInfluence, settings.prompt_influence),
    ...moved('seed', wish.seed, settings.seed),
  };
}

function moved<Name extends keyof SoundWish>(
  name: Name,
  value: number | undefined,
  support: SettingSupport | undefined,
): { readonly [Key in Name]?: number } {
  if (value === undefined) return {};
  // An object with the one key `name`: TypeScript widens a computed key to `string`.
  return { [name]: withinSupport(value, support) } as { [Key in Name]: number };
}

/** The longest sound that one of the engine's models makes, in seconds. */
export function longestSeconds(sound: SoundEngine, model: string): number {
  const { duration } = sound.settings;
  const most = sound.maxSeconds(model);
  return duration === undefined || duration === 'any' ? most : Math.min(most, duration.maximum);
}
