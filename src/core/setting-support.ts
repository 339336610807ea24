import { AppError } from '../base/errors.ts';
import { describeWarning, type Warning } from './warning.ts';

/**
 * How an engine obeys a setting: within a range (`adjusted` to its nearest end outside it), or without limits.
 * A setting that is not listed is ignored by the engine.
 */
export type SettingSupport = { readonly minimum: number; readonly maximum: number } | 'any';

/** How an engine obeys the settings of one capability; what is not listed is ignored. */
export type SupportedSettings<Setting extends string> = Readonly<Partial<Record<Setting, SettingSupport>>>;

/** One optional parameter that the caller sent: what it means to us and how the caller spelled it. */
export interface Asked<Setting extends string> {
  readonly setting: Setting;
  /** The caller's spelling, such as `voice_settings.stability`. */
  readonly parameter: string;
  readonly value: unknown;
}

/** A numeric value as the engine will use it. */
export function withinSupport(value: number, support: SettingSupport | undefined): number {
  if (support === undefined || support === 'any') return value;
  return Math.min(support.maximum, Math.max(support.minimum, value));
}

/** A number of a wish as the engine will use it, under its own name; nothing where it was not asked for. */
export function movedInto<Name extends string>(
  name: Name,
  value: number | undefined,
  support: SettingSupport | undefined,
): { readonly [Key in Name]?: number } {
  if (value === undefined) return {};
  // An object with the one key `name`: TypeScript widens a computed key to `string`.
  return { [name]: withinSupport(value, support) } as { [Key in Name]: number };
}

/** What a caller has to be told about the settings that were asked for. */
export function settingWarnings<Setting extends string>(
  asked: readonly Asked<Setting>[],
  supported: SupportedSettings<Setting>,
  engineId: string,
): Warning[] {
  return asked.flatMap((one) => settingWarning(one, supported[one.setting], engineId) ?? []);
}

/** What a caller has to be told about one setting; nothing where it is done as asked. */
export function settingWarning(
  { parameter, value }: Asked<string>,
  support: SettingSupport | undefined,
  engineId: string,
): Warning | undefined {
  if (support === undefined) {
    return { type: 'ignored', setting: parameter, reason: `${engineId} has no such control` };
  }
  if (typeof value !== 'number') return undefined;
  const used = withinSupport(value, support);
  if (used === value) return undefined;
  return { type: 'adjusted', setting: parameter, from: String(value), to: String(used) };
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
