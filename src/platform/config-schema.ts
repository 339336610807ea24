import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { pricesSchema } from './prices-config.ts';
import { remotesSchema } from './remotes-config.ts';

const NO_PAGES = { error: 'must be off, loopback, any, or origins such as https://studio.example.com' };

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
  maxMemory: z.coerce
    .number()
    .int()
    .min(64)
    .optional()
    .describe(
      'Megabytes that the program and its child processes may take, where that is less than the container or the machine has.',
    ),
  memoryPercent: z.coerce
    .number()
    .min(10)
    .max(100)
    .default(90)
    .describe(
      'Percentage of the memory of the container, or of the machine, from which on heavy new work is refused with status 503; 100 refuses none. See [lifecycle](lifecycle.md).',
    ),
  idleMinutes: z.coerce
    .number()
    .min(0.1)
    .default(5)
    .describe('Minutes after which a model that nobody uses is unloaded.'),
  keepWarm: z
    .union([z.literal('always'), z.coerce.number().min(1)], {
      error: 'must be a number of seconds, or always',
    })
    .default(60)
    .describe(
      'Seconds for which a worker thread without work is kept, or `always`. See [at rest](lifecycle.md#at-rest) for what it holds and what a new one costs.',
    ),
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
  trustedProxies: z
    .preprocess(splitList, z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])))
    .default([])
    .describe(
      'Networks (`10.1.0.0/16, fd00::/8`) of balancers in front of this server: their `x-forwarded-for`, `-proto` and `-host` say who calls and how.',
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
  usageDays: z.coerce
    .number()
    .int()
    .min(31)
    .default(400)
    .describe("Days for which figures of use are kept; a month's allowance needs 31 of them."),
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
  prices: pricesSchema
    .optional()
    .describe(
      'What is asked for what is used, by model name or capability, so that `/usage` shows what it cost: see [usage](usage.md) (configuration file only).',
    ),
  cors: z
    .preprocess(
      splitPages,
      z.union(
        [z.enum(['off', 'loopback', 'any']), z.array(z.string().refine(isOrigin, NO_PAGES)).min(1, NO_PAGES)],
        NO_PAGES,
      ),
    )
    .optional()
    .describe(
      'Web pages that may call: `off` (none from elsewhere), `loopback` (those served from this machine), `any`, or a list of origins (`https://studio.example.com`). Absent: `loopback` while there is no key, then `off`.',
    ),
  maxConnections: z.coerce
    .number()
    .int()
    .min(0)
    .default(10_000)
    .describe('Connections that this process has at the same time; 0 for no limit.'),
  maxConnectionsPerAddress: z.coerce
    .number()
    .int()
    .min(0)
    .default(1000)
    .describe(
      'Connections of one client address, or of one IPv6 network of 64 bits, at the same time; 0 for no limit. Those of this machine do not count.',
    ),
  stopDelaySeconds: z.coerce
    .number()
    .min(0)
    .max(600)
    .default(0)
    .describe(
      'Seconds for which a server that is told to stop still takes requests, while `/ready` says no already, so that a balancer notices first.',
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
  logContent: booleanSetting(false).describe(
    'Log what callers send, too: texts, prompts and queries, cut to 2,000 characters each, in a field called `pii`.',
  ),
  metrics: z
    .enum(['admin', 'open', 'off'])
    .default('admin')
    .describe(
      'Who may read `/metrics`: who has the key of an administrator or the metrics token, everybody (`open`), or nobody (`off`). While there is no key everybody may. See [telemetry](telemetry.md).',
    ),
  metricsToken: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Bearer token with which `/metrics` may be read, and nothing else; at least 16 characters (not on the command line, where others would see it).',
    ),
});

/** How long a worker thread without work is kept, in milliseconds. */
export function keepWarmMs({ keepWarm }: { readonly keepWarm: 'always' | number }): number {
  return keepWarm === 'always' ? Infinity : keepWarm * 1000;
}

function splitPages(value: unknown): unknown {
  return value === 'off' || value === 'loopback' || value === 'any' ? value : splitList(value);
}

/** Whether a text is an origin exactly as browsers write it. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
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
