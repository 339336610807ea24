import { AppError } from '../base/errors.ts';
import type { RemoteModel, RemotePolicy, RemoteValue } from '../core/models/remote.ts';
import type { SettingSupport, SupportedSettings } from '../core/setting-support.ts';
import { isRecord } from './remote-errors.ts';

/** A field of the server for one of our settings, and the range that it takes. A point leads into an object. */
export interface MappedField {
  readonly field: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** How a server spells our settings; what is missing it cannot do. */
export type FieldMap<Setting extends string> = Readonly<Partial<Record<Setting, MappedField>>>;

// Bodies go with fields, for every adapter.
export { toBase64 } from '../base/base64.ts';
export { formBody, fromBase64, jsonBody } from './remote-bodies.ts';

/** The fields of a request, and where our settings go in it. */
export interface FieldPlan<Setting extends string> {
  /** What is obeyed, for the services to warn by. */
  readonly settings: SupportedSettings<Setting>;
  /** The fields of a request with such values and such parts of its own, in the order of who has the last word. */
  write(request: FieldRequest<Setting>): Readonly<Record<string, RemoteValue>>;
}

/** What goes into the fields of one request. */
export interface FieldRequest<Setting extends string> {
  /** Fields that are not settings: the prompt, the name of the model. */
  readonly own: Readonly<Record<string, RemoteValue | undefined>>;
  /** Values of settings; those that are absent are left to the server. */
  readonly values: Readonly<Partial<Record<Setting, RemoteValue | undefined>>>;
}

/** Works out where settings go, from what the server can do and what the operator wants of it. */
export function planFields<Setting extends string>(
  model: RemoteModel,
  quirks: { readonly fields: FieldMap<Setting>; readonly constant: Readonly<Record<string, RemoteValue>> },
  isSetting: (name: string) => name is Setting,
): FieldPlan<Setting> {
  const fields = new Map<Setting, MappedField>();
  const rejected = new Set<Setting>();
  const fixed: Record<string, RemoteValue> = {};
  for (const [name, field] of Object.entries<MappedField | undefined>(quirks.fields))
    if (isSetting(name) && field) fields.set(name, field);
  for (const [name, policy] of Object.entries(model.parameters)) {
    if (!isSetting(name)) throw new Error(`'${name}' is no setting of ${model.capability}`);
    fields.delete(name);
    if (policy === 'reject') rejected.add(name);
    else if (isMapped(policy)) fields.set(name, { ...policy, field: policy.map });
    else if (policy !== 'warn') fixed[policy.as] = policy.fixed;
  }
  return {
    settings: supportOf(fields, rejected),
    write: ({ own, values }) => {
      const body: MutableFields = {};
      merge(body, quirks.constant);
      merge(body, model.defaults);
      merge(body, own);
      for (const [name, value] of Object.entries<RemoteValue | undefined>(values)) {
        if (value === undefined || !isSetting(name)) continue;
        if (rejected.has(name)) throw notAllowed(name);
        const field = fields.get(name);
        if (field) setField(body, field.field, value);
      }
      merge(body, fixed);
      merge(body, model.fixed);
      return body;
    },
  };
}

function isMapped(policy: RemotePolicy): policy is Extract<RemotePolicy, { readonly map: string }> {
  return typeof policy === 'object' && 'map' in policy;
}

/** What the operator has refused counts as obeyed, so that it comes here and is refused instead of ignored. */
function supportOf<Setting extends string>(
  fields: ReadonlyMap<Setting, MappedField>,
  rejected: ReadonlySet<Setting>,
): SupportedSettings<Setting> {
  const pairs: [Setting, SettingSupport][] = [...fields].map(([name, { minimum, maximum }]) => [
    name,
    minimum === undefined && maximum === undefined
      ? 'any'
      : {
          minimum: minimum ?? Number.NEGATIVE_INFINITY,
          maximum: maximum ?? Number.POSITIVE_INFINITY,
        },
  ]);
  for (const name of rejected) pairs.push([name, 'any']);
  // Its keys are the settings of the pairs.
  return Object.fromEntries(pairs) as SupportedSettings<Setting>;
}

function notAllowed(setting: string): AppError {
  return new AppError(
    'unsupported_feature',
    `The operator of this server does not allow '${setting}' here.`,
    {
      param: setting,
      reason: 'not_allowed',
    },
  );
}

interface MutableFields {
  [name: string]: RemoteValue;
}

function merge(body: MutableFields, fields: Readonly<Record<string, RemoteValue | undefined>>): void {
  for (const [path, value] of Object.entries(fields)) if (value !== undefined) setField(body, path, value);
}

/** Sets a field; a point in its name leads into an object, which is made or kept. */
function setField(body: MutableFields, path: string, value: RemoteValue): void {
  const [name = path, ...rest] = path.split('.');
  if (rest.length === 0) {
    body[name] = value;
    return;
  }
  const inner: MutableFields = {};
  const present = body[name];
  if (isRecord(present)) for (const [key, one] of Object.entries(present)) inner[key] = toValue(one);
  setField(inner, rest.join('.'), value);
  body[name] = inner;
}

function toValue(value: unknown): RemoteValue {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    return value as string | number | boolean | null; // One of the four, as just seen.
  }
  if (Array.isArray(value)) return value.map(toValue);
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toValue(one)]));
  throw new Error('Only JSON can be sent.');
}
