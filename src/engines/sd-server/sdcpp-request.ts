import { AppError } from '../../base/errors.ts';
import type { RemoteModel, RemoteSettings, RemoteValue } from '../../core/models/remote.ts';
import type { SdcppJobs } from './sdcpp-jobs.ts';
import type { SdcppFamily } from './sdcpp-family.ts';

/** What one part of the engine is made of: its models, all of one family, and how their jobs are done. */
export interface SdcppPart {
  readonly settings: RemoteSettings;
  /** At least one. */
  readonly models: readonly RemoteModel[];
  readonly family: SdcppFamily;
  readonly jobs: SdcppJobs;
}

/** With these words in a prompt other routes of the server take settings, and paths, from the prompt itself. */
const HIDDEN = /<\/?\s*sd_cpp_extra_args|<lora:/i;

/** Throws `invalid_request` for a text in which the server may see more than words. */
export function refuseHiddenSettings(text: string | undefined, param: 'prompt' | 'negative_prompt'): void {
  if (text === undefined || !HIDDEN.test(text)) return;
  throw new AppError('invalid_request', 'The text must not hold settings of the engine in angle brackets.', {
    param,
    reason: 'hidden_settings',
  });
}

/** The model of a card. */
export function modelOf({ settings, models }: SdcppPart, card: string): RemoteModel {
  const found = models.find(({ id }) => card === `${settings.id}/${id}`);
  if (!found) throw new AppError('internal', `The remote '${settings.id}' has no model '${card}'.`);
  return found;
}

/**
 * The operator's adaptations with another strength. Their paths are the operator's alone: a caller may only turn those
 * up and down that are there.
 */
export function withLoraStrength(
  fields: Readonly<Record<string, RemoteValue>>,
  strength: number | undefined,
): Readonly<Record<string, RemoteValue>> {
  const { lora } = fields;
  if (strength === undefined || !isList(lora)) return fields;
  return {
    ...fields,
    lora: lora.map((one) => (isObject(one) ? { ...one, multiplier: strength } : one)),
  };
}

/** Whether the operator has given a model adaptations. */
export function hasLora({ defaults, fixed }: RemoteModel): boolean {
  return isList(defaults['lora']) || isList(fixed['lora']);
}

function isList(value: RemoteValue | undefined): value is readonly RemoteValue[] {
  return Array.isArray(value);
}

function isObject(value: RemoteValue): value is { readonly [name: string]: RemoteValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
