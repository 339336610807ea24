/** How long a text may be in each dialect, as each vendor has it and as an operator decides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApp } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const WAYS: Readonly<Record<string, (text: string) => { url: string; payload: object }>> = {
  openai: (input) => ({
    url: '/openai/v1/audio/speech',
    payload: { model: 'tts-1', voice: 'alloy', input, response_format: 'pcm' },
  }),
  elevenlabs: (text) => ({
    url: '/elevenlabs/v1/text-to-speech/tone%2Fhigh?output_format=pcm_8000',
    payload: { text, model_id: 'eleven_multilingual_v2' },
  }),
  eigen: (text) => ({ url: '/eigen/api/v1/generate', payload: { model: 'chatterbox', text } }),
};

async function statusesOf(characters: number, maxTextCharacters?: number): Promise<Record<string, number>> {
  const { app } = await testApp({
    engines: [toneEngine({ mute: true })],
    ...(maxTextCharacters === undefined ? {} : { maxTextCharacters }),
  });
  try {
    const statuses: Record<string, number> = {};
    for (const [dialect, way] of Object.entries(WAYS)) {
      const { body } = await app.inject({ method: 'POST', ...way('a '.repeat(characters / 2)) });
      // A mute engine finds nothing to say in what is taken.
      statuses[dialect] = /nothing that can be spoken/.test(body) ? 200 : 400;
    }
    return statuses;
  } finally {
    await app.close();
  }
}

test('each vendor has its own longest text, and Eigen AI none', async () => {
  assert.deepEqual(await statusesOf(4_000), { openai: 200, elevenlabs: 200, eigen: 200 });
  assert.deepEqual(await statusesOf(20_000), { openai: 400, elevenlabs: 400, eigen: 200 });
});

test('an operator’s limit counts for every API, above those of the vendors and below', async () => {
  assert.deepEqual(await statusesOf(20_000, 1_000_000), { openai: 200, elevenlabs: 200, eigen: 200 });
  assert.deepEqual(await statusesOf(2_000, 1_000), { openai: 400, elevenlabs: 400, eigen: 400 });
});
