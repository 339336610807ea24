/** How long the sockets that hear stay open: nobody's silence, and no session, lasts for ever. */
import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { hearingEngine } from './hearing-engine.ts';
import { atRate, liveSound } from './live-support.ts';
import { connectSocket, saying, type Received, type SocketClient } from './socket-client.ts';
import { listening } from './support.ts';

const MINUTE = 60_000;

// Once for all tests: threads that outlive one would end timers of the next one's clock.
before(() => mock.timers.enable({ apis: ['setTimeout'] }));
after(() => mock.timers.reset());

interface Way {
  readonly path: string;
  /** A message that changes nothing. */
  readonly sign: object;
  /** Whether a message is the answer to it. */
  readonly isAnswer: (message: Received) => boolean;
  readonly isOpen: (message: Received) => boolean;
  /** Sound, and that it is complete. */
  readonly speak: readonly object[];
  readonly isHeard: (message: Received) => boolean;
  readonly sessionMinutes: number;
  readonly idle: { readonly code: number; readonly word: string };
  readonly tooLong: { readonly code: number; readonly word: string };
}

const SOUND = liveSound(2);

const WAYS: Readonly<Record<string, Way>> = {
  'OpenAI’s': {
    path: '/v1/realtime?intent=transcription',
    sign: { type: 'input_audio_buffer.clear' },
    isAnswer: saying('type', 'input_audio_buffer.cleared'),
    isOpen: saying('type', 'session.created'),
    speak: [
      {
        type: 'session.update',
        session: { type: 'transcription', audio: { input: { turn_detection: null } } },
      },
      { type: 'input_audio_buffer.append', audio: atRate(SOUND, 24_000).toString('base64') },
      { type: 'input_audio_buffer.commit' },
    ],
    isHeard: saying('type', 'conversation.item.input_audio_transcription.completed'),
    sessionMinutes: 60,
    idle: { code: 1001, word: 'session_expired' },
    tooLong: { code: 1001, word: 'session_expired' },
  },
  'ElevenLabs’': {
    path: '/v1/speech-to-text/realtime?model_id=scribe_v2_realtime',
    sign: { message_type: 'input_audio_chunk', audio_base_64: '', commit: true },
    isAnswer: saying('message_type', 'committed_transcript'),
    isOpen: saying('message_type', 'session_started'),
    speak: [{ message_type: 'input_audio_chunk', audio_base_64: SOUND.toString('base64'), commit: true }],
    isHeard: saying('message_type', 'committed_transcript'),
    sessionMinutes: 360,
    idle: { code: 1008, word: 'insufficient_audio_activity' },
    tooLong: { code: 1008, word: 'session_time_limit_exceeded' },
  },
};

/** Turns of the event loop, for what was sent to arrive and be worked on. */
async function arrived(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function assertEnded(client: SocketClient, { code, word }: Way['idle'], words: RegExp): Promise<void> {
  const closed = await client.closed;
  assert.equal(closed.code, code);
  assert.match(closed.reason, words);
  const last = JSON.stringify(client.received.at(-1));
  assert.ok(last.includes(`"${word}"`), last);
  assert.match(last, words);
}

for (const [whose, way] of Object.entries(WAYS)) {
  describe(`${whose} socket that hears`, () => {
    test('is closed after five minutes without a message, and every message begins them anew', async () => {
      await listening({ engines: [hearingEngine()] }, async ({ origin, core }) => {
        const client = await connectSocket({ url: `${origin}${way.path}` });
        await client.until(way.isOpen);
        for (let count = 1; count <= 3; count += 1) {
          mock.timers.tick(5 * MINUTE - 1);
          client.send(way.sign);
          await client.until(way.isAnswer, count);
          await arrived();
        }
        mock.timers.tick(5 * MINUTE);
        await assertEnded(client, way.idle, /5 minutes/);
        for (const engine of core.engines) assert.equal(core.runner.load(engine).running, 0);
      });
    });

    test('is not closed while the client waits for a text', async () => {
      const gate = Promise.withResolvers<void>();
      const ear = hearingEngine({ gate: gate.promise });
      await listening({ engines: [ear] }, async ({ origin }) => {
        const client = await connectSocket({ url: `${origin}${way.path}` });
        await client.until(way.isOpen);
        for (const message of way.speak) client.send(message);
        while (ear.open() === 0) await arrived();
        for (let count = 0; count < 4; count += 1) mock.timers.tick(6 * MINUTE);
        gate.resolve();
        await client.until(way.isHeard);
        mock.timers.tick(10 * MINUTE);
        await assertEnded(client, way.idle, /5 minutes/);
      });
    });

    test(`is closed after ${way.sessionMinutes} minutes, however much is said`, async () => {
      await listening({ engines: [hearingEngine()] }, async ({ origin }) => {
        const client = await connectSocket({ url: `${origin}${way.path}` });
        await client.until(way.isOpen);
        const rounds = way.sessionMinutes / 4;
        for (let count = 1; count <= rounds; count += 1) {
          client.send(way.sign);
          await client.until(way.isAnswer, count);
          await arrived();
          assert.equal(client.socket.readyState, client.socket.OPEN);
          mock.timers.tick(4 * MINUTE);
        }
        await assertEnded(client, way.tooLong, /60 minutes|6 hours/);
      });
    });
  });
}

test('a session of OpenAI’s says when it expires', async () => {
  await listening({ engines: [hearingEngine()] }, async ({ origin }) => {
    const client = await connectSocket({ url: `${origin}/v1/realtime?intent=transcription` });
    const [created] = await client.until(saying('type', 'session.created'));
    const { session } = created as unknown as { session: { expires_at: number } }; // The vendor's documented event.
    assert.ok(Math.abs(session.expires_at - Date.now() / 1000 - 3_600) < 60);
    client.socket.terminate();
  });
});
