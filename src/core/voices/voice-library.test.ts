import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryBlobs, memoryStore, testContext, testPrincipal, testVoices } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import type { Engine } from '../engine.ts';
import type { Likeness } from './voice-likeness.ts';
import type { VoiceRecord } from './voice-record.ts';
import type { CastVoice, WantedVoice } from './voice-parts.ts';
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
const store = memoryStore();
const library = testVoices({
  presets: [
    preset('alloy', { pitchSemitones: 2 }),
    preset('JBFqnCBsd6RMkjVDRZzb', { name: 'George', gender: 'male' }),
    preset('Odd', { variant: 7 }),
  ],
  engines: [engine],
  store,
  blobs: memoryBlobs(),
});

const context = testContext();
const { principal } = context;
const ann = testPrincipal('ann');
const bob = testPrincipal('bob');

async function kindOf(name: string, who = principal): Promise<string | undefined> {
  return (await library.find(name, who))?.kind;
}

interface Casting {
  readonly language?: string;
  readonly on?: Engine;
}

async function cast(
  voice: string | WantedVoice,
  { language = 'en', on = engine }: Casting = {},
): Promise<CastVoice | undefined> {
  const known = typeof voice === 'string' ? await library.get(voice, { param: 'voice', principal }) : voice;
  return library.cast(known, { engine: on, model: on.models[0]?.id ?? '', language, context });
}

function record(id: string, ownerId: string, changes: Partial<VoiceRecord> = {}): VoiceRecord {
  return {
    id,
    ownerId,
    name: id,
    description: '',
    labels: {},
    origin: 'cloned',
    traits: {},
    samples: [],
    createdAt: 1,
    ...changes,
  };
}

function likeness(pitchHertz: number, changes: Partial<Likeness> = {}): WantedVoice {
  return {
    kind: 'sample',
    likeness: {
      title: 'somebody',
      sample: async () => undefined,
      measure: async () => ({ pitchHertz, pitchRangeSemitones: 0 }),
      ...changes,
    },
  };
}

test('a voice is found by id, by name in any case, and by the engine’s short name', async () => {
  assert.equal(await kindOf('ALLOY'), 'preset');
  assert.equal(await kindOf('george'), 'preset');
  assert.equal(await kindOf('tone/low'), 'engine');
  assert.equal(await kindOf('low'), 'engine');
  await assert.rejects(library.get('nobody', { param: 'voice', principal }), {
    code: 'not_found',
    param: 'voice',
    subject: 'voice',
  });
});

test('a well-known voice is played by an engine voice of its gender, shifted in pitch, and says it is a stand-in', async () => {
  const alloy = await cast('alloy');
  assert.deepEqual([alloy?.voice.id, alloy?.pitchSemitones, alloy?.standIn], ['tone/high', 2, true]);
  assert.equal((await cast('George'))?.voice.id, 'tone/low');
});

test('a variant beyond the voices that exist wraps around', async () => {
  assert.equal((await cast('Odd', { language: 'en-GB' }))?.voice.id, 'tone/high');
});

test('nobody is cast in a language that the engine does not speak, or for a voice of another engine', async () => {
  assert.equal(await cast('alloy', { language: 'ja' }), undefined);
  assert.equal(await cast('tone/low', { on: toneEngine({ id: 'other' }) }), undefined);
});

test('an added voice is found by its owner only, those made without keys by everybody, ids before names', async () => {
  await store.voices.add(record('a1', 'ann', { name: 'Mia' }));
  await store.voices.add(record('e1', 'anonymous', { name: 'mia' }));
  await store.voices.add(record('e2', 'anonymous', { name: 'George' }));
  await store.voices.add(record('e3', 'anonymous', { name: 'alloy' }));
  const idOf = async (name: string, who: typeof ann) => {
    const known = await library.find(name, who);
    return known?.kind === 'added' ? known.record.id : known?.kind;
  };
  assert.equal(await idOf('a1', ann), 'a1');
  assert.equal(await idOf('a1', bob), undefined);
  assert.equal(await idOf('MIA', ann), 'a1');
  assert.equal(await idOf('MIA', bob), 'e1');
  assert.equal(await idOf('george', bob), 'e2');
  assert.equal(await idOf('JBFqnCBsd6RMkjVDRZzb', bob), 'preset');
  assert.equal(await idOf('alloy', bob), 'preset');
  assert.equal((await library.findAdded('Alloy', bob))?.id, 'e3');
});

test('a likeness is played by the voice nearest in pitch, shifted to it, and no further than sounds human', async () => {
  for (const [hertz, voice, shift] of [
    [440, 'tone/high', 0],
    [400, 'tone/high', -1.65],
    [233, 'tone/low', 0.99],
    [100, 'tone/low', -7],
    [590, 'tone/high', 5.08],
  ] as const) {
    const found = await cast(likeness(hertz));
    assert.equal(found?.voice.id, voice, `${hertz} Hz`);
    assert.ok(
      Math.abs((found?.pitchSemitones ?? 99) - shift) < 0.15,
      `${hertz} Hz: ${found?.pitchSemitones}`,
    );
    assert.equal(found?.standIn, true);
  }
});

test('a known gender narrows the choice, and without any measure the first voice plays as it is', async () => {
  const woman = await cast(likeness(230, { gender: 'female' }));
  assert.deepEqual([woman?.voice.id, woman?.pitchSemitones], ['tone/high', -7]);
  const unknown = await cast(likeness(0, { gender: 'male', measure: async () => undefined }));
  assert.deepEqual([unknown?.voice.id, unknown?.pitchSemitones], ['tone/low', 0]);
});

test('each engine voice is measured once, and again when that failed', async () => {
  const fresh = toneEngine({ id: 'fresh' });
  const voices = testVoices({ presets: [], engines: [fresh] });
  const part = { engine: fresh, model: 'fresh/fresh', language: 'en', context };
  await Promise.all([voices.cast(likeness(300), part), voices.cast(likeness(250), part)]);
  await voices.cast(likeness(200), part);
  assert.deepEqual(fresh.asked.map(({ voice }) => voice).sort(), ['fresh/high', 'fresh/low']);
  const broken = toneEngine({ id: 'broken', failAfterChunks: 0 });
  const again = { ...part, engine: broken, model: 'broken/broken' };
  for (const times of [2, 4]) {
    const found = await voices.cast(likeness(200), again);
    assert.deepEqual([found?.voice.id, found?.pitchSemitones], ['broken/high', 0]);
    assert.equal(broken.asked.length, times);
  }
});

test('a described voice is its engine voice as it was designed, and elsewhere the one nearest to that', async () => {
  const design = { prompt: 'a deep voice', baseVoice: 'tone/low', pitchSemitones: -2, speed: 0.9 };
  await store.voices.add(record('d1', 'anonymous', { origin: 'designed', design }));
  assert.deepEqual(await cast('d1'), {
    voice: engine.speech?.voices[1],
    pitchSemitones: -2,
    tempo: 0.9,
    standIn: false,
  });
  const elsewhere = await cast('d1', { on: toneEngine({ id: 'else' }) });
  assert.deepEqual([elsewhere?.voice.id, elsewhere?.tempo, elsewhere?.standIn], ['else/low', 0.9, true]);
  assert.ok(Math.abs((elsewhere?.pitchSemitones ?? 0) + 2) < 0.2, `${elsewhere?.pitchSemitones}`);
});
