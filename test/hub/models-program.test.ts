import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WeightsEntry } from '../../src/core/models/weights.ts';
import { sha256Of, startModelHub, type HubBehaviour, type ModelHub } from './model-hub.ts';

const weights = new Uint8Array(400_000).map((_, index) => (index * 7919) >>> 5);

const entry: WeightsEntry = {
  id: 'whisper/small',
  engine: 'whisper',
  kind: 'transcription',
  title: 'Small',
  description: 'For tests.',
  source: { kind: 'hub', repository: 'example/ggml', revision: 'main' },
  files: [{ path: 'ggml-small.bin', bytes: weights.length, sha256: sha256Of(weights) }],
  licence: 'MIT',
  commercialUse: true,
  languages: ['en'],
  memoryBytes: 1,
};

interface Program {
  readonly child: ChildProcess;
  readonly done: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Resolves when standard error holds something that fits. */
  readonly says: (what: RegExp) => Promise<void>;
}

interface Bench {
  readonly hub: ModelHub;
  readonly models: string;
  readonly start: (...args: string[]) => Program;
}

async function bench(behaviour: HubBehaviour, use: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-models-program-'));
  const hub = await startModelHub(new Map([['example/ggml/ggml-small.bin', weights]]), behaviour);
  const catalog = join(folder, 'catalog.json');
  const models = join(folder, 'models');
  writeFileSync(
    catalog,
    JSON.stringify([entry, { ...entry, id: 'whisper/paid', commercialUse: false, licence: 'NC' }]),
  );
  const started: ChildProcess[] = [];
  const start = (...args: string[]): Program => {
    const child = spawn(process.execPath, ['test/hub/models-program.ts', catalog, ...args], {
      env: {
        ...process.env,
        HF_ENDPOINT: hub.endpoint,
        HF_TOKEN: 'secret-1234',
        ANTIPHON_MODELS_DIR: models,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let stdout = '';
    let stderr = '';
    const heard: (() => void)[] = [];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
      for (const listener of heard) listener();
    });
    const done = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })); // The close event's first argument is the exit code.
    const says = (what: RegExp) =>
      new Promise<void>((resolve, reject) => {
        child.once('close', () => reject(new Error(`It ended without saying ${what}: ${stderr}`)));
        const look = () => {
          if (what.test(stderr)) resolve();
        };
        heard.push(look);
        look();
      });
    return { child, done, says };
  };
  try {
    await use({ hub, models, start });
  } finally {
    for (const child of started) child.kill('SIGKILL');
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('list, pull, verify and rm do what they say', () =>
  bench({}, async ({ models, start }) => {
    const before = await start('list').done;
    assert.equal(before.code, 0);
    assert.match(before.stdout, /^whisper\/small +absent +400 kB +pinned by catalog +MIT$/m);
    assert.match(before.stdout, /^whisper\/paid .*NC \(needs --accept-licence\)$/m);
    const pulled = await start('pull', 'whisper/small').done;
    assert.equal(pulled.code, 0, pulled.stderr);
    assert.equal(pulled.stdout, 'whisper/small is installed, 400 kB, pinned by catalog.\n');
    assert.match(pulled.stderr, /whisper\/small {2}\[=+\] {2}100 % {2}400 kB of 400 kB/);
    const listed = JSON.parse((await start('list', '--installed', '--json').done).stdout) as Record<
      string,
      unknown
    >[]; // The program's own JSON.
    assert.deepEqual(
      listed.map((one) => [one['id'], one['state'], one['bytesOnDisk']]),
      [['whisper/small', 'installed', 400_000]],
    );
    assert.equal((await start('verify').done).stdout, 'whisper/small: 1 files right\n');
    const file = join(models, 'whisper/small/ggml-small.bin');
    const bytes = readFileSync(file);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const verdict = await start('verify', 'whisper/small').done;
    assert.deepEqual([verdict.code, verdict.stdout], [1, 'whisper/small: ggml-small.bin changed\n']);
    assert.match(verdict.stderr, /^Damaged: whisper\/small\./);
    assert.equal(
      (await start('rm', 'whisper/small').done).stdout,
      'whisper/small is removed; that freed 400 kB.\n',
    );
    assert.deepEqual(
      readdirSync(models).filter((name) => name !== '.locks'),
      ['whisper'],
    );
    assert.deepEqual(readdirSync(join(models, 'whisper')), []);
  }));

test('an interrupt leaves a part that the next pull uses', () =>
  bench({ stallAfterBytes: 200_000, stalls: 1 }, async ({ hub, models, start }) => {
    const stopped = start('pull', 'whisper/small');
    await stopped.says(/ [45]\d %/);
    stopped.child.kill('SIGINT');
    const outcome = await stopped.done;
    assert.equal(outcome.code, 130, outcome.stderr);
    assert.match(outcome.stderr, /Stopped\. What has arrived is kept/);
    const kept = statSync(join(models, 'whisper/small/ggml-small.bin.partial')).size;
    assert.ok(kept >= 160_000);
    assert.equal((await start('pull', 'whisper/small').done).code, 0);
    assert.equal(hub.downloads().at(-1)?.range, `bytes=${kept}-`);
  }));

test('two processes fetch a model once', () => {
  const gate = Promise.withResolvers<void>();
  return bench({ hold: gate.promise }, async ({ hub, start }) => {
    const first = start('pull', 'whisper/small');
    await first.says(/ 0 %/);
    const second = start('pull', 'whisper/small');
    const waiting = await start('list', '--json').done;
    assert.match(waiting.stdout, /"state": "downloading"/);
    gate.resolve();
    const outcomes = await Promise.all([first.done, second.done]);
    assert.deepEqual(
      outcomes.map((one) => one.code),
      [0, 0],
    );
    assert.equal(hub.downloads().length, 1);
  });
});

test('a process that was killed leaves no lock behind, and its part is used', () =>
  bench({ stallAfterBytes: 200_000, stalls: 1 }, async ({ hub, start }) => {
    const killed = start('pull', 'whisper/small');
    await killed.says(/ [45]\d %/);
    killed.child.kill('SIGKILL');
    await killed.done;
    const next = await start('pull', 'whisper/small').done;
    assert.equal(next.code, 0, next.stderr);
    assert.match(hub.downloads().at(-1)?.range ?? '', /^bytes=\d+-$/);
    assert.ok((hub.downloads().at(-1)?.sentBytes ?? weights.length) <= 240_000);
  }));

test('what was asked wrongly ends with 2, what could not be done with 1, and no output holds the token', () =>
  bench({ refuseWith: 403, refusals: 9 }, async ({ start }) => {
    const unknown = await start('pull', 'whisper/smal').done;
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [2, "There is no model 'whisper/smal' in the catalog. Did you mean 'whisper/small'?\n"],
    );
    const licence = await start('pull', 'whisper/paid').done;
    assert.equal(licence.code, 1);
    assert.match(licence.stderr, /--accept-licence/);
    const offline = await start('pull', 'whisper/small', '--offline').done;
    assert.equal(offline.code, 1);
    assert.match(offline.stderr, /offline mode forbids/);
    const refused = await start('pull', 'whisper/small').done;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /answered 403/);
    assert.doesNotMatch(refused.stderr + refused.stdout, /secret-1234/);
  }));
