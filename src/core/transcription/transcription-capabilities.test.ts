import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearingEngine } from '../../../test/hearing-engine.ts';
import type { Engine } from '../engine.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { transcriptionCapabilities, type HearingParameterTable } from './transcription-capabilities.ts';

const PARAMETERS: HearingParameterTable = {
  lang: 'language',
  warmth: { setting: 'temperature', accepts: { minimum: 0, maximum: 1 } },
  heat: { setting: 'temperature', accepts: { minimum: 0, maximum: 2 } },
  dice: 'seed',
  who: { setting: 'diarization', unserved: 'refused' },
  how_many: { setting: 'speaker_count', accepts: { minimum: 1, maximum: 32 } },
  gaps: 'voice_activity',
  hook: 'refused',
  style: 'ignored',
};

function table(engines: readonly Engine[], strictModels = false) {
  const models = createModelCatalog({
    engines,
    publicModels: [
      { name: 'hears-1', dialect: 'vendor', capability: 'transcription', title: '', description: '' },
      { name: 'speaks-1', dialect: 'vendor', capability: 'speech', title: '', description: '' },
    ],
    bindings: {},
    strictModels,
  });
  return transcriptionCapabilities({ models, parameters: { vendor: PARAMETERS }, engines });
}

test('the table says of every parameter of a model that hears what becomes of it, and within which range', () => {
  assert.deepEqual(table([hearingEngine()]), [
    {
      model: 'hears-1',
      dialect: 'vendor',
      servedBy: ['ear/ear'],
      standIn: true,
      tasks: ['transcribe', 'translate'],
      languages: 'any',
      parameters: {
        lang: { fate: 'honoured' },
        warmth: { fate: 'honoured', minimum: 0, maximum: 1, outside: 'refused' },
        heat: { fate: 'honoured', minimum: 0, maximum: 1, outside: 'adjusted' },
        dice: { fate: 'ignored' },
        who: { fate: 'refused' },
        how_many: { fate: 'ignored' },
        gaps: { fate: 'honoured' },
        hook: { fate: 'refused' },
        style: { fate: 'ignored' },
      },
    },
  ]);
});

test('with a model that tells speakers apart, what concerns speakers is honoured', () => {
  const [row] = table([hearingEngine({ speakers: true })]);
  assert.deepEqual(row?.parameters['who'], { fate: 'honoured' });
  assert.deepEqual(row?.parameters['how_many'], {
    fate: 'honoured',
    minimum: 1,
    maximum: 32,
    outside: 'refused',
  });
});

test('the model that would be asked decides, not its engine, and all of them together what can be asked', () => {
  const modest = hearingEngine({ id: 'modest', tasks: ['transcribe'] });
  const { transcription } = modest;
  assert(transcription);
  const first: Engine = {
    ...modest,
    models: modest.models.map((card) => ({ ...card, languages: ['en'] })),
    transcription: { ...transcription, settingsOf: () => ({}) },
  };
  const other = hearingEngine({ id: 'other' });
  const second = { ...other, models: other.models.map((card) => ({ ...card, languages: ['en', 'fr'] })) };
  const [row] = table([first, second]);
  assert.deepEqual(row?.servedBy, ['modest/modest', 'other/other']);
  assert.deepEqual(row?.tasks, ['transcribe', 'translate']);
  assert.deepEqual(row?.languages, ['en', 'fr']);
  assert.deepEqual(row?.parameters['warmth'], { fate: 'ignored' });
});

test('a model that nothing installed can serve has no row', () => {
  assert.deepEqual(table([]), []);
  assert.deepEqual(table([hearingEngine()], true), []);
});
