import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneEngine } from '../../../test/tone-engine.ts';
import { createVoiceLibrary } from './voice-library.ts';
import type { PresetVoice } from './voice.ts';

function preset(id: string, overrides: Partial<PresetVoice> = {}): PresetVoice {
  return {
    id,
    name: id,
    dialect: 'vendor',
    gender: 'female',
    pitchSemitones: 0,
    variant: 0,
    description: id,
    labels: {},
    ...overrides,
  };
}

const engine = toneEngine();
const library = createVoiceLibrary({
  presets: [
    preset('alloy', { pitchSemitones: 2 }),
    preset('JBFqnCBsd6RMkjVDRZzb', { name: 'George', gender: 'male' }),
    preset('Odd', { variant: 7 }),
  ],
  engines: [engine],
});

test('a voice is found by id, by name in any case, and by the engine’s short name', () => {
  assert.equal(library.find('ALLOY')?.kind, 'preset');
  assert.equal(library.find('george')?.kind, 'preset');
  assert.equal(library.find('tone/low')?.kind, 'engine');
  assert.equal(library.find('low')?.kind, 'engine');
  assert.throws(() => library.get('nobody', 'voice'), {
    code: 'not_found',
    param: 'voice',
    subject: 'voice',
  });
});

test('a well-known voice is played by an engine voice of its gender, shifted in pitch, and says it is a stand-in', () => {
  const cast = library.cast(library.get('alloy', 'voice'), { engine, model: 'tone/tone', language: 'en' });
  assert.deepEqual([cast?.voice.id, cast?.pitchSemitones, cast?.standIn], ['tone/high', 2, true]);
  assert.equal(
    library.cast(library.get('George', 'voice'), { engine, model: 'tone/tone', language: 'en' })?.voice.id,
    'tone/low',
  );
});

test('a variant beyond the voices that exist wraps around', () => {
  assert.equal(
    library.cast(library.get('Odd', 'voice'), { engine, model: 'tone/tone', language: 'en-GB' })?.voice.id,
    'tone/high',
  );
});

test('nobody is cast in a language that the engine does not speak, or for a voice of another engine', () => {
  assert.equal(
    library.cast(library.get('alloy', 'voice'), { engine, model: 'tone/tone', language: 'ja' }),
    undefined,
  );
  assert.equal(
    library.cast(library.get('tone/low', 'voice'), {
      engine: toneEngine({ id: 'other' }),
      model: 'other/other',
      language: 'en',
    }),
    undefined,
  );
});
