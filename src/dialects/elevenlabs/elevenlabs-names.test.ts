import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputFormatNames, outputFormats } from './elevenlabs-formats.ts';
import { publicModels, vendorModels } from './elevenlabs-models.ts';
import { presetVoices } from './elevenlabs-presets.ts';

test('the voice of the documentation and the default of other libraries are both there', () => {
  const names = new Map(presetVoices.map((voice) => [voice.id, voice.name]));
  assert.equal(names.get('JBFqnCBsd6RMkjVDRZzb'), 'George');
  assert.equal(names.get('21m00Tcm4TlvDq8ikWAM'), 'Rachel');
});

test('ids and names of voices are unique, and ids have the 20 letters and digits of the vendor', () => {
  assert.equal(new Set(presetVoices.map((voice) => voice.id)).size, presetVoices.length);
  assert.equal(new Set(presetVoices.map((voice) => voice.name)).size, presetVoices.length);
  for (const voice of presetVoices) assert.match(voice.id, /^[A-Za-z0-9]{20}$/);
});

test('voices that one engine voice has to play are at least half a semitone apart', () => {
  for (const engineVoices of [1, 2, 3, 4]) {
    for (const gender of ['female', 'male'] as const) {
      const pitches = presetVoices
        .filter((voice) => voice.gender === gender)
        .map((voice) => `${voice.variant % engineVoices} ${voice.pitchSemitones}`);
      assert.equal(new Set(pitches).size, pitches.length, `${engineVoices} ${gender} voices`);
    }
  }
  for (const voice of presetVoices) assert.ok(Math.abs(voice.pitchSemitones) <= 4, voice.name);
});

test('labels are text, as the official client demands', () => {
  for (const voice of presetVoices) {
    for (const label of Object.values(voice.labels)) assert.equal(typeof label, 'string');
    assert.equal(voice.labels['gender'], voice.gender);
  }
});

test('the limits of the models are those of the vendor', () => {
  const limits = Object.fromEntries(publicModels.map((model) => [model.name, model.maxCharacters]));
  assert.equal(limits['eleven_v3'], 5_000);
  assert.equal(limits['eleven_multilingual_v2'], 10_000);
  assert.equal(limits['eleven_flash_v2'], 30_000);
  assert.equal(limits['eleven_turbo_v2_5'], 40_000);
  assert.equal(limits['scribe_v1'], undefined);
});

test('no model has a language twice', () => {
  for (const model of vendorModels)
    assert.equal(new Set(model.languages).size, model.languages.length, model.id);
});

test('each of the 28 output formats says in its name what it is', () => {
  assert.equal(outputFormatNames.length, 28);
  const codecs: Record<string, string> = {
    ulaw: 'mulaw',
    alaw: 'alaw',
    mp3: 'mp3',
    pcm: 'pcm',
    opus: 'opus',
    wav: 'wav',
  };
  for (const name of outputFormatNames) {
    const [codec = '', rate, kilobits] = name.split('_');
    const { format } = outputFormats[name];
    assert.equal(format.id, codecs[codec]);
    assert.equal(format.sampleRate, Number(rate));
    assert.equal('bitRate' in format ? format.bitRate : undefined, kilobits && Number(kilobits) * 1000);
  }
});
