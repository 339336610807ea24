import { Command } from 'commander';
import type { Config } from '../platform/config.ts';
import { systemClock } from '../platform/system-clock.ts';
import { checkBackup, type CheckedBackup } from '../platform/transfer/backup-checking.ts';
import { writeBackup } from '../platform/transfer/backup-writing.ts';
import { openInstallation, openListedBlobs, refuseMissing } from '../platform/transfer/installation.ts';
import { restoreBackup } from '../platform/transfer/restoring.ts';
import { readVersion } from '../program-version.ts';
import { byteText, createProgressLine } from './progress-line.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Record<string, unknown>;

/** `antiphon backup`: writes down everything that is kept, while the server runs. */
export function backupCommand(): Command {
  const command = new Command('backup')
    .description('Write everything that is kept, but models, to a file; the server may run meanwhile')
    .argument('<file>', 'FILE.tar.zst, FILE.tar, or a folder; it must not be there yet');
  return withSettings(command, ['dataDir', 'databaseUrl', 'blobUrl'])
    .option('--json', 'Print JSON')
    .action((file: string, options: Options) => backup(file, settingsFrom(options), options));
}

/** `antiphon restore`: puts a back-up into an installation, of either layout. */
export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('Put back what a back-up holds; the server must not run')
    .argument('<file>', 'what "antiphon backup" wrote');
  return withSettings(command, ['dataDir', 'databaseUrl', 'blobUrl'])
    .option('--check', 'Only compare everything in the file with its checksums')
    .option('--force', 'Replace what the installation holds')
    .option('--json', 'Print JSON')
    .action((file: string, options: Options) => restore(file, settingsFrom(options), options));
}

async function backup(path: string, config: Config, options: Options): Promise<void> {
  refuseMissing(config);
  const line = createProgressLine(process.stderr, systemClock);
  const manifest = await writeBackup({
    place: config,
    blobs: openListedBlobs(config, process.env),
    path,
    version: readVersion(),
    now: systemClock.now(),
    onProgress: (progress) => line.show({ id: 'blobs', file: '', ...progress }),
  }).finally(() => line.end());
  if (options['json'] === true) return console.log(JSON.stringify({ path, ...manifest }));
  const { database, blobs } = manifest;
  const lost = blobs.gone > 0 ? ` ${blobs.gone} blobs were removed meanwhile and are not in it.` : '';
  console.log(
    `${path}: the database (schema ${database.schema}, ${byteText(database.byteLength)}) and ${blobs.count} blobs (${byteText(blobs.byteLength)}).${lost} It holds secrets: keep it as safe as the server. Models are not in it.`,
  );
}

async function restore(path: string, config: Config, options: Options): Promise<void> {
  const checked = await checkBackup(path);
  if (options['check'] === true) return tellChecked(path, checked, options);
  const into = await openInstallation(config, process.env);
  const line = createProgressLine(process.stderr, systemClock);
  try {
    const report = await restoreBackup({
      path,
      backup: checked,
      into,
      folder: config.dataDir,
      replace: options['force'] === true,
      onProgress: (progress) => line.show({ id: 'blobs', file: '', ...progress }),
    });
    line.end();
    if (options['json'] === true) return console.log(JSON.stringify(report));
    for (const { table, rows } of report.rows) console.log(`${String(rows).padStart(8)}  ${table}`);
    console.log(`${String(report.blobs).padStart(8)}  blobs`);
    if (report.removed > 0) console.log(`${report.removed} blobs of what was there before are removed.`);
    console.log(
      'Everything is back. Next: run "antiphon doctor", pull the models that are needed, start the server.',
    );
  } finally {
    line.end();
    await into.close();
  }
}

function tellChecked(path: string, { head, manifest }: CheckedBackup, options: Options): void {
  if (options['json'] === true) return console.log(JSON.stringify({ ...head, ...manifest }));
  console.log(
    `${path} is whole: made ${head.madeAt} by version ${head.program}, schema ${manifest.database.schema}, ${manifest.blobs.count} blobs (${byteText(manifest.blobs.byteLength)}).`,
  );
}
