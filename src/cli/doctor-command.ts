import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { silentLogger } from '../core/ports/logger.ts';
import type { KeyRecord } from '../core/ports/store.ts';
import type { Config } from '../platform/config.ts';
import { checkBlobs } from '../platform/doctor/blob-checks.ts';
import { checkPostgres, checkSqlite } from '../platform/doctor/database-checks.ts';
import { failure, lookSafely, ok, warning, type Finding } from '../platform/doctor/finding.ts';
import { checkDataFolder } from '../platform/doctor/folder-checks.ts';
import { checkMemory, checkNode, checkOpenFiles, openFilesLimit } from '../platform/doctor/machine-checks.ts';
import { checkPort, checkPublicUrl } from '../platform/doctor/network-checks.ts';
import { readMemory } from '../platform/memory-reading.ts';
import { openModelStore } from '../platform/models/model-store-opening.ts';
import { openStore } from '../platform/store/store-opening.ts';
import { systemClock } from '../platform/system-clock.ts';
import { databaseFile, openListedBlobs } from '../platform/transfer/installation.ts';
import { CommandFailure } from './command-failure.ts';
import { checkEngines, checkModels } from './doctor-engines.ts';
import { isLoopback } from './host-origin.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Record<string, unknown>;

/** `antiphon doctor`: looks at everything that a server needs, and says what to do. */
export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'Look at everything that the server needs, and say what to do; a server may run meanwhile',
  );
  return withSettings(command, [
    'host',
    'port',
    'dataDir',
    'databaseUrl',
    'blobUrl',
    'modelsDir',
    'publicUrl',
    'engines',
    'memoryBudget',
  ])
    .option('--deep', 'Hash every file of every model')
    .option('--json', 'Print JSON')
    .action((options: Options) => doctor(options));
}

async function doctor(options: Options): Promise<void> {
  const json = options['json'] === true;
  const findings: Finding[] = [];
  for await (const finding of examine(options)) {
    findings.push(finding);
    if (!json) console.log(lineOf(finding));
  }
  const count = (state: Finding['state']) => findings.filter((one) => one.state === state).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  if (json) console.log(JSON.stringify({ failures, warnings, findings }, undefined, 2));
  if (failures > 0) throw new CommandFailure(`${failures} of ${findings.length} checks failed.`);
  if (!json)
    console.log(warnings > 0 ? `No failure, ${warnings} warnings.` : 'Everything is as it should be.');
}

const SIGNS: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  failure: 'FAILURE',
};

function lineOf({ check, state, message, advice }: Finding): string {
  return `${SIGNS[state]}  ${check.padEnd(16)}  ${message}${advice === undefined ? '' : ` → ${advice}`}`;
}

async function* examine(options: Options): AsyncGenerator<Finding> {
  yield checkNode(process.versions.node);
  let config: Config;
  try {
    config = settingsFrom(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    yield failure('configuration', reason, 'Correct the settings: see docs/configuration.md.');
    return;
  }
  yield ok('configuration', 'The settings can be read.');
  yield checkMemory(config.memoryBudget * 1024 * 1024, readMemory());
  yield checkOpenFiles(openFilesLimit());
  for (const [check, look] of Object.entries(looks(config, options))) yield* await lookSafely(check, look);
}

function looks(config: Config, options: Options): Record<string, () => Promise<readonly Finding[]>> {
  const { databaseUrl, publicUrl, dataDir } = config;
  const weights = () => openModelStore(config, { log: silentLogger, environment: process.env });
  return {
    'data-folder': () => checkDataFolder(dataDir),
    database: () =>
      databaseUrl === undefined ? checkSqlite(databaseFile(config)) : checkPostgres(databaseUrl, systemClock),
    blobs: async () =>
      config.blobUrl === undefined && !existsSync(join(dataDir, '.'))
        ? []
        : checkBlobs(openListedBlobs(config, process.env)),
    keys: () => checkKeys(config),
    models: async () => checkModels(weights(), options['deep'] === true),
    engine: () => checkEngines(config, { weights: weights(), environment: process.env }),
    port: async () => [await checkPort(config.host, config.port)],
    'public-url': async () => (publicUrl === undefined ? [] : [await checkPublicUrl(publicUrl)]),
  };
}

/** Keys are only looked at in a database that is up to date: looking must not change it. */
async function checkKeys(config: Config): Promise<readonly Finding[]> {
  const [database] =
    config.databaseUrl === undefined
      ? await checkSqlite(databaseFile(config))
      : await checkPostgres(config.databaseUrl, systemClock);
  if (database?.state !== 'ok') return noKeys(config, 'No key can be looked up');
  const { store } = await openStore(config);
  try {
    const keys = await store.keys.list();
    return keys.length === 0 ? noKeys(config, 'There is no key') : [keysFinding(keys)];
  } finally {
    await store.close();
  }
}

function noKeys({ host }: Config, what: string): readonly Finding[] {
  if (isLoopback(host)) return [ok('keys', `${what}; the server is for this machine only (${host}).`)];
  return [
    failure(
      'keys',
      `${what}, and ${host} is open to other machines: the server would refuse to start.`,
      'Make one with "antiphon keys create NAME --role admin", or listen on 127.0.0.1.',
    ),
  ];
}

function keysFinding(keys: readonly KeyRecord[]): Finding {
  const now = systemClock.now();
  const good = keys.filter((key) => key.revokedAt === undefined && (key.expiresAt ?? Infinity) > now);
  const advice = 'Make one with "antiphon keys create NAME".';
  if (good.length === 0) return failure('keys', 'Every key is revoked or expired: nobody gets in.', advice);
  if (!good.some(({ role }) => role === 'admin'))
    return warning(
      'keys',
      `${good.length} keys count, none of them an administrator's.`,
      `${advice.slice(0, -2)} --role admin".`,
    );
  return ok('keys', `${good.length} of ${keys.length} keys count.`);
}
