/** The short form of `npm run torture`: the same requests from a fixed seed, at a server in the process of the test. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { keyAuthenticator } from '../../src/platform/keys.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { openMediaHouse, type MediaHouse } from '../media-house.ts';
import { memoryStore, recordingLogger } from '../support.ts';
import { toneEngine } from '../tone-engine.ts';
import { tortureAddresses, watchtower, type Watchtower } from './torture-addresses.ts';
import { newAgent, type Address } from './torture-asking.ts';
import { tortureDecoders } from './torture-decoders.ts';
import { realFiles, type RealFile } from './torture-files.ts';
import { growthOf } from './torture-growth.ts';
import { judge, vendorsOf } from './torture-judging.ts';
import { readOperations, type Operation } from './torture-operations.ts';
import { createTally, describeFinding, type Tally } from './torture-report.ts';
import { tortureRoutes } from './torture-routes.ts';
import { tortureSockets } from './torture-sockets.ts';
import { makeKey } from './torture-target.ts';
import { idsThere, ownKeyId } from './torture-warming.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const REQUESTS = Number(process.env['REQUESTS'] ?? 600);

describe('hostile requests from the schemas of all routes', () => {
  const log = recordingLogger();
  let house: MediaHouse;
  let hidden: Watchtower;
  let address: Address;
  let operations: readonly Operation[] = [];
  let files: readonly RealFile[] = [];

  before(async () => {
    const store = memoryStore();
    const more = [
      toneEngine({ implements: ['tts-1', 'higgs2p5'] }),
      hearingEngine({ implements: ['whisper-1', 'whisper_v3_turbo', 'scribe_v1'] }),
    ];
    house = await openMediaHouse({ more }, { store, log, authenticator: keyAuthenticator(store.keys) });
    hidden = await watchtower('127.0.0.1');
    const key = await makeKey(house.origin);
    const here = { origin: house.origin, key, agent: newAgent() };
    operations = await readOperations(house.origin);
    files = await realFiles();
    address = { ...here, ids: await idsThere(operations, here, await ownKeyId(here)) };
  });
  after(async () => {
    address.agent.destroy();
    await house.close();
    await hidden.close();
    await stopDecodePool();
  });

  const deadline = () => Date.now() + 60_000;
  const assertNothing = (tally: Tally) => {
    assert.deepEqual(tally.findings().map(describeFinding), []);
    const errors = log.entries.filter(({ level }) => level === 'error');
    assert.deepEqual(errors, []);
  };

  test(`${REQUESTS} requests get what is promised, or a refusal in the words of the vendor`, async (t) => {
    const tally = createTally();
    const material = { files, forbidden: `http://127.0.0.1:${hidden.port}/hook` };
    await tortureRoutes({
      operations,
      material,
      address,
      seed: SEED,
      requests: REQUESTS,
      deadline: deadline(),
      lanes: 4,
      tally,
      betweenRounds: async () => address,
    });
    t.diagnostic(`${tally.requests()} requests to ${operations.length} routes`);
    assert.ok(tally.requests() >= REQUESTS);
    assertNothing(tally);
  });

  test('conversations on every kind of socket end as they should', async () => {
    const tally = createTally();
    await tortureSockets({ operations, address, seed: SEED, conversations: 60, deadline: deadline(), tally });
    assertNothing(tally);
  });

  test('no field of any body, and no webhook, leads the server to this machine', async () => {
    const tally = createTally();
    const some = operations.filter(({ name }) =>
      /videos$|images\/edits|generate$|voices$|generate\/audio/.test(name),
    );
    assert.ok(some.length >= 4);
    const ports = { port: hidden.port, redirector: hidden.port };
    await tortureAddresses({ operations: some, address, ...ports, deadline: deadline(), tally, every: 40 });
    assertNothing(tally);
    assert.deepEqual(hidden.visits(), []);
  });

  test('damaged recordings leave every decoder thread alive and free', async () => {
    const tally = createTally();
    await tortureDecoders({ files, seed: SEED, runs: 21, deadline: deadline(), tally });
    assert.deepEqual(tally.findings().map(describeFinding), []);
  });
});

test('the judge knows a fault of every kind', async () => {
  const vendor = { statuses: new Set([400, 429]), outlines: new Set(['{error:{message:.}}']) };
  const judges = { vendor, vendors: vendorsOf([]) };
  const asked = {
    method: 'GET',
    url: '/openai/v1/models',
    headers: {},
    body: undefined,
    credential: 'ours',
    isOwnMount: true,
  } as const;
  const answer = (status: number, text: string, headers = {}) =>
    judge(asked, { status, headers, body: Buffer.from(text), ms: 1 }, judges).join(' ');
  assert.equal(answer(400, '{"error":{"message":"no"}}'), '');
  assert.match(answer(400, '{"statusCode":400,"error":"Bad Request","message":"x"}'), /foreign envelope/);
  assert.match(answer(500, '{"error":{"message":"x"}}'), /status 500/);
  assert.match(answer(400, 'Bad Request'), /no JSON/);
  assert.match(answer(418, '{"error":{"message":"x"}}'), /not documented/);
  assert.match(answer(429, '{"error":{"message":"x"}}'), /without Retry-After/);
  assert.equal(answer(429, '{"error":{"message":"x"}}', { 'retry-after': '1' }), '');
  assert.match(answer(400, '{"error":{"message":"at f (/x/node_modules/y.js:1)"}}'), /inside/);
  assert.match(answer(200, '{"a":', { 'content-type': 'application/json' }), /is none/);
  const stranger = judge(
    { ...asked, credential: 'wrong' },
    { status: 200, headers: {}, body: Buffer.of(), ms: 1 },
    judges,
  );
  assert.match(stranger.join(' '), /without a key/);
  for (const trouble of ['silent', 'cut', 'endless'] as const) {
    assert.equal(
      judge(asked, { status: 0, headers: {}, body: Buffer.of(), ms: 1, trouble }, judges).length,
      1,
      trouble,
    );
  }
});

test('growth is told from what comes and goes', () => {
  const at = (requests: number, megabytes: number, handles = 60) => ({
    requests,
    megabytes,
    childMegabytes: 100,
    handles,
    children: 1,
    temporaryFiles: 0,
    openFiles: 0,
  });
  const calm = Array.from({ length: 12 }, (_, round) => at(round * 1_000, 400 + (round % 2) * 9));
  assert.deepEqual(growthOf(calm).faults, []);
  const growing = Array.from({ length: 12 }, (_, round) => at(round * 1_000, 400 + round * 30));
  assert.match(growthOf(growing).faults.join(), /memory of the server grows by 30\.0 MB/);
  const children = calm.map((sample, round) => ({ ...sample, childMegabytes: round * 20 }));
  assert.match(growthOf(children).faults.join(), /memory of its child processes grows by 20\.0 MB/);
  assert.match(growthOf([at(0, 400), at(10, 400, 300)]).faults.join(), /handles grew from 60 to 300/);
  assert.match(growthOf([at(0, 400), { ...at(10, 400), openFiles: 1 }]).faults.join(), /openFiles grew/);
});
