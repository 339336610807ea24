/** A configuration that is read anew while the server runs, by the whole program put together. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { assemble, type Assembly } from '../src/assembly.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import type { ReloadReport } from '../src/core/ports/reload.ts';
import { LIVE_SETTINGS } from '../src/live-config.ts';
import { loadConfig } from '../src/platform/config.ts';
import { configSchema } from '../src/platform/config-schema.ts';
import { startFake } from './fakes/fake-server.ts';
import { fakeOf } from './fakes/index.ts';
import { CUSTOM_VOICE } from './media-remotes.ts';

interface House {
  readonly assembly: Assembly;
  readonly app: FastifyInstance;
  /** Writes another file and has it read. */
  readonly reload: (file: unknown) => Promise<Awaited<ReturnType<FastifyInstance['inject']>>>;
  readonly report: (file: unknown) => Promise<ReloadReport & { readonly needs_restart: readonly string[] }>;
  readonly levels: readonly string[];
}

async function withHouse(first: object, use: (house: House) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-reload-'));
  const file = join(folder, 'antiphon.config.json');
  const write = (content: unknown) =>
    writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  await write(first);
  const commandLine = { dataDir: folder, engines: 'flite' };
  const readConfig = () => loadConfig({ commandLine, environment: {}, file });
  const levels: string[] = [];
  const setLogLevel = (level: string) => void levels.push(level);
  const surroundings = { log: silentLogger, environment: {}, readConfig, setLogLevel };
  const assembly = await assemble(readConfig(), surroundings);
  const app = await assembly.app();
  const reload = async (content: unknown) => {
    await write(content);
    return app.inject({ method: 'POST', url: '/antiphon/v1/reload' });
  };
  const report = async (content: unknown) => {
    const answer = await reload(content);
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  };
  try {
    await use({ assembly, app, reload, report, levels });
  } finally {
    await app.close();
    await assembly.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function speak(app: FastifyInstance, fields: object = {}) {
  const payload = { model: 'tts-1', voice: 'alloy', input: 'Good day.', response_format: 'pcm', ...fields };
  return app.inject({ method: 'POST', url: '/v1/audio/speech', payload });
}

const NO_REMOTES = { started: [], stopped: [], down: [] };

describe('a configuration that is read anew', () => {
  test('counts for the very next request: models, strictness, markup, lengths', () =>
    withHouse({}, async ({ app, report }) => {
      assert.equal((await speak(app, { model: 'house-voice' })).statusCode, 404);
      assert.deepEqual(await report({ models: { 'house-voice': ['flite/flite'] } }), {
        changed: ['models'],
        needs_restart: [],
        remotes: NO_REMOTES,
      });
      assert.equal((await speak(app, { model: 'house-voice' })).statusCode, 200);

      assert.equal((await speak(app)).headers['x-antiphon-stand-in'], 'true');
      await report({ strictModels: true });
      assert.equal((await speak(app)).statusCode, 404);
      assert.equal((await speak(app, { model: 'house-voice' })).statusCode, 404, 'the binding is gone');

      const ssml = '<speak>Good <break time="2s"/> day.</speak>';
      const read = (await speak(app, { model: 'flite', input: ssml })).rawPayload.length;
      await report({ markup: 'ssml' });
      const paused = (await speak(app, { model: 'flite', input: ssml })).rawPayload.length;
      // 24,000 samples of two bytes a second; the tags themselves take longer to be read out than the pause.
      assert.notEqual(paused, read);
      assert.ok(paused > 2 * 48_000);

      assert.equal((await speak(app, { input: 'x'.repeat(50) })).statusCode, 200);
      await report({ maxTextCharacters: 20 });
      const long = await speak(app, { input: 'x'.repeat(50) });
      assert.equal(long.statusCode, 400, long.body);
      assert.match(long.body, /20/);
    }));

  test('counts for jobs, history and the addresses that are handed out', () =>
    withHouse({ maxWaitingJobs: 1, historyDays: 0 }, async ({ app, assembly, report }) => {
      const order = (n: number) =>
        app.inject({
          method: 'POST',
          url: '/v1/audio/speech',
          headers: { prefer: 'respond-async' },
          payload: { model: 'tts-1', voice: 'alloy', input: `Number ${n}.` },
        });
      // Nobody does them: the server was not told that it is ready.
      await assembly.core.jobRunner.stop();
      assert.equal((await order(1)).statusCode, 202);
      assert.equal((await order(2)).statusCode, 429);
      const { changed } = await report({
        maxWaitingJobs: 2,
        historyDays: 3,
        publicUrl: 'https://media.example',
      });
      assert.deepEqual([...changed].sort(), ['historyDays', 'maxWaitingJobs', 'publicUrl']);
      const second = await order(2);
      assert.equal(second.statusCode, 202);
      assert.equal(assembly.core.publicUrl, 'https://media.example');
      assert.equal((await order(3)).statusCode, 429);
      const spoken = await app.inject({
        method: 'POST',
        url: '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb',
        payload: { text: 'Kept.' },
      });
      const history = await app.inject({ url: '/v1/history' });
      assert.equal(spoken.statusCode, 200);
      assert.equal(history.json().history.length, 1);
    }));

  test('is told what cannot be changed while it runs, and sticks to that', () =>
    withHouse({ port: 8484 }, async ({ report, levels }) => {
      const { changed, needs_restart: later } = await report({ port: 9, workers: 1, logLevel: 'warn' });
      assert.deepEqual(changed, ['logLevel']);
      assert.deepEqual([...later].sort(), ['port', 'workers']);
      assert.deepEqual(levels, ['warn']);
      const again = await report({ port: 9, workers: 1, logLevel: 'warn' });
      assert.deepEqual([again.changed, [...again.needs_restart].sort()], [[], ['port', 'workers']]);
      assert.deepEqual((await report({ port: 8484, logLevel: 'warn' })).needs_restart, []);
    }));

  test('changes nothing when it cannot be used, says why, and repeats no secret', () =>
    withHouse({ models: { mine: ['flite/flite'] } }, async ({ app, reload }) => {
      for (const [broken, why] of [
        ['{ "remotes": [ { "apiKey": sk-secret } ] }', /valid JSON/],
        [{ models: {}, strictModels: 'perhaps' }, /strictModels/],
        [{ models: {}, prot: 1 }, /prot/],
        [{ models: {}, remotes: [{ id: 'x' }] }, /remotes\.0/],
      ] as const) {
        const answer = await reload(broken);
        assert.equal(answer.statusCode, 409, answer.body);
        assert.match(answer.json().error.message, /^Nothing has changed\. /);
        assert.match(answer.json().error.message, why);
        assert.doesNotMatch(answer.body, /secret/);
        assert.equal((await speak(app, { model: 'mine' })).statusCode, 200);
      }
    }));

  test('has a server elsewhere finish what it does when it is taken away, and a new one begin', async () => {
    const gate = Promise.withResolvers<void>();
    const [old, young] = await Promise.all([
      startFake(fakeOf('vllm-omni-speech')),
      startFake(fakeOf('vllm-omni-speech')),
    ]);
    const remote = (url: string) => ({ remotes: [{ adapter: 'openai-media', url, ...CUSTOM_VOICE }] });
    const fields = { model: 'qwen3-tts', voice: 'Vivian', input: 'Good evening.' };
    try {
      await withHouse(remote(old.origin), async ({ app, assembly, report }) => {
        const [engine] = assembly.core.engines;
        assert.equal(engine?.id, 'qwen-cv');
        old.faults.gate = gate.promise;
        const begun = speak(app, fields);
        while (old.requests.length === 0) await new Promise(setImmediate);
        const { remotes } = await report(remote(young.origin));
        assert.deepEqual(remotes, { started: ['qwen-cv'], stopped: ['qwen-cv'], down: [] });
        assert.equal((await speak(app, fields)).statusCode, 200);
        assert.deepEqual([old.requests.length, young.requests.length], [1, 1]);
        gate.resolve();
        const finished = await begun;
        assert.equal(finished.statusCode, 200, finished.body);
        assert.equal(finished.rawPayload.length, 'Good evening.'.length * 1200 * 2);

        const kept = assembly.core.engines[0];
        assert.deepEqual((await report({ ...remote(young.origin), strictModels: true })).remotes, NO_REMOTES);
        assert.equal(assembly.core.engines[0], kept, 'what is written as before goes on');

        await report({});
        const standIn = await speak(app, { ...fields, voice: 'alloy' });
        assert.match(String(standIn.headers['x-antiphon-model']), /^flite\//);
        assert.deepEqual(
          assembly.core.engines.map(({ id }) => id),
          ['flite'],
        );
      });
    } finally {
      gate.resolve();
      await Promise.all([old.stop(), young.stop()]);
    }
  });

  test('names a server elsewhere that cannot be started, and leaves the others alone', () =>
    withHouse({}, async ({ app, report }) => {
      const remote = { adapter: 'openai-media', url: 'http://127.0.0.1:1', ...CUSTOM_VOICE };
      const { remotes } = await report({ remotes: [{ ...remote, apiKey: { env: 'NOT_SET' } }] });
      assert.deepEqual(remotes.started, []);
      assert.match(remotes.down[0]?.reason ?? '', /NOT_SET/);
      assert.equal((await speak(app)).statusCode, 200);
      const { engines } = (await app.inject({ url: '/antiphon/v1/engines' })).json();
      assert.ok(
        engines.some((one: { id: string; state: string }) => one.id === 'qwen-cv' && one.state === 'down'),
      );
    }));
});

test('the settings that count at once are settings', () => {
  for (const name of LIVE_SETTINGS) assert.ok(name in configSchema.shape, name);
});
