/** What is counted, and refused, at the front doors of everything that makes or hears something. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Grant } from '../src/core/access/grant.ts';
import type { Engine } from '../src/core/engine.ts';
import type { Capability } from '../src/core/models/model.ts';
import type { Authenticator } from '../src/core/ports/authenticator.ts';
import type { UsageReportRow } from '../src/core/usage/usage-report.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { hearingEngine } from './hearing-engine.ts';
import { postTo } from './media-endpoints.ts';
import { jobIdIn, openMediaHouse, type MediaHouse } from './media-house.ts';
import { testPrincipal } from './support.ts';
import { toneEngine } from './tone-engine.ts';

interface Door {
  readonly name: string;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>> | (() => FormData);
  readonly dialect: string;
  readonly capability: Capability;
  readonly model: string;
  /** What is counted besides the request. */
  readonly counts: Partial<Record<'characters' | 'audioMs' | 'pictures', number | 'some'>>;
  readonly isJob?: true;
  /** Status of the refusal where the allowance is spent; absent where nothing of it is used. */
  readonly spent?: number;
}

const recording = burstRecording({ bursts: bursts(3) });

function form(fields: Readonly<Record<string, string>>, file: string): () => FormData {
  return () => {
    const given = new FormData();
    for (const [name, value] of Object.entries(fields)) given.append(name, value);
    given.append(file, new Blob([Uint8Array.from(recording)]), 'bursts.wav');
    return given;
  };
}

const PCM = 'output_format=pcm_16000';

const DOORS: readonly Door[] = [
  {
    name: 'speech',
    url: '/v1/audio/speech',
    body: { model: 'tts-1', voice: 'alloy', input: 'Good evening 🎙', response_format: 'pcm' },
    dialect: 'openai',
    capability: 'speech',
    model: 'tts-1',
    counts: { characters: 14, audioMs: 'some' },
    spent: 429,
  },
  {
    name: 'speech, with times',
    url: `/v1/text-to-speech/tone%2Fhigh/with-timestamps?${PCM}`,
    body: { text: 'Good evening', model_id: 'eleven_flash_v2_5' },
    dialect: 'elevenlabs',
    capability: 'speech',
    model: 'eleven_flash_v2_5',
    counts: { characters: 12, audioMs: 'some' },
    spent: 401,
  },
  {
    name: 'speech of Eigen AI',
    url: '/api/v1/generate',
    body: { model: 'chatterbox', text: 'Good evening', stream: true },
    dialect: 'eigen',
    capability: 'speech',
    model: 'chatterbox',
    counts: { characters: 12, audioMs: 'some' },
    spent: 402,
  },
  {
    name: 'a conversion',
    url: `/v1/speech-to-speech/tone%2Fhigh?${PCM}`,
    body: form({}, 'audio'),
    dialect: 'elevenlabs',
    capability: 'conversion',
    model: 'eleven_english_sts_v2',
    counts: { characters: 0, audioMs: 'some' },
    spent: 401,
  },
  {
    name: 'an isolation',
    url: '/v1/audio-isolation',
    body: form({}, 'audio'),
    dialect: 'elevenlabs',
    capability: 'conversion',
    model: 'rnnoise/rnnoise',
    counts: { characters: 0, audioMs: 'some' },
    spent: 401,
  },
  {
    name: 'a transcription',
    url: '/v1/audio/transcriptions',
    body: form({ model: 'whisper-1' }, 'file'),
    dialect: 'openai',
    capability: 'transcription',
    model: 'whisper-1',
    counts: { characters: 0, audioMs: 'some' },
    spent: 429,
  },
  {
    name: 'a sound',
    url: `/v1/sound-generation?${PCM}`,
    body: { text: 'Rain', duration_seconds: 0.5 },
    dialect: 'elevenlabs',
    capability: 'sound',
    model: 'eleven_text_to_sound_v2',
    counts: { characters: 4, audioMs: 500 },
    spent: 401,
  },
  {
    name: 'music',
    url: `/v1/music?${PCM}`,
    body: { prompt: 'A waltz', music_length_ms: 3000 },
    dialect: 'elevenlabs',
    capability: 'music',
    model: 'music_v1',
    counts: { characters: 7, audioMs: 3000 },
    spent: 401,
  },
  {
    name: 'a sound in a job',
    url: '/v2/generate/audio',
    body: { model: 'stable-audio', prompt: 'Rain', seconds_total: 1 },
    dialect: 'aiml',
    capability: 'sound',
    model: 'stable-audio',
    counts: { characters: 4, audioMs: 1000 },
    isJob: true,
    spent: 403,
  },
  {
    name: 'pictures',
    url: '/v1/images/generations',
    body: { prompt: 'A boat', size: '256x256', n: 2, model: 'gpt-image-1' },
    dialect: 'openai',
    capability: 'image',
    model: 'gpt-image-1',
    counts: { characters: 6, pictures: 2, audioMs: 0 },
    spent: 429,
  },
  {
    name: 'a film',
    url: '/v1/videos',
    body: { prompt: 'A boat', model: 'sora-2', seconds: '4' },
    dialect: 'openai',
    capability: 'video',
    model: 'sora-2',
    counts: { characters: 6, audioMs: 'some' },
    isJob: true,
    spent: 429,
  },
  {
    name: 'a chat',
    url: '/v1/chat/completions',
    body: { model: 'talker/talker', messages: [{ role: 'user', content: 'Hello' }] },
    dialect: 'openai',
    capability: 'chat',
    model: 'talker/talker',
    counts: { characters: 0, audioMs: 0 },
  },
];

/** Says nothing but that it was there. */
const talker: Engine = {
  id: 'talker',
  concurrency: 1,
  models: [
    {
      id: 'talker/talker',
      name: 'Talker',
      capability: 'chat',
      description: 'Answers always the same, for tests',
      languages: 'any',
      implements: [],
      licence: 'Apache-2.0',
    },
  ],
  chat: { complete: async () => ({ kind: 'whole', completion: { id: 'x', choices: [] } }) },
};

/** What the keys are good for; whoever comes has the key that they name. */
const grants = new Map<string, Partial<Grant>>();

const authenticator: Authenticator = {
  required: async () => true,
  findAdmitted: async (id) => testPrincipal(id, grants.get(id) ?? {}),
  authenticate: async (credential = '') => testPrincipal(credential, grants.get(credential) ?? {}),
};

describe('usage', () => {
  let house: MediaHouse;
  before(async () => {
    const more = [toneEngine(), hearingEngine(), talker];
    house = await openMediaHouse({ more }, { authenticator });
  });
  after(async () => {
    await house.close();
    await stopDecodePool();
  });

  const knock = ({ url, body }: Door, key: string, headers: Readonly<Record<string, string>> = {}) =>
    postTo(house.origin, {
      url,
      headers: { authorization: `Bearer ${key}`, 'xi-api-key': key, ...headers },
      body: typeof body === 'function' ? body() : JSON.stringify(body),
    });
  const usedBy = async (key: string): Promise<readonly UsageReportRow[]> => {
    const by = ['dialect', 'capability', 'model', 'servedBy'] as const;
    return (await house.core.usage.reports.report({ principalId: key, by })).rows;
  };
  const endOf = (body: string, key: string) => house.ended(jobIdIn(body), { authorization: `Bearer ${key}` });

  for (const [index, door] of DOORS.entries()) {
    test(`${door.name}: is counted once, for the key, the dialect, the model and who served it`, async () => {
      const key = `free-${index}`;
      const { status, body } = await knock(door, key);
      assert.ok(status < 300, `${status} ${body.slice(0, 300)}`);
      if (door.isJob) assert.equal((await endOf(body, key)).state, 'succeeded');
      const [row, ...others] = await usedBy(key);
      assert.ok(row && others.length === 0, `${others.length + 1} rows`);
      const { dialect, capability, model } = door;
      assert.deepEqual(
        [row.dialect, row.capability, row.model, row.requests, row.failures],
        [dialect, capability, model, 1, 0],
      );
      assert.match(row.servedBy ?? '', /^[a-z]+\/[a-z-]+$/);
      for (const [amount, expected] of Object.entries(door.counts)) {
        const counted: string = String(Object.entries(row).find(([name]) => name === amount)?.[1]);
        if (expected === 'some') assert.ok(Number(counted) > 0, `${amount} is ${counted}`);
        else assert.equal(counted, String(expected), amount);
      }
    });

    test(`${door.name}: a key that is for something else is refused, and nothing is counted`, async () => {
      const key = `narrow-${index}`;
      const other = door.capability === 'speech' ? 'image' : 'speech';
      grants.set(key, { scopes: { capabilities: [other] } });
      const { status, body } = await knock(door, key);
      assert.equal(status, 403, body);
      assert.deepEqual(await usedBy(key), []);
    });

    test(`${door.name}: a spent allowance is ${door.spent ? `refused with ${door.spent}` : 'no matter'}`, async () => {
      const key = `spent-${index}`;
      grants.set(key, { limits: { charactersPerMonth: 1, audioSecondsPerDay: 1 } });
      const { meter } = house.core.usage;
      const earlier = { capability: 'speech', model: 'tts-1', audioSeconds: 2 } as const;
      meter.add({ ...earlier, principalId: key, dialect: 'openai' });
      const { status, body, headers } = await knock(door, key);
      if (door.spent === undefined) return assert.equal(status, 200, body);
      assert.equal(status, door.spent, body);
      assert.match(body, /may use (1 characters a month|1 seconds of sound a day)/);
      assert.ok(Number(headers.get('retry-after')) > 0 || headers.get('x-should-retry') === 'false');
      assert.equal((await usedBy(key)).length, 1);
    });
  }

  test('an answer that comes later is counted once, when it is made', async () => {
    const door = DOORS[0] ?? assert.fail();
    const { status, body } = await knock(door, 'later', { prefer: 'respond-async' });
    assert.equal(status, 202, body);
    assert.equal((await endOf(body, 'later')).state, 'succeeded');
    const [row, ...others] = await usedBy('later');
    assert.deepEqual([row?.requests, row?.characters, others.length], [1, 14, 0]);
  });

  test('an allowance that is spent meanwhile ends a job, and says why', async () => {
    const door = DOORS[0] ?? assert.fail();
    grants.set('poor', { limits: { charactersPerDay: 5 } });
    const { body } = await knock(door, 'poor', { prefer: 'respond-async' });
    const { state, error } = await endOf(body, 'poor');
    assert.deepEqual([state, error?.code], ['failed', 'quota_exceeded']);
    assert.match(error?.message ?? '', /may use 5 characters a day and has used 0\. This request has 14\./);
    assert.deepEqual(await usedBy('poor'), []);
  });
});

test('an engine that breaks is counted as one failure, whatever else was tried', async () => {
  const broken = [
    toneEngine({ id: 'one', failAfterChunks: 0 }),
    toneEngine({ id: 'two', failAfterChunks: 0 }),
  ];
  const house = await openMediaHouse({ more: broken }, { authenticator });
  try {
    const { url, body } = DOORS[0] ?? assert.fail();
    const headers = { authorization: 'Bearer unlucky' };
    const { status } = await postTo(house.origin, { url, headers, body: JSON.stringify(body) });
    assert.equal(status, 502);
    const { total } = await house.core.usage.reports.report({ principalId: 'unlucky', by: [] });
    assert.deepEqual([total.requests, total.failures, total.characters], [1, 1, 0]);
  } finally {
    await house.close();
  }
});
