import type { Command } from 'commander';
import { ANONYMOUS_OWNER } from '../core/context.ts';
import { CommandFailure } from './command-failure.ts';
import type { CommandServer } from './command-server.ts';
import { localServer } from './local-server.ts';
import { remoteServer } from './remote-server.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

/** What somebody wrote on the command line, by the names of the options. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** Settings that only say something about this machine. */
const LOCAL = ['dataDir', 'databaseUrl', 'blobUrl', 'modelsDir', 'engines', 'workers', 'owner'] as const;

/** Gives a command the options that say who is to do it: a server elsewhere, or this process. */
export function withServer(command: Command): Command {
  command
    .option('--url <address>', 'server to ask (or ANTIPHON_URL); absent: the data folder of this machine')
    .option('--key <key>', 'API key for that server (or ANTIPHON_KEY)')
    .option('--json', 'Print JSON');
  return withSettings(command, ['dataDir', 'databaseUrl', 'blobUrl', 'modelsDir', 'engines', 'workers']);
}

/** Gives a command about what belongs to somebody the option that says to whom. */
export function withOwner(command: Command): Command {
  return command.option(
    '--owner <id>',
    'on this machine, whose they are: an id that "keys list" shows; absent: what was made without a key',
  );
}

/** The address of the server that a command is to ask; undefined: this process does it. */
export function addressIn(options: Options): string | undefined {
  const { url = process.env['ANTIPHON_URL'] } = options;
  return url === undefined || url === '' ? undefined : String(url);
}

/** Has a command done by whom its options name, and sees that nothing is left open. */
export async function withReachedServer<Result>(
  options: Options,
  use: (server: CommandServer, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const server = await reach(options);
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort();
  process.once('SIGINT', onInterrupt);
  try {
    return await use(server, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) throw new CommandFailure('Stopped.');
    throw error;
  } finally {
    process.removeListener('SIGINT', onInterrupt);
    await server.close();
  }
}

async function reach(options: Options): Promise<CommandServer> {
  const address = addressIn(options);
  const key = options['key'] ?? process.env['ANTIPHON_KEY'];
  if (address === undefined) {
    if (options['key'] !== undefined)
      throw new CommandFailure('--key is for a server elsewhere: name it with --url.', 2);
    return localServer(settingsFrom(options), textIn(options, 'owner') ?? ANONYMOUS_OWNER);
  }
  const misplaced = options['url'] === undefined ? [] : LOCAL.filter((name) => options[name] !== undefined);
  if (misplaced[0] !== undefined)
    throw new CommandFailure(`${flagOf(misplaced[0])} is about this machine and cannot go with --url.`, 2);
  return remoteServer(address, key === undefined ? undefined : String(key));
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A number that somebody wrote after an option; undefined when they did not. */
export function numberIn(options: Options, name: string): number | undefined {
  const given = options[name];
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isFinite(value) && value > 0) return value;
  throw new CommandFailure(`${flagOf(name)} must be a number above 0, not '${String(given)}'.`, 2);
}

/** A text that somebody wrote after an option; undefined when they did not. */
export function textIn(options: Options, name: string): string | undefined {
  const given = options[name];
  return given === undefined ? undefined : String(given);
}

/** Prints JSON for programs. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, undefined, 2));
}
