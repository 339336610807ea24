import { join, resolve } from 'node:path';
import { AppError } from '../../base/errors.ts';
import type { ModelStore, PullOptions, WeightsEntry, WeightsStatus } from '../../core/models/weights.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { isLocked, takeLock, waitForLock } from './download-lock.ts';
import { createHubClient, type HubClient } from './hub-client.ts';
import { diskFailure } from './hub-failure.ts';
import type { RetryPolicy } from './hub-retries.ts';
import { createSharedPulls, type PullWork, type SharedPulls } from './shared-pull.ts';
import { weightsCatalog } from './weights-catalog.ts';
import { inspectFolder, namesOnDisk, type FolderFacts } from './installed-weights.ts';
import { freeBytesOf, installWeights } from './weights-install.ts';
import { removeWeights } from './weights-remove.ts';
import { verifyWeights } from './weights-verify.ts';

export interface ModelStoreParts {
  /** Made when something is first installed. */
  readonly modelsDir: string;
  readonly endpoint: string;
  readonly token?: string | undefined;
  /** Never ask the hub. */
  readonly offline: boolean;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  readonly clock: Clock;
  readonly catalog?: readonly WeightsEntry[];
  readonly retries?: RetryPolicy;
  /** Milliseconds between looks at a lock that another process holds. */
  readonly lockPollMs?: number;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

interface Shop {
  readonly parts: ModelStoreParts;
  readonly entries: readonly WeightsEntry[];
  readonly hub: HubClient;
  readonly pulls: SharedPulls;
}

/** Keeps weights in folders named after their ids and fetches them from a hub. Throws when the endpoint is no web address. */
export function createModelStore(parts: ModelStoreParts): ModelStore {
  const shop: Shop = {
    parts,
    entries: parts.catalog ?? weightsCatalog,
    hub: createHubClient(parts),
    pulls: createSharedPulls(),
  };
  return {
    entries: shop.entries,
    list: async () => {
      const statuses: WeightsStatus[] = [];
      for (const entry of shop.entries) statuses.push(await statusOf(shop, entry));
      return statuses;
    },
    status: async (id) => statusOf(shop, getEntry(shop, id)),
    path: async (id) => pathOf(shop, getEntry(shop, id)),
    pull: async (id, options = {}) => pull(shop, getEntry(shop, id), options),
    verify: async (id, signal) => {
      const entry = getEntry(shop, id);
      const folder = folderOf(shop, entry);
      const facts = await inspectFolder(entry, folder);
      if (facts.state === 'absent' || facts.state === 'partial') throw notInstalled(entry, facts);
      return verifyWeights({ entry, folder }, facts.manifest, signal);
    },
    remove: async (id) => remove(shop, getEntry(shop, id)),
  };
}

function folderOf(shop: Shop, entry: WeightsEntry): string {
  return resolve(shop.parts.modelsDir, ...entry.id.split('/'));
}

function lockOf(shop: Shop, entry: WeightsEntry): string {
  return join(resolve(shop.parts.modelsDir), '.locks', `${entry.id.replaceAll('/', '--')}.lock`);
}

function getEntry(shop: Shop, id: string): WeightsEntry {
  const entry = shop.entries.find((one) => one.id === id);
  if (entry) return entry;
  const near = nearest(
    id,
    shop.entries.map((one) => one.id),
  );
  const hint = near.length > 0 ? ` Did you mean ${near.map((one) => `'${one}'`).join(' or ')}?` : '';
  throw new AppError('not_found', `There is no model '${id}' in the catalog.${hint}`, {
    subject: 'model',
    param: 'id',
  });
}

async function statusOf(shop: Shop, entry: WeightsEntry): Promise<WeightsStatus> {
  const { manifest: _, ...facts } = await inspectFolder(entry, folderOf(shop, entry));
  const busy =
    shop.pulls.isRunning(entry.id) || (facts.state === 'partial' && (await isLocked(lockOf(shop, entry))));
  return { entry, ...facts, state: busy ? 'downloading' : facts.state };
}

async function pathOf(shop: Shop, entry: WeightsEntry): Promise<string> {
  const folder = folderOf(shop, entry);
  const facts = await inspectFolder(entry, folder);
  if (facts.state !== 'installed') throw notInstalled(entry, facts);
  return folder;
}

function notInstalled(entry: WeightsEntry, facts: FolderFacts): AppError {
  const how = facts.state === 'damaged' ? `is damaged (${facts.problem})` : 'is not installed';
  const flag = entry.commercialUse ? '' : ' --accept-licence';
  return new AppError(
    'not_found',
    `The model '${entry.id}' ${how}. 'antiphon models pull ${entry.id}${flag}' installs it.`,
    { subject: 'model', reason: 'not_installed' },
  );
}

async function pull(shop: Shop, entry: WeightsEntry, options: PullOptions): Promise<WeightsStatus> {
  const wanted = [...(entry.needs ?? []).map((id) => getEntry(shop, id)), entry];
  const missing: WeightsEntry[] = [];
  for (const one of wanted) {
    const facts = await inspectFolder(one, folderOf(shop, one));
    if (facts.state === 'installed') continue;
    checkAllowed(shop, one, options);
    missing.push(one);
  }
  for (const one of missing) await shop.pulls.join(one.id, install(shop, one), options);
  return statusOf(shop, entry);
}

function checkAllowed(shop: Shop, entry: WeightsEntry, options: PullOptions): void {
  const place = `put ${[...namesOnDisk(entry), ...(entry.folders ?? []).map((one) => `${one}/`)].join(', ')} into ${folderOf(shop, entry)}`;
  if (entry.source.kind === 'by_hand')
    throw new AppError(
      'unsupported_feature',
      `'${entry.id}' is not on a hub. Get it from ${entry.source.page} and ${place}.`,
      { reason: 'by_hand' },
    );
  if (!entry.commercialUse && options.acceptLicence !== true)
    throw new AppError(
      'permission_denied',
      `The licence of '${entry.id}' (${entry.licence}) does not clearly allow commercial use. Agree to it with --accept-licence, or acceptLicence in the API.`,
      { reason: 'licence' },
    );
  if (shop.parts.offline)
    throw new AppError(
      'unsupported_feature',
      `'${entry.id}' is not installed, and offline mode forbids fetching it. Switch that off, or ${place}.`,
      {
        reason: 'offline',
      },
    );
}

function install(shop: Shop, entry: WeightsEntry): PullWork {
  const { parts, hub } = shop;
  const folder = folderOf(shop, entry);
  const { source } = entry;
  return async (report, signal) => {
    if (source.kind !== 'hub') throw new Error('Only entries on a hub are installed.');
    const place = { repository: source.repository, revision: source.revision };
    const started = parts.clock.monotonicMs();
    try {
      const lock = await waitForLock(lockOf(shop, entry), signal, parts.lockPollMs ?? 250);
      try {
        // Another process may have brought it while this one waited for the lock.
        const { state, manifest } = await inspectFolder(entry, folder);
        if (state === 'installed') return;
        const freeBytes = parts.freeBytes ?? freeBytesOf;
        await installWeights({
          entry,
          place,
          folder,
          manifest,
          hub,
          clock: parts.clock,
          freeBytes,
          report,
          signal,
        });
      } finally {
        lock.release();
      }
      parts.log.info(
        { model: entry.id, durationMs: Math.round(parts.clock.monotonicMs() - started) },
        'weights-installed',
      );
    } catch (error) {
      throw diskFailure(error) ?? error;
    }
  };
}

async function remove(shop: Shop, entry: WeightsEntry): Promise<number> {
  const folder = folderOf(shop, entry);
  const facts = await inspectFolder(entry, folder);
  try {
    if (facts.state === 'absent' && !shop.pulls.isRunning(entry.id)) return 0;
    const lock = shop.pulls.isRunning(entry.id) ? undefined : await takeLock(lockOf(shop, entry));
    if (!lock)
      throw new AppError('conflict', `'${entry.id}' is being fetched. Stop that first.`, {
        reason: 'downloading',
      });
    try {
      return await removeWeights(entry, folder, facts.manifest);
    } finally {
      lock.release();
    }
  } catch (error) {
    throw diskFailure(error) ?? error;
  }
}

/** Names that contain the one asked for, or else the closest by spelling; three at most. */
function nearest(name: string, known: readonly string[]): readonly string[] {
  const parts = name.toLowerCase().split('/');
  const last = parts.at(-1) ?? '';
  const containing = known.filter((one) => last !== '' && one.includes(last));
  if (containing.length > 0) return containing.slice(0, 3);
  return known
    .map((one) => ({ one, distance: editDistance(name.toLowerCase(), one) }))
    .filter(({ distance }) => distance <= Math.max(3, name.length / 3))
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** Letters to insert, delete or exchange between two words. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(left).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(right).entries()) {
      const exchanged = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (next[column] ?? 0) + 1, (row[column + 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
