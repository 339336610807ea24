import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualTime } from '../test/manual-time.ts';
import { CUSTOM_VOICE } from '../test/media-remotes.ts';
import type { Engine } from './core/engine.ts';
import { silentLogger, type LogFields } from './core/ports/logger.ts';
import { createMemoryBudget } from './engines/memory-budget.ts';
import { SETTLED_MS, startEngines } from './engine-rack.ts';
import { loadConfig } from './platform/config.ts';
import { hubSettings } from './platform/models/hub-client.ts';
import { createModelStore } from './platform/models/model-store.ts';
import { systemClock } from './platform/system-clock.ts';

const remote = { adapter: 'openai-media', url: 'http://127.0.0.1:1', ...CUSTOM_VOICE };

/** A rack of one server elsewhere, in time that stands still, and what was stopped so far. */
async function rackOfOne() {
  const time = manualTime();
  const stopped: unknown[] = [];
  const log = {
    ...silentLogger,
    info: ({ engine }: LogFields, event: string) => void (event === 'engine-stop' && stopped.push(engine)),
  };
  const weights = createModelStore({
    modelsDir: 'nowhere',
    ...hubSettings({}),
    offline: true,
    fetch,
    log,
    clock: systemClock,
  });
  const config = loadConfig({
    commandLine: { engines: '', remotes: [remote] },
    environment: {},
    file: 'nowhere',
  });
  const memory = createMemoryBudget(1);
  const rack = await startEngines(config, { log, environment: {}, weights, memory, pause: time.pause });
  return { rack, time, stopped };
}

test('an engine that is put away is stopped only when it has had nothing to do for a while', async () => {
  const { rack, time, stopped } = await rackOfOne();
  const list = rack.engines;
  const load = { running: 1, waiting: 0 };
  const asked = new Set<Engine>();
  const gone = list[0];
  (await rack.prepareRemotes([])).use({
    load: (engine) => {
      asked.add(engine);
      return load;
    },
  });
  assert.deepEqual(list, [], 'the same list, and nothing on it');
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second += 1) await time.advance(1000);
  };
  await seconds(SETTLED_MS / 500);
  assert.deepEqual(stopped, []);
  load.running = 0;
  await seconds(SETTLED_MS / 1000 - 1);
  load.waiting = 1;
  await seconds(1);
  load.waiting = 0;
  await seconds(SETTLED_MS / 1000 - 1);
  assert.deepEqual(stopped, [], 'somebody came in between');
  await seconds(1);
  assert.deepEqual(stopped, ['qwen-cv']);
  assert.deepEqual([...asked], [gone]);
});

test('the end of the program waits for no engine that was put away', async () => {
  const { rack, stopped } = await rackOfOne();
  (await rack.prepareRemotes([])).use({ load: () => ({ running: 1, waiting: 0 }) });
  await rack.stop();
  assert.deepEqual(stopped, ['qwen-cv']);
});

test('what is prepared is used by nobody until it is taken into use', async () => {
  const { rack } = await rackOfOne();
  const [first] = rack.engines;
  await rack.prepareRemotes([]);
  assert.deepEqual(rack.engines, [first]);
  await rack.stop();
});
