import { Command, CommanderError } from 'commander';
import { AppError } from './base/errors.ts';
import { CommandFailure } from './cli/command-failure.ts';
import { endWithReader } from './cli/output-reader.ts';
import { readVersion } from './program-version.ts';

/** What holds for all commands. */
const AFTER_HELP = `Commands that make, hear or look up media work on the data folder of this machine, or on the
server that --url names, with --key. All others work on this machine.
Exit codes: 0 done, 1 could not be done, 2 asked wrongly.`;

const program = new Command('antiphon')
  .description('Speech and media APIs that your software already speaks, on your own machine.')
  .version(readVersion())
  .showHelpAfterError('(antiphon --help shows every command)')
  .exitOverride();
type Load = () => Promise<Command>;
const groups: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  'The server:': {
    serve: async () => (await import('./cli/serve-command.ts')).serveCommand(),
    doctor: async () => (await import('./cli/doctor-command.ts')).doctorCommand(),
    bench: async () => (await import('./cli/bench-command.ts')).benchCommand(),
    conformance: async () => (await import('./cli/conformance-command.ts')).conformanceCommand(),
    completion: async () => (await import('./cli/completion-command.ts')).completionCommand(),
  },
  'Making media:': {
    say: async () => (await import('./cli/say-command.ts')).sayCommand(),
    transcribe: async () => (await import('./cli/transcribe-command.ts')).transcribeCommand(),
    sound: async () => (await import('./cli/sound-command.ts')).soundCommand(),
    music: async () => (await import('./cli/sound-command.ts')).musicCommand(),
  },
  'What is there:': {
    models: async () => (await import('./cli/models-command.ts')).modelsCommand(),
    voices: async () => (await import('./cli/voices-command.ts')).voicesCommand(),
    jobs: async () => (await import('./cli/jobs-command.ts')).jobsCommand(),
  },
  'Who may, and who did:': {
    keys: async () => (await import('./cli/keys-command.ts')).keysCommand(),
    usage: async () => (await import('./cli/usage-command.ts')).usageCommand(),
    purge: async () => (await import('./cli/purge-command.ts')).purgeCommand(),
  },
  'Data:': {
    migrate: async () => (await import('./cli/migrate-command.ts')).migrateCommand(),
    move: async () => (await import('./cli/move-command.ts')).moveCommand(),
    backup: async () => (await import('./cli/backup-command.ts')).backupCommand(),
    restore: async () => (await import('./cli/backup-command.ts')).restoreCommand(),
  },
};

/** Whoever serves waits for no code that moves data. Help, completion, and a name that nobody has need all, a version none. */
function isNeeded(name: string): boolean {
  const asked = process.argv[2] ?? '';
  if (asked === '--version' || asked === '-V') return false;
  const isKnown = Object.values(groups).some((commands) => Object.hasOwn(commands, asked));
  return !isKnown || asked === 'completion' || asked === name;
}

for (const [heading, commands] of Object.entries(groups)) {
  for (const [name, load] of Object.entries(commands))
    if (isNeeded(name)) program.addCommand((await load()).helpGroup(heading).copyInheritedSettings(program));
}
program.addHelpCommand(
  new Command('help')
    .argument('[command]')
    .helpOption(false)
    .helpGroup('The server:')
    .description('Tell more about a command'),
);
program.addHelpText('after', `\n${AFTER_HELP}`);

endWithReader();

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
