import type { Command } from 'commander';
import { loadConfig, type Config } from '../platform/config.ts';
import { configSchema } from '../platform/config-schema.ts';
import { CommandFailure } from './command-failure.ts';

type Setting = Exclude<keyof Config, 'models' | 'remotes' | 'imageOutputs' | 'prices' | 'metricsToken'>;

const FLAGS: Readonly<Record<Setting, string>> = {
  host: '--host <address>',
  port: '--port <number>',
  dataDir: '--data-dir <folder>',
  databaseUrl: '--database-url <url>',
  blobUrl: '--blob-url <url>',
  role: '--role <role>',
  modelsDir: '--models-dir <folder>',
  memoryBudget: '--memory-budget <megabytes>',
  maxMemory: '--max-memory <megabytes>',
  memoryPercent: '--memory-percent <percent>',
  idleMinutes: '--idle-minutes <minutes>',
  keepWarm: '--keep-warm <seconds>',
  maxUpload: '--max-upload <megabytes>',
  maxTextCharacters: '--max-text-characters <number>',
  fetchAllow: '--fetch-allow <networks>',
  trustedProxies: '--trusted-proxies <networks>',
  historyDays: '--history-days <days>',
  historyMegabytes: '--history-megabytes <megabytes>',
  usageDays: '--usage-days <days>',
  publicUrl: '--public-url <url>',
  jobWorkers: '--job-workers <number>',
  jobsPerOwner: '--jobs-per-owner <number>',
  maxWaitingJobs: '--max-waiting-jobs <number>',
  resultHours: '--result-hours <hours>',
  jobLeaseSeconds: '--job-lease-seconds <seconds>',
  offline: '--offline',
  engines: '--engines <list>',
  workers: '--workers <number>',
  strictModels: '--strict-models',
  markup: '--markup <kind>',
  cors: '--cors <pages>',
  maxConnections: '--max-connections <number>',
  maxConnectionsPerAddress: '--max-connections-per-address <number>',
  stopDelaySeconds: '--stop-delay-seconds <number>',
  drainSeconds: '--drain-seconds <number>',
  logContent: '--log-content',
  metrics: '--metrics <who>',
  logLevel: '--log-level <level>',
};

/** Gives a command the options of some settings, with the sentences of the configuration schema. */
export function withSettings(command: Command, settings: readonly Setting[]): Command {
  for (const setting of settings)
    command.option(FLAGS[setting], configSchema.shape[setting].description ?? '');
  return command.option('--config <file>', 'Configuration file', 'antiphon.config.json');
}

/** The configuration that a command's options, the environment and the configuration file amount to. */
export function settingsFrom(options: Readonly<Record<string, unknown>>): Config {
  const { config, ...rest } = options;
  const known = Object.fromEntries(Object.entries(rest).filter(([name]) => name in FLAGS));
  try {
    return loadConfig({ commandLine: known, environment: process.env, file: String(config) });
  } catch (error) {
    throw new CommandFailure(error instanceof Error ? error.message : String(error), 2);
  }
}
