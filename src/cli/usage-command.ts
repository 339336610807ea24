import { Command } from 'commander';
import { AppError } from '../base/errors.ts';
import {
  isUsageWord,
  USAGE_WORDS,
  usageCells,
  usageCsv,
  usageTable,
  type UsageWord,
} from '../core/usage/usage-csv.ts';
import { usageJson } from '../core/usage/usage-json.ts';
import { createUsageReports, type UsageReport } from '../core/usage/usage-report.ts';
import { openStore } from '../platform/store/store-opening.ts';
import { systemClock } from '../platform/system-clock.ts';
import { CommandFailure } from './command-failure.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Readonly<Record<string, unknown>>;

const WORDS = Object.keys(USAGE_WORDS).join(', ');

/** `antiphon usage`: what was used, from the database, whether or not a server runs. */
export function usageCommand(): Command {
  const command = new Command('usage')
    .description('Show what was used, by day, model, key and more')
    .option('--from <day>', 'first day (of UTC), such as 2026-11-01; that of the month when absent')
    .option('--to <day>', 'last day; today when absent')
    .option('--by <words>', `what to tell it by: any of ${WORDS}`, 'day,model')
    .option('--key <id>', 'of one key only; "keys list" shows the ids')
    .option('--csv', 'Print comma-separated values')
    .option('--json', 'Print JSON');
  return withSettings(command, ['dataDir', 'databaseUrl']).action((options: Options) => showUsage(options));
}

async function showUsage(options: Options): Promise<void> {
  if (options['csv'] === true && options['json'] === true)
    throw new CommandFailure('Choose one of --csv and --json.', 2);
  const by = wordsFrom(String(options['by'])).map((word) => USAGE_WORDS[word]);
  const report = await reportFrom(options, by);
  if (options['csv'] === true) process.stdout.write(usageCsv(report));
  else if (options['json'] === true) console.log(JSON.stringify(usageJson(report), undefined, 2));
  else console.log(usageText(report));
}

function wordsFrom(given: string): readonly UsageWord[] {
  const words = [...new Set(given.split(',').map((word) => word.trim()))].filter((word) => word !== '');
  return words.map((word) => {
    if (isUsageWord(word)) return word;
    throw new CommandFailure(`--by takes any of ${WORDS}, not '${word}'.`, 2);
  });
}

async function reportFrom(options: Options, by: UsageReport['by']): Promise<UsageReport> {
  const config = settingsFrom(options);
  const { store } = await openStore(config);
  try {
    const { keys, usage } = store;
    const reports = createUsageReports({
      store: usage,
      keys,
      clock: systemClock,
      prices: () => config.prices,
    });
    const principalId = textOf(options['key']);
    if (principalId !== undefined && !(await keys.find(principalId)) && principalId !== 'anonymous')
      throw new CommandFailure(
        `There is no key '${principalId}'. "antiphon keys list" shows those there are.`,
      );
    return await reports.report({
      from: textOf(options['from']),
      to: textOf(options['to']),
      by,
      principalId,
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request')
      throw new CommandFailure(error.message, 2);
    throw error;
  } finally {
    await store.close();
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A table that people read: numbers to the right, thousands apart, and a line of totals. */
function usageText(report: UsageReport): string {
  const { columns, rows } = usageTable(report);
  const { from, to, total, currency } = report;
  const title = `Usage from ${from} to ${to} (days of UTC)`;
  if (rows.length === 0 || total.requests === 0) return `${title}\n\nNothing was used.`;
  const places = columns.length - usageCells(total, currency).length;
  const sums = [
    ...columns.slice(0, places).map((_, index) => (index === 0 ? 'total' : '')),
    ...usageCells(total, currency),
  ];
  const lines = [columns.map((name) => name.replaceAll('_', ' ')), ...[...rows, sums].map(shownCells)];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const isNumber = (index: number) => index >= places && columns[index] !== 'currency';
  const shown = lines.map((line) =>
    line
      .map((cell, index) =>
        isNumber(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [title, '', ...shown].join('\n');
}

function shownCells(cells: readonly (string | number)[]): readonly string[] {
  return cells.map((cell) =>
    typeof cell === 'number'
      ? cell.toLocaleString('en-GB', { maximumFractionDigits: 2 })
      : // A name must not move the cursor of a terminal.
        cell.replace(/\p{Cc}/gu, '�'),
  );
}
