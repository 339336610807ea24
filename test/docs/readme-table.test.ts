/** The table of the README promises routes, engines and servers: each of them must be there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { present } from '../../src/base/assert.ts';
import type { Engine } from '../../src/core/engine.ts';
import type { Capability } from '../../src/core/models/model.ts';
import { dialects } from '../../src/dialects/index.ts';
import { engineEntries, remoteEntries } from '../../src/engines/index.ts';
import { mediaProfiles } from '../../src/engines/openai-media/profiles/media-profiles.ts';
import { weightsCatalog } from '../../src/platform/models/weights-catalog.ts';
import { remotesSchema, toRemoteSettings } from '../../src/platform/remotes-config.ts';
import { testApp } from '../support.ts';

/** What stands at the beginning of each row, and what it is here. */
const ROWS: Readonly<Record<string, Capability>> = {
  'text to speech': 'speech',
  'speech to text': 'transcription',
  'sound effects': 'sound',
  music: 'music',
  pictures: 'image',
  films: 'video',
};

/** The engines that need nothing to be installed. */
const HERE = ['flite', 'espeak', 'procedural'];

const rows = tableRows(readFileSync('README.md', 'utf8'));

describe("the README's table of what there is", () => {
  let app: FastifyInstance;
  let engines: readonly Engine[] = [];

  before(async () => {
    engines = await Promise.all(HERE.map(startedEngine));
    ({ app } = await testApp({ engines }));
  });
  after(async () => {
    await app.close();
    for (const engine of engines) await engine.stop?.();
  });

  test('has a row for everything that is made, and a column for every vendor', () => {
    assert.deepEqual([...rows.keys()], Object.keys(ROWS));
    const vendors = dialects.map(({ title }) => title).filter((title) => title !== 'Antiphon');
    const [row = {}] = rows.values();
    assert.deepEqual(Object.keys(row).slice(0, vendors.length).toSorted(), vendors.toSorted());
  });

  for (const [name, { 'comes along': here = '', 'with weights': installed = '', ...cells }] of rows) {
    const { 'a server of yours': elsewhere = '', ...vendors } = cells;
    const capability = present(ROWS[name], name);

    test(`names routes for ${name} that are there`, async () => {
      const paths = Object.values(vendors).flatMap(quotedIn);
      assert.ok(paths.length > 0);
      for (const path of paths) {
        const url = path.replace('…', 'one');
        const answer = await app.inject({ method: 'POST', url, payload: {} });
        assert.doesNotMatch(answer.body, /There is nothing at|does not take POST/, path);
      }
    });

    test(`names the engines that come along for ${name}`, () => {
      const makers = engines.filter(({ models }) => models.some((model) => model.capability === capability));
      assert.deepEqual(
        quotedIn(here),
        makers.map(({ id }) => id),
      );
    });

    test(`names the engines that make ${name} once weights are installed`, () => {
      const makers = weightsCatalog.filter(({ kind }) => kind === capability).map(({ engine }) => engine);
      assert.deepEqual(quotedIn(installed).toSorted(), [...new Set(makers)].toSorted());
    });

    test(`names the servers elsewhere to which ${name} can be left`, async () => {
      const able = await serversFor(capability);
      assert.deepEqual(quotedIn(elsewhere).toSorted(), able.toSorted());
    });
  }
});

type Row = Readonly<Record<string, string>>;

/** The cells of each row by the titles of their columns; rows by what stands first in them. */
function tableRows(page: string): ReadonlyMap<string, Row> {
  const lines = page.split('\n');
  const at = lines.findIndex((line) => line.startsWith('| | OpenAI |'));
  const end = lines.findIndex((line, index) => index > at && !line.startsWith('|'));
  const [head = [], , ...body] = lines
    .slice(at, end)
    .map((line) => line.split('|').slice(1, -1).map(trimmed));
  return new Map(
    body.map(([name = '', ...cells]) => [
      name,
      Object.fromEntries(cells.map((cell, index) => [present(head[index + 1], 'a title'), cell])),
    ]),
  );
}

function trimmed(text: string): string {
  return text.trim();
}

function quotedIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);
}

async function startedEngine(id: string): Promise<Engine> {
  const entry = present(
    engineEntries.find((one) => one.id === id),
    id,
  );
  const engine = await (await entry.load()).create({ workers: 1 });
  assert.ok(!('unavailable' in engine), id);
  return engine;
}

/** Servers elsewhere that have a way to ask for something: profiles of the one adapter, and the other adapters. */
async function serversFor(capability: Capability): Promise<string[]> {
  const servers = [
    ...mediaProfiles.map(({ id }) => ({ id, adapter: 'openai-media', profile: id })),
    ...remoteEntries.filter(({ id }) => id !== 'openai-media').map(({ id }) => ({ id, adapter: id })),
  ];
  const able: string[] = [];
  for (const server of servers) if (await serves(server, capability)) able.push(server.id);
  return able;
}

async function serves(
  server: { readonly id: string; readonly adapter: string },
  capability: Capability,
): Promise<boolean> {
  const models = [{ id: 'm', capability, upstream: 'm' }];
  const [written] = remotesSchema.parse([{ ...server, url: 'http://127.0.0.1:9', templates: '.', models }]);
  const entry = remoteEntries.find(({ id }) => id === server.adapter);
  const adapter = await present(entry, server.adapter).load();
  try {
    const remote = toRemoteSettings(present(written, server.id), {});
    const engine = await adapter.create({ workers: 1, remote });
    if ('stop' in engine) await engine.stop?.();
    return true;
  } catch (error) {
    // What is missing besides, such as the file of a template, has another message.
    return !/has no (model for|\w+ models)/.test(String(error));
  }
}
