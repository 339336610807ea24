import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import type { RemoteModel } from '../core/models/remote.ts';
import { planFields } from './remote-fields.ts';

type Setting = 'seed' | 'steps' | 'strength';

const isSetting = (name: string): name is Setting => ['seed', 'steps', 'strength'].includes(name);

const MODEL: RemoteModel = {
  id: 'm',
  capability: 'image',
  languages: 'any',
  licence: 'unknown',
  implements: [],
  voices: [],
  limits: {},
  defaults: {},
  fixed: {},
  parameters: {},
};

const QUIRKS = {
  fields: { seed: { field: 'seed' }, steps: { field: 'sampling.steps', minimum: 1, maximum: 50 } },
  constant: { format: 'png', 'sampling.kind': 'euler' },
} as const;

test('defaults give way to the caller, who gives way to what is fixed; points lead into objects', () => {
  const model: RemoteModel = {
    ...MODEL,
    defaults: { sampling: { steps: 20, eta: 1 }, lora: { path: '/a' } },
    fixed: { 'lora.scale': 0.5 },
  };
  const plan = planFields<Setting>(model, QUIRKS, isSetting);
  const own = { prompt: 'a kite', model: undefined };
  assert.deepEqual(plan.write({ own, values: { seed: 4, steps: 8 } }), {
    format: 'png',
    sampling: { steps: 8, eta: 1 },
    lora: { path: '/a', scale: 0.5 },
    prompt: 'a kite',
    seed: 4,
  });
  assert.deepEqual(plan.write({ own, values: {} })['sampling'], { steps: 20, eta: 1 });
});

test('what can be mapped is what is obeyed; the operator adds to it, takes from it, and forbids', () => {
  assert.deepEqual(planFields<Setting>(MODEL, QUIRKS, isSetting).settings, {
    seed: 'any',
    steps: { minimum: 1, maximum: 50 },
  });
  const model: RemoteModel = {
    ...MODEL,
    parameters: { steps: { fixed: 4, as: 'n_steps' }, strength: { map: 'x.y', minimum: 0 }, seed: 'reject' },
  };
  const plan = planFields<Setting>(model, QUIRKS, isSetting);
  assert.deepEqual(plan.settings, {
    strength: { minimum: 0, maximum: Number.POSITIVE_INFINITY },
    seed: 'any',
  });
  assert.deepEqual(plan.write({ own: {}, values: { steps: 9, strength: 0.3 } }), {
    format: 'png',
    sampling: { kind: 'euler' },
    n_steps: 4,
    x: { y: 0.3 },
  });
  assert.throws(
    () => plan.write({ own: {}, values: { seed: 1 } }),
    (error) => error instanceof AppError && error.code === 'unsupported_feature' && error.param === 'seed',
  );
  assert.throws(
    () => planFields<Setting>({ ...MODEL, parameters: { stepps: 'warn' } }, QUIRKS, isSetting),
    /'stepps' is no setting of image/,
  );
});
