import { AppError } from '../../base/errors.ts';
import type { SettingSupport, SpeechEngine } from '../engine.ts';
import { describeWarning, type Warning } from '../warning.ts';
import type { AskedSetting, SpeechSetting } from './speech.ts';

/** What becomes of a setting when a given engine serves the request. */
export type SettingFate = 'honoured' | 'adjusted' | 'ignored';

/** Settings that the speech service takes care of itself, whatever the engine. */
const SERVED_BY_US: readonly SpeechSetting[] = ['normalization'];

function supportOf(setting: SpeechSetting, speech: SpeechEngine): SettingSupport | undefined {
  return SERVED_BY_US.includes(setting) ? 'any' : speech.settings[setting];
}

/** The fate of a setting in general, for the capability table: of a value within the engine's range, if it has one. */
export function fateOf(setting: SpeechSetting, speech: SpeechEngine): SettingFate {
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
  const support = supportOf(asked.setting, speech);
  if (support === undefined) {
    return { type: 'ignored', setting: asked.parameter, reason: `${engineId} has no such control` };
  }
  if (typeof asked.value !== 'number') return undefined;
  const used = withinSupport(asked.value, support);
  if (used === asked.value) return undefined;
  return { type: 'adjusted', setting: asked.parameter, from: String(asked.value), to: String(used) };
}

/** A numeric value as the engine will use it. */
export function withinSupport(value: number, support: SettingSupport | undefined): number {
  if (support === undefined || support === 'any') return value;
  return Math.min(support.maximum, Math.max(support.minimum, value));
}

/** Under strict mode a warning becomes a refusal that names the parameter. */
export function refuseUnderStrict(warnings: readonly Warning[]): void {
  const first = warnings[0];
  if (!first) return;
  throw new AppError('unsupported_feature', `Strict mode: ${describeWarning(first)}.`, {
    param: first.setting,
    reason: 'strict',
  });
}
