import { Command } from 'commander';
import { AppError } from '../base/errors.ts';
import { createKeyBook, keyState, type KeyBook, type MintedKey } from '../core/access/key-book.ts';
import { keyView } from '../core/access/key-view.ts';
import type { KeyRecord } from '../core/ports/store.ts';
import { openStore } from '../platform/store/store-opening.ts';
import { systemClock } from '../platform/system-clock.ts';
import { CommandFailure } from './command-failure.ts';
import { flagOf, hasTerms, termsFrom, textOf, toDuration, withTerms } from './key-options.ts';
import { keyTable, keyText } from './key-table.ts';
import { settingsFrom, withSettings } from './settings-options.ts';

type Options = Readonly<Record<string, unknown>>;

const ID = 'the id that "keys list" shows';

/** `antiphon keys create|list|show|update|rotate|revoke`. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Make, list, change and revoke API keys');
  for (const command of [
    createCommand(),
    listCommand(),
    showCommand(),
    updateCommand(),
    rotateCommand(),
    revokeCommand(),
  ]) {
    keys.addCommand(withSettings(command, ['dataDir', 'databaseUrl']).option('--json', 'Print JSON'));
  }
  return keys;
}

function createCommand(): Command {
  const command = new Command('create').argument('<name>', 'who or what the key is for');
  return withTerms(command)
    .description('Make a key and show it once; a user’s without limits, where nothing else is said')
    .action(async (name: string, options: Options) => {
      // Who names no API does not wait for the code of all of them.
      const dialects = options['dialects'] === undefined ? [] : await dialectIds();
      const use = async (book: KeyBook) => {
        const isFirst = (await book.list()).length === 0;
        const minted = await book.create({ ...termsFrom(options, systemClock.now()), name });
        showSecret(minted, options);
        if (isFirst) console.error('From now on every call needs a key.');
        await mindAdmins(book);
      };
      await withKeys(options, use, dialects);
    });
}

function listCommand(): Command {
  return new Command('list').description('List the keys that exist').action((options: Options) =>
    withKeys(options, async (book) => {
      const records = await book.list();
      const now = systemClock.now();
      if (isJson(options)) print(records.map((record) => keyView(record, now)));
      else if (records.length === 0)
        console.log('There are no keys: anything is accepted, from this machine only.');
      else console.log(keyTable(records, now));
    }),
  );
}

function showCommand(): Command {
  return new Command('show')
    .argument('<id>', ID)
    .description('Show what a key is good for')
    .action((id: string, options: Options) =>
      withKeys(options, async (book) => showKey(await book.get(id), options)),
    );
}

function updateCommand(): Command {
  const command = new Command('update').argument('<id>', ID).option('--name <name>', 'Another name');
  return withTerms(command)
    .description('Change what a key is good for; what is not named stays as it is')
    .action(async (id: string, options: Options) => {
      const use = async (book: KeyBook) => {
        const name = textOf(options, 'name');
        if (name === undefined && !hasTerms(options))
          throw new CommandFailure('Nothing to change: name an option, such as --role or --expires.', 2);
        const change = termsFrom(options, systemClock.now());
        showKey(await book.change(id, name === undefined ? change : { ...change, name }), options);
        await mindAdmins(book);
      };
      // What the key had before is looked at, too.
      await withKeys(options, use, await dialectIds());
    });
}

function rotateCommand(): Command {
  return new Command('rotate')
    .argument('<id>', ID)
    .option('--grace <time>', 'How long the old secret goes on counting, such as 24h', '0s')
    .description('Give a key a new secret and show it once')
    .action((id: string, options: Options) =>
      withKeys(options, async (book) => {
        const grace = textOf(options, 'grace') ?? '';
        const graceMs = toDuration(grace);
        if (graceMs === undefined)
          throw new CommandFailure(`--grace is a length of time such as 90s, 24h or 7d, not '${grace}'.`, 2);
        showSecret(await book.rotate(id, graceMs), options);
        if (!isJson(options))
          console.error(graceMs === 0 ? 'The old one is void.' : `The old one counts for ${grace} more.`);
      }),
    );
}

function revokeCommand(): Command {
  return new Command('revoke')
    .argument('<id>', ID)
    .description('Make a key useless at once')
    .action((id: string, options: Options) =>
      withKeys(options, async (book) => {
        const before = await book.get(id);
        if (before.revokedAt !== undefined)
          throw new CommandFailure(`Key ${id} was revoked at ${new Date(before.revokedAt).toISOString()}.`);
        const record = await book.revoke(id);
        if (isJson(options)) showKey(record, options);
        else console.log(`Key ${id} is revoked.`);
        await mindAdmins(book);
      }),
    );
}

async function withKeys(
  options: Options,
  use: (book: KeyBook) => Promise<void>,
  dialects: readonly string[] = [],
): Promise<void> {
  // The role of a key is none of the settings, which have the role of a process.
  const { role: _ofKey, ...settings } = options;
  const { store } = await openStore(settingsFrom(settings));
  try {
    await use(createKeyBook({ keys: store.keys, clock: systemClock, dialects }));
  } catch (error) {
    throw error instanceof AppError ? toFailure(error) : error;
  } finally {
    await store.close();
  }
}

/** The ids of all APIs, for what says which of them a key is for. */
async function dialectIds(): Promise<readonly string[]> {
  const { dialects } = await import('../dialects/index.ts');
  return dialects.map(({ id }) => id);
}

/** What was asked wrongly names the option; what cannot be done is another matter. */
function toFailure({ code, message, param }: AppError): CommandFailure {
  if (code !== 'invalid_request') return new CommandFailure(message);
  const flag = flagOf(param);
  return new CommandFailure(flag === '' ? message : `${flag}: ${message}`, 2);
}

/** The secret alone goes to standard output, so that a script can take it. */
function showSecret({ secret, record }: MintedKey, options: Options): void {
  if (isJson(options)) {
    print({ ...keyView(record, systemClock.now()), key: secret });
    return;
  }
  console.log(secret);
  console.error(`Key ${record.id} for '${record.name}', ${record.role}. It is shown only now.`);
}

function showKey(record: KeyRecord, options: Options): void {
  const now = systemClock.now();
  if (isJson(options)) print(keyView(record, now));
  else console.log(keyText(record, now));
}

/** Says so where nobody can administer the server over the network. */
async function mindAdmins(book: KeyBook): Promise<void> {
  const now = systemClock.now();
  const isAdmin = (record: KeyRecord) => record.role === 'admin' && keyState(record, now) === 'active';
  if (!(await book.list()).some(isAdmin))
    console.error('No key that works is an admin; "antiphon keys create <name> --role admin" makes one.');
}

function isJson(options: Options): boolean {
  return options['json'] === true;
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, undefined, 2));
}
