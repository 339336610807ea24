/** A film at a server elsewhere, and the process that ordered it killed in the middle. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSdcppFake } from './fakes/sdcpp-fake.ts';

async function startProgram(folder: string) {
  const args = ['--port', '0', '--data-dir', join(folder, 'data'), '--log-level', 'error'];
  const config = ['--config', join(folder, 'antiphon.config.json')];
  const program = ['bin/antiphon.js', 'serve', ...args, ...config, '--job-lease-seconds', '2'];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    const origin = /answers at (http:\S+)/.exec(printed)?.[1];
    if (origin === undefined) continue;
    return {
      origin,
      end: async (signal: NodeJS.Signals) => {
        child.kill(signal);
        await gone;
      },
    };
  }
  throw new Error(`The program did not start: ${printed}`);
}

async function ended(url: string): Promise<Record<string, unknown>> {
  for (;;) {
    const video: Record<string, unknown> = JSON.parse(await (await fetch(url)).text());
    if (video['status'] === 'completed' || video['status'] === 'failed') return video;
  }
}

test('after kill -9 the next process waits for the same job at the same server, and orders nothing again', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const fake = await startSdcppFake({ gate });
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-kill-'));
  const model = { id: 'wan', capability: 'video', limits: { maxSide: 64, maxFrames: 5 } };
  const remote = { id: 'box', adapter: 'sd-server', url: fake.url, models: [model] };
  await writeFile(join(folder, 'antiphon.config.json'), JSON.stringify({ remotes: [remote] }));
  fake.server.on('request', ({ method, url }) => {
    // Whoever asks after a job has written down where it is.
    if (method === 'GET' && url?.includes('/jobs/')) begun.resolve();
  });
  try {
    const first = await startProgram(folder);
    const order = JSON.stringify({ model: 'box/wan', prompt: 'waves', seconds: '4' });
    const headers = { 'content-type': 'application/json' };
    const accepted = await fetch(`${first.origin}/v1/videos`, { method: 'POST', headers, body: order });
    const { id }: Record<string, unknown> = JSON.parse(await accepted.text());
    await begun.promise;
    await first.end('SIGKILL');
    const second = await startProgram(folder);
    open();
    const video = await ended(`${second.origin}/v1/videos/${String(id)}`);
    assert.equal(video['status'], 'completed', JSON.stringify(video));
    assert.equal(fake.bodies('/sdcpp/v1/vid_gen').length, 1);
    await second.end('SIGTERM');
  } finally {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  }
});
