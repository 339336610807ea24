import { join } from 'node:path';
import { Command } from 'commander';
import { AppError } from '../base/errors.ts';
import type { ModelStore, WeightsEntry, WeightsStatus, WeightsVerdict } from '../core/models/weights.ts';
import { silentLogger } from '../core/ports/logger.ts';
import { hubSettings } from '../platform/models/hub-client.ts';
import { createModelStore } from '../platform/models/model-store.ts';
import { weightsCatalog } from '../platform/models/weights-catalog.ts';
import { systemClock } from '../platform/system-clock.ts';
import { CommandFailure } from './command-failure.ts';
import { byteText, createProgressLine } from './progress-line.ts';

type Options = Readonly<Record<string, unknown>>;

/** What shells expect of a program that an interrupt ended. */
const INTERRUPTED = 130;

/** `antiphon models list|pull|rm|verify`. */
export function modelsCommand(catalog: readonly WeightsEntry[] = weightsCatalog): Command {
  const models = new Command('models').description('Install, list, check and remove model weights');
  const list = withFolder(new Command('list'))
    .description('List the models that exist and those that are installed')
    .option('--installed', 'Leave out what is not on this machine')
    .action((options: Options) => run(catalog, options, (store) => listModels(store, options)));
  const pull = withFolder(new Command('pull').argument('<id...>', 'ids that "models list" shows'))
    .description('Fetch models; what an interrupted pull had fetched is kept and used')
    .option('--accept-licence', 'Agree to licences that forbid commercial use, or do not clearly allow it')
    .option('--offline', 'Never use the network')
    .action((ids: readonly string[], options: Options) =>
      run(catalog, options, (store) => pullModels(store, ids, options)),
    );
  const remove = withFolder(new Command('rm').argument('<id...>', 'ids that "models list" shows'))
    .description('Delete the files of models')
    .action((ids: readonly string[], options: Options) =>
      run(catalog, options, (store) => removeModels(store, ids, options)),
    );
  const verify = withFolder(new Command('verify').argument('[id...]', 'all that are installed when absent'))
    .description('Hash every file again and compare it with its checksum')
    .action((ids: readonly string[], options: Options) =>
      run(catalog, options, (store) => verifyModels(store, ids, options)),
    );
  for (const command of [list, pull, remove, verify]) models.addCommand(command);
  return models;
}

function withFolder(command: Command): Command {
  return command
    .option('--models-dir <folder>', 'Folder of the models (default: "models" in the data folder)')
    .option('--json', 'Print JSON');
}

async function run(
  catalog: readonly WeightsEntry[],
  options: Options,
  act: (store: ModelStore) => Promise<void>,
): Promise<void> {
  try {
    await act(openModelStore(catalog, options));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'cancelled') {
      console.error('Stopped. What has arrived is kept; the same command goes on from there.');
      process.exitCode = INTERRUPTED;
      return;
    }
    throw new CommandFailure(error.message, error.code === 'not_found' && error.reason === undefined ? 2 : 1);
  }
}

function openModelStore(catalog: readonly WeightsEntry[], options: Options): ModelStore {
  const { env } = process;
  const { modelsDir } = options;
  const fallback = env['ANTIPHON_MODELS_DIR'] ?? join(env['ANTIPHON_DATA_DIR'] ?? './data', 'models');
  try {
    return createModelStore({
      modelsDir: typeof modelsDir === 'string' ? modelsDir : fallback,
      ...hubSettings(env),
      offline: options['offline'] === true || ['1', 'true'].includes(env['ANTIPHON_OFFLINE'] ?? ''),
      fetch,
      log: silentLogger,
      clock: systemClock,
      catalog,
    });
  } catch (error) {
    throw new CommandFailure(error instanceof Error ? error.message : String(error), 2);
  }
}

async function listModels(store: ModelStore, options: Options): Promise<void> {
  const all = await store.list();
  const shown = options['installed'] === true ? all.filter((one) => one.bytesOnDisk > 0) : all;
  if (options['json'] === true) console.log(JSON.stringify(shown.map(statusJson), undefined, 2));
  else for (const status of shown) console.log(statusLine(status));
}

async function pullModels(store: ModelStore, ids: readonly string[], options: Options): Promise<void> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once('SIGINT', onInterrupt);
  const line = createProgressLine(process.stderr, systemClock);
  const done: WeightsStatus[] = [];
  try {
    for (const id of ids) {
      const status = await store.pull(id, {
        acceptLicence: options['acceptLicence'] === true,
        onProgress: (progress) => line.show(progress),
        signal: stop.signal,
      });
      line.end();
      done.push(status);
      if (options['json'] !== true)
        console.log(`${id} is installed, ${byteText(status.bytesOnDisk)}, ${pinText(status)}.`);
    }
  } finally {
    line.end();
    process.removeListener('SIGINT', onInterrupt);
  }
  if (options['json'] === true) console.log(JSON.stringify(done.map(statusJson), undefined, 2));
}

async function removeModels(store: ModelStore, ids: readonly string[], options: Options): Promise<void> {
  const removed: { id: string; freedBytes: number }[] = [];
  for (const id of ids) removed.push({ id, freedBytes: await store.remove(id) });
  if (options['json'] === true) console.log(JSON.stringify(removed, undefined, 2));
  else
    for (const { id, freedBytes } of removed)
      console.log(
        freedBytes > 0 ? `${id} is removed; that freed ${byteText(freedBytes)}.` : `${id} was not there.`,
      );
}

async function verifyModels(store: ModelStore, ids: readonly string[], options: Options): Promise<void> {
  const installed = (await store.list()).filter(
    (one) => one.state === 'installed' || one.state === 'damaged',
  );
  const wanted = ids.length > 0 ? ids : installed.map((one) => one.entry.id);
  const verdicts: WeightsVerdict[] = [];
  for (const id of wanted) {
    const verdict = await store.verify(id);
    verdicts.push(verdict);
    if (options['json'] !== true) console.log(verdictText(verdict));
  }
  if (options['json'] === true) console.log(JSON.stringify(verdicts, undefined, 2));
  const bad = verdicts.filter((verdict) => !verdict.ok).map((verdict) => verdict.id);
  if (bad.length > 0)
    throw new CommandFailure(
      `Damaged: ${bad.join(', ')}. 'antiphon models pull' fetches what is wrong again.`,
    );
}

function verdictText(verdict: WeightsVerdict): string {
  const wrong = verdict.files.filter((file) => file.state === 'missing' || file.state === 'changed');
  const unpinned = verdict.files.filter((file) => file.state === 'unpinned').length;
  if (wrong.length > 0)
    return `${verdict.id}: ${wrong.map((file) => `${file.path} ${file.state}`).join(', ')}`;
  const note = unpinned > 0 ? `, of which ${unpinned} have no checksum to compare with` : '';
  return `${verdict.id}: ${verdict.files.length} files right${note}`;
}

function statusLine(status: WeightsStatus): string {
  const { entry, state } = status;
  const size = status.bytesOnDisk > 0 ? status.bytesOnDisk : status.totalBytes;
  return [
    entry.id.padEnd(38),
    state.padEnd(11),
    (size === undefined ? '?' : byteText(size)).padStart(8),
    pinText(status).padEnd(17),
    `${entry.licence}${entry.commercialUse ? '' : ' (needs --accept-licence)'}`,
    ...(status.problem === undefined ? [] : [status.problem]),
  ].join('  ');
}

function pinText(status: WeightsStatus): string {
  if (status.placedByHand) return 'placed by hand';
  return { catalog: 'pinned by catalog', hub: 'pinned by hub', nobody: 'not pinned' }[status.pinnedBy];
}

function statusJson({ entry, ...status }: WeightsStatus) {
  const { id, engine, kind, title, licence, commercialUse, languages, memoryBytes, needs } = entry;
  return {
    id,
    engine,
    kind,
    title,
    licence,
    commercialUse,
    languages,
    memoryBytes,
    needs: needs ?? [],
    ...status,
  };
}
