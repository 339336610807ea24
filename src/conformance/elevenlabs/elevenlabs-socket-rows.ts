import { z } from 'zod';
import { expectBase64, joined } from '../kit-events.ts';
import { expectThat, expectValue } from '../kit-judging.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectRawSound } from '../kit-sound.ts';
import type { KitSocket } from '../kit-socket.ts';
import { GEORGE, SENTENCE } from './elevenlabs-judging.ts';

const section = 'sockets';

const TIMES = z
  .object({
    chars: z.array(z.string()),
    charStartTimesMs: z.array(z.number()),
    charDurationsMs: z.array(z.number()),
  })
  .nullable();
const AUDIO = z.object({
  audio: z.string(),
  alignment: TIMES.optional(),
  normalizedAlignment: TIMES.optional(),
});

/** Opens one of the sockets that speak. What is spoken there is asked not to be kept. */
function talk(probe: Probe, route: 'stream-input' | 'multi-stream-input', query = ''): Promise<KitSocket> {
  const model = probe.model('speech');
  const named = model === '' ? '' : `&model_id=${model}`;
  return probe.open({
    path: `/v1/text-to-speech/${GEORGE}/${route}?output_format=pcm_16000&enable_logging=false${named}${query}`,
  });
}

function saying(socket: KitSocket, member: string): readonly Readonly<Record<string, unknown>>[] {
  return socket.received.flatMap((one) =>
    one instanceof Uint8Array || one[member] === undefined || one[member] === null ? [] : [one],
  );
}

async function expectRefused(socket: KitSocket, error: string): Promise<void> {
  const message = await socket.until(`an error ${error}`, (one) => 'error' in one);
  expectThat(message['error'] === error, `error ${error}`, message);
  const { code } = await socket.closed();
  expectThat(code === 1008, 'a close with 1008', code);
}

/** Speech over sockets. */
export const ELEVENLABS_SOCKET_ROWS: readonly KitRow[] = [
  {
    id: 'E39',
    section,
    requires:
      "The Python client's messages are answered with sound and its times, then isFinal, then a close with 1000.",
    check: async (probe) => {
      const socket = await talk(probe, 'stream-input');
      const schedule = { chunk_length_schedule: [50] };
      socket.send({
        text: ' ',
        try_trigger_generation: true,
        voice_settings: null,
        generation_config: schedule,
      });
      socket.send({ text: `${SENTENCE} `, try_trigger_generation: true });
      socket.send({ text: '' });
      await socket.until('isFinal', ({ isFinal }) => isFinal === true);
      const { code } = await socket.closed();
      expectThat(code === 1000, 'a close with 1000', code);
      const parts = saying(socket, 'audio').map((one) => expectValue('a message with sound', one, AUDIO));
      await expectRawSound('the joined sound', {
        bytes: joined(parts.map(({ audio }) => expectBase64('audio', audio))),
        sampleRate: 16_000,
      });
      expectThat(
        saying(socket, 'message').length === 0,
        'no member message, which clients take for an error',
        saying(socket, 'message'),
      );
    },
  },
  {
    id: 'E40',
    section,
    requires: 'A socket where nothing is said for its inactivity_timeout is told so, and closed with 1008.',
    check: async (probe) => {
      const socket = await talk(probe, 'stream-input', '&inactivity_timeout=1');
      socket.send({ text: ' ' });
      await expectRefused(socket, 'input_timeout_exceeded');
    },
  },
  {
    id: 'E41',
    section,
    requires: 'A message that is no JSON is invalid_input_message, and a close with 1008.',
    check: async (probe) => {
      const socket = await talk(probe, 'stream-input');
      socket.send('{"text": ');
      await expectRefused(socket, 'invalid_input_message');
    },
  },
  {
    id: 'E42',
    section,
    requires:
      'Of two contexts the closed one alone says isFinal, once; keeping alive closes nothing; close_socket closes with 1000.',
    check: async (probe) => {
      const socket = await talk(probe, 'multi-stream-input');
      socket.send({ text: ' ', context_id: 'c1' });
      socket.send({ text: ' ', context_id: 'c2' });
      socket.send({ text: 'Hello there. ', context_id: 'c1', flush: true });
      await socket.until(
        'sound of c1',
        (one) => typeof one['audio'] === 'string' && one['contextId'] === 'c1',
      );
      expectThat(
        saying(socket, 'isFinal').length === 0,
        'no isFinal after a flush',
        saying(socket, 'isFinal'),
      );
      socket.send({ context_id: 'c1', close_context: true });
      await socket.until('isFinal of c1', ({ isFinal, contextId }) => isFinal === true && contextId === 'c1');
      socket.send({ text: '' });
      socket.send({ text: 'Still here. ', context_id: 'c2', flush: true });
      await socket.until(
        'sound of c2',
        (one) => typeof one['audio'] === 'string' && one['contextId'] === 'c2',
      );
      const finals = saying(socket, 'isFinal').filter(({ isFinal }) => isFinal === true);
      expectThat(finals.length === 1, 'one isFinal', finals);
      socket.send({ close_socket: true });
      const { code } = await socket.closed();
      expectThat(code === 1000, 'a close with 1000', code);
    },
  },
  {
    id: 'E43',
    section,
    requires: 'A sixth context is an error, and a close with 1008.',
    check: async (probe) => {
      const socket = await talk(probe, 'multi-stream-input');
      for (let index = 1; index <= 6; index += 1) socket.send({ text: ' ', context_id: `c${index}` });
      await socket.until('an error', (one) => 'error' in one);
      const { code } = await socket.closed();
      expectThat(code === 1008, 'a close with 1008', code);
    },
  },
];
