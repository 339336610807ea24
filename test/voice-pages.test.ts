/** Lists of voices page by page, through the APIs, with voices of the caller, of everybody and of somebody else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ANYBODY } from '../src/core/context.ts';
import { testApp, testContext } from './support.ts';

const COUNT = 9;
const SECRET = 'secret-of-mine';

const page = z.looseObject({
  voices: z.array(z.looseObject({ id: z.string().optional(), voice_id: z.string().optional() })),
  has_more: z.boolean().default(false),
  next_page_token: z.string().nullish(),
  last_id: z.string().nullish(),
  total_count: z.number().optional(),
});

let app: FastifyInstance;

before(async () => {
  const made = await testApp({ keys: [SECRET] });
  app = made.app;
  const add = async (id: string, principal: typeof ANYBODY) => {
    const design = { prompt: 'calm', pitchSemitones: 0, speed: 1 };
    const source = { kind: 'design', design } as const;
    await made.core.studio.create(
      { id, name: `Voice ${id}`, source, param: 'text' },
      { ...testContext(), principal },
    );
  };
  for (let at = 0; at < COUNT; at += 1) {
    await add(`ours${at}`, ANYBODY);
    await add(`mine${at}`, { ...ANYBODY, id: `key:${SECRET}`, anonymous: false });
    await add(`theirs${at}`, { ...ANYBODY, id: 'somebody else', anonymous: false });
  }
});
after(() => app.close());

async function read(url: string, headers: Readonly<Record<string, string>>) {
  const response = await app.inject({ method: 'GET', url, headers });
  assert.equal(response.statusCode, 200, response.body.slice(0, 300));
  return page.parse(response.json());
}

test('ElevenLabs: pages of every size show what the whole list shows, and nobody else’s voices', async () => {
  const headers = { 'xi-api-key': SECRET };
  const whole = (await read('/v1/voices', headers)).voices;
  const ids = whole.map((voice) => voice.voice_id ?? '');
  assert.deepEqual(ids.slice(0, 2 * COUNT + 1).filter((id) => /^(mine|ours)\d$/.test(id)).length, 2 * COUNT);
  assert.ok(!ids.some((id) => id.startsWith('theirs')));
  for (const size of [4, 9, 100]) {
    const seen: unknown[] = [];
    let token: string | null | undefined = '';
    while (token !== null && token !== undefined) {
      const query: string = token && `&next_page_token=${token}`;
      const found = await read(`/v2/voices?page_size=${size}${query}`, headers);
      assert.equal(found.total_count, whole.length);
      seen.push(...found.voices);
      token = found.next_page_token;
    }
    assert.deepEqual(seen, whole);
  }
});

test('ElevenLabs: whose voices are wanted is told apart, and a search meets names in any case', async () => {
  const idsOf = async (query: string) => {
    const found = await read(`/v2/voices?page_size=100&${query}`, { 'xi-api-key': SECRET });
    assert.equal(found.total_count, found.voices.length);
    return found.voices.map((voice) => voice.voice_id);
  };
  const all = (whose: string) => Array.from({ length: COUNT }, (_, at) => `${whose}${at}`);
  assert.deepEqual(await idsOf('voice_type=personal'), all('mine'));
  assert.deepEqual(await idsOf('voice_type=workspace'), all('ours'));
  assert.deepEqual(
    await idsOf('voice_type=personal&sort=created_at_unix&sort_direction=desc'),
    all('mine').toReversed(),
  );
  assert.deepEqual(await idsOf('search=VOICE%20Mine3'), ['mine3']);
  assert.deepEqual(await idsOf('voice_ids=ours2&voice_ids=theirs1&voice_ids=mine4'), ['ours2', 'mine4']);
});

test('OpenAI: pages of every size show what the whole list shows, and `after` somebody else’s voice is refused', async () => {
  const headers = { authorization: `Bearer ${SECRET}` };
  const whole = (await read('/v1/audio/voices', headers)).voices;
  assert.ok(whole.length > 2 * COUNT && !whole.some(({ id }) => id?.startsWith('theirs')));
  for (const limit of [4, 9, 1000]) {
    const seen: unknown[] = [];
    let query = '';
    for (let more = true; more;) {
      const found = await read(`/v1/audio/voices?limit=${limit}${query}`, headers);
      seen.push(...found.voices);
      more = found.has_more;
      query = `&after=${encodeURIComponent(found.last_id ?? '')}`;
    }
    assert.deepEqual(seen, whole);
  }
  assert.deepEqual((await read('/v1/audio/voices?after=mine0', headers)).voices, whole.slice(2));
  const refused = await app.inject({ method: 'GET', url: '/v1/audio/voices?after=theirs1', headers });
  assert.equal(refused.statusCode, 400);
});
