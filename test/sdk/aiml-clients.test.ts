/** The vendor has no client for this route: these are the rules by which its samples, and known programs, read the replies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Core } from '../../src/core/core.ts';
import { listening } from '../support.ts';
import { toneSounds, type ToneSoundsOptions } from '../tone-sounds.ts';

const KEY = { authorization: 'Bearer right' };
const JSON_TYPE = { 'content-type': 'application/json' };
const SAMPLE = {
  model: 'stable-audio',
  prompt: 'lo-fi pop hip-hop ambient music',
  steps: 100,
  seconds_total: 10,
};

interface Service {
  readonly url: string;
  /** Takes the place of a client's wait: until the generation has changed. */
  wait(id: string): Promise<void>;
}

async function serving(
  use: (service: Service) => Promise<void>,
  options: ToneSoundsOptions = {},
): Promise<void> {
  await listening({ engines: [toneSounds(options)], keys: ['right'] }, async ({ origin, core }) => {
    await use({ url: `${origin}/v2/generate/audio`, wait: (id) => untilEnded(core, id) });
  });
}

async function untilEnded(core: Core, id: string): Promise<void> {
  const [jobId = ''] = id.split(':');
  for await (const job of core.jobs.watch(jobId, 'key:right', AbortSignal.timeout(30_000))) void job;
}

/** What the samples expect; the tests check it. */
interface Json {
  readonly id: string;
  readonly generation_id: string;
  readonly status: string;
  readonly audio_file: { readonly url: string };
  readonly error?: { readonly message: string; readonly detail?: readonly { readonly msg: string }[] };
}

async function submit({ url }: Service, body: object = SAMPLE): Promise<{ status: number; json: Json }> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { ...KEY, ...JSON_TYPE },
    body: JSON.stringify(body),
  });
  return { status: reply.status, json: (await reply.json()) as Json };
}

async function ask({ url }: Service, query: string): Promise<{ status: number; json: Json }> {
  const reply = await fetch(`${url}?${query}`, { headers: { ...KEY, ...JSON_TYPE } });
  return { status: reply.status, json: (await reply.json()) as Json };
}

/** Asks until the status is none of those that mean "not yet". */
async function pollWhile(service: Service, id: string, pending: readonly string[]): Promise<Json> {
  const query = new URLSearchParams({ generation_id: id }).toString();
  for (let tries = 0; tries < 10; tries += 1) {
    const { json } = await ask(service, query);
    if (!pending.includes(json.status)) return json;
    await service.wait(id);
  }
  throw new Error('still not there');
}

test('A20: the samples of the documentation end with a completed generation', () =>
  serving(async (service) => {
    for (const pending of [
      ['waiting', 'queued', 'generating'],
      ['queued', 'generating'],
    ]) {
      const { status, json } = await submit(service);
      assert.ok(status < 400);
      const result = await pollWhile(service, json.id, pending);
      assert.equal(result.status, 'completed');
      assert.equal((await fetch(result.audio_file.url)).status, 200);
    }
  }));

test('A21: the two samples of the older documentation find an id and a status', () =>
  serving(async (service) => {
    const { json } = await submit(service);
    assert.equal(typeof json.id, 'string');
    assert.equal(typeof json.generation_id, 'string');
    const polled = await ask(service, `generation_id=${json.generation_id}`);
    assert.equal(typeof polled.json.id, 'string');
    assert.equal(typeof polled.json.status, 'string');
    await service.wait(json.id);
  }));

test('A22: a client that insists on 201 and 200, and looks into the error unasked, passes', async () => {
  const read = async (service: Service) => {
    const submitted = await submit(service);
    assert.equal(submitted.status, 201);
    const id: string = submitted.json.id;
    await service.wait(id);
    const polled = await ask(service, `generation_id=${id}`);
    assert.equal(polled.status, 200);
    // A key that is there with null would break it; one that is not there is an empty object to it.
    assert.notEqual(polled.json.error, null);
    const { status, error } = polled.json;
    return { status, message: error?.message, detail: error?.detail?.[0]?.msg };
  };
  await serving(async (service) => {
    assert.deepEqual(await read(service), { status: 'completed', message: undefined, detail: undefined });
  });
  await serving(
    async (service) => {
      const { status, message, detail } = await read(service);
      assert.equal(status, 'error');
      assert.ok(typeof message === 'string' && message === detail);
    },
    { failAfterChunks: 0, failure: 'internal' },
  );
});

/** The first value under one of the names, wherever it stands. */
function findDeep(value: unknown, names: readonly string[]): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, child] of Object.entries(value)) {
    if (names.includes(key) && typeof child === 'string') return child;
    const found = findDeep(child, names);
    if (found !== undefined) return found;
  }
  return undefined;
}

const FAILED = ['failed', 'error', 'cancelled', 'timeout', 'expired'];
const DONE = ['completed', 'succeeded', 'success', 'done', 'finished'];

test('A23: a client that searches every reply for id, status and address stops at the end, and never before', async () => {
  const run = async (service: Service) => {
    const { json } = await submit(service, {
      ...SAMPLE,
      duration: 10,
      audio_format: 'wav',
      cfg_scale: 7,
      mode: 'music',
      prompt_strength: 0.5,
    });
    const id = findDeep(json, ['id', 'generation_id', 'task_id']) ?? '';
    for (let tries = 0; tries < 10; tries += 1) {
      const polled = (await ask(service, `generation_id=${encodeURIComponent(id)}`)).json;
      const status = findDeep(polled, ['status', 'state'])?.toLowerCase() ?? '';
      const url = findDeep(polled, ['url', 'audio_url']);
      if (FAILED.includes(status)) return { status, url };
      if (DONE.includes(status) || url !== undefined) return { status, url };
      await service.wait(id);
    }
    throw new Error('still not there');
  };
  await serving(async (service) => {
    const { status, url } = await run(service);
    assert.equal(status, 'completed');
    assert.match(url ?? '', /^http:\/\/127\.0\.0\.1:\d+\/.+\.wav/);
  });
  await serving(
    async (service) => {
      assert.deepEqual(await run(service), { status: 'error', url: undefined });
    },
    { failAfterChunks: 0, failure: 'internal' },
  );
});
