import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneEngine } from '../../../test/tone-engine.ts';
import { toneSounds, type ToneSoundsOptions } from '../../../test/tone-sounds.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { soundCapabilities } from './sound-capabilities.ts';

const FACTS = { dialect: 'vendor', title: '', description: '' } as const;
const TABLES = {
  vendor: {
    'noise-1': { duration_seconds: 'duration', loop: 'loop', influence: 'prompt_influence' },
    'song-1': { length: 'duration', words: 'lyrics' },
  },
} as const;

function capabilities(...options: ToneSoundsOptions[]) {
  const models = createModelCatalog({
    engines: [toneEngine(), ...options.map(toneSounds)],
    publicModels: [
      { ...FACTS, name: 'noise-1', capability: 'sound' },
      { ...FACTS, name: 'song-1', capability: 'music' },
      { ...FACTS, name: 'speaks-1', capability: 'speech' },
    ],
    bindings: {},
    strictModels: false,
  });
  return soundCapabilities(models, TABLES);
}

test('the table says of every parameter of a model of sound or music what becomes of it, and how long it can be', () => {
  const settings = { loop: 'any', prompt_influence: { minimum: 0.1, maximum: 0.9 } } as const;
  assert.deepEqual(capabilities({ settings, maxSeconds: 40 }), [
    {
      model: 'noise-1',
      dialect: 'vendor',
      capability: 'sound',
      servedBy: ['tones/sound'],
      standIn: true,
      maxSeconds: 40,
      parameters: {
        duration_seconds: { fate: 'honoured' },
        loop: { fate: 'honoured' },
        influence: { fate: 'honoured', minimum: 0.1, maximum: 0.9, outside: 'adjusted' },
      },
    },
    {
      model: 'song-1',
      dialect: 'vendor',
      capability: 'music',
      servedBy: ['tones/music'],
      standIn: true,
      maxSeconds: 40,
      parameters: { length: { fate: 'honoured' }, words: { fate: 'ignored' } },
    },
  ]);
});

test('what nothing here makes has no row, and an engine that obeys a range of lengths makes no longer ones', () => {
  assert.deepEqual(capabilities(), []);
  const settings = { duration: { minimum: 1, maximum: 12 } } as const;
  assert.equal(capabilities({ settings, maxSeconds: 40 })[0]?.maxSeconds, 12);
});
