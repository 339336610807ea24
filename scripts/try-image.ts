/**
 * Makes the image of deploy/Dockerfile without a container engine and tries it: `node scripts/try-image.ts [--gpl no]
 * [--working-tree]`. Takes some minutes, fetches the packages from the registry, needs Linux and root.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bytesIn, imageFiles, replayDockerfile, runImage, type ReplayedImage } from './image-replay.ts';

interface Making {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly type: RegExp;
}

const MAKINGS: readonly Making[] = [
  {
    path: '/v1/audio/speech',
    body: { model: 'tts-1', voice: 'alloy', input: 'Hello from the image.' },
    type: /audio\/mpeg/,
  },
  {
    path: '/v1/sound-generation',
    body: { text: 'rain on a roof', duration_seconds: 1 },
    type: /audio\/mpeg/,
  },
  {
    path: '/v1/images/generations',
    body: { model: 'gpt-image-1', prompt: 'a lake', size: '1024x1024' },
    type: /json/,
  },
];

const { values: options } = parseArgs({
  options: { gpl: { type: 'string', default: 'yes' }, 'working-tree': { type: 'boolean', default: false } },
});
const work = mkdtempSync(join(tmpdir(), 'antiphon-image-'));
try {
  const context = join(work, 'context');
  takeContext(context);
  const image = replayDockerfile({ ...imageFiles(), context, work, arguments: { GPL: options.gpl } });
  console.log(`In the image: ${(bytesIn(join(image.root, 'app')) / 1e6).toFixed(0)} MB below /app.`);
  await tryImage(image);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** What was committed, or what lies in the folder and is not ignored. */
function takeContext(context: string): void {
  mkdirSync(context);
  if (!options['working-tree']) {
    execFileSync('sh', ['-c', 'git archive HEAD | tar -x -C "$0"', context]);
    return;
  }
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  for (const file of files
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(name))) {
    mkdirSync(join(context, dirname(file)), { recursive: true });
    cpSync(file, join(context, file));
  }
}

async function tryImage(image: ReplayedImage): Promise<void> {
  const data = join(work, 'volume');
  mkdirSync(data, { mode: 0o700 });
  const [user, group] = image.user.split(':').map(Number);
  chownSync(data, user ?? 0, group ?? 0);
  await refusesWithoutKey(image, data);
  await isReadOnly(image, data);
  const key = (
    await finish(image, data, { args: ['keys', 'create', 'trial', '--role', 'admin'] })
  ).stdout.trim();
  assert.match(key, /^ant_/);
  const environment = { ANTIPHON_HOST: '127.0.0.1', ANTIPHON_PORT: String(await freePort()) };
  const begun = performance.now();
  const server = runImage(image, image.entrypoint, { arguments: image.command, data, environment });
  const gone = once(server, 'exit');
  server.stderr?.pipe(process.stderr);
  try {
    await banner(server.stdout ?? assert.fail('no output'));
    console.log(`It answers after ${(performance.now() - begun).toFixed(0)} ms.`);
    const isWell = await finish(image, data, { command: image.healthCheck, environment });
    assert.equal(isWell.code, 0, 'the health check fails');
    await makesMedia(`http://127.0.0.1:${environment.ANTIPHON_PORT}`, key);
  } finally {
    server.kill('SIGTERM');
  }
  const [code] = await gone;
  assert.equal(code, 0, 'SIGTERM does not end it well');
  const isWell = await finish(image, data, { command: image.healthCheck, environment });
  assert.equal(isWell.code, 1, 'the health check passes without a server');
  console.log(`It ended with 0. In /data: ${readdirSync(data).join(', ')}`);
  for (const entry of readdirSync(data))
    assert.equal(statSync(join(data, entry)).uid, user, `${entry} belongs to somebody else`);
}

/** A container listens on all addresses, so it must not start while anybody would be let in. */
async function refusesWithoutKey(image: ReplayedImage, data: string): Promise<void> {
  const { code, stderr } = await finish(image, data, { args: ['serve'] });
  assert.equal(code, 1);
  assert.match(stderr, /There is no API key yet/);
}

async function isReadOnly(image: ReplayedImage, data: string): Promise<void> {
  const tried = [
    '/app/src/main.ts',
    '/app/node_modules/.cache/new',
    '/etc/new',
    '/usr/local/bin/node',
    '/new',
  ];
  for (const file of tried) {
    const command = ['node', '-e', `require('fs').appendFileSync('${file}', ' ')`];
    const { code, stderr } = await finish(image, data, { command });
    assert.equal(code, 1, `${file} can be written`);
    assert.match(stderr, /EROFS|EACCES/);
  }
}

async function makesMedia(origin: string, key: string): Promise<void> {
  for (const { path, body, type } of MAKINGS) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'xi-api-key': key };
    const response = await fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const bytes = await response.bytes();
    assert.equal(response.status, 200, `${path}: ${Buffer.from(bytes).toString().slice(0, 300)}`);
    assert.match(response.headers.get('content-type') ?? '', type);
    assert.ok(bytes.length > 5000, `${path} gives ${bytes.length} bytes`);
    console.log(`${path}: ${bytes.length} bytes by ${response.headers.get('x-antiphon-model')}`);
  }
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${origin}/antiphon/v1/engines`, { headers });
  const { engines } = (await answer.json()) as { engines: { id: string; state: string }[] }; // What the list of engines holds.
  console.log(`Engines: ${engines.map(({ id, state }) => `${id} ${state}`).join(', ')}`);
  const gpl = engines.filter(({ id, state }) => ['espeak', 'sherpa'].includes(id) && state !== 'down');
  assert.equal(gpl.length, options.gpl === 'no' ? 0 : 2);
}

interface FinishSettings {
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

async function finish(image: ReplayedImage, data: string, settings: FinishSettings) {
  const { args = [], command = image.entrypoint, environment = {} } = settings;
  const child = runImage(image, command, { arguments: args, data, environment });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (said.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (said.stderr += String(chunk)));
  const [code] = await once(child, 'close');
  return { code: Number(code), ...said };
}

async function banner(output: AsyncIterable<unknown>): Promise<void> {
  let said = '';
  for await (const chunk of output) {
    said += String(chunk);
    if (/generate .*\n/.test(said)) return;
  }
  assert.fail(`it did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  server.close();
  await once(server, 'close');
  return port;
}
