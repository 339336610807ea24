import type { Command } from 'commander';
import { CAPABILITIES, KEY_LIMITS, ROLES, type KeyLimits, type Role } from '../core/access/grant.ts';
import type { KeyChange } from '../core/access/key-terms.ts';
import { CommandFailure } from './command-failure.ts';

type Options = Readonly<Record<string, unknown>>;

const LIMIT_FLAGS: Readonly<Record<keyof KeyLimits, readonly [flag: string, meaning: string]>> = {
  concurrency: ['--concurrency', 'requests that are answered at the same time'],
  requestsPerMinute: ['--requests-per-minute', 'requests per minute'],
  charactersPerDay: ['--characters-per-day', 'characters of text per day (UTC)'],
  charactersPerMonth: ['--characters-per-month', 'characters of text per month (UTC)'],
  audioSecondsPerDay: ['--audio-seconds-per-day', 'seconds of sound and film per day (UTC)'],
  audioSecondsPerMonth: ['--audio-seconds-per-month', 'seconds of sound and film per month (UTC)'],
};

const SCOPE_FLAGS = { dialects: '--dialects', capabilities: '--capabilities', models: '--models' } as const;

/** The word that takes a scope away. */
const ALL = 'all';

/** The word that takes a limit away. */
const NONE = 'none';

/** The word for a key without end. */
const NEVER = 'never';

/** The option behind a field that the key book complains about. */
const FLAG_OF_FIELD: Readonly<Record<string, string>> = {
  ...Object.fromEntries(KEY_LIMITS.map((limit) => [`limits.${limit}`, LIMIT_FLAGS[limit][0]])),
  ...Object.fromEntries(Object.entries(SCOPE_FLAGS).map(([scope, flag]) => [`scopes.${scope}`, flag])),
  name: '<name>',
  role: '--role',
  expiresAt: '--expires',
  graceSeconds: '--grace',
};

/** How the command line spells a field of a key. */
export function flagOf(field: string | undefined): string {
  return FLAG_OF_FIELD[field ?? ''] ?? '';
}

/** Gives a command the options that say what a key is good for. */
export function withTerms(command: Command): Command {
  command
    .option('--role <role>', `${ROLES.join(' or ')}; an admin may change the installation`)
    .option('--dialects <list>', `APIs that it is for, such as openai,elevenlabs; "${ALL}" for every one`)
    .option('--capabilities <list>', `what it is for: ${CAPABILITIES.join(',')}; "${ALL}" for everything`)
    .option(
      '--models <list>',
      `models that it is for, by the names that are asked for; "${ALL}" for every one`,
    )
    .option(
      '--expires <when>',
      `end: a time from now (12h, 90d, 26w), a day or moment (2027-01-01), "${NEVER}"`,
    );
  for (const limit of KEY_LIMITS) {
    const [flag, meaning] = LIMIT_FLAGS[limit];
    command.option(`${flag} <number>`, `${meaning}; "${NONE}" for as many as may be`);
  }
  return command;
}

/** What the options ask for; what is not said stays as it is. */
export function termsFrom(options: Options, now: number): KeyChange {
  const said = (name: string) => textOf(options, name);
  const [role, expires] = [said('role'), said('expires')];
  return {
    ...(role === undefined ? {} : { role: toRole(role) }),
    scopes: {
      dialects: toList(said('dialects')),
      capabilities: toList(said('capabilities')),
      models: toList(said('models')),
    },
    limits: Object.fromEntries(KEY_LIMITS.map((limit) => [limit, toLimit(limit, said(limit))])),
    ...(expires === undefined ? {} : { expiresAt: toMoment(expires, now) }),
  };
}

/** Whether any of the options was given. */
export function hasTerms(options: Options): boolean {
  const names = ['role', 'expires', ...Object.keys(SCOPE_FLAGS), ...KEY_LIMITS];
  return names.some((name) => options[name] !== undefined);
}

/** What an option was given, as it stands on the command line. */
export function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function toRole(word: string): Role {
  const role = ROLES.find((one) => one === word);
  if (role) return role;
  throw new CommandFailure(`--role is ${ROLES.join(' or ')}, not '${word}'.`, 2);
}

function toList(text: string | undefined): readonly string[] | null | undefined {
  if (text === undefined) return undefined;
  if (text === ALL) return null;
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function toLimit(limit: keyof KeyLimits, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === NONE) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CommandFailure(`${LIMIT_FLAGS[limit][0]} is a whole number or "${NONE}", not '${text}'.`, 2);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** A length of time such as `90s`, `24h` or `2w` in milliseconds. */
export function toDuration(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return count === undefined || unitMs === undefined ? undefined : Number(count) * unitMs;
}

/** A day begins, and a time without a zone is meant, in UTC. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$/;

function toMoment(text: string, now: number): number | null {
  if (text === NEVER) return null;
  const duration = toDuration(text);
  if (duration !== undefined) return now + duration;
  const zoned = /T[\d:]+$/.test(text) ? `${text}Z` : text;
  const moment = MOMENT.test(text) ? Date.parse(zoned) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new CommandFailure(
    `--expires is a time from now (12h, 90d, 26w), a day or moment (2027-01-01, 2027-01-01T12:00Z) or "${NEVER}", not '${text}'.`,
    2,
  );
}
