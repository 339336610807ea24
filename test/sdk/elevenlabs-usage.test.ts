/** The account and the curves of usage, as the vendor's own client reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElevenLabs, ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import type { Grant } from '../../src/core/access/grant.ts';
import type { Core } from '../../src/core/core.ts';
import type { Authenticator } from '../../src/core/ports/authenticator.ts';
import type { UsageRow } from '../../src/core/ports/usage-store.ts';
import { NOTHING_USED } from '../../src/core/usage/usage-amounts.ts';
import { dayEnd, dayOf, monthEnd } from '../../src/core/usage/usage-days.ts';
import { listening, memoryStore, testPrincipal } from '../support.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Caller {
  readonly client: ElevenLabsClient;
  readonly core: Core;
}

/** The official client with a key called ann, on a server that remembers these rows. */
async function calling(
  { grant = {}, rows = [] }: { readonly grant?: Partial<Grant>; readonly rows?: readonly UsageRow[] },
  use: (caller: Caller) => Promise<void>,
): Promise<void> {
  const ann = testPrincipal('ann', { role: 'user', ...grant });
  const authenticator: Authenticator = {
    required: async () => true,
    findAdmitted: async () => ann,
    authenticate: async () => ann,
  };
  const store = memoryStore();
  await store.usage.add(rows);
  await listening({ authenticator, store }, async ({ origin, core }) => {
    await use({ client: new ElevenLabsClient({ apiKey: 'ann', baseUrl: origin, maxRetries: 0 }), core });
  });
}

function row(day: string, facts: Partial<UsageRow> = {}): UsageRow {
  return {
    day,
    principalId: 'ann',
    dialect: 'elevenlabs',
    capability: 'speech',
    model: 'eleven_v3',
    servedBy: 'tone/tone',
    ...NOTHING_USED,
    requests: 1,
    ...facts,
  };
}

async function speak({ client }: Caller, text: string): Promise<void> {
  await Array.fromAsync(await client.textToSpeech.convert('tone/high', { text }));
}

const today = () => dayOf(Date.now());

test('the account shows what the key used this month, its limit, and when it begins anew', () =>
  calling(
    {
      grant: { limits: { charactersPerMonth: 500, charactersPerDay: 400 } },
      rows: [row(today(), { characters: 90 })],
    },
    async (caller) => {
      await speak(caller, 'Good evening.');
      const account = await caller.client.user.subscription.get();
      assert.deepEqual(
        [account.characterCount, account.characterLimit, account.nextCharacterCountResetUnix],
        [103, 500, monthEnd(Date.now()) / 1000],
      );
      assert.equal(account.characterRefreshPeriod, 'monthly_period');
      const user = await caller.client.user.get();
      assert.equal(user.subscription.characterCount, 103);
      assert.equal(user.seatType, 'workspace_member');
    },
  ));

test('a key with an allowance for the day alone is shown its day, one without any the largest number', async () => {
  const rows = [row(today(), { characters: 5 }), row(dayOf(Date.now() - DAY_MS), { characters: 50 })];
  await calling({ grant: { limits: { charactersPerDay: 40 } }, rows }, async ({ client }) => {
    const account = await client.user.subscription.get();
    assert.deepEqual(
      [account.characterCount, account.characterLimit, account.nextCharacterCountResetUnix],
      [5, 40, dayEnd(Date.now()) / 1000],
    );
  });
  await calling({}, async ({ client }) => {
    assert.equal((await client.user.subscription.get()).characterLimit, 2_147_483_647);
  });
});

test('a spent account is refused as the vendor refuses it, and the client does not try again', () =>
  calling({ grant: { limits: { charactersPerMonth: 20 } } }, async (caller) => {
    await speak(caller, 'Twelve chars');
    const failure = await speak(caller, 'Nine more').then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(failure instanceof ElevenLabsError);
    const { detail } = failure.body as { detail: { status: string; message: string } }; // Looked at below.
    assert.deepEqual([failure.statusCode, detail.status], [401, 'quota_exceeded']);
    assert.match(detail.message, /20 characters a month and has used 12\. This request has 9\./);
    await speak(caller, '8 fit in');
  }));

/** The first and the last moment of some days, as the vendor's page asks for them. */
function moments(from: string, to: string) {
  return { startUnix: Date.parse(from), endUnix: Date.parse(to) + DAY_MS - 1 };
}

const NOVEMBER = [
  row('2026-10-30', { characters: 1000 }),
  row('2026-11-01', { characters: 10, audioMs: 60_000 }),
  row('2026-11-01', { model: 'eleven_flash_v2_5', characters: 3 }),
  row('2026-11-09', { capability: 'sound', model: 'eleven_text_to_sound_v2', characters: 7 }),
  row('2026-11-09', { principalId: 'bob', characters: 500 }),
];

test('curves have a value for every day, also where nothing was used, and are the key’s own', () =>
  calling({ rows: NOVEMBER }, async ({ client }) => {
    const { time, usage } = await client.usage.get(moments('2026-11-01', '2026-11-10'));
    assert.deepEqual(
      time,
      Array.from({ length: 10 }, (_, day) => Date.parse('2026-11-01') + day * DAY_MS),
    );
    assert.deepEqual(usage, { All: [13, 0, 0, 0, 0, 0, 0, 0, 7, 0] });
    const nothing = await client.usage.get(moments('2025-01-01', '2025-01-02'));
    assert.deepEqual(nothing.usage, { All: [0, 0] });
  }));

test('curves are told by model, by what was done and by key, and count what is asked for', () =>
  calling({ rows: NOVEMBER, grant: { role: 'admin' } }, async ({ client }) => {
    const days = { ...moments('2026-11-01', '2026-11-10'), aggregationInterval: 'cumulative' } as const;
    const told = async (more: Partial<ElevenLabs.UsageGetRequest>) =>
      (await client.usage.get({ ...days, ...more })).usage;
    assert.deepEqual(await told({ breakdownType: 'model' }), {
      eleven_flash_v2_5: [3],
      eleven_text_to_sound_v2: [7],
      eleven_v3: [10],
    });
    assert.deepEqual(await told({ breakdownType: 'product_type' }), { sound: [7], speech: [13] });
    assert.deepEqual(await told({ breakdownType: 'user', includeWorkspaceMetrics: true }), {
      '(ann)': [20],
      '(bob)': [500],
    });
    assert.deepEqual(await told({ metric: 'tts_characters' }), { All: [13] });
    assert.deepEqual(await told({ metric: 'minutes_used' }), { All: [1] });
    assert.deepEqual(await told({ metric: 'request_count', includeWorkspaceMetrics: true }), { All: [4] });
  }));

test('weeks begin with the first day that is asked for, months with the calendar’s', () =>
  calling({ rows: NOVEMBER }, async ({ client }) => {
    const curve = async (more: Partial<ElevenLabs.UsageGetRequest>) => {
      const { time, usage } = await client.usage.get({ ...moments('2026-10-29', '2026-11-10'), ...more });
      return time.map((at, index) => [dayOf(at), usage['All']?.[index]]);
    };
    assert.deepEqual(await curve({ aggregationInterval: 'week' }), [
      ['2026-10-29', 1013],
      ['2026-11-05', 7],
    ]);
    assert.deepEqual(await curve({ aggregationInterval: 'month' }), [
      ['2026-10-29', 1000],
      ['2026-11-01', 20],
    ]);
    assert.deepEqual(await curve({ aggregationBucketSize: 10 * 86_400 }), [
      ['2026-10-29', 1013],
      ['2026-11-08', 7],
    ]);
  }));

test('what is not counted here, and what is not theirs, is refused by name', () =>
  calling({ rows: NOVEMBER }, async ({ client }) => {
    for (const [more, status, words] of [
      [{ breakdownType: 'voice' }, 400, /breakdown_type 'voice' is not counted here/],
      [{ metric: 'ttfb_avg' }, 400, /metric 'ttfb_avg'/],
      [{ aggregationInterval: 'hour' }, 400, /aggregation_interval 'hour'/],
      [{ aggregationBucketSize: 3600 }, 400, /aggregation_bucket_size/],
      [{ breakdownType: 'user' }, 400, /needs include_workspace_metrics/],
      [{ includeWorkspaceMetrics: true }, 403, /role admin/],
      [{ endUnix: 1 }, 400, /end_unix is before/],
      [{ startUnix: 1 }, 400, /400 days.*start_unix/],
    ] as const) {
      const failure = await client.usage.get({ ...moments('2026-11-01', '2026-11-10'), ...more }).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(failure instanceof ElevenLabsError, JSON.stringify(more));
      assert.match(JSON.stringify(failure.body), words);
      assert.equal(failure.statusCode, status, JSON.stringify([more, failure.body]));
    }
  }));
