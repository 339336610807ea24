import { join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../platform/config.ts';
import type { SchemaState } from '../platform/store/schema-version.ts';
import { beginMigration, type MigrationPlace } from '../platform/store/migration-place.ts';
import { CommandFailure } from './command-failure.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Record<string, unknown>;

/** `antiphon migrate`: brings the database up to date before a new version is started. */
export function migrateCommand(): Command {
  const command = new Command('migrate').description(
    'Bring the database up to date; forwards only, one process at a time',
  );
  return withSettings(command, ['dataDir', 'databaseUrl'])
    .option('--check', 'Change nothing; exit with 1 when something is missing')
    .option('--json', 'Print JSON')
    .action((options: Options) => migrate(settingsFrom(options), options));
}

async function migrate(config: Config, options: Options): Promise<void> {
  const check = options['check'] === true;
  const place = await beginMigration({
    path: join(config.dataDir, 'antiphon.sqlite'),
    url: config.databaseUrl,
    create: !check,
  });
  if (!place) {
    say(options, { version: 0, known: undefined, missing: true });
    throw new CommandFailure(`There is no database in ${config.dataDir} yet; "antiphon migrate" makes it.`);
  }
  try {
    await (check ? checkOnly(place, options) : bringUp(place, options));
  } finally {
    await place.close();
  }
}

async function checkOnly(place: MigrationPlace, options: Options): Promise<void> {
  const state = await place.state();
  const missing = state.known - state.version;
  say(options, { ...state, missing: missing > 0, text: stateText(state) });
  if (missing > 0) {
    throw new CommandFailure(
      `The database lacks ${missing === 1 ? 'a step' : `${missing} steps`} (schema ${state.version} of ${state.known}). Run "antiphon migrate".`,
    );
  }
}

async function bringUp(place: MigrationPlace, options: Options): Promise<void> {
  const before = await place.migrate();
  const text =
    before.version >= before.known
      ? stateText(before)
      : `Schema ${before.version} is now schema ${before.known}.`;
  say(options, { from: before.version, version: before.known, known: before.known, text });
}

function stateText({ version, known }: SchemaState): string {
  return version >= known ? `Schema ${version}: up to date.` : `Schema ${version}; the newest is ${known}.`;
}

function say(
  options: Options,
  { text, ...facts }: { readonly text?: string; readonly [fact: string]: unknown },
) {
  if (options['json'] === true) console.log(JSON.stringify(facts));
  else if (text !== undefined) console.log(text);
}
