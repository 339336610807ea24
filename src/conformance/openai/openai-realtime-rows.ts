import { z } from 'zod';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Mismatch, Unchecked } from '../kit-mismatch.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import type { KitSocket, Message } from '../kit-socket.ts';
import { rawSamplesOf } from '../kit-sound.ts';
import { expectRefusal } from './openai-judging.ts';

const section = 'live transcription';
const HEARD = 'conversation.item.input_audio_transcription';
const PATH = '/realtime?intent=transcription';
const MODEL = 'gpt-live-transcribe';
const PIECE_BYTES = 9600;

/** Tells what kind of session it is to be, and sends the recording to its end. */
async function dictate(probe: Probe, socket: KitSocket): Promise<void> {
  const format = { type: 'audio/pcm', rate: 24_000 };
  const input = { format, transcription: { model: MODEL, language: 'en' }, turn_detection: null };
  socket.send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
  const sound = await rawSamplesOf(await probe.recording(), 24_000);
  for (let at = 0; at < sound.length; at += PIECE_BYTES) {
    const audio = Buffer.from(sound.subarray(at, at + PIECE_BYTES)).toString('base64');
    socket.send({ type: 'input_audio_buffer.append', audio });
  }
  socket.send({ type: 'input_audio_buffer.commit' });
}

/** Waits for the text; a server that has nobody who hears says so. */
async function transcriptFrom(socket: KitSocket): Promise<string> {
  const failures = ['error', `${HEARD}.failed`];
  const end = await socket.until(
    `${HEARD}.completed`,
    ({ type }) => type === `${HEARD}.completed` || failures.includes(String(type)),
  );
  if (end['type'] === `${HEARD}.completed`) return String(end['transcript']);
  const told = JSON.stringify(end);
  if (/model_not_found/.test(told)) throw new Unchecked(`the server has no model for it: ${told}`);
  throw new Mismatch(`${HEARD}.completed`, told);
}

function objects(received: readonly Message[]): readonly Readonly<Record<string, unknown>>[] {
  return received.flatMap((message) => (message instanceof Uint8Array ? [] : [message]));
}

/** `GET /realtime?intent=transcription` and its secrets. */
export const OPENAI_REALTIME_ROWS: readonly KitRow[] = [
  {
    id: 'R1',
    section,
    requires:
      'A socket that brings its key as a subprotocol is answered realtime, hears deltas and the text, and closes with 1000.',
    check: async (probe) => {
      const protocols = ['realtime', `openai-insecure-api-key.${probe.key ?? 'none'}`];
      const socket = await probe.open({ path: PATH, protocols, key: null });
      expectThat(socket.protocol === 'realtime', 'the subprotocol realtime', socket.protocol);
      await dictate(probe, socket);
      const transcript = await transcriptFrom(socket);
      const deltas = objects(socket.received).flatMap(({ type, delta }) =>
        type === `${HEARD}.delta` ? [String(delta)] : [],
      );
      expectThat(
        deltas.join('').trim() === transcript.trim(),
        `deltas that make '${transcript}'`,
        deltas.join(''),
      );
      const { code } = await socket.close();
      expectThat(code === 1000, 'a close with 1000', code);
    },
  },
  {
    id: 'R2',
    section,
    requires: 'A session is created, updated when asked, hears what is committed, and every event has an id.',
    check: async (probe) => {
      const socket = await probe.open({ path: PATH });
      await dictate(probe, socket);
      await transcriptFrom(socket);
      const events = objects(socket.received);
      const kinds = events.map(({ type }) => type);
      const expected = ['session.updated', 'input_audio_buffer.committed', `${HEARD}.completed`];
      const places = expected.map((kind) => kinds.indexOf(kind));
      expectThat(
        places.every((place, index) => place > (places[index - 1] ?? -1)),
        expected.join(', '),
        kinds,
      );
      expectThat(
        events.every(({ event_id: id }) => typeof id === 'string'),
        'an event_id in every event',
        events.find(({ event_id: id }) => id === undefined),
      );
    },
  },
  {
    id: 'R2 secrets',
    section,
    requires:
      'A secret for a page begins with ek_, expires, and tells its session; a lifetime of 5 s is refused.',
    check: async (probe) => {
      const reply = await probe.post('/realtime/client_secrets', { session: { type: 'transcription' } });
      expectStatus(reply, 200);
      const session = z.object({ object: z.literal('realtime.transcription_session'), id: z.string() });
      expectShape(reply, z.object({ value: z.string().startsWith('ek_'), expires_at: z.int(), session }));
      const brief = {
        expires_after: { anchor: 'created_at', seconds: 5 },
        session: { type: 'transcription' },
      };
      expectRefusal(await probe.post('/realtime/client_secrets', brief), 400);
    },
  },
  {
    id: 'R3',
    section,
    requires: "The npm client's realtime class connects over TLS.",
    why: 'needs the official client, which dials wss: only',
  },
];
