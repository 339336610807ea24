import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApp, testContext } from '../../../test/support.ts';
import { toneSounds } from '../../../test/tone-sounds.ts';
import type { Job } from '../jobs/job.ts';
import { soundJobHandler } from './sound-job.ts';

const JOB: Job<'sound'> = {
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  kind: 'sound',
  ownerId: 'anonymous',
  dialect: 'vendor',
  model: 'eleven_text_to_sound_v2',
  priority: 'interactive',
  input: {
    kind: 'effect',
    model: 'eleven_text_to_sound_v2',
    prompt: 'Rain',
    durationSeconds: 0.5,
    seed: 1,
    format: { id: 'wav', sampleRate: 8000 },
    channels: 1,
    delivery: 'stream',
    asked: [{ setting: 'lyrics', parameter: 'words', value: 'x' }],
    spelling: { prompt: 'text', model: 'model_id', format: 'format' },
  },
  notes: {},
  createdAt: 0,
  attempts: 1,
  state: 'running',
  startedAt: 0,
  progress: 0,
};

test('a job leaves one file however often it is done, with its true length, and tells who made it and what was ignored', async () => {
  const { app, core } = await testApp({ engines: [toneSounds()] });
  const told: number[] = [];
  const context = testContext({ report: (fraction) => told.push(fraction) });
  const work = { job: JOB, context, remember: async () => undefined };
  const handler = soundJobHandler(core);
  const first = await handler(work);
  assert.deepEqual(await handler(work), first);
  assert.deepEqual(
    [first.servedBy, first.standIn, first.file.byteLength, first.file.mediaType],
    ['tones/sound', true, 44 + 8000, 'audio/wav'],
  );
  assert.deepEqual(first.warnings, [
    { type: 'ignored', setting: 'words', reason: 'tones has no such control' },
  ]);
  const file = await core.files.find(first.file.fileId, 'anonymous');
  assert.equal(file?.filename, `${JOB.id}.wav`);
  const blob = await core.files.read(first.file.fileId, 'anonymous');
  const bytes = Buffer.concat(await Array.fromAsync(blob?.open() ?? []));
  assert.equal(bytes.readUInt32LE(40), 8000);
  assert.equal(told.at(-1), 1);
  await app.close();
});
