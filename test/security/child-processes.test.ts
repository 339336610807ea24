import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { benchModels } from '../../bench/hearing-weights.ts';
import { childEnvironment } from '../../src/engines/child-environment.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { serving } from '../program/program.ts';
import { filePart, rawForm, textPart } from '../raw-form.ts';
import { needsData } from '../sherpa-support.ts';

const SECRETS = {
  HF_TOKEN: 'hf-secret-1',
  AWS_SECRET_ACCESS_KEY: 'aws-secret-2',
  ANTIPHON_REMOTE_KEY: 'remote-secret-3',
  PGPASSWORD: 'postgres-secret-4',
};

test('the processes that read pictures and hear recordings know no secret, hold no file of the server and stand nowhere in particular', async (t) => {
  if (!existsSync('/proc/self/task')) {
    t.skip('this system does not show what processes have');
    return;
  }
  if (!needsData(t, 'ggml/ggml-mini-test.bin', 'mini-whisper-test/mini-encoder.onnx')) return;
  const models = mkdtempSync(join(tmpdir(), 'antiphon-models-'));
  t.after(() => rmSync(models, { recursive: true, force: true }));
  setSecrets(t);
  const { modelsDir, models: hearing } = benchModels(models);
  const args = [
    '--engines',
    'procedural,sharp,whisper,sherpa',
    '--models-dir',
    modelsDir,
    '--log-level',
    'silent',
  ];
  await serving(args, async ({ origin, child }) => {
    assert.ok(child.pid);
    for (const secret of Object.values(SECRETS)) {
      assert.ok(environOf(child.pid).includes(secret), 'the server itself was to have the secrets');
    }
    await drawPicture(origin);
    for (const { id } of hearing) await hear(origin, id);
    const children = childrenOf(child.pid);
    assert.ok(children.length >= 1 + hearing.length, `${children.length} children`);
    // What this test has, too, was left open by whoever started it.
    const own = filesOf(child.pid).filter((file) => !filesOf(process.pid).includes(file));
    assert.ok(
      own.some((file) => file.endsWith('.sqlite')),
      'the server has its database open',
    );
    for (const pid of children) {
      const environ = environOf(pid);
      for (const secret of Object.values(SECRETS)) assert.ok(!environ.includes(secret), secret);
      assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
      const shared = filesOf(pid).filter((file) => own.includes(file));
      assert.deepEqual(shared, [], 'descriptors of the server');
    }
  });
});

test('of an environment children get what native code needs, and nothing that nobody has thought of', () => {
  const needed = {
    PATH: '/bin',
    LC_ALL: 'C',
    CUDA_VISIBLE_DEVICES: '1',
    LD_LIBRARY_PATH: '/l',
    TMPDIR: '/t',
  };
  const others = {
    HOME: '/root',
    MY_NEW_SECRET: 'x',
    ANTIPHON_DATABASE_URL: 'postgres://a:b@c/d',
    PATHS: 'x',
  };
  assert.deepEqual(childEnvironment({ ...needed, ...others, ...SECRETS }), needed);
});

test('threads that take apart what strangers send have no environment, or the part that children get', () => {
  const threads = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => readFileSync(join('src', file), 'utf8').match(/new Worker\([^;]*;/g) ?? []);
  assert.equal(threads.length, 4);
  for (const thread of threads)
    assert.match(thread, /env: (\{\}|threadEnvironment\(\)|childEnvironment\(\))/);
});

function setSecrets(t: TestContext): void {
  Object.assign(process.env, SECRETS);
  t.after(() => {
    for (const name of Object.keys(SECRETS)) delete process.env[name];
  });
}

async function drawPicture(origin: string): Promise<void> {
  const answer = await fetch(`${origin}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'procedural/pictures', prompt: 'A tree.', size: '256x256' }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

async function hear(origin: string, model: string): Promise<void> {
  const form = rawForm([textPart('model', model), filePart(burstRecording({ bursts: bursts(1) }))]);
  const answer = await fetch(`${origin}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: form.headers,
    body: new Uint8Array(form.payload),
  });
  assert.equal(answer.status, 200, await answer.text());
}

function environOf(pid: number): string {
  return readFileSync(`/proc/${pid}/environ`, 'utf8');
}

/** What the descriptors of a process lead to: sockets and pipes by number, files by path. Everybody has the null device. */
function filesOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    })
    .filter((file) => file.startsWith('/') || /^(socket|pipe):/.test(file))
    .filter((file) => file !== '/dev/null');
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
    .filter((child) => child !== '')
    .map(Number);
}
