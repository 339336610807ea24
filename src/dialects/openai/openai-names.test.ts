import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AudioModel, SpeechModel } from 'openai/resources/audio';
import type { ImageModel } from 'openai/resources/images';
import { testContext, testVoices } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { openaiModels, openaiVoices } from './openai-names.ts';

const VOICES = 'alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse';

/** Every name that the official client knows; a missing one does not compile. */
const CLIENT_MODELS: Readonly<Record<SpeechModel | AudioModel | ImageModel, string>> = {
  'tts-1': 'speech',
  'tts-1-hd': 'speech',
  'gpt-4o-mini-tts': 'speech',
  'gpt-4o-mini-tts-2025-12-15': 'speech',
  'whisper-1': 'transcription',
  'gpt-transcribe': 'transcription',
  'gpt-4o-transcribe': 'transcription',
  'gpt-4o-mini-transcribe': 'transcription',
  'gpt-4o-mini-transcribe-2025-12-15': 'transcription',
  'gpt-4o-transcribe-diarize': 'transcription',
  'gpt-image-1': 'image',
  'gpt-image-1-mini': 'image',
  'gpt-image-1.5': 'image',
  'gpt-image-2': 'image',
  'gpt-image-2-2026-04-21': 'image',
  'gpt-image-2.5-sunburst': 'image',
  'gpt-image-2.5-sunburst-2026-09-08': 'image',
  'gpt-image-2.5-flare': 'image',
  'gpt-image-2.5-flare-2026-09-08': 'image',
  'gpt-image-2.6-sunburst': 'image',
  'gpt-image-2.6-flare': 'image',
  'chatgpt-image-latest': 'image',
  'dall-e-2': 'image',
  'dall-e-3': 'image',
};

test('every model that the official client names is known, with what it does', () => {
  const known = new Map(openaiModels.map((model) => [model.name, model.capability]));
  for (const [name, capability] of Object.entries(CLIENT_MODELS))
    assert.equal(known.get(name), capability, name);
});

test('the models that the vendor switches off say when', () => {
  const dates = new Map(openaiModels.map((model) => [model.name, model.shutdownDate]));
  for (const [name, date] of [
    ['tts-1', '2027-01-06'],
    ['tts-1-hd', '2027-01-06'],
    ['gpt-4o-mini-tts', '2027-01-06'],
    ['whisper-1', '2027-02-26'],
    ['gpt-4o-transcribe-diarize', '2027-02-26'],
    ['sora-2', '2026-09-24'],
    ['dall-e-3', '2026-05-12'],
    ['gpt-image-1', '2026-10-23'],
    ['gpt-transcribe', undefined],
  ] as const) {
    assert.equal(dates.get(name), date, name);
  }
});

test('the page for those who have to move names every model that is still to end, beside its day', () => {
  const lines = readFileSync(new URL('../../../docs/sunset.md', import.meta.url), 'utf8').split('\n');
  const ending = openaiModels.filter((model) => (model.shutdownDate ?? '') > '2026-12-31');
  assert.ok(ending.length > 0);
  for (const { name, shutdownDate = '' } of ending) {
    assert.ok(
      lines.some((line) => line.includes(`\`${name}\``) && line.includes(shutdownDate)),
      name,
    );
  }
});

test('the thirteen voices are there', () => {
  assert.equal(
    openaiVoices
      .map((voice) => voice.id)
      .sort()
      .join(' '),
    VOICES,
  );
});

for (const [what, genders] of [
  ['two male voices and a female one', ['male', 'male', 'female']],
  ['three male voices and a female one', ['male', 'male', 'male', 'female']],
  ['one voice of each gender', ['male', 'female']],
  ['one voice only', ['female']],
] as const) {
  test(`all thirteen sound different on an engine with ${what}`, async () => {
    const tone = toneEngine();
    const speaking = tone.speech;
    assert.ok(speaking);
    const voices = genders.map((gender, rank) => ({
      ...speaking.voices[0]!,
      id: `tone/${rank}`,
      gender,
      rank,
    }));
    const engine = { ...tone, speech: { ...speaking, voices } };
    const library = testVoices({ presets: openaiVoices, engines: [engine] });
    const context = testContext();
    const heard: string[] = [];
    for (const { id } of openaiVoices) {
      const known = await library.get(id, { param: 'voice', principal: context.principal });
      const cast = await library.cast(known, { engine, model: 'tone/tone', language: 'en', context });
      assert.ok(Math.abs(cast?.pitchSemitones ?? 9) <= 3, id);
      heard.push(`${cast?.voice.id} ${cast?.pitchSemitones}`);
    }
    assert.equal(new Set(heard).size, 13, heard.join(', '));
  });
}
