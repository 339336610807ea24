import { z } from 'zod';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { joined } from '../kit-events.ts';
import type { CheckedRow, KitRow, Probe } from '../kit-row.ts';
import type { KitSocket } from '../kit-socket.ts';
import { expectRawSound } from '../kit-sound.ts';
import {
  expectRefusal,
  expectSpeech,
  formOf,
  recordingFile,
  SENTENCE,
  speakByJson,
} from './eigen-judging.ts';

const UPLOAD = '/api/v1/generate/upload';
const SOCKET = '/api/v1/generate/ws';
const UPLOADED = z.object({ voice_id: z.string().regex(/^[0-9a-f]{32}$/, 'is 32 hexadecimal digits') });

async function listen(socket: KitSocket): Promise<void> {
  const end = await socket.until('complete', ({ type }) => type === 'complete' || type === 'error');
  expectThat(end['type'] === 'complete', 'complete', end);
  expectThat(end['sample_rate'] === undefined, 'no sample_rate in complete', end);
  const bytes = joined(socket.received.flatMap((one) => (one instanceof Uint8Array ? [one] : [])));
  await expectRawSound('the joined frames', { bytes, sampleRate: 24_000 });
}

function socketRow(model: string, request: object): CheckedRow {
  return {
    id: `R3 ${model}`,
    section: 'socket',
    requires: `${model} answers a request on the socket with frames of PCM, then complete.`,
    check: async (probe) => {
      const socket = await greeted(probe, model);
      socket.send({ text: SENTENCE, ...request });
      await listen(socket);
    },
  };
}

async function greeted(probe: Probe, model: string): Promise<KitSocket> {
  const socket = await probe.open({ path: SOCKET, key: null });
  socket.send({ token: probe.key ?? 'any', model });
  await socket.until('authenticated', ({ status }) => status === 'authenticated' || status === 'ok');
  return socket;
}

/** Uploaded voices, which this API has no way to delete, and the socket. */
export const EIGEN_VOICE_ROWS: readonly KitRow[] = [
  {
    id: 'R2 model',
    section: 'voices',
    requires: 'An upload without a model, for one that does not speak, and without a file is 400.',
    tags: ['ours', 'unknown-model'],
    check: async (probe) => {
      const voice_reference_file = await recordingFile(probe);
      expectRefusal(await probe.ask({ path: UPLOAD, form: formOf({ voice_reference_file }) }), 400);
      expectRefusal(
        await probe.ask({ path: UPLOAD, form: formOf({ model: 'eigen-image', voice_reference_file }) }),
        400,
      );
      expectRefusal(await probe.ask({ path: UPLOAD, form: formOf({ model: 'higgs2p5' }) }), 400);
    },
  },
  {
    id: 'R2 voice_reference_file',
    section: 'voices',
    requires:
      'An uploaded recording gets an id of 32 hexadecimal digits and is spoken with by it, or by its name. (It stays: the API deletes none.)',
    tags: ['costly', 'ours'],
    check: async (probe) => {
      const form = formOf({
        model: 'higgs2p5',
        voice_reference_file: await recordingFile(probe),
        voice_name: 'Kit voice',
      });
      const reply = await probe.ask({ path: UPLOAD, form });
      expectStatus(reply, 200);
      const { voice_id } = expectShape(reply, UPLOADED);
      await expectSpeech(await speakByJson(probe, 'higgs2p5', { voice_id }));
      await expectSpeech(await speakByJson(probe, 'higgs2p5', { voice_name: 'Kit voice' }));
    },
  },
  {
    id: 'R3 token',
    section: 'socket',
    requires: 'A first frame with a key is acknowledged; a wrong key is an error and a close with 1008.',
    check: async (probe) => {
      await greeted(probe, 'higgs2p5');
      if (probe.key === undefined) return;
      const socket = await probe.open({ path: SOCKET, key: null });
      socket.send({ token: 'wrong-key-of-the-conformance-kit', model: 'higgs2p5' });
      await socket.until('an error', ({ type }) => type === 'error');
      const { code } = await socket.closed();
      expectThat(code === 1008, 'a close with 1008', code);
    },
  },
  socketRow('higgs2p5', { voice: 'Linda', voice_settings: { speed: 1.1 }, sampling: { temperature: 0.9 } }),
  socketRow('chatterbox', { language_id: 'en', exaggeration: 0.5, temperature: 0.8 }),
  socketRow('qwen3-tts', { voice: 'Serena', language: 'English', instructions: 'Gently.' }),
  {
    id: 'R3 qwen3-tts exclusion',
    section: 'socket',
    requires: 'A voice beside a voice_id is an error frame, and the socket goes on.',
    tags: ['ours'],
    check: async (probe) => {
      const socket = await greeted(probe, 'qwen3-tts');
      socket.send({ text: 'Hello.', voice: 'Serena', voice_id: '0'.repeat(32) });
      await socket.until('an error', ({ type }) => type === 'error');
      socket.send({ text: 'Hello.', voice: 'Serena' });
      await socket.until('complete', ({ type }) => type === 'complete');
    },
  },
  {
    id: 'R3 any',
    section: 'socket',
    requires: 'Both frames may come at once.',
    check: async (probe) => {
      const socket = await probe.open({ path: SOCKET, key: null });
      socket.send({ token: probe.key ?? 'any', model: 'higgs2p5' });
      socket.send({ text: SENTENCE, voice: 'Linda' });
      await listen(socket);
    },
  },
];
