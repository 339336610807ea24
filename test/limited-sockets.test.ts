/** Who may open a socket, how many at a time, and for how long. */
import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import type { Grant } from '../src/core/access/grant.ts';
import type { Core } from '../src/core/core.ts';
import { hearingEngine } from './hearing-engine.ts';
import { grantedKeys, untilSo, type GrantedKeys } from './limits-support.ts';
import {
  connectSocket,
  refusedHandshake,
  saying,
  type Received,
  type SocketClient,
} from './socket-client.ts';
import { listening } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const KEY = 'sk-limited';
const VOICE = '21m00Tcm4TlvDq8ikWAM';
const LOOK_MS = 30_000;

before(() => mock.timers.enable({ apis: ['setInterval'] }));
after(() => mock.timers.reset());

interface Way {
  readonly dialect: string;
  readonly path: string;
  /** What a client says to be let in, where the headers do not. */
  readonly greeting?: (key: string) => object;
  readonly isOpen: (message: Received) => boolean;
  /** Whether a caller who may not come in hears so before the socket opens. */
  readonly refusesHandshake?: boolean;
  /** How the last message names what was wrong. */
  readonly words: { readonly revoked: string; readonly scope: string; readonly crowded: string };
}

const OPEN = { text: ' ' };
const WORDS = {
  revoked: 'invalid_api_key',
  scope: 'insufficient_permissions',
  crowded: 'too_many_concurrent_requests',
};

const WAYS: Readonly<Record<string, Way>> = {
  'Eigen AI’s speech': {
    dialect: 'eigen',
    path: '/eigen/api/v1/generate/ws',
    greeting: (token) => ({ token, model: 'higgs2p5' }),
    isOpen: saying('status', 'authenticated'),
    words: { revoked: '401', scope: '403', crowded: '429' },
  },
  'ElevenLabs’ speech': {
    dialect: 'elevenlabs',
    path: `/v1/text-to-speech/${VOICE}/stream-input`,
    greeting: (key) => ({ ...OPEN, 'xi-api-key': key }),
    isOpen: () => true,
    words: WORDS,
  },
  'ElevenLabs’ speech of several contexts': {
    dialect: 'elevenlabs',
    path: `/v1/text-to-speech/${VOICE}/multi-stream-input`,
    greeting: (key) => ({ ...OPEN, 'xi-api-key': key }),
    isOpen: () => true,
    words: WORDS,
  },
  'ElevenLabs’ hearing': {
    dialect: 'elevenlabs',
    path: '/v1/speech-to-text/realtime?model_id=scribe_v2_realtime',
    isOpen: saying('message_type', 'session_started'),
    words: { revoked: 'auth_error', scope: 'auth_error', crowded: 'rate_limited' },
  },
  'OpenAI’s hearing': {
    dialect: 'openai',
    path: '/v1/realtime?intent=transcription',
    isOpen: saying('type', 'session.created'),
    refusesHandshake: true,
    words: { revoked: 'invalid_api_key', scope: 'not for the API', crowded: 'rate_limit_exceeded' },
  },
};

interface House {
  readonly keys: GrantedKeys;
  readonly core: Core;
  readonly connect: () => Promise<SocketClient>;
  /** Sockets that count at the moment. */
  readonly open: () => number;
}

async function inHouse(
  { path, greeting }: Way,
  grant: Partial<Grant>,
  use: (house: House) => Promise<void>,
): Promise<void> {
  const keys = grantedKeys({ [KEY]: grant });
  const engines = [toneEngine(), hearingEngine()];
  await listening({ engines, authenticator: keys.authenticator }, async ({ origin, core }) => {
    const principal = await keys.authenticator.authenticate(KEY);
    await use({
      keys,
      core,
      open: () => core.limiter.standing(principal).concurrency?.current ?? 0,
      connect: async () => {
        const headers = greeting ? {} : { authorization: `Bearer ${KEY}` };
        const client = await connectSocket({ url: `${origin}${path}`, headers });
        if (greeting) client.send(greeting(KEY));
        return client;
      },
    });
  });
}

/** The server closes because of a rule, and its last message says which. */
async function assertClosed(client: SocketClient, word: string): Promise<void> {
  const { code } = await client.closed;
  const last = JSON.stringify(client.received.at(-1));
  assert.equal(code, 1008, last);
  assert.ok(last.includes(word), last);
}

async function assertRefused(
  { refusesHandshake, path }: Way,
  house: House,
  expected: { word: string; status: number },
) {
  if (!refusesHandshake) return assertClosed(await house.connect(), expected.word);
  const refused = house.connect().then(
    () => assert.fail('the handshake was accepted'),
    (error: unknown) => String(error),
  );
  assert.match(await refused, new RegExp(`${expected.status}`), path);
}

for (const [name, way] of Object.entries(WAYS)) {
  describe(`${name} socket`, () => {
    test('counts as one request for as long as it is open', () =>
      inHouse(way, { limits: { concurrency: 1 } }, async (house) => {
        const first = await house.connect();
        await untilSo(() => house.open() === 1);
        await assertRefused(way, house, { word: way.words.crowded, status: 429 });
        assert.equal(house.open(), 1);
        first.socket.terminate();
        await untilSo(() => house.open() === 0);
        const next = await house.connect();
        await untilSo(() => house.open() === 1);
        next.socket.terminate();
      }));

    test('is closed within half a minute when its key is revoked', () =>
      inHouse(way, { limits: { concurrency: 1 } }, async (house) => {
        const client = await house.connect();
        await untilSo(() => house.open() === 1);
        // Looks that find the key change nothing.
        const earlier = house.keys.lookUps();
        mock.timers.tick(LOOK_MS);
        await untilSo(() => house.keys.lookUps() > earlier);
        assert.equal(client.socket.readyState, client.socket.OPEN);
        house.keys.revoke(KEY);
        mock.timers.tick(LOOK_MS);
        await assertClosed(client, way.words.revoked);
        await untilSo(() => house.open() === 0);
      }));

    test('is closed when its key is not for the dialect any more, and another is refused', () =>
      inHouse(way, { limits: { concurrency: 1 } }, async (house) => {
        const client = await house.connect();
        await untilSo(() => house.open() === 1);
        house.keys.change(KEY, { scopes: { dialects: ['another'] } });
        mock.timers.tick(LOOK_MS);
        await assertClosed(client, way.words.scope);
        await assertRefused(way, house, { word: way.words.scope, status: 403 });
      }));
  });
}

test('OpenAI: a handshake too many is a 429 that says when to come again', async () => {
  const { authenticator } = grantedKeys({ [KEY]: { limits: { requestsPerMinute: 0 } } });
  await listening({ engines: [hearingEngine()], authenticator }, async ({ origin }) => {
    const refused = await refusedHandshake({
      url: `${origin}/v1/realtime?intent=transcription`,
      headers: { authorization: `Bearer ${KEY}` },
    });
    assert.equal(refused.status, 429);
    assert.match(refused.body, /rate_limit_exceeded/);
  });
});

test('a store that is away closes no socket', async () => {
  const way = WAYS['ElevenLabs’ hearing'] ?? assert.fail();
  const keys = grantedKeys({ [KEY]: {} });
  let looks = 0;
  const findAdmitted = async () => {
    looks += 1;
    throw new Error('the database is away');
  };
  const authenticator = { ...keys.authenticator, findAdmitted };
  await listening({ engines: [hearingEngine()], authenticator }, async ({ origin }) => {
    const client = await connectSocket({
      url: `${origin}${way.path}`,
      headers: { authorization: `Bearer ${KEY}` },
    });
    await client.until(way.isOpen);
    mock.timers.tick(2 * LOOK_MS);
    await untilSo(() => looks === 2);
    client.send({ message_type: 'input_audio_chunk', audio_base_64: '', commit: true });
    await client.until(saying('message_type', 'committed_transcript'));
    client.socket.terminate();
  });
});

test('wrong keys on sockets count with all others of their address', async () => {
  const { authenticator } = grantedKeys({ [KEY]: {} });
  await listening({ authenticator }, async ({ origin }) => {
    for (let count = 0; count < 60; count += 1) {
      await fetch(`${origin}/v1/models`, { headers: { authorization: 'Bearer sk-wrong' } });
    }
    const client = await connectSocket({ url: `${origin}/eigen/api/v1/generate/ws` });
    client.send({ token: 'sk-wrong', model: 'higgs2p5' });
    await assertClosed(client, '429');
  });
});
