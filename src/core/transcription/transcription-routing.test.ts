import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearingEngine, type HearingEngineOptions } from '../../../test/hearing-engine.ts';
import type { Engine } from '../engine.ts';
import { createModelCatalog, type ModelCatalogParts } from '../models/model-catalog.ts';
import { findListener, findListenerAnew } from './transcription-routing.ts';
import type { TranscriptionRequest } from './transcription.ts';

const ONLY_TRANSCRIBES = { tasks: ['transcribe'] } as const;

function ear(id: string, options: HearingEngineOptions = {}, languages?: readonly string[]): Engine {
  const engine = hearingEngine({ id, ...options });
  return languages ? { ...engine, models: engine.models.map((card) => ({ ...card, languages })) } : engine;
}

function catalog(engines: readonly Engine[], overrides: Partial<ModelCatalogParts> = {}) {
  return createModelCatalog({
    engines,
    publicModels: [
      { name: 'whisper-1', dialect: 'vendor', capability: 'transcription', title: '', description: '' },
    ],
    bindings: {},
    strictModels: false,
    ...overrides,
  });
}

function request(overrides: Partial<TranscriptionRequest> = {}): TranscriptionRequest {
  return {
    model: 'whisper-1',
    audio: { kind: 'bytes', bytes: new Uint8Array(0) },
    task: 'transcribe',
    wordTimes: false,
    logprobs: false,
    diarize: false,
    knownSpeakers: [],
    asked: [],
    spelling: { audio: 'file', model: 'model_id', language: 'language_code' },
    ...overrides,
  };
}

test('a translation goes to the first model that was taught to, a transcription to the first of all', () => {
  const models = catalog([ear('turbo', ONLY_TRANSCRIBES), ear('large'), ear('small')]);
  assert.equal(findListener(request(), models).card.id, 'turbo/turbo');
  assert.equal(findListener(request({ task: 'translate' }), models).card.id, 'large/large');
});

test('a stand-in that can translate is preferred to the model itself that cannot, and says that it is one', () => {
  const models = catalog([ear('turbo', { ...ONLY_TRANSCRIBES, implements: ['whisper-1'] }), ear('large')]);
  const { card, standIn } = findListener(request({ task: 'translate' }), models);
  assert.deepEqual([card.id, standIn], ['large/large', true]);
});

test('a card that says nothing about tasks only transcribes', () => {
  const engine = hearingEngine();
  const bare = engine.models.map((card) => {
    const { tasks, ...silent } = card;
    assert.ok(tasks);
    return silent;
  });
  const models = catalog([{ ...engine, models: bare }]);
  assert.equal(findListener(request(), models).card.id, 'ear/ear');
  assert.throws(() => findListener(request({ task: 'translate' }), models), { reason: 'unsupported_task' });
});

test('a model that is named itself and cannot translate is refused, and the answer names those that can', () => {
  const models = catalog([ear('turbo', ONLY_TRANSCRIBES), ear('large')]);
  assert.throws(() => findListener(request({ task: 'translate', model: 'turbo/turbo' }), models), {
    code: 'unsupported_feature',
    reason: 'unsupported_task',
    param: 'model_id',
    message: /turbo\/turbo.*large\/large/,
  });
});

test('an operator who binds a name to models that cannot translate hears of it, and of the command that helps', () => {
  const models = catalog([ear('turbo', ONLY_TRANSCRIBES)], { bindings: { 'whisper-1': ['turbo/turbo'] } });
  assert.throws(() => findListener(request({ task: 'translate' }), models), {
    reason: 'unsupported_task',
    message: /antiphon models pull whisper\/small/,
  });
});

test('among the models that hear a language the order of preference stands, whatever else is asked', () => {
  const models = catalog([ear('first', {}, ['en']), ear('second', {}, ['en', 'fr']), ear('third')]);
  const chosen = (overrides: Partial<TranscriptionRequest>) =>
    findListener(request(overrides), models).card.id;
  assert.equal(chosen({ language: 'fr' }), 'second/second');
  assert.equal(chosen({ language: 'fr', wordTimes: true, logprobs: true }), 'second/second');
  assert.equal(chosen({ language: 'ja' }), 'third/third');
  assert.equal(chosen({ wordTimes: true, logprobs: true }), 'first/first');
});

test('a language that nobody hears is refused with those that are heard, not all hundred of them', () => {
  const many = ear('many', {}, 'en de fr es it pt nl pl sv da fi tr cs hu ro'.split(' '));
  assert.throws(() => findListener(request({ language: 'ja' }), catalog([many])), {
    code: 'unsupported_feature',
    reason: 'unsupported_language',
    param: 'language_code',
    message: /'ja'.*\ben, de, fr\b.* and 3 others/,
  });
});

test('a translation is not turned down for a language that only models hear that cannot translate', () => {
  const models = catalog([ear('french', ONLY_TRANSCRIBES, ['fr']), ear('wide')]);
  assert.equal(findListener(request({ task: 'translate', language: 'fr' }), models).card.id, 'wide/wide');
});

test('what another program installed meanwhile serves the very request that would have been refused', async () => {
  const engine = hearingEngine();
  let cards: Engine['models'] = [];
  const models = catalog([
    {
      ...engine,
      get models() {
        return cards;
      },
      refresh: async () => {
        cards = engine.models;
      },
    },
  ]);
  assert.throws(() => findListener(request(), models), { reason: 'not_installed' });
  assert.equal((await findListenerAnew(request(), models)).card.id, 'ear/ear');
});
