import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { remotesSchema } from './remotes-config.ts';

/** Every setting, with the sentence that documents it. `docs/configuration.md` is held to this schema. */
export const configSchema = z.strictObject({
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but a loopback address needs an API key to exist first.'),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8484)
    .describe('TCP port to listen on; 0 takes a free one.'),
  dataDir: z
    .string()
    .default('./data')
    .describe(
      'Folder for the database, for voices and other kept bytes (`blobs`), and for uploads while they are served; made when it is missing.',
    ),
  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe(
      'PostgreSQL database (`postgres://user:password@host:5432/name`) that several machines share; absent: SQLite in the data folder. See [more than one machine](scaling.md).',
    ),
  blobUrl: z
    .url({ protocol: /^(s3|https?)$/ })
    .optional()
    .describe(
      'Bucket of an S3-compatible service (`s3://bucket/prefix`, or `https://service/bucket/prefix`) for voices and other kept bytes; absent: files in the data folder.',
    ),
  role: z
    .enum(['api', 'worker', 'all'])
    .default('all')
    .describe(
      'What this process does: `api` answers requests and leaves jobs to others, `worker` does jobs and answers none, `all` does both.',
    ),
  modelsDir: z
    .string()
    .optional()
    .describe(
      'Folder of model weights; `models` in the data folder when absent. It may be mounted read-only.',
    ),
  memoryBudget: z.coerce
    .number()
    .int()
    .min(64)
    .default(4096)
    .describe('Megabytes that loaded models may take together; the one unused for longest makes room.'),
  idleMinutes: z.coerce
    .number()
    .min(0.1)
    .default(5)
    .describe('Minutes after which a model that nobody uses is unloaded.'),
  maxUpload: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'Megabytes (of 1,048,576 bytes) that one uploaded file may have, for all APIs. Absent: 25 for OpenAI and Eigen AI, 3,072 for ElevenLabs.',
    ),
  maxTextCharacters: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'Characters that one text to be spoken may have, for all APIs. Absent: 4,096 for OpenAI, 5,000 to 40,000 by model for ElevenLabs, and no limit but the size of a body for Eigen AI.',
    ),
  fetchAllow: z
    .preprocess(splitList, z.array(z.union([z.cidrv4(), z.cidrv6()])))
    .default([])
    .describe(
      'Networks (`10.1.0.0/16, fd00::/8`) that addresses in requests, such as `voice_url`, may be fetched from besides the public internet.',
    ),
  historyDays: z.coerce
    .number()
    .min(0)
    .default(30)
    .describe('Days for which spoken texts and their sound are kept for `/v1/history`; 0 keeps none.'),
  historyMegabytes: z.coerce
    .number()
    .min(0)
    .default(2048)
    .describe('Megabytes of sound that the history may hold; the oldest recordings make room.'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe(
      'Address at which callers reach this server, such as `https://media.example.com`, for the addresses that it hands out. Absent: what each request names as its host.',
    ),
  jobWorkers: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(4)
    .describe('Jobs of each kind that this process does at the same time.'),
  jobsPerOwner: z.coerce
    .number()
    .int()
    .min(1)
    .default(4)
    .describe('Jobs of one key that are done at the same time.'),
  maxWaitingJobs: z.coerce
    .number()
    .int()
    .min(1)
    .default(1000)
    .describe('Jobs of one key that may wait; who has more gets status 429.'),
  resultHours: z.coerce
    .number()
    .min(0.01)
    .default(24)
    .describe('Hours for which a job that has ended, and what it made, are kept.'),
  jobLeaseSeconds: z.coerce
    .number()
    .min(1)
    .default(15)
    .describe(
      'Seconds without a sign of life after which a job counts as lost, because its process was killed, and is begun anew.',
    ),
  offline: booleanSetting(false).describe('Never fetch weights from the network.'),
  engines: z
    .preprocess(splitList, z.array(z.string()))
    .optional()
    .describe(
      'Engines to run, best first; all that exist when absent. Leave `espeak` out for a program free of GPL parts.',
    ),
  workers: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(() => Math.min(4, availableParallelism()))
    .describe('Worker threads that each engine may use.'),
  strictModels: booleanSetting(false).describe(
    'Answer "not found" instead of letting a lesser model stand in for a named one.',
  ),
  markup: z
    .enum(['off', 'ssml', 'tags', 'all'])
    .default('off')
    .describe(
      'What is not read out in the texts of the OpenAI and Eigen AI APIs: `ssml` documents, `tags` such as `[pause 1s]` and `[voice:alloy]`, or `all` of these.',
    ),
  models: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe(
      'Your own bindings: a public model name and the engine models that serve it, best first (configuration file only).',
    ),
  remotes: remotesSchema
    .default([])
    .describe(
      'Servers elsewhere that make media, best first, before the engines that run here: see [remote engines](remote-engines.md) (configuration file only).',
    ),
  imageOutputs: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      'Folders into which copies of pictures may be put, by the prefix of the addresses in `s3_output_path` that they stand for: see [pictures](images.md) (configuration file only).',
    ),
  cors: z
    .enum(['any', 'loopback'])
    .optional()
    .describe(
      'Web pages that may call: `any`, or only those served from this machine. Absent: `any` once a key exists, else `loopback`.',
    ),
  drainSeconds: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(8)
    .describe(
      'Seconds that running requests get to finish when the server is told to stop; then they are cut.',
    ),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severe events that are logged.'),
});

export type Config = z.output<typeof configSchema>;

/** Where settings may come from, the strongest first. */
export interface ConfigSources {
  readonly commandLine: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the configuration file; it need not exist. */
  readonly file: string;
}

/** Merges command line over `ANTIPHON_*` environment over the configuration file. Throws with the setting's name. */
export function loadConfig(sources: ConfigSources): Config {
  const merged = {
    ...fromFile(sources.file),
    ...fromEnvironment(sources.environment),
    ...defined(sources.commandLine),
  };
  const parsed = configSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'configuration'}: ${issue.message}`,
  );
  throw new Error(`The configuration is not usable. ${problems.join('; ')}`);
}

/** `strictModels` as the environment spells it: `ANTIPHON_STRICT_MODELS`. */
export function environmentName(key: string): string {
  return `ANTIPHON_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function fromFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${path} must hold a JSON object.`);
  return { ...parsed };
}

/** What is too large for a variable. */
const FILE_ONLY: readonly string[] = ['models', 'remotes', 'imageOutputs'];

function fromEnvironment(environment: ConfigSources['environment']): Record<string, unknown> {
  const pairs = Object.keys(configSchema.shape)
    .filter((key) => !FILE_ONLY.includes(key))
    .map((key) => [key, environment[environmentName(key)]]);
  return defined(Object.fromEntries(pairs));
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function splitList(value: unknown): unknown {
  return typeof value === 'string'
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : value;
}

function booleanSetting(fallback: boolean) {
  return z.preprocess(
    (value) =>
      value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value,
    z.boolean().default(fallback),
  );
}
