/**
 * How long it takes from a client's hanging up until the engine is told and its slot is free, through the whole program
 * with its real engines. Client and server share a process, so that one clock times both.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../src/assembly.ts';
import { present } from '../src/base/assert.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import { loadConfig } from '../src/platform/config.ts';
import { burstRecording, bursts } from '../test/burst-recording.ts';
import { CUSTOM_VOICE } from '../test/media-remotes.ts';
import { filePart, rawForm, textPart } from '../test/raw-form.ts';
import { benchModels } from './hearing-weights.ts';
import { quantile } from './report/figures.ts';

/** Hang-ups that are measured of each kind, after three that warm up. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 30);
const WARM_UPS = 3;
const GOAL_MS = 100;

interface Case {
  readonly name: string;
  readonly engine: string;
  readonly path: string;
  readonly payload: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it is left after the first bytes, or while the engine works before there are any. */
  readonly leaves: 'in the middle' | 'before the first byte';
}

const json = (body: object) => ({
  payload: Buffer.from(JSON.stringify(body)),
  headers: { 'content-type': 'application/json' },
});

const STORY = 'This sentence is said again and again, until somebody has heard enough of it. '.repeat(50);

function speechBy(engine: string, voice = 'alloy'): Case {
  const body = { model: engine, voice, input: STORY, response_format: 'pcm' };
  return {
    name: `speech, ${engine}`,
    engine: engine.split('/')[0] ?? engine,
    path: '/v1/audio/speech',
    ...json(body),
    leaves: 'in the middle',
  };
}

const CASES: readonly Case[] = [
  speechBy('flite'),
  speechBy('espeak'),
  { ...speechBy('qwen-cv/qwen3-tts', 'Vivian'), name: 'speech, a server elsewhere' },
  {
    name: 'hearing, whisper',
    engine: 'whisper',
    path: '/v1/audio/transcriptions',
    ...rawForm([textPart('model', 'whisper/tiny'), filePart(burstRecording({ bursts: bursts(60) }))]),
    leaves: 'before the first byte',
  },
  {
    name: 'sound, procedural',
    engine: 'procedural',
    path: '/v1/sound-generation',
    ...json({ text: 'heavy rain on a tin roof with thunder', duration_seconds: 30 }),
    leaves: 'before the first byte',
  },
  {
    name: 'picture, procedural',
    engine: 'procedural',
    path: '/v1/images/generations',
    ...json({ model: 'gpt-image-1', prompt: 'a town by the sea at dusk', size: '1536x1024', n: 4 }),
    leaves: 'before the first byte',
  },
];

const folder = mkdtempSync(join(tmpdir(), 'antiphon-bench-'));
const fake = spawn(process.execPath, ['test/fakes/fake-engine.ts', 'vllm-omni-speech'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [said] = await once(fake.stdout, 'data');
const fakeOrigin = present(/listens at (http:\S+)\. /.exec(String(said))?.[1], 'the address of the fake');
const commandLine = {
  dataDir: folder,
  modelsDir: benchModels(folder).modelsDir,
  remotes: [{ adapter: 'openai-media', url: fakeOrigin, ...CUSTOM_VOICE }],
};
const config = loadConfig({ commandLine, environment: {}, file: 'none' });
const assembly = await assemble(config, { log: silentLogger, environment: {} });
const { core } = assembly;
const app = await assembly.app(() => 0);
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo; // A TCP server that listens has one.

/** When the engine of the request that runs was told. */
let toldAt: number | undefined;

/** An engine that is told is one whose slot was taken with a signal that fires. */
const acquire: typeof core.runner.acquire = core.runner.acquire.bind(core.runner);
Object.assign(core.runner, {
  acquire: (...[engine, caller]: Parameters<typeof acquire>) => {
    caller.signal.addEventListener('abort', () => (toldAt ??= performance.now()), { once: true });
    return acquire(engine, caller);
  },
});

async function until(isSo: () => boolean): Promise<number> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, 'waited in vain');
    await new Promise(setImmediate);
  }
  return performance.now();
}

interface Measured {
  readonly toldMs: number;
  readonly freeMs: number;
}

async function hangUp(one: Case): Promise<Measured> {
  const engine = present(
    core.engines.find(({ id }) => id === one.engine),
    one.engine,
  );
  const running = () => core.runner.load(engine).running;
  await until(() => running() === 0);
  toldAt = undefined;
  const { path, payload, headers } = one;
  const request = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', agent: false, headers });
  request.on('error', () => undefined);
  request.end(payload);
  if (one.leaves === 'in the middle') {
    const [response] = await once(request, 'response');
    assert.equal(response.statusCode, 200);
    response.on('error', () => undefined);
    await once(response, 'data');
  }
  await until(() => running() > 0);
  const leftAt = performance.now();
  request.destroy();
  const known = await until(() => toldAt !== undefined);
  const freeAt = await until(() => running() === 0);
  return { toldMs: (toldAt ?? known) - leftAt, freeMs: freeAt - leftAt };
}

/** What it takes a server that does nothing to notice: the network, the client and the load of this machine. */
async function bareHangUp(): Promise<number> {
  const closed = Promise.withResolvers<number>();
  const server = createServer((_, response) => {
    response.write('begun');
    response.once('close', () => closed.resolve(performance.now()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo; // A TCP server that listens has one.
  const request = httpRequest({ host: '127.0.0.1', port: address.port, agent: false });
  request.on('error', () => undefined);
  request.end();
  const [response] = await once(request, 'response');
  response.on('error', () => undefined);
  const leftAt = performance.now();
  request.destroy();
  const tookMs = (await closed.promise) - leftAt;
  server.close();
  return tookMs;
}

const figure = (value: number) => value.toFixed(1);

console.log(
  '| | engine told, median ms | p95 ms | slot free, median ms | slot free, p95 ms | goal p95 < 100 ms |',
);
console.log('|---|---|---|---|---|---|');
try {
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) bare.push(await bareHangUp());
  console.log(
    `| bare server | ${figure(quantile(bare, 0.5))} | ${figure(quantile(bare, 0.95))} | – | – | – |`,
  );
  for (const one of CASES) {
    for (let round = 0; round < WARM_UPS; round += 1) await hangUp(one);
    const all: Measured[] = [];
    for (let round = 0; round < ROUNDS; round += 1) all.push(await hangUp(one));
    const told = all.map(({ toldMs }) => toldMs);
    const free = all.map(({ freeMs }) => freeMs);
    const p95 = quantile(free, 0.95);
    const cells = [quantile(told, 0.5), quantile(told, 0.95), quantile(free, 0.5), p95].map(figure);
    console.log(`| ${one.name} | ${cells.join(' | ')} | ${p95 < GOAL_MS ? 'reached' : 'missed'} |`);
  }
} finally {
  await app.close();
  await assembly.stop();
  fake.kill();
  rmSync(folder, { recursive: true, force: true });
}
