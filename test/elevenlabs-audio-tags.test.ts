/** Directions in square brackets, as texts for ElevenLabs’ newer models have them: never read out, and said so. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { testApp } from './support.ts';
import { toneEngine, type ToneEngine } from './tone-engine.ts';

const SPEECH = '/v1/text-to-speech/tone%2Fhigh';
const TEXT = '[whispers] Come [laughs] here. [pause] Now.';
const SPOKEN = 'Come here. Now.';
const RATE = 8_000;

interface Talk {
  readonly app: FastifyInstance;
  readonly tone: ToneEngine;
  readonly post: (path: string, payload: object) => Promise<Reply>;
}

interface Reply {
  readonly status: number;
  readonly bytes: Buffer;
  readonly warnings: string;
  readonly cost: unknown;
}

async function talking(use: (talk: Talk) => Promise<void>): Promise<void> {
  const tone = toneEngine();
  const { app } = await testApp({ engines: [tone] });
  try {
    await use({
      app,
      tone,
      post: async (path, payload) => {
        const url = `${path}?output_format=pcm_${RATE}`;
        const reply = await app.inject({ method: 'POST', url, payload });
        return {
          status: reply.statusCode,
          bytes: reply.rawPayload,
          warnings: String(reply.headers['x-antiphon-warnings'] ?? ''),
          cost: reply.headers['character-cost'],
        };
      },
    });
  } finally {
    await app.close();
  }
}

const said = ({ asked }: ToneEngine) =>
  asked
    .map(({ text }) => text.trim())
    .filter(Boolean)
    .join(' ');

describe('audio tags', () => {
  for (const model_id of ['eleven_v3', 'eleven_v4', 'eleven_v4_turbo']) {
    test(`are not read out by ${model_id}: a warning names them, [pause] is a pause`, () =>
      talking(async ({ post, tone }) => {
        const { status, bytes, warnings } = await post(SPEECH, { model_id, text: TEXT });
        assert.equal(status, 200);
        assert.equal(said(tone), SPOKEN);
        assert.match(warnings, /"ignored".*"text".*not read out: \[whispers\], \[laughs\]"/);
        assert.ok(!warnings.includes('[pause]'));
        // The tone engine speaks a character for 50 ms.
        const seconds = bytes.length / 2 / RATE;
        const spoken = (SPOKEN.length - 1) * 0.05;
        assert.ok(seconds >= spoken + 0.75 && seconds <= spoken + 1, `${seconds} s`);
      }));
  }

  test('are text for every other model, as brackets are in any text', () =>
    talking(async ({ post, tone }) => {
      for (const model_id of ['eleven_multilingual_v2', 'eleven_flash_v2_5']) {
        const { warnings } = await post(SPEECH, { model_id, text: 'Oh [laughs] well.' });
        assert.equal(warnings.includes('audio tags'), false);
      }
      await post(SPEECH, { model_id: 'eleven_v3', text: 'As told in [1].' });
      const texts = tone.asked.map(({ text }) => text);
      assert.deepEqual(texts.slice(0, 2), ['Oh [laughs] well.', 'Oh [laughs] well.']);
      assert.match(texts[2] ?? '', /\[/);
    }));

  test('are left out of the times, are charged for, and go with breaks of the same text', () =>
    talking(async ({ app, tone }) => {
      const text = '[excited] One <break time="1s"/> two.';
      const reply = await app.inject({
        method: 'POST',
        url: `${SPEECH}/with-timestamps?output_format=pcm_${RATE}`,
        payload: { model_id: 'eleven_v3', text },
      });
      const { alignment } = reply.json();
      assert.equal(alignment.characters.join(''), 'One  two.');
      assert.equal(reply.headers['character-cost'], String(text.length));
      // Where a break is in the middle of a sentence, the engine is given a comma.
      assert.equal(said(tone), 'One, two.');
    }));

  test('under strict are refused by name', () =>
    talking(async ({ app }) => {
      const reply = await app.inject({
        method: 'POST',
        url: SPEECH,
        headers: { 'x-antiphon-strict': 'true' },
        payload: { model_id: 'eleven_v3', text: 'Oh [sighs] well.' },
      });
      assert.equal(reply.statusCode, 400);
      assert.match(reply.body, /\[sighs\]/);
    }));

  test('alone are no text', () =>
    talking(async ({ post }) => {
      const { status, bytes } = await post(SPEECH, { model_id: 'eleven_v3', text: ' [laughs] [sighs] ' });
      assert.equal(status, 400);
      assert.match(bytes.toString(), /empty_text/);
    }));

  test('in a dialogue are directions as well, whose model is the newer one unless told', () =>
    talking(async ({ post, tone }) => {
      const inputs = [
        { text: '[cheerfully] Hello!', voice_id: 'tone/high' },
        { text: 'Hm [sighs]. [pause] Bye.', voice_id: 'tone/low' },
      ];
      const { status, warnings } = await post('/v1/text-to-dialogue', { inputs });
      assert.equal(status, 200);
      assert.equal(said(tone), 'Hello! Hm. Bye.');
      assert.match(warnings, /\[cheerfully\].*\[sighs\]/);
      const plain = await post('/v1/text-to-dialogue', { inputs, model_id: 'eleven_multilingual_v2' });
      assert.equal(plain.status, 200);
      assert.match(said(tone), /\[cheerfully\] Hello!/);
    }));
});
