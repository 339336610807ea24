import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { configSchema } from './config-schema.ts';

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
  const parsed = parseFile(path);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${path} must hold a JSON object.`);
  return { ...parsed };
}

/** The parser's own message repeats what stands at the fault, and that may be somebody's key. */
function parseFile(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  let place: string | undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    place = /line \d+ column \d+/.exec(String(error))?.[0];
  }
  throw new Error(`${path} does not hold valid JSON${place === undefined ? '' : ` (${place})`}.`);
}

/** What is too large for a variable. */
const FILE_ONLY: readonly string[] = ['models', 'remotes', 'imageOutputs', 'prices'];

function fromEnvironment(environment: ConfigSources['environment']): Record<string, unknown> {
  const pairs = Object.keys(configSchema.shape)
    .filter((key) => !FILE_ONLY.includes(key))
    .map((key) => [key, environment[environmentName(key)]]);
  return defined(Object.fromEntries(pairs));
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
