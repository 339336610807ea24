import { Command } from 'commander';
import type { Config } from '../platform/config.ts';
import {
  openInstallation,
  openListedBlobs,
  refuseMissing,
  type InstallationPlace,
} from '../platform/transfer/installation.ts';
import { moveInstallation, type MoveReport } from '../platform/transfer/moving.ts';
import { systemClock } from '../platform/system-clock.ts';
import { CommandFailure } from './command-failure.ts';
import { byteText, createProgressLine } from './progress-line.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Record<string, unknown>;

/** `antiphon move`: takes an installation to other databases and blob stores. */
export function moveCommand(): Command {
  const command = new Command('move').description(
    'Take everything that is kept to another database or blob store; the source stays as it is',
  );
  return withSettings(command, ['dataDir', 'databaseUrl', 'blobUrl'])
    .option('--to-database-url <url>', 'PostgreSQL database to fill; it must hold nothing yet')
    .option(
      '--to-blob-url <url>',
      'Bucket to fill; what is there already with the same length is passed over',
    )
    .option('--to-data-dir <folder>', 'Data folder to fill with what goes nowhere else: the way back')
    .option('--json', 'Print JSON')
    .action((options: Options) => move(settingsFrom(options), options));
}

/** What goes to another place; a part that is absent stays. */
interface Target {
  readonly rows?: InstallationPlace;
  readonly blobs?: InstallationPlace;
}

async function move(config: Config, options: Options): Promise<void> {
  const target = targetOf(config, options);
  refuseMissing(config);
  const from = await openInstallation(config, process.env);
  const line = createProgressLine(process.stderr, systemClock);
  try {
    const rowsTo = target.rows && (await openInstallation(target.rows, process.env));
    try {
      const report = await moveInstallation({
        from,
        ...(rowsTo ? { rowsTo: rowsTo.rows } : {}),
        ...(target.blobs ? { blobsTo: openListedBlobs(target.blobs, process.env) } : {}),
        onProgress: (progress) => line.show({ id: 'blobs', file: '', ...progress }),
      });
      line.end();
      tell(report, target, options);
    } finally {
      await rowsTo?.close();
    }
  } finally {
    line.end();
    await from.close();
  }
}

function targetOf(config: Config, options: Options): Target {
  const databaseUrl = wanted(options, 'toDatabaseUrl', config.databaseUrl);
  const blobUrl = wanted(options, 'toBlobUrl', config.blobUrl);
  const dataDir = wanted(options, 'toDataDir', config.databaseUrl === undefined ? config.dataDir : undefined);
  if (databaseUrl === undefined && blobUrl === undefined && dataDir === undefined)
    throw new CommandFailure('Say where to: --to-database-url, --to-blob-url or --to-data-dir.', 2);
  const folder = dataDir ?? config.dataDir;
  return {
    ...(databaseUrl === undefined && dataDir === undefined ? {} : { rows: { dataDir: folder, databaseUrl } }),
    ...(blobUrl === undefined && dataDir === undefined ? {} : { blobs: { dataDir: folder, blobUrl } }),
  };
}

function wanted(options: Options, name: string, present: string | undefined): string | undefined {
  const value = options[name];
  if (typeof value !== 'string') return undefined;
  if (value === present) throw new CommandFailure(`${value} is where everything is now.`, 2);
  return value;
}

function tell({ rows, blobs }: MoveReport, target: Target, options: Options): void {
  if (options['json'] === true) {
    console.log(JSON.stringify({ rows, blobs }, undefined, 2));
    return;
  }
  for (const { table, rows: count } of rows ?? []) console.log(`${String(count).padStart(8)}  ${table}`);
  if (blobs) {
    const passed = blobs.skipped > 0 ? `, ${blobs.skipped} of which were there already` : '';
    console.log(
      `${String(blobs.copied + blobs.skipped).padStart(8)}  blobs, ${byteText(blobs.bytes)}${passed}`,
    );
  }
  const settings = [
    ...(target.rows ? [setting('databaseUrl', target.rows.databaseUrl)] : []),
    ...(target.blobs ? [setting('blobUrl', target.blobs.blobUrl)] : []),
  ];
  console.log(
    `Everything has arrived. Next: ${settings.join(' and ')}, run "antiphon doctor", and start the server. Models were not moved: pull them where they are needed. The old place is as it was; remove it when you are content.`,
  );
}

function setting(name: string, value: string | undefined): string {
  return value === undefined ? `leave ${name} out of the settings` : `set ${name} to the new address`;
}
