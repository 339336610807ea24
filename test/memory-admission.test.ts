/** What is refused while memory is short, and what goes on, through the APIs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hearingEngine } from './hearing-engine.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { filePart, rawForm, textPart } from './raw-form.ts';
import { testApp } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const FORM = rawForm([textPart('model', 'whisper-1'), filePart(burstRecording({ bursts: bursts(2) }))]);

function hear() {
  return { method: 'POST', url: '/v1/audio/transcriptions', ...FORM } as const;
}

async function shortApp() {
  const memory = { short: true, isShort: () => memory.short };
  const { app, core } = await testApp({ engines: [toneEngine(), hearingEngine()], memory });
  return { app, core, memory };
}

describe('while memory is short', () => {
  test('a recording is refused with a time to come again, and taken when there is enough', async () => {
    const { app, memory } = await shortApp();
    const refused = await app.inject(hear());
    assert.equal(refused.statusCode, 503, refused.body);
    assert.equal(refused.headers['retry-after'], '5');
    assert.match(refused.body, /short of memory/);
    memory.short = false;
    assert.equal((await app.inject(hear())).statusCode, 200);
    await app.close();
  });

  test('speech, which takes little, goes on', async () => {
    const { app } = await shortApp();
    const payload = { model: 'tts-1', voice: 'alloy', input: 'Good day.' };
    assert.equal((await app.inject({ method: 'POST', url: '/v1/audio/speech', payload })).statusCode, 200);
    await app.close();
  });

  test('an upload is refused before it is written, and one that has begun goes on', async () => {
    const { app, core, memory } = await shortApp();
    const bytes = async function* () {
      yield new Uint8Array(10);
    };
    const shelf = core.uploads.open();
    await assert.rejects(shelf.keep(bytes()), { code: 'overloaded', reason: 'shortage' });
    memory.short = false;
    await shelf.keep(bytes());
    memory.short = true;
    assert.equal((await shelf.keep(bytes())).byteLength, 10);
    await shelf.clear();
    await app.close();
  });
});
