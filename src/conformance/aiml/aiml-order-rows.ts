import { expectHeader, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectRefusal, expectTaken, PATH, submit } from './aiml-judging.ts';

const section = 'orders';

/** Values of a parameter that are taken, and others that are not. */
async function expectLimits(
  probe: Probe,
  name: string,
  values: { good: readonly unknown[]; bad: readonly unknown[] },
) {
  for (const value of values.good) expectTaken(await submit(probe, { [name]: value }));
  for (const value of values.bad)
    expectRefusal(await submit(probe, { [name]: value }), 400, /^Body validation error/);
}

/** `POST /v2/generate/audio`. */
export const AIML_ORDER_ROWS: readonly KitRow[] = [
  {
    id: 'A01',
    section,
    tags: ['costly'],
    requires:
      'An order is answered 201 with its id, twice, as a UUID and the model, queued, and x-inference-id.',
    check: async (probe) => {
      const reply = await submit(probe);
      const id = expectTaken(reply);
      expectThat(/^[0-9a-f-]{36}:\S+$/.test(id), 'a UUID, a colon and the model', id);
      expectThat(
        reply.headers.get('x-inference-id') === id,
        `x-inference-id: ${id}`,
        reply.headers.get('x-inference-id'),
      );
      expectHeader(reply, 'content-type', /^application\/json/);
    },
  },
  {
    id: 'A02',
    section,
    requires: 'No key and a wrong key are 401 in the envelope of five keys.',
    check: async (probe) => {
      if (probe.key === undefined)
        throw new Unchecked('no key was given, so the server is taken to want none');
      const json = { model: probe.model('sound'), prompt: 'x' };
      for (const key of [null, 'wrong-key-of-the-conformance-kit'])
        expectRefusal(await probe.ask({ path: PATH, json, key }), 401);
    },
  },
  {
    id: 'A03',
    section,
    requires: 'No prompt, an empty one and a number are 400, Body validation error.',
    check: async (probe) => {
      for (const prompt of [undefined, '', 5])
        expectRefusal(await submit(probe, { prompt }), 400, /^Body validation error/);
    },
  },
  {
    id: 'A04',
    section,
    tags: ['unknown-model'],
    requires: 'No model and an unknown one are 400; the message names the known ones and what came.',
    check: async (probe) => {
      expectRefusal(await submit(probe, { model: undefined }), 400);
      const message = expectRefusal(await submit(probe, { model: 'nobody-has-this' }), 400);
      expectThat(
        message.includes('stable-audio') && message.includes('nobody-has-this'),
        'stable-audio and nobody-has-this in the message',
        message,
      );
    },
  },
  {
    id: 'A05',
    section,
    tags: ['costly', 'ours'],
    requires: 'seconds_total is a whole number from 1 to 47.',
    check: (probe) => expectLimits(probe, 'seconds_total', { good: [1, 47], bad: [0, 48, 10.5, '10'] }),
  },
  {
    id: 'A06',
    section,
    tags: ['costly'],
    requires: 'steps is a number from 1 to 1000.',
    check: (probe) => expectLimits(probe, 'steps', { good: [1, 1000], bad: [0, 1001] }),
  },
  {
    id: 'A07',
    section,
    tags: ['costly', 'ours'],
    requires: 'seconds_start is a number from 0 to 47.',
    check: (probe) => expectLimits(probe, 'seconds_start', { good: [0, 1, 47], bad: [48, -1] }),
  },
  {
    id: 'A08',
    section,
    tags: ['costly'],
    requires: 'Unknown keys do no harm.',
    check: async (probe) => {
      expectTaken(
        await submit(probe, { duration: 5, audio_format: 'mp3', cfg_scale: 7, instrument: 'piano' }),
      );
    },
  },
  {
    id: 'A09',
    section,
    requires: 'JSON that breaks off, an empty body and plain text are 400 in the envelope.',
    check: async (probe) => {
      const type = (value: string) => ({ 'content-type': value });
      expectRefusal(
        await probe.ask({ path: PATH, body: '{"model": ', headers: type('application/json') }),
        400,
      );
      expectRefusal(await probe.ask({ method: 'POST', path: PATH, headers: type('application/json') }), 400);
      expectRefusal(await probe.ask({ path: PATH, body: 'Hello', headers: type('text/plain') }), 400);
    },
  },
  {
    id: 'A19',
    section,
    tags: ['costly'],
    requires: 'A good X-Client-Request-Id is echoed, a bad one is left out, and both orders are taken.',
    check: async (probe) => {
      const order = (id: string) =>
        probe.ask({
          path: PATH,
          json: { model: probe.model('sound'), prompt: 'Rain', seconds_total: 1 },
          headers: { 'x-client-request-id': id },
        });
      const [good, bad] = [await order('order-1'), await order('bad value!')];
      expectTaken(good);
      expectTaken(bad);
      expectHeader(good, 'x-client-request-id', /^order-1$/);
      expectThat(
        !bad.headers.has('x-client-request-id'),
        'no x-client-request-id',
        bad.headers.get('x-client-request-id'),
      );
    },
  },
  {
    id: 'A24',
    section,
    tags: ['costly', 'unknown-model'],
    requires: 'A sibling model of the docs is taken, with its name in the id, or refused clearly.',
    check: async (probe) => {
      const reply = await submit(probe, { model: 'elevenlabs/eleven_music', seconds_total: 20 });
      if (reply.status === 400) expectRefusal(reply, 400);
      else
        expectThat(
          expectTaken(reply).endsWith(':elevenlabs/eleven_music'),
          ':elevenlabs/eleven_music at the end of the id',
          reply.text,
        );
    },
  },
  {
    id: 'A25',
    section,
    requires: 'More jobs than may wait are 429, Too Many Requests.',
    why: 'needs a hand inside the server that fills its queue',
  },
];

/** `GET /v1/models`, which needs no key. */
export const AIML_MODEL_ROWS: readonly KitRow[] = [
  {
    id: 'A00 models',
    section: 'models',
    requires: 'The models are listed.',
    check: async (probe) => {
      expectStatus(await probe.get('/v1/models'), 200);
    },
  },
];
