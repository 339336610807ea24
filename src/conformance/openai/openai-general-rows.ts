import { z } from 'zod';
import { nameOf } from '../kit-asking.ts';
import { expectHeader, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow } from '../kit-row.ts';
import { expectRefusal } from './openai-judging.ts';

const MODEL = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
});

/** Models, errors and what every answer has. */
export const OPENAI_GENERAL_ROWS: readonly KitRow[] = [
  {
    id: 'M1',
    section: 'models',
    requires:
      'Models are listed and told one by one; an unknown one is 404 model_not_found, also with a slash in its name.',
    tags: ['unknown-model'],
    check: async (probe) => {
      const list = await probe.get('/models');
      expectStatus(list, 200);
      const { data } = expectShape(list, z.object({ object: z.literal('list'), data: z.array(MODEL) }));
      for (const id of [data[0]?.id, data.find((model) => model.id.includes('/'))?.id]) {
        if (id === undefined) continue;
        for (const path of new Set([id, encodeURIComponent(id)])) {
          const one = await probe.get(`/models/${path}`);
          expectStatus(one, 200);
          expectThat(expectShape(one, MODEL).id === id, `the model ${id}`, one.text);
        }
      }
      const unknown = { type: 'invalid_request_error', param: 'model', code: 'model_not_found' };
      expectRefusal(await probe.get('/models/nobody-has-this'), 404, unknown);
      expectRefusal(await probe.get('/models/nobody%2Fhas-this'), 404, unknown);
    },
  },
  {
    id: 'E1',
    section: 'errors',
    requires: 'Each status makes the class of error in the official clients that the contract lists.',
    why: 'needs the official client, whose classes these are',
  },
  {
    id: 'E1 route',
    section: 'errors',
    requires: 'A path that does not exist is 404 in the envelope, without parameter and code.',
    check: async (probe) => {
      expectRefusal(await probe.get('/nobody/has/this'), 404, {
        type: 'invalid_request_error',
        param: null,
        code: null,
      });
    },
  },
  {
    id: 'E2',
    section: 'errors',
    requires: 'A 429 says when to come back in a way that the official clients obey.',
    why: 'needs the official client, and a limit that is reached',
  },
  {
    id: 'E3',
    section: 'errors',
    requires: 'No handler answers 409, which clients repeat, for what would be refused again.',
    check: async (probe) => {
      const conflict = probe.replies.find(({ status }) => status === 409);
      expectThat(
        conflict === undefined,
        'no 409 in any answer of this run',
        conflict && nameOf(conflict.ask),
      );
    },
  },
  {
    id: 'E5',
    section: 'errors',
    requires: 'No key and a wrong key are 401 with WWW-Authenticate; the wrong one is invalid_api_key.',
    check: async (probe) => {
      if (probe.key === undefined)
        throw new Unchecked('no key was given, so the server is taken to want none');
      const none = await probe.ask({ path: '/models', key: null });
      expectRefusal(none, 401, { type: 'invalid_request_error', code: null });
      const wrong = await probe.ask({ path: '/models', key: 'sk-wrong-key-of-the-conformance-kit' });
      expectRefusal(wrong, 401, { type: 'invalid_request_error', code: 'invalid_api_key' });
      for (const reply of [none, wrong]) expectHeader(reply, 'www-authenticate', /^Bearer/i);
    },
  },
  {
    id: 'E4',
    section: 'errors',
    requires: 'Every answer of this run has an x-request-id, errors included, and no two the same.',
    check: async (probe) => {
      await probe.get('/models');
      // What an answer gives an address to may lie with somebody else.
      const own = probe.replies.filter(({ ask }) => !/^https?:/.test(ask.path));
      for (const reply of own) expectHeader(reply, 'x-request-id', /\S/);
      const ids = own.map(({ headers }) => headers.get('x-request-id'));
      expectThat(
        new Set(ids).size === ids.length,
        `${ids.length} different ids`,
        `${new Set(ids).size} different ones`,
      );
    },
  },
];
