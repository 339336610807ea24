import type { SpeechEngine } from '../engine.ts';
import { settingWarning, type SettingSupport } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { AskedSetting, SpeechSetting } from './speech.ts';

/** What becomes of a setting when a given engine serves the request. */
export type SettingFate = 'honoured' | 'adjusted' | 'ignored';

/** Settings that the speech service takes care of itself, whatever the engine. */
const SERVED_BY_US: readonly SpeechSetting[] = ['normalization', 'pronunciations'];

/** What is joined to the speech. We do it for every engine; how well depends on its word times. */
const JOINS: readonly SpeechSetting[] = ['previous_text', 'next_text', 'previous_speech', 'next_speech'];

function supportOf(setting: SpeechSetting, speech: SpeechEngine): SettingSupport | undefined {
  if (SERVED_BY_US.includes(setting) || JOINS.includes(setting)) return 'any';
  return speech.settings[setting];
}

/** Without word times nothing can be spoken along and cut off, so that only pauses and level fit. */
function joinsRoughly(setting: SpeechSetting, speech: SpeechEngine): boolean {
  return JOINS.includes(setting) && speech.settings[setting] === undefined && !speech.measuresWords;
}

/** An engine that cannot take on a voice plays it with the nearest of its own; the routing says with which. */
const PLAYED_BY_NEAREST: SpeechSetting = 'voice_sample';

/** The fate of a setting in general, for the capability table: of a value within the engine's range, if it has one. */
export function fateOf(setting: SpeechSetting, speech: SpeechEngine): SettingFate {
  if (setting === PLAYED_BY_NEAREST && speech.settings[setting] === undefined) return 'adjusted';
  if (joinsRoughly(setting, speech)) return 'adjusted';
  return supportOf(setting, speech) === undefined ? 'ignored' : 'honoured';
}

/** The range in which an engine obeys a numeric setting. */
export function rangeOf(
  setting: SpeechSetting,
  speech: SpeechEngine,
): { minimum: number; maximum: number } | undefined {
  const support = supportOf(setting, speech);
  return support === 'any' ? undefined : support;
}

/** What a caller has to be told about the settings that were asked for. */
export function warningsFor(
  asked: readonly AskedSetting[],
  speech: SpeechEngine,
  engineId: string,
): Warning[] {
  return asked.flatMap((one) => warningFor(one, speech, engineId) ?? []);
}

function warningFor(asked: AskedSetting, speech: SpeechEngine, engineId: string): Warning | undefined {
  if (joinsRoughly(asked.setting, speech)) {
    const from = 'intonation, pause and level at the join';
    return { type: 'adjusted', setting: asked.parameter, from, to: 'pause and level' };
  }
  const support = supportOf(asked.setting, speech);
  if (asked.setting === PLAYED_BY_NEAREST) return undefined;
  return settingWarning(asked, support, engineId);
}
