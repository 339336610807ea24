import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import type { Assembly } from '../assembly.ts';
import { present } from '../base/assert.ts';
import { AppError } from '../base/errors.ts';
import type { Config } from '../platform/config.ts';
import { createLogger } from '../platform/log.ts';
import { systemPause } from '../platform/system-pause.ts';
import { createProcessStop, type ProcessStop } from '../process-stop.ts';
import { CommandFailure } from './command-failure.ts';
import { isLoopback, originOf } from './host-origin.ts';
import { outliveReader } from './output-reader.ts';
import { banner } from './serve-banner.ts';
import { comeToRest } from './serve-rest.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

/** `antiphon serve`: answers until it is told to stop. */
export function serveCommand(): Command {
  const command = new Command('serve').description('Answer the APIs until stopped');
  return withSettings(command, [
    'host',
    'port',
    'dataDir',
    'databaseUrl',
    'blobUrl',
    'role',
    'modelsDir',
    'fetchAllow',
    'maxUpload',
    'maxTextCharacters',
    'historyDays',
    'historyMegabytes',
    'usageDays',
    'publicUrl',
    'trustedProxies',
    'jobWorkers',
    'jobsPerOwner',
    'maxWaitingJobs',
    'resultHours',
    'jobLeaseSeconds',
    'offline',
    'memoryBudget',
    'maxMemory',
    'memoryPercent',
    'idleMinutes',
    'keepWarm',
    'engines',
    'workers',
    'strictModels',
    'markup',
    'cors',
    'maxConnections',
    'maxConnectionsPerAddress',
    'stopDelaySeconds',
    'drainSeconds',
    'logLevel',
    'logContent',
    'metrics',
  ]).action((options: Record<string, unknown>) => serve(() => settingsFrom(options)));
}

async function serve(readConfig: () => Config): Promise<void> {
  outliveReader();
  const config = readConfig();
  const log = createLogger(config.logLevel);
  const setLogLevel = (level: Config['logLevel']) => {
    log.level = level;
  };
  const surroundings = { log, environment: process.env, readConfig, setLogLevel, serves: true };
  // Whoever only asks what the options are does not wait for the server.
  const { assemble } = await import('../assembly.ts');
  const assembly = await assemble(config, surroundings).catch(explain);
  await refuseOpenDoor(config, assembly);
  const app = await assembly.app(() => stopping.drainMs());
  const { core } = assembly;
  const stopping: ProcessStop = createProcessStop({
    app,
    core,
    stop: () => assembly.stop(),
    times: () => assembly.stopTimes(),
    pause: systemPause,
    exit: (code) => process.exit(code),
  });
  stopping.ended.catch((error: unknown) => {
    log.error({ error }, 'stop-failed');
    process.exitCode = 1;
  });
  obeySignals(stopping, assembly);
  await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw new CommandFailure(
      `Cannot listen on ${config.host}:${config.port}: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const address: string | AddressInfo | null = app.server.address();
  const { port } = present(typeof address === 'object' ? address : null, 'a TCP address');
  const keyed = await assembly.core.authenticator.required();
  console.log(banner({ origin: originOf(config.host, port), core: assembly.core, keyed }));
  void comeToRest(assembly, config);
}

/** What an operator can mend is said in a line. */
function explain(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  const { cause, message } = error;
  throw new CommandFailure(cause instanceof Error ? `${message} (${cause.message})` : message);
}

/** Signals end the program, or have it read its configuration anew. */
function obeySignals(stopping: ProcessStop, { core }: Assembly): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.tell());
  process.on('SIGHUP', () => {
    // In a terminal it means that the terminal is gone.
    if (process.stdin.isTTY) stopping.tell();
    // What is wrong with the configuration has been logged.
    else void core.reload?.().catch(() => undefined);
  });
}

/** Without a key anybody who reaches the port may use the machine, so the port stays on the machine. */
async function refuseOpenDoor(config: Config, assembly: Assembly): Promise<void> {
  if (isLoopback(config.host) || (await assembly.core.authenticator.required())) return;
  await assembly.stop();
  throw new CommandFailure(
    `There is no API key yet, so ${config.host} would be open to everybody. Make one first with "antiphon keys create <name>", or listen on 127.0.0.1.`,
  );
}
