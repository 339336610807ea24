import { readFileSync } from 'node:fs';
import { modelsCommand } from '../../src/cli/models-command.ts';
import { CommandFailure } from '../../src/cli/command-failure.ts';
import type { WeightsEntry } from '../../src/core/models/weights.ts';

// `antiphon models` as a program of its own, with the catalog that the first argument names.
const [catalogFile = '', ...args] = process.argv.slice(2);
const catalog = JSON.parse(readFileSync(catalogFile, 'utf8')) as WeightsEntry[]; // Written by the test beside it.

try {
  await modelsCommand(catalog).parseAsync(args, { from: 'user' });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof CommandFailure ? error.exitCode : 1;
}
