/** What everybody used, as the vendor's own client asks administrators' keys for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { APIError } from 'openai';
import type { Role } from '../../src/core/access/grant.ts';
import type { Authenticator } from '../../src/core/ports/authenticator.ts';
import type { UsageRow } from '../../src/core/ports/usage-store.ts';
import { NOTHING_USED } from '../../src/core/usage/usage-amounts.ts';
import { listening, memoryStore, testPrincipal } from '../support.ts';

function row(day: string, facts: Partial<UsageRow> = {}): UsageRow {
  return {
    day,
    principalId: 'ann',
    dialect: 'openai',
    capability: 'speech',
    model: 'tts-1',
    servedBy: 'tone/tone',
    ...NOTHING_USED,
    requests: 1,
    ...facts,
  };
}

const ROWS = [
  row('2026-11-01', { characters: 10 }),
  row('2026-11-01', { principalId: 'bob', characters: 5, requests: 2 }),
  row('2026-11-03', { model: 'tts-1-hd', characters: 7 }),
  row('2026-11-03', { capability: 'transcription', model: 'whisper-1', audioMs: 90_400 }),
  row('2026-11-03', { capability: 'image', model: 'gpt-image-1', pictures: 4 }),
  row('2026-11-20', { characters: 1 }),
];

/** The official client with a key of that role. */
async function calling(role: Role, use: (client: OpenAI) => Promise<void>): Promise<void> {
  const somebody = testPrincipal('somebody', { role });
  const authenticator: Authenticator = {
    required: async () => true,
    findAdmitted: async () => somebody,
    authenticate: async () => somebody,
  };
  const store = memoryStore();
  await store.usage.add(ROWS);
  await listening({ authenticator, store }, ({ origin }) =>
    use(new OpenAI({ adminAPIKey: 'any', apiKey: 'any', baseURL: `${origin}/v1`, maxRetries: 0 })),
  );
}

const at = (day: string) => Date.parse(day) / 1000;

test('speeches are told by the day, all keys together, and page after page', () =>
  calling('admin', async (client) => {
    const query = { start_time: at('2026-11-01'), end_time: at('2026-11-04'), limit: 2 };
    const first = await client.admin.organization.usage.audioSpeeches(query);
    assert.deepEqual(
      first.data.map(({ start_time, end_time, results }) => [start_time, end_time, results]),
      [
        [
          at('2026-11-01'),
          at('2026-11-02'),
          [
            {
              object: 'organization.usage.audio_speeches.result',
              characters: 15,
              num_model_requests: 3,
              project_id: null,
              user_id: null,
              api_key_id: null,
              model: null,
            },
          ],
        ],
        [at('2026-11-02'), at('2026-11-03'), []],
      ],
    );
    assert.ok(first.has_more && first.next_page !== null);
    const second = await client.admin.organization.usage.audioSpeeches({ ...query, page: first.next_page });
    assert.deepEqual(
      [second.data.length, second.data[0]?.start_time, second.has_more, second.next_page],
      [1, at('2026-11-03'), false, null],
    );
  }));

test('usage is told apart, and chosen, by model and key', () =>
  calling('admin', async (client) => {
    const ask = async (more: object) => {
      const query = { start_time: at('2026-11-01'), end_time: at('2026-11-30'), limit: 31, ...more };
      const { data } = await client.admin.organization.usage.audioSpeeches(query);
      return data.flatMap(({ results }) =>
        results.map((result) => {
          assert.equal(result.object, 'organization.usage.audio_speeches.result');
          return [result.model, result.api_key_id, result.characters];
        }),
      );
    };
    assert.deepEqual(await ask({ group_by: ['model', 'api_key_id'] }), [
      ['tts-1', 'ann', 10],
      ['tts-1', 'bob', 5],
      ['tts-1-hd', 'ann', 7],
      ['tts-1', 'ann', 1],
    ]);
    assert.deepEqual(await ask({ models: ['tts-1-hd'] }), [[null, null, 7]]);
    assert.deepEqual(await ask({ api_key_ids: ['bob'] }), [[null, null, 5]]);
  }));

test('recordings are told in seconds, pictures in number', () =>
  calling('admin', async (client) => {
    const query = { start_time: at('2026-11-03'), limit: 1 };
    const { usage } = client.admin.organization;
    const [heard] = (await usage.audioTranscriptions(query)).data[0]?.results ?? [];
    assert.ok(heard?.object === 'organization.usage.audio_transcriptions.result');
    assert.equal(heard.seconds, 90);
    const [made] = (await usage.images(query)).data[0]?.results ?? [];
    assert.ok(made?.object === 'organization.usage.images.result');
    assert.equal(made.images, 4);
  }));

test('other keys than administrators’ see nothing, and what is not counted is refused by name', async () => {
  const failure = async (client: OpenAI, more: object): Promise<APIError> => {
    const query = { start_time: at('2026-11-03'), ...more };
    const thrown = await client.admin.organization.usage.audioSpeeches(query).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof APIError, String(thrown));
    return thrown;
  };
  await calling('user', async (client) => assert.equal((await failure(client, {})).status, 403));
  await calling('admin', async (client) => {
    for (const [more, param] of [
      [{ bucket_width: '1h' }, 'bucket_width'],
      [{ project_ids: ['x'] }, 'project_ids'],
      [{ user_ids: ['x'] }, 'user_ids'],
      [{ end_time: 5 }, 'end_time'],
      [{ limit: 32 }, 'limit'],
      [{ page: 'x' }, 'page'],
      [{ group_by: ['voice'] }, 'group_by'],
    ] as const) {
      const { status, param: named } = await failure(client, more);
      assert.equal(status, 400, param);
      assert.ok(named?.startsWith(param), `${named} for ${param}`);
    }
  });
});
