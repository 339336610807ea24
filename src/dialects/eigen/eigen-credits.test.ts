import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyLimits } from '../../core/access/grant.ts';
import type { Authenticator } from '../../core/ports/authenticator.ts';
import { withHouse } from '../../../test/eigen-house.ts';
import { testPrincipal } from '../../../test/support.ts';

/** Everybody has a key with these limits. */
function held(limits: KeyLimits): { readonly authenticator: Authenticator } {
  const ann = testPrincipal('ann', { limits });
  return {
    authenticator: {
      required: async () => true,
      findAdmitted: async () => ann,
      authenticate: async () => ann,
    },
  };
}

const URL = '/api/v1/generate';

test('a key with an allowance is told what a speech takes of it and what is left, in the header and in the stream', () =>
  withHouse(
    async ({ app }) => {
      const speak = (fields: object) =>
        app.inject({ method: 'POST', url: URL, payload: { model: 'chatterbox', ...fields } });
      const whole = await speak({ text: 'Good evening' });
      assert.equal(whole.statusCode, 200, whole.body);
      assert.equal(whole.headers['x-credits-remaining'], '38');
      const streamed = await speak({ text: 'Hello 🎙', stream: true });
      assert.equal(streamed.headers['x-credits-remaining'], '31');
      const [start = ''] = streamed.body.split('\n\n');
      assert.deepEqual(JSON.parse(start.slice('data: '.length)), {
        type: 'start',
        creditsCharged: 7,
        creditsRemaining: 31,
        estimatedMinutes: 0,
      });
      const refused = await speak({ text: 'x'.repeat(32) });
      assert.equal(refused.statusCode, 402, refused.body);
      assert.match(refused.body, /may use 50 characters a month and has used 19\. This request has 32\./);
      assert.equal((await speak({ text: 'x'.repeat(31) })).headers['x-credits-remaining'], '0');
    },
    held({ charactersPerMonth: 50, charactersPerDay: 1000 }),
  ));

test('nothing is charged to a key without an allowance of characters', () =>
  withHouse(
    async ({ app }) => {
      const payload = { model: 'chatterbox', text: 'Hello', stream: true };
      const { headers, body } = await app.inject({ method: 'POST', url: URL, payload });
      assert.equal(headers['x-credits-remaining'], '0');
      assert.match(body, /"creditsCharged":0,"creditsRemaining":0/);
    },
    held({ audioSecondsPerMonth: 1000 }),
  ));
