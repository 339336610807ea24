import { Command, CommanderError } from 'commander';
import { readVersion } from './assembly.ts';
import { AppError } from './base/errors.ts';
import { CommandFailure } from './cli/command-failure.ts';

const program = new Command('antiphon')
  .description('Speech and media APIs that your software already speaks, on your own machine.')
  .version(readVersion())
  .showHelpAfterError('(antiphon --help shows every command)')
  .exitOverride();
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./cli/serve-command.ts')).serveCommand(),
  say: async () => (await import('./cli/say-command.ts')).sayCommand(),
  keys: async () => (await import('./cli/keys-command.ts')).keysCommand(),
  usage: async () => (await import('./cli/usage-command.ts')).usageCommand(),
  models: async () => (await import('./cli/models-command.ts')).modelsCommand(),
  doctor: async () => (await import('./cli/doctor-command.ts')).doctorCommand(),
  migrate: async () => (await import('./cli/migrate-command.ts')).migrateCommand(),
  move: async () => (await import('./cli/move-command.ts')).moveCommand(),
  backup: async () => (await import('./cli/backup-command.ts')).backupCommand(),
  restore: async () => (await import('./cli/backup-command.ts')).restoreCommand(),
  purge: async () => (await import('./cli/purge-command.ts')).purgeCommand(),
};
// Whoever serves waits for no code that only moves data. Help, and a name that nobody has, need all of them.
const asked = commands[process.argv[2] ?? ''];
for (const load of asked ? [asked] : Object.values(commands)) {
  program.addCommand((await load()).copyInheritedSettings(program));
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in one line and chooses the exit code: 2 for a wrong command line, 1 for the rest. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommandFailure) {
    console.error(`antiphon: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof AppError || isRefusedBySystem(error)) {
    const { message, cause } = error;
    console.error(
      `antiphon: ${message}${cause instanceof Error && !message.includes(cause.message) ? ` (${cause.message})` : ''}`,
    );
    return 1;
  }
  console.error(error);
  return 1;
}

/** A file that is not there or may not be read, a full disk, a server that is away: the message says it all. */
function isRefusedBySystem(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
