/** Secrets and single-use tokens that were made with a key which is revoked meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyBook } from '../src/core/access/key-book.ts';
import { keyAuthenticator } from '../src/platform/keys.ts';
import { hearingEngine } from './hearing-engine.ts';
import { liveSound } from './live-support.ts';
import { connectSocket, refusedHandshake, saying } from './socket-client.ts';
import { listening, memoryStore, testClock } from './support.ts';
import { toneEngine } from './tone-engine.ts';

interface Keyed {
  readonly origin: string;
  /** Asks for a pass with the key and gives the member of the answer that is one. */
  readonly makePass: (path: string, member: string) => Promise<string>;
  readonly revoke: () => Promise<unknown>;
}

async function withKey(use: (keyed: Keyed) => Promise<void>): Promise<void> {
  const store = memoryStore();
  const book = createKeyBook({ keys: store.keys, clock: testClock, dialects: [] });
  const { secret: key, record } = await book.create({ name: 'one' });
  await book.create({ name: 'another' });
  const engines = [toneEngine(), hearingEngine()];
  await listening({ engines, store, authenticator: keyAuthenticator(store.keys) }, ({ origin }) =>
    use({
      origin,
      makePass: async (path, member) => {
        const headers = { authorization: `Bearer ${key}`, 'xi-api-key': key };
        const response = await fetch(`${origin}${path}`, { method: 'POST', headers });
        assert.equal(response.status, 200);
        const body = (await response.json()) as Record<string, string>; // The member is what is used, and checked by that.
        return body[member] ?? assert.fail(`no ${member}`);
      },
      revoke: () => store.keys.revoke(record.id, testClock.now()),
    }),
  );
}

test('OpenAI: a secret opens no socket any more once its key is revoked', () =>
  withKey(async ({ origin, makePass, revoke }) => {
    const secret = await makePass('/v1/realtime/client_secrets', 'value');
    const address = {
      url: `${origin}/v1/realtime`,
      protocols: ['realtime', `openai-insecure-api-key.${secret}`],
    };
    const before = await connectSocket(address);
    await before.until(saying('type', 'session.created'));
    before.socket.terminate();
    await revoke();
    const refused = await refusedHandshake(address);
    assert.equal(refused.status, 401);
    assert.match(refused.body, /invalid_api_key/);
  }));

test('ElevenLabs: a single-use token is refused once its key is revoked, for hearing live', () =>
  withKey(async ({ origin, makePass, revoke }) => {
    const url = `${origin}/v1/speech-to-text/realtime?model_id=scribe_v2_realtime&token=`;
    const tokens = [
      await makePass('/v1/single-use-token/realtime_scribe', 'token'),
      await makePass('/v1/single-use-token/realtime_scribe', 'token'),
    ];
    const before = await connectSocket({ url: `${url}${tokens[0]}` });
    await before.until(saying('message_type', 'session_started'));
    before.socket.terminate();
    await revoke();
    const after = await connectSocket({ url: `${url}${tokens[1]}` });
    assert.equal((await after.closed).code, 1008);
    assert.ok(after.received.some(saying('message_type', 'auth_error')));
  }));

test('ElevenLabs: and for hearing a recording', () =>
  withKey(async ({ origin, makePass, revoke }) => {
    const hear = async (token: string) => {
      const body = new FormData();
      body.set('model_id', 'scribe_v1');
      body.set('file_format', 'pcm_s16le_16');
      body.set('file', new Blob([new Uint8Array(liveSound(2))]), 'sound.pcm');
      return (await fetch(`${origin}/v1/speech-to-text?token=${token}`, { method: 'POST', body })).status;
    };
    const first = await makePass('/v1/single-use-token/batch_scribe', 'token');
    const second = await makePass('/v1/single-use-token/batch_scribe', 'token');
    assert.equal(await hear(first), 200);
    await revoke();
    assert.equal(await hear(second), 401);
  }));

test('ElevenLabs: and for speaking', () =>
  withKey(async ({ origin, makePass, revoke }) => {
    const speak = async (token: string) => {
      const query = `output_format=pcm_8000&single_use_token=${token}`;
      const client = await connectSocket({
        url: `${origin}/v1/text-to-speech/tone%2Fhigh/stream-input?${query}`,
      });
      client.send({ text: 'Hi. ' });
      client.send({ text: '' });
      return (await client.closed).code;
    };
    const first = await makePass('/v1/single-use-token/tts_websocket', 'token');
    const second = await makePass('/v1/single-use-token/tts_websocket', 'token');
    assert.equal(await speak(first), 1000);
    await revoke();
    assert.equal(await speak(second), 1008);
  }));
