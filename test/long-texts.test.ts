/** How long a text may be in each dialect, as each vendor has it and as an operator decides, on sockets too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectSocket, saying, type SocketClient } from './socket-client.ts';
import { listening, testApp } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const WAYS: Readonly<Record<string, (text: string) => { url: string; payload: object }>> = {
  openai: (input) => ({
    url: '/openai/v1/audio/speech',
    payload: { model: 'tts-1', voice: 'alloy', input, response_format: 'pcm' },
  }),
  elevenlabs: (text) => ({
    url: '/elevenlabs/v1/text-to-speech/tone%2Fhigh?output_format=pcm_8000',
    payload: { text, model_id: 'eleven_multilingual_v2' },
  }),
  eigen: (text) => ({ url: '/eigen/api/v1/generate', payload: { model: 'chatterbox', text } }),
};

async function statusesOf(characters: number, maxTextCharacters?: number): Promise<Record<string, number>> {
  const { app } = await testApp({
    engines: [toneEngine({ mute: true })],
    ...(maxTextCharacters === undefined ? {} : { maxTextCharacters }),
  });
  try {
    const statuses: Record<string, number> = {};
    for (const [dialect, way] of Object.entries(WAYS)) {
      const { body } = await app.inject({ method: 'POST', ...way('a '.repeat(characters / 2)) });
      // A mute engine finds nothing to say in what is taken.
      statuses[dialect] = /nothing that can be spoken/.test(body) ? 200 : 400;
    }
    return statuses;
  } finally {
    await app.close();
  }
}

test('each vendor has its own longest text, and Eigen AI none', async () => {
  assert.deepEqual(await statusesOf(4_000), { openai: 200, elevenlabs: 200, eigen: 200 });
  assert.deepEqual(await statusesOf(20_000), { openai: 400, elevenlabs: 400, eigen: 200 });
});

test('an operator’s limit counts for every API, above those of the vendors and below', async () => {
  assert.deepEqual(await statusesOf(20_000, 1_000_000), { openai: 200, elevenlabs: 200, eigen: 200 });
  assert.deepEqual(await statusesOf(2_000, 1_000), { openai: 400, elevenlabs: 400, eigen: 400 });
});

const SPEECH_PATH = '/v1/text-to-speech/tone%2Fhigh';

async function onSocket(path: string, use: (client: SocketClient) => Promise<void>): Promise<void> {
  await listening({ maxTextCharacters: 100 }, async ({ origin }) => {
    const client = await connectSocket({ url: `${origin}${path}` });
    await use(client);
    client.socket.terminate();
  });
}

for (const kind of ['stream', 'multi-stream']) {
  test(`an operator’s limit counts for all text of one speech on a ${kind} socket, however small its messages`, () =>
    onSocket(`${SPEECH_PATH}/${kind}-input?output_format=pcm_8000`, async (client) => {
      for (let count = 0; count < 10; count += 1) client.send({ text: 'Many 🐢🐢s. ', flush: true });
      // Keeping the socket open is no text.
      for (let count = 0; count < 50; count += 1) client.send({ text: ' ' });
      await client.until((message) => 'antiphon' in message, 10);
      client.send({ text: '!' });
      assert.equal((await client.closed).code, 1008);
      const last = client.received.at(-1) ?? assert.fail('no message');
      assert.ok(saying('error', 'max_character_limit_exceeded')(last));
      assert.match(JSON.stringify(last), /more than 100 characters/);
    }));
}

test('each context of a socket has the operator’s limit for itself', () =>
  onSocket(`${SPEECH_PATH}/multi-stream-input?output_format=pcm_8000`, async (client) => {
    for (const context_id of ['a', 'b'])
      client.send({ text: `${'word '.repeat(19)}end. `, context_id, flush: true });
    await client.until((message) => 'antiphon' in message, 2);
    client.send({ close_socket: true });
    assert.equal((await client.closed).code, 1000);
  }));

test('a text above an operator’s limit is a wrong request on the socket of Eigen AI, which stays open', () =>
  onSocket('/api/v1/generate/ws', async (client) => {
    client.send({ token: '', model: 'higgs2p5', voice: 'Linda' });
    client.send({ text: 'a'.repeat(101), voice: 'Linda' });
    const [error] = await client.until(saying('type', 'error'));
    assert.ok(error && saying('code', 400)(error));
    assert.match(JSON.stringify(error), /101 characters; this server takes at most 100/);
    client.send({ text: 'a'.repeat(100), voice: 'Linda' });
    await client.until(saying('type', 'complete'));
  }));
