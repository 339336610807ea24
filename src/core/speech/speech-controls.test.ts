import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlsFor } from './speech-controls.ts';
import type { AskedSetting } from './speech.ts';

const asked: readonly AskedSetting[] = [
  { setting: 'temperature', parameter: 'sampling.temperature', value: 3 },
  { setting: 'top_k', parameter: 'sampling.top_k', value: 20 },
  { setting: 'speed', parameter: 'speed', value: 2 },
];

test('an engine is told, within its range, what it obeys and nothing else', () => {
  const settings = { temperature: { minimum: 0, maximum: 2 }, speed: 'any' } as const;
  assert.deepEqual(controlsFor(asked, { settings }), { temperature: 2 });
  assert.equal(controlsFor(asked, { settings: {} }), undefined);
});
