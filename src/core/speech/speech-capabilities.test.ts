import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneEngine } from '../../../test/tone-engine.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { speechCapabilities } from './speech-capabilities.ts';

const publicModels = [
  { name: 'famous-1', dialect: 'vendor', capability: 'speech', title: '', description: '' },
  { name: 'hears-1', dialect: 'vendor', capability: 'transcription', title: '', description: '' },
] as const;

test('the table says of every parameter of a speech model what becomes of it, and within which range', () => {
  const models = createModelCatalog({
    engines: [toneEngine()],
    publicModels,
    bindings: {},
    strictModels: false,
  });
  const table = speechCapabilities(models, {
    vendor: { speed: 'speed', seed: 'seed', 'voice.style': 'style' },
  });
  assert.deepEqual(table, [
    {
      model: 'famous-1',
      dialect: 'vendor',
      servedBy: ['tone/tone'],
      standIn: true,
      parameters: {
        speed: { fate: 'honoured', minimum: 0.25, maximum: 4, outside: 'adjusted' },
        seed: { fate: 'honoured' },
        'voice.style': { fate: 'ignored' },
      },
    },
  ]);
});

test('a model that nothing installed can serve has no row', () => {
  const models = createModelCatalog({
    engines: [toneEngine()],
    publicModels,
    bindings: {},
    strictModels: true,
  });
  assert.deepEqual(speechCapabilities(models, {}), []);
});
