import { z } from 'zod';
import { REMOTE_ADAPTERS, type RemoteSettings, type RemoteValue } from '../core/models/remote.ts';

/** Ids become part of model names and addresses. */
const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, 'must be letters, digits, dots, hyphens and underscores');

const remoteValue: z.ZodType<RemoteValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(remoteValue),
    z.record(z.string(), remoteValue),
  ]),
);

const policy = z.union([
  z.enum(['reject', 'warn']),
  z.strictObject({ map: z.string().min(1), minimum: z.number().optional(), maximum: z.number().optional() }),
  z.strictObject({ fixed: remoteValue, as: z.string().min(1) }),
]);

const languages = z.union([z.literal('any'), z.array(z.string().min(2)).min(1)]);

const voice = z.strictObject({
  name: z.string().min(1),
  upstream: z.string().min(1).optional(),
  gender: z.enum(['female', 'male', 'neutral']).default('neutral'),
  languages: z.array(z.string().min(2)).min(1).optional(),
  implements: z.array(z.string()).optional(),
  clip: z.strictObject({ path: z.string().min(1), transcript: z.string().min(1).optional() }).optional(),
});

const limits = z.strictObject({
  maxCharacters: z.number().int().positive().optional(),
  maxSeconds: z.number().positive().optional(),
  maxPixels: z.number().int().positive().optional(),
  maxSide: z.number().int().min(16).optional(),
  maxFrames: z.number().int().positive().optional(),
});

const model = z.strictObject({
  id,
  capability: z.enum(['speech', 'transcription', 'sound', 'music', 'image', 'video', 'chat']),
  upstream: z.string().min(1).optional(),
  family: z.string().min(1).optional(),
  title: z.string().min(1).optional(),
  languages: languages.default('any'),
  licence: z.string().default('unknown'),
  implements: z.array(z.string()).default([]),
  tasks: z
    .array(z.enum(['transcribe', 'translate']))
    .min(1)
    .optional(),
  voices: z.array(voice).default([]),
  limits: limits.default({}),
  defaults: z.record(z.string(), remoteValue).default({}),
  fixed: z.record(z.string(), remoteValue).default({}),
  parameters: z.record(z.string(), policy).default({}),
  timeoutSeconds: z.number().positive().max(86_400).optional(),
  template: z.string().min(1).optional(),
});

const address = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
  .refine((url) => !/[?#@]/.test(url), 'must have no query, no fragment and no credentials');

/** One entry of `remotes` as the configuration file spells it. */
const remote = z.strictObject({
  id,
  adapter: z.enum(REMOTE_ADAPTERS),
  profile: z.string().min(1).optional(),
  url: z.union([address, z.array(address).min(1)]),
  apiKey: z.union([z.string().min(1), z.strictObject({ env: z.string().min(1) })]).optional(),
  models: z.array(model).min(1),
  concurrency: z.number().int().min(1).max(1024).optional(),
  templates: z.string().min(1).optional(),
});

/** The list of remote servers, whose ids must differ. */
export const remotesSchema = z.array(remote).superRefine((remotes, context) => {
  for (const [index, { id: own }] of remotes.entries()) {
    if (remotes.findIndex((one) => one.id === own) === index) continue;
    context.addIssue({
      code: 'custom',
      path: [index, 'id'],
      message: `there are two remotes called '${own}'`,
    });
  }
});

/** A remote server as it is written down, with its key resolved. Throws when the variable of a key is not set. */
export function toRemoteSettings(
  written: z.output<typeof remote>,
  environment: Readonly<Record<string, string | undefined>>,
): RemoteSettings {
  const { url, apiKey, ...rest } = written;
  const key = typeof apiKey === 'object' ? environment[apiKey.env] : apiKey;
  if (typeof apiKey === 'object' && !key)
    throw new Error(`The environment variable ${apiKey.env} with its key is not set.`);
  return withoutUndefined({
    ...rest,
    urls: [url].flat().map((one) => one.replace(/\/+$/, '')),
    ...(key === undefined ? {} : { apiKey: key }),
  }) as RemoteSettings; // What zod has checked; it writes "undefined" where our types say "absent", and JSON has none.
}

function withoutUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
