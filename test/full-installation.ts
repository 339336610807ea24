import { createHash } from 'node:crypto';
import assert from 'node:assert/strict';
import { collectBytes } from '../src/base/stream.ts';
import type { DictionaryRecord, DictionaryVersion } from '../src/core/dictionaries/dictionary-record.ts';
import type { HistoryRecord } from '../src/core/history/history-record.ts';
import type { AnyJob, JobKinds } from '../src/core/jobs/job.ts';
import type { BlobStore } from '../src/core/ports/blob-store.ts';
import type { KeyRecord, Store } from '../src/core/ports/store.ts';
import type { VoiceRecord } from '../src/core/voices/voice-record.ts';
import type { TableBank } from '../src/platform/transfer/table-copy.ts';
import type { CopiedRow } from '../src/platform/transfer/table-plan.ts';
import { claimJob, queuedJob } from './contracts/job-store-contract.ts';

/** Far enough away that nothing expires while a test runs. */
const LATER = 4_000_000_000_000;

/** Text with everything that has ever been lost between two databases. */
const ODD_TEXT = 'a “quoted” \\ text\nwith 🎙, \u0001, a tab\t, {"json": [1.50, 1e400]} and \u00e9 / e\u0301';

/** What the fixture keeps of somebody. */
export interface FilledOwner {
  readonly secret: string;
  readonly key: KeyRecord;
  readonly voice: VoiceRecord;
  readonly history: HistoryRecord;
  readonly dictionary: DictionaryRecord;
  readonly versions: readonly DictionaryVersion[];
  /** Waits; its order has a body. */
  readonly waiting: string;
  /** Has ended, and left a file. */
  readonly done: string;
  readonly blobs: Readonly<Record<string, Uint8Array>>;
}

/** Puts something of an owner into every table, with the bytes that belong to it. */
export async function fillOwner(store: Store, blobs: BlobStore, owner: string): Promise<FilledOwner> {
  const bytes = (name: string, length: number) =>
    Uint8Array.from({ length }, (_, index) => (index * 7 + name.length) % 251);
  const kept: Record<string, Uint8Array> = {
    [`samples/${owner}`]: bytes('sample', 70_000),
    [`consents/${owner}`]: bytes('consent', 5000),
    [`history/${owner}`]: bytes('history', 300_001),
    [`files/${fileId(owner, 'body')}`]: bytes('body', 20),
    [`files/${fileId(owner, 'main')}`]: new Uint8Array(),
  };
  for (const [id, blob] of Object.entries(kept)) await blobs.put(id, blob);
  const { secret, key } = await addKey(store, owner);
  const voice = voiceOf(owner);
  await store.voices.add(voice);
  await store.consents.add({
    id: `consent-${owner}`,
    ownerId: owner,
    name: ODD_TEXT,
    language: 'en-GB',
    blobId: `consents/${owner}`,
    mediaType: 'audio/wav',
    createdAt: 3,
  });
  const history = historyOf(owner);
  await store.history.add(history);
  const { dictionary, versions } = await addDictionary(store, owner);
  const jobs = await addJobs(store, owner);
  await store.secrets.getOrCreate('fixture');
  await addUsage(store, owner);
  return { secret, key, voice, history, dictionary, versions, ...jobs, blobs: kept };
}

function fileId(owner: string, part: string): string {
  return createHash('md5').update(`${owner} ${part}`).digest('hex');
}

async function addKey(store: Store, owner: string) {
  const secret = `ant_${owner}`;
  const key: KeyRecord = {
    id: owner,
    name: ODD_TEXT,
    hash: createHash('sha256').update(`former ${secret}`).digest('hex'),
    hint: 'ant_1234…',
    role: 'user',
    scopes: { capabilities: ['speech'], models: ['tts-1'] },
    limits: { charactersPerDay: 5000 },
    createdAt: 1,
    rotatedAt: undefined,
    expiresAt: LATER,
    revokedAt: undefined,
  };
  await store.keys.add(key);
  await store.keys.rotate(owner, {
    hash: createHash('sha256').update(secret).digest('hex'),
    hint: 'ant_5678…',
    rotatedAt: 2,
    formerUntil: LATER,
  });
  return { secret, key: (await store.keys.find(owner)) ?? assert.fail() };
}

function voiceOf(owner: string): VoiceRecord {
  return {
    id: `voice-${owner}`,
    ownerId: owner,
    name: 'Voice',
    description: ODD_TEXT,
    labels: { accent: 'Scottish' },
    origin: 'cloned',
    traits: { stability: 0.25 },
    samples: [
      {
        id: `sample-${owner}`,
        filename: 'ré"su%mé.wav',
        mediaType: 'audio/flac',
        byteLength: 70_000,
        sha256: 'a'.repeat(64),
        durationSeconds: 3.5,
        blobId: `samples/${owner}`,
      },
    ],
    createdAt: 2,
  };
}

function historyOf(owner: string): HistoryRecord {
  return {
    id: `spoken-${owner}`,
    ownerId: owner,
    requestId: `request-${owner}`,
    createdAt: 1_800_000_000_000,
    source: 'speech',
    model: 'm1',
    voiceId: 'v1',
    voiceName: 'George',
    text: ODD_TEXT,
    characters: 9,
    mediaType: 'audio/mpeg',
    format: 'mp3_44100_128',
    settings: { stability: 0.5 },
    durationSeconds: 1.25,
    blobId: `history/${owner}`,
    byteLength: 300_001,
  };
}

async function addDictionary(store: Store, owner: string) {
  const version = (number: number): DictionaryVersion => ({
    id: `version-${owner}-${number}`,
    dictionaryId: `dictionary-${owner}`,
    rules: [{ type: 'alias', grapheme: 'UN', alias: ODD_TEXT, caseSensitive: true, wordBoundaries: true }],
    createdAt: number,
  });
  const dictionary: DictionaryRecord = {
    id: `dictionary-${owner}`,
    ownerId: owner,
    name: 'Names',
    description: ODD_TEXT,
    createdAt: 1,
    latestVersionId: `version-${owner}-2`,
    latestRuleCount: 1,
  };
  const versions = [version(1), version(2)] as const;
  await store.dictionaries.add(dictionary, versions[0]);
  await store.dictionaries.replaceWithVersion(dictionary, versions[1]);
  return { dictionary, versions };
}

async function addJobs(store: Store, owner: string) {
  const file = (part: string, byteLength: number) =>
    store.files.put({
      id: fileId(owner, part),
      ownerId: owner,
      mediaType: 'audio/mpeg',
      filename: 'answer.mp3',
      byteLength,
      createdAt: 5,
      expiresAt: LATER,
    });
  await file('body', 20);
  await file('main', 0);
  const done = `00000000-0000-4000-8000-${fileId(owner, 'done').slice(0, 12)}`;
  const waiting = `00000000-0000-4000-8000-${fileId(owner, 'waiting').slice(0, 12)}`;
  await store.jobs.add(queuedJob(done, { ownerId: owner, notes: { odd: ODD_TEXT } }), 10);
  const claimed = (await claimJob(store.jobs, { now: 100 })) ?? assert.fail();
  assert.equal(claimed.job.id, done);
  const output: JobKinds['request']['output'] = {
    status: 200,
    headers: { 'content-type': 'audio/mpeg' },
    blob: `files/${fileId(owner, 'main')}`,
    byteLength: 0,
  };
  await store.jobs.finish(claimed.lease, {
    state: 'succeeded',
    output,
    finishedAt: 200,
    expiresAt: LATER,
  });
  const input = {
    method: 'POST',
    url: '/openai/v1/audio/speech',
    headers: {},
    body: { blob: `files/${fileId(owner, 'body')}`, byteLength: 20 },
  };
  const webhook = { url: 'https://example.com/hook' };
  await store.jobs.add(queuedJob(waiting, { ownerId: owner, input, webhook, createdAt: 300 }), 10);
  return { done, waiting };
}

async function addUsage(store: Store, owner: string): Promise<void> {
  await store.usage.add([
    {
      day: '2026-11-21',
      principalId: owner,
      dialect: 'openai',
      capability: 'speech',
      model: 'tts-1',
      servedBy: 'flite/flite',
      requests: 2,
      failures: 0,
      characters: 5_000_000_000,
      audioMs: 1234,
      pictures: 0,
      engineMs: 99,
    },
  ]);
}

/** Holds a store to what the fixture has put into it. */
export async function assertOwnerIsThere(store: Store, blobs: BlobStore, filled: FilledOwner): Promise<void> {
  const { key, voice, history, dictionary, versions } = filled;
  const owner = key.id;
  assert.deepEqual(await store.keys.find(owner), key);
  const hash = createHash('sha256').update(`former ${filled.secret}`).digest('hex');
  assert.equal((await store.keys.findSecret(hash))?.validUntil, LATER);
  assert.deepEqual(await store.voices.find(voice.id, [owner]), voice);
  assert.equal((await store.consents.list(owner))[0]?.name, ODD_TEXT);
  assert.deepEqual(await store.history.find(history.id, owner), history);
  assert.deepEqual(await store.dictionaries.find(dictionary.id, owner), dictionary);
  for (const version of versions)
    assert.deepEqual(await store.dictionaries.findVersion(dictionary.id, version.id), version);
  const jobs = await store.jobs.list({ ownerId: owner, order: 'oldest_first', limit: 10 });
  const states = jobs.map(({ id, state, payloadProblem }: AnyJob) => [id, state, payloadProblem]);
  assert.deepEqual(states, [
    [filled.done, 'succeeded', undefined],
    [filled.waiting, 'queued', undefined],
  ]);
  const [sum] = await store.usage.sum({
    from: '2026-01-01',
    to: '2026-12-31',
    principalId: owner,
    by: [],
    limit: 1,
  });
  assert.equal(sum?.characters, 5_000_000_000);
  for (const [id, bytes] of Object.entries(filled.blobs)) {
    const blob = (await blobs.find(id)) ?? assert.fail(`${id} is not there`);
    assert.deepEqual(await collectBytes(blob.open()), bytes, id);
  }
}

/** Every row of every table that can be taken over, by table; without what only one database has. */
export function rowsIn(bank: TableBank): Promise<Record<string, readonly CopiedRow[]>> {
  return bank.read(async (source) => {
    const all: Record<string, readonly CopiedRow[]> = {};
    for (const table of await source.tables()) {
      const rows: CopiedRow[] = [];
      for await (const batch of source.rows(table)) rows.push(...batch);
      all[table.name] = rows.map(({ sequence: _place, byte_length, has_webhook: _flag, ...row }) => ({
        ...row,
        ...(table.name === 'files' ? { byte_length: byte_length ?? null } : {}),
      }));
    }
    return all;
  });
}
