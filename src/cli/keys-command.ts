import { Command } from 'commander';
import { openStore } from '../assembly.ts';
import type { KeyRecord, Store } from '../core/ports/store.ts';
import { systemClock } from '../platform/system-clock.ts';
import { createKey } from '../platform/keys.ts';
import { CommandFailure } from './command-failure.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Record<string, unknown>;

/** `antiphon keys create|list|revoke`. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Make, list and revoke API keys');
  const create = withSettings(new Command('create').argument('<name>', 'who or what the key is for'), [
    'dataDir',
    'databaseUrl',
  ])
    .description('Make a key and show it once')
    .action((name: string, options: Options) =>
      withStore(options, async (store) => {
        const { key, record } = await createKey(store.keys, systemClock, name);
        console.log(key);
        console.error(
          `Key ${record.id} for '${name}'. It is shown only now. From now on every call needs a key.`,
        );
      }),
    );
  const list = withSettings(new Command('list'), ['dataDir', 'databaseUrl'])
    .description('List the keys that exist')
    .option('--json', 'Print JSON')
    .action((options: Options) =>
      withStore(options, async (store) => listKeys(await store.keys.list(), options['json'] === true)),
    );
  const revoke = withSettings(new Command('revoke').argument('<id>', 'the id that "keys list" shows'), [
    'dataDir',
    'databaseUrl',
  ])
    .description('Make a key useless at once')
    .action((id: string, options: Options) =>
      withStore(options, async (store) => {
        if (!(await store.keys.revoke(id, systemClock.now())))
          throw new CommandFailure(`There is no key '${id}' that could be revoked.`);
        console.log(`Key ${id} is revoked.`);
      }),
    );
  for (const command of [create, list, revoke]) keys.addCommand(command);
  return keys;
}

async function withStore(options: Options, use: (store: Store) => Promise<void>): Promise<void> {
  const { store } = await openStore(settingsFrom(options));
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

function listKeys(records: readonly KeyRecord[], json: boolean): void {
  const shown = records.map(({ id, name, hint, createdAt, revokedAt }) => ({
    id,
    name,
    hint,
    createdAt: new Date(createdAt).toISOString(),
    revokedAt: revokedAt === undefined ? null : new Date(revokedAt).toISOString(),
  }));
  if (json) console.log(JSON.stringify(shown, undefined, 2));
  else if (shown.length === 0)
    console.log('There are no keys: anything is accepted, from this machine only.');
  else
    for (const key of shown)
      console.log(
        `${key.id}  ${key.hint}  ${key.createdAt}  ${key.revokedAt ? 'revoked' : 'active '}  ${key.name}`,
      );
}
