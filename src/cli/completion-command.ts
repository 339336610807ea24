import { Command } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { bashScript, fishScript, zshScript, type CompletedCommand } from './completion-scripts.ts';

const SCRIPTS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `antiphon completion`: prints what a shell needs to complete this command line. */
export function completionCommand(): Command {
  return new Command('completion')
    .argument('<shell>', Object.keys(SCRIPTS).join(', '))
    .option('--json', 'Print the commands and options themselves, as JSON')
    .description('Print the completion of a shell')
    .action((shell: string, options: Readonly<Record<string, unknown>>, command: Command) => {
      const script = SCRIPTS[shell];
      if (!script)
        throw new CommandFailure(
          `Completion exists for ${Object.keys(SCRIPTS).join(', ')}, not for '${shell}'.`,
          2,
        );
      const commands = completed(command.parent ?? command);
      if (options['json'] === true) console.log(JSON.stringify(commands, undefined, 2));
      else process.stdout.write(script(commands));
    });
}

/** The program and everything below it, each with the words that lead to it. */
function completed(command: Command, words: readonly string[] = []): readonly CompletedCommand[] {
  const shown = command.createHelp();
  const below = shown.visibleCommands(command).filter((one) => one.name() !== 'help');
  return [
    {
      words,
      description: shown.subcommandDescription(command),
      below: below.map((one) => ({ name: one.name(), description: shown.subcommandDescription(one) })),
      options: shown.visibleOptions(command).flatMap((option) =>
        option.long === undefined
          ? []
          : [
              {
                long: option.long,
                ...(option.short === undefined ? {} : { short: option.short }),
                description: option.description,
                takesValue: option.required,
                isFile: /<(file|folder)>/.test(option.flags),
              },
            ],
      ),
      takesFiles: shown.visibleArguments(command).some((argument) => argument.name().startsWith('recording')),
    },
    ...below.flatMap((one) => completed(one, [...words, one.name()])),
  ];
}
