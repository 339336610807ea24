import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { threadEnvironment } from './thread-environment.ts';

test('a thread keeps compiled code where the program does, and is told of nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-compiled-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  module.enableCompileCache(folder);
  const script = `
    const { parentPort } = require('node:worker_threads');
    parentPort.postMessage([require('node:module').getCompileCacheDir(), Object.keys(process.env)]);
  `;
  const worker = new Worker(script, { eval: true, env: threadEnvironment() });
  const [told] = await once(worker, 'message');
  assert.deepEqual(told, [module.getCompileCacheDir(), ['NODE_COMPILE_CACHE']]);
  assert.ok(module.getCompileCacheDir());
  await worker.terminate();
});
