import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext, testVoices } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { semitonesBetween } from '../../media/pitch.ts';
import type { KnownVoice } from './voice-parts.ts';
import type { PresetVoice } from './voice.ts';

const preset: PresetVoice = {
  id: 'deep',
  name: 'Deep',
  dialect: 'vendor',
  gender: 'male',
  pitchSemitones: -4,
  variant: 0,
  description: 'deep',
  labels: {},
};
const engine = toneEngine();
const voices = testVoices({ presets: [preset], engines: [engine] });
const context = testContext();

async function hertzOf(known: KnownVoice): Promise<number> {
  const measure = await voices.measure(known, context);
  return measure?.pitchHertz ?? 0;
}

test('an engine voice is as high as it speaks, and a name as the voice that plays it, shifted', async () => {
  const low = await voices.get('tone/low', { param: 'voice', principal: context.principal });
  assert.ok(Math.abs(semitonesBetween(220, await hertzOf(low))) < 0.2);
  const played = await hertzOf({ kind: 'preset', preset });
  assert.ok(Math.abs(semitonesBetween(220, played) + 4) < 0.2, `${played} Hz`);
  const spoken = engine.asked.filter(({ voice }) => voice === 'tone/low');
  assert.equal(spoken.length, 1, 'a voice is tried out once');
});

test('nobody can tell how high a voice is that no engine has', async () => {
  const alone = testVoices({ presets: [preset], engines: [] });
  assert.equal(await alone.measure({ kind: 'preset', preset }, context), undefined);
});
