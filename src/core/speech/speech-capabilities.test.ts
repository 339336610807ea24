import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneEngine } from '../../../test/tone-engine.ts';
import type { Engine } from '../engine.ts';
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

test('a sample of a voice is matched by the nearest voice, and honoured as soon as any model that may serve can take it on', () => {
  const plain = toneEngine({ id: 'plain' });
  const taker = toneEngine({ id: 'taker' });
  assert(taker.speech);
  const speech = { ...taker.speech, settings: { ...taker.speech.settings, voice_sample: 'any' as const } };
  const tableOf = (engines: readonly Engine[]) =>
    speechCapabilities(createModelCatalog({ engines, publicModels, bindings: {}, strictModels: false }), {
      vendor: { file: 'voice_sample', speed: 'speed' },
    })[0]?.parameters['file']?.fate;
  assert.equal(tableOf([plain]), 'adjusted');
  assert.equal(tableOf([plain, { ...taker, speech }]), 'honoured');
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
