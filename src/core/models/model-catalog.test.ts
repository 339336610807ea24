import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneEngine } from '../../../test/tone-engine.ts';
import { createModelCatalog, type ModelCatalogParts } from './model-catalog.ts';
import type { PublicModel } from './model.ts';

function publicModel(name: string, capability: PublicModel['capability'] = 'speech'): PublicModel {
  return { name, dialect: 'vendor', capability, title: name, description: name };
}

function catalog(overrides: Partial<ModelCatalogParts> = {}) {
  return createModelCatalog({
    engines: [toneEngine({ id: 'first' }), toneEngine({ id: 'second', implements: ['exact-1'] })],
    publicModels: [publicModel('famous-1'), publicModel('exact-1'), publicModel('hears-1', 'transcription')],
    bindings: {},
    strictModels: false,
    ...overrides,
  });
}

const served = (parts: Partial<ModelCatalogParts>, name: string) =>
  catalog(parts)
    .candidates(name, 'speech')
    .map(({ card, standIn }) => `${card.id}${standIn ? ' as a stand-in' : ''}`);

test('a famous name is served by the preferred engine as a stand-in', () => {
  assert.deepEqual(served({}, 'famous-1'), ['first/first as a stand-in', 'second/second as a stand-in']);
});

test('an engine model that really is the named one comes first and is no stand-in', () => {
  assert.deepEqual(served({}, 'exact-1'), ['second/second', 'first/first as a stand-in']);
});

test('an engine can be named itself, by engine or by model, and then nobody else serves', () => {
  assert.deepEqual(served({}, 'second'), ['second/second']);
  assert.deepEqual(served({}, 'first/first'), ['first/first']);
});

test('"auto" leaves the choice to the server and is never a stand-in', () => {
  assert.deepEqual(served({}, 'auto'), ['first/first', 'second/second']);
});

test("the operator's own binding wins, skips what is not installed and may add names", () => {
  const bindings = { 'famous-1': ['gone/gone', 'second/second'], mine: ['first/first'] };
  assert.deepEqual(served({ bindings }, 'famous-1'), ['second/second as a stand-in']);
  assert.deepEqual(served({ bindings }, 'mine'), ['first/first as a stand-in']);
});

test('strict models refuse a stand-in as not found and keep the real one', () => {
  assert.throws(() => served({ strictModels: true }, 'famous-1'), { code: 'not_found', subject: 'model' });
  assert.deepEqual(served({ strictModels: true }, 'exact-1'), ['second/second']);
});

test('an unknown name is not found; one with another capability cannot speak; no engine at all says so', () => {
  assert.throws(() => served({}, 'nobody'), { code: 'not_found', param: 'model' });
  assert.throws(() => served({}, 'hears-1'), { code: 'unsupported_feature', reason: 'unsupported_model' });
  assert.throws(() => served({ engines: [] }, 'famous-1'), {
    code: 'unsupported_feature',
    reason: 'no_engine',
  });
});

test('lists are told what serves a name, and nothing where a request would be refused', () => {
  for (const overrides of [{}, { engines: [] }, { strictModels: true }]) {
    const models = catalog(overrides);
    for (const name of ['famous-1', 'exact-1', 'hears-1', 'nobody', 'auto', 'first']) {
      let wanted: readonly unknown[] = [];
      try {
        wanted = models.candidates(name, 'speech');
      } catch {
        // It is refused.
      }
      assert.deepEqual(models.served(name, 'speech'), wanted, name);
    }
  }
});

test('names that every object has inside are no models', () => {
  const models = catalog({ bindings: { mine: ['first/first'] } });
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.equal(models.isKnown(name), false, name);
    assert.throws(() => models.candidates(name, 'speech'), { code: 'not_found' }, name);
  }
});
