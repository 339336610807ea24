import { Command, CommanderError } from 'commander';
import { readVersion } from './assembly.ts';
import { keysCommand } from './cli/keys-command.ts';
import { modelsCommand } from './cli/models-command.ts';
import { sayCommand } from './cli/say-command.ts';
import { serveCommand } from './cli/serve-command.ts';
import { CommandFailure } from './cli/command-failure.ts';

const program = new Command('antiphon')
  .description('Speech and media APIs that your software already speaks, on your own machine.')
  .version(readVersion())
  .showHelpAfterError('(antiphon --help shows every command)')
  .exitOverride();
for (const command of [serveCommand(), sayCommand(), keysCommand(), modelsCommand()]) {
  program.addCommand(command.copyInheritedSettings(program));
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
  console.error(error);
  return 1;
}
