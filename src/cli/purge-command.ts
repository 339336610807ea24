import { Command } from 'commander';
import { ANONYMOUS_OWNER } from '../core/context.ts';
import { createOwnerPurge, type PurgeCounts } from '../core/owners/owner-purge.ts';
import type { Config } from '../platform/config.ts';
import { openStore } from '../platform/store/store-opening.ts';
import { systemClock } from '../platform/system-clock.ts';
import { openListedBlobs, refuseMissing } from '../platform/transfer/installation.ts';
import { CommandFailure } from './command-failure.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Record<string, unknown>;

/** `antiphon purge`: removes everything that a key has made and left here. */
export function purgeCommand(): Command {
  const command = new Command('purge')
    .description('Remove everything that is kept of a key; the key itself stays')
    .requiredOption(
      '--key <id>',
      'the id that "keys list" shows; "anonymous" for what was made without keys',
    );
  return withSettings(command, ['dataDir', 'databaseUrl', 'blobUrl'])
    .option('--usage', 'Remove the figures of what was used, too')
    .option('--json', 'Print JSON')
    .action((options: Options) => purge(settingsFrom(options), options));
}

async function purge(config: Config, options: Options): Promise<void> {
  refuseMissing(config);
  const ownerId = String(options['key']);
  const { store } = await openStore(config);
  try {
    if (ownerId !== ANONYMOUS_OWNER && !(await store.keys.find(ownerId)))
      throw new CommandFailure(`There is no key '${ownerId}'. "antiphon keys list" shows all.`);
    const blobs = openListedBlobs(config, process.env);
    const purging = createOwnerPurge({ store, blobs, clock: systemClock });
    const removed = await purging.purge({ ownerId, usage: options['usage'] === true });
    if (options['json'] === true) console.log(JSON.stringify({ key: ownerId, removed }));
    else console.log(textOf(removed));
  } finally {
    await store.close();
  }
}

function textOf(removed: PurgeCounts): string {
  const parts = Object.entries(removed).filter(([, count]) => Number(count) > 0);
  if (parts.length === 0) return 'There was nothing to remove.';
  return `Removed: ${parts.map(([name, count]) => `${name} ${count}`).join(', ')}.`;
}
