import { z } from 'zod';
import { expectEvents, objectsIn } from '../kit-events.ts';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import { expectPicture } from '../kit-picture.ts';
import { expectBase64 } from '../kit-events.ts';
import type { KitRow } from '../kit-row.ts';
import { expectRefusal, expectSpeech, formOf, GENERATE, recordingFile, SENTENCE } from './eigen-judging.ts';

const CHAT = '/api/v1/chat/completions';
const MESSAGES = [{ role: 'user', content: 'Say good evening.' }];
const older = 'older paths';

/** Chat, the older paths, and keys. */
export const EIGEN_GENERAL_ROWS: readonly KitRow[] = [
  {
    id: 'R6',
    section: 'chat',
    requires: 'A chat is answered whole and in chunks, with the usage in the last one and [DONE] at the end.',
    check: async (probe) => {
      const asked = { model: probe.model('chat'), messages: MESSAGES, max_tokens: 20, temperature: 0 };
      const whole = await probe.post(CHAT, asked);
      expectStatus(whole, 200);
      expectShape(
        whole,
        z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) }),
      );
      const streamed = await probe.post(CHAT, {
        ...asked,
        stream: true,
        stream_options: { include_usage: true },
      });
      expectStatus(streamed, 200);
      const events = expectEvents(streamed);
      expectThat(events.at(-1)?.data === '[DONE]', '[DONE] at the end', events.at(-1));
      expectThat(
        objectsIn(events).at(-1)?.['usage'] !== undefined,
        'usage in the last chunk',
        objectsIn(events).at(-1),
      );
    },
  },
  {
    id: 'R6 refusals',
    section: 'chat',
    requires: 'No messages, and an empty list of them, are 400.',
    check: async (probe) => {
      const model = probe.model('chat');
      for (const body of [{ model }, { model, messages: [] }])
        expectStatus(await probe.post(CHAT, body), 400);
    },
  },
  {
    id: 'L1',
    section: older,
    requires: 'POST /api/higgs2p5 speaks, and streams when the query says so.',
    check: async (probe) => {
      await expectSpeech(await probe.post('/api/higgs2p5', { text: SENTENCE, voice: 'Linda' }));
      const streamed = await probe.post('/api/higgs2p5?stream=true', { text: SENTENCE });
      expectStatus(streamed, 200);
      expectThat(
        objectsIn(expectEvents(streamed)).at(-1)?.['type'] === 'done',
        'done at the end',
        streamed.text.slice(-80),
      );
    },
  },
  {
    id: 'L2',
    section: older,
    tags: ['costly'],
    requires:
      'POST /api/higgs2p5/upload_voice keeps a recording without being told a model. (It stays: the API deletes none.)',
    check: async (probe) => {
      const form = formOf({ voice_reference_file: await recordingFile(probe) });
      const reply = await probe.ask({ path: '/api/higgs2p5/upload_voice', form });
      expectStatus(reply, 200);
      expectShape(reply, z.object({ voice_id: z.string().min(1) }));
    },
  },
  {
    id: 'L3',
    section: older,
    requires: 'POST /api/chatterbox speaks.',
    check: async (probe) => {
      await expectSpeech(await probe.post('/api/chatterbox', { text: SENTENCE }));
    },
  },
  {
    id: 'L4',
    section: older,
    requires: 'POST /api/asr hears.',
    check: async (probe) => {
      const reply = await probe.ask({ path: '/api/asr', form: formOf({ file: await recordingFile(probe) }) });
      expectStatus(reply, 200);
      expectShape(reply, z.object({ text: z.string() }));
    },
  },
  {
    id: 'L5',
    section: older,
    tags: ['costly'],
    requires: 'POST /api/eigen-image makes a picture of a form.',
    check: async (probe) => {
      const reply = await probe.ask({
        path: '/api/eigen-image',
        form: formOf({ prompt: 'A lighthouse', width: '512', height: '512' }),
      });
      expectStatus(reply, 200);
      const found = expectShape(reply, z.object({ turbo_image_base64: z.string() }));
      expectPicture('the picture', expectBase64('turbo_image_base64', found.turbo_image_base64));
    },
  },
  {
    id: 'all HTTP model',
    section: 'errors',
    requires: 'A model that nobody has is 400, and none at all too.',
    tags: ['ours', 'unknown-model'],
    check: async (probe) => {
      expectRefusal(await probe.post(GENERATE, { model: 'nobody-has-this', text: 'Hello' }), 400);
      expectRefusal(await probe.post(GENERATE, { text: 'Hello' }), 400);
    },
  },
  {
    id: 'all HTTP Authorization',
    section: 'errors',
    requires: 'No key, a header that is none, and a wrong key are 401 on every route.',
    check: async (probe) => {
      if (probe.key === undefined)
        throw new Unchecked('no key was given, so the server is taken to want none');
      const asks = [
        { path: GENERATE, json: { model: 'higgs2p5', text: 'Hello' } },
        { path: '/api/higgs2p5', json: { text: 'Hello' } },
        { path: CHAT, json: { model: probe.model('chat'), messages: MESSAGES } },
        { path: '/api/v1/generate/status?jobId=x' },
      ];
      for (const ask of asks) {
        for (const authorization of [undefined, 'nonsense', 'Bearer wrong-key-of-the-conformance-kit'])
          expectStatus(
            await probe.ask({ ...ask, key: null, ...(authorization ? { headers: { authorization } } : {}) }),
            401,
          );
      }
    },
  },
];
