import { expectHeader, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow } from '../kit-row.ts';
import { expectRefusal, expectSchemaRefusal, GEORGE, speak } from './elevenlabs-judging.ts';

const section = 'refusals';
const PATH = `/v1/text-to-speech/${GEORGE}`;

/** What is refused, and how. */
export const ELEVENLABS_REFUSAL_ROWS: readonly KitRow[] = [
  {
    id: 'E02',
    section,
    requires:
      'No key and a wrong key are 401 needs_authorization and invalid_api_key, with the id of the request.',
    check: async (probe) => {
      if (probe.key === undefined)
        throw new Unchecked('no key was given, so the server is taken to want none');
      const json = { text: 'Hello' };
      for (const [key, status] of [
        [null, 'needs_authorization'],
        ['wrong-key-of-the-conformance-kit', 'invalid_api_key'],
      ] as const) {
        const reply = await probe.ask({ path: PATH, json, key });
        const { request_id: id } = expectRefusal(reply, 401, { status, type: 'authentication_error' });
        expectThat(
          id === reply.headers.get('x-trace-id'),
          `the x-trace-id ${reply.headers.get('x-trace-id')} as request_id`,
          id,
        );
      }
    },
  },
  {
    id: 'E03',
    section,
    requires: 'A body without text is 422, missing at body.text.',
    check: async (probe) => expectSchemaRefusal(await probe.post(PATH, {}), ['body', 'text'], 'missing'),
  },
  {
    id: 'E04',
    section,
    requires: 'A text that is a number is 422, string_type at body.text.',
    check: async (probe) =>
      expectSchemaRefusal(await probe.post(PATH, { text: 5 }), ['body', 'text'], 'string_type'),
  },
  {
    id: 'E05',
    section,
    requires: 'A body that is no JSON is 422 json_invalid.',
    check: async (probe) => {
      const headers = { 'content-type': 'application/json' };
      expectSchemaRefusal(
        await probe.ask({ path: PATH, body: '{"text": ', headers }),
        undefined,
        'json_invalid',
      );
    },
  },
  {
    id: 'E06',
    section,
    requires: 'An empty text is 400 empty_text, and names the parameter.',
    check: async (probe) => {
      expectRefusal(await probe.post(PATH, { text: '' }), 400, { code: 'empty_text', param: 'text' });
    },
  },
  {
    id: 'E07',
    section,
    requires: 'A text above the limit of its model is 400 text_too_long.',
    check: async (probe) => {
      const reply = await speak(probe, { model_id: 'eleven_multilingual_v2', text: 'a '.repeat(5001) });
      expectRefusal(reply, 400, { code: 'text_too_long', status: 'max_character_limit_exceeded' });
    },
  },
  {
    id: 'E24',
    section,
    requires: 'What is not implemented is refused with 4xx, which clients do not repeat.',
    check: async (probe) => {
      const reply = await probe.post('/v1/nobody-has-this', {});
      expectThat(
        reply.status >= 400 && reply.status < 500 && ![408, 409, 429].includes(reply.status),
        'a 4xx that is not repeated',
        reply.status,
      );
      expectHeader(reply, 'content-type', /^application\/json/);
    },
  },
  {
    id: 'E25',
    section,
    requires: 'Too many requests at a time are 429 concurrent_limit_exceeded with Retry-After.',
    why: 'needs the official client, and a limit that is reached',
  },
  {
    id: 'E46',
    section,
    requires: 'The AI SDK shows the message of a refusal.',
    check: async (probe) => {
      const reply = await speak(probe, { text: '' });
      expectStatus(reply, 400);
      const { message } = expectRefusal(reply, 400);
      const error =
        typeof reply.json === 'object' && reply.json !== null && 'error' in reply.json
          ? reply.json.error
          : undefined;
      const shown =
        typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
      expectThat(
        shown === message,
        'error.message beside detail.message, which the AI SDK reads',
        reply.text,
      );
    },
    tags: ['ours'],
  },
];
