import { AppError } from '../../base/errors.ts';
import type { RemoteModel, RemoteSettings } from '../../core/models/remote.ts';
import type { SettingSupport, SupportedSettings } from '../../core/setting-support.ts';
import type { ComfyuiRuns } from './comfyui-runs.ts';
import {
  settled,
  SLOT_TYPES,
  type GraphTemplate,
  type Slot,
  type SlotName,
  type SlotValue,
} from './graph-template.ts';

/** A model, and the graph that it is. */
export interface TemplateModel {
  readonly model: RemoteModel;
  readonly template: GraphTemplate;
}

/** What one part of the engine is made of. Its models obey the same settings. */
export interface TemplatePart {
  readonly settings: RemoteSettings;
  /** At least one. */
  readonly models: readonly TemplateModel[];
  readonly runs: ComfyuiRuns;
}

/** Our words for what stands in slots. */
export type SlotWords<Setting extends string> = Readonly<Partial<Record<SlotName, Setting>>>;

/** The model of a card, with its graph. */
export function templateOf({ settings, models }: TemplatePart, card: string): TemplateModel {
  const found = models.find(({ model }) => card === `${settings.id}/${model.id}`);
  if (!found) throw new AppError('internal', `The remote '${settings.id}' has no model '${card}'.`);
  return found;
}

/** What the models of a part obey: what their graphs have slots for. Throws when they differ. */
export function slotSettings<Setting extends string>(
  { models }: TemplatePart,
  words: SlotWords<Setting>,
): SupportedSettings<Setting> {
  const [first, ...rest] = models.map((one) => settingsOf(one, words));
  if (!first) throw new Error('A part has at least one model.');
  const odd = rest.findIndex((one) => JSON.stringify(one) !== JSON.stringify(first));
  if (odd >= 0) {
    throw new Error(
      `The templates of '${models[0]?.model.id}' and '${models[odd + 1]?.model.id}' have different slots. Make two remotes of them; both may have the same url.`,
    );
  }
  return first;
}

function settingsOf<Setting extends string>(
  { model, template }: TemplateModel,
  words: SlotWords<Setting>,
): SupportedSettings<Setting> {
  const pairs = Object.entries<Setting | undefined>(words).flatMap(([name, setting]) => {
    // The keys of these words are names of slots.
    const slot = template.slots.get(name as SlotName);
    return slot && setting !== undefined && model.parameters[setting] !== 'warn'
      ? [[setting, supportOf(slot)]]
      : [];
  });
  // Its keys are the settings of the pairs.
  return Object.fromEntries(pairs) as SupportedSettings<Setting>;
}

function supportOf({ minimum, maximum }: Slot): SettingSupport {
  if (minimum === undefined && maximum === undefined) return 'any';
  return { minimum: minimum ?? Number.NEGATIVE_INFINITY, maximum: maximum ?? Number.POSITIVE_INFINITY };
}

/**
 * What is put into the slots: what was asked for, else the operator's defaults, else what stands in the graph. The
 * operator's fixed values come last. Throws `invalid_request` for a value that is none of a slot's choices.
 */
export function slotValues(
  { model, template }: TemplateModel,
  asked: Readonly<Partial<Record<SlotName, SlotValue | undefined>>>,
): Map<SlotName, SlotValue> {
  const values = new Map<SlotName, SlotValue>();
  for (const [name, slot] of template.slots) {
    const value = model.fixed[name] ?? asked[name] ?? model.defaults[name];
    if (value === undefined || value === null || typeof value === 'object') continue;
    if (slot.choices && !Object.hasOwn(slot.choices, String(value))) throw notAChoice(name, slot.choices);
    values.set(name, typeof value === 'number' && !slot.choices ? settled(value, name, slot) : value);
  }
  return values;
}

function notAChoice(name: SlotName, choices: Readonly<Record<string, unknown>>): AppError {
  const list = Object.keys(choices).join(', ');
  return new AppError('invalid_request', `Here it can only be ${list}.`, {
    param: name,
    reason: 'engine_refusal',
  });
}

/** Throws what the operator has written for a model that no graph can do anything with. */
export function checkModel({ id, parameters, defaults, fixed }: RemoteModel, template: GraphTemplate): void {
  for (const [name, policy] of Object.entries(parameters)) {
    if (policy !== 'warn')
      throw new Error(`The model '${id}': '${name}' can only be 'warn', for its place is in the template.`);
  }
  for (const name of [...Object.keys(defaults), ...Object.keys(fixed)]) {
    const isSlot = Object.hasOwn(SLOT_TYPES, name) && template.slots.has(name as SlotName); // Just seen to be one.
    if (!isSlot) throw new Error(`The model '${id}': its template has no slot '${name}'.`);
  }
}
