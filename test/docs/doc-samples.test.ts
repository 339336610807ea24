/** Every shell command and every JavaScript sample of README.md and docs is run here, or is in the list of those that cannot be. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../src/core/engine.ts';
import { engineEntries } from '../../src/engines/index.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { filmEngine } from '../film-engine.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { testApp } from '../support.ts';
import { commandsOf, docSamples, NOT_HERE, reasonNotHere, samplesOf, type DocSample } from './doc-samples.ts';

const ROOT = resolve('.');
const ENGINES = ['flite', 'sharp', 'procedural'];

/** Names under which readers have packages, and those under which they lie here. */
const PACKAGES: Readonly<Record<string, string>> = {
  openai: 'openai',
  '@elevenlabs/elevenlabs-js': '@elevenlabs/elevenlabs-js',
  ai: 'ai-v7',
  '@ai-sdk/openai': 'ai-openai-v4',
  '@ai-sdk/elevenlabs': 'ai-elevenlabs-v3',
};

/** Files that samples take for granted. */
const RECORDINGS = [
  'hamish.m4a',
  'interview.m4a',
  'consent.wav',
  'ann.wav',
  'mia.wav',
  'talk.m4a',
  'meeting.m4a',
];

const samples = docSamples();
const folder = mkdtempSync(join(tmpdir(), 'antiphon-docs-'));
let app: FastifyInstance;
let engines: Engine[] = [];
let host = '';

before(async () => {
  engines = await realEngines();
  ({ app } = await testApp({ engines: [...engines, hearingEngine()] }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  host = `127.0.0.1:${port}`;
  for (const [name, installed] of Object.entries(PACKAGES)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', installed), link);
  }
  await fillFolder();
  // Clients refuse to be made without one.
  process.env['OPENAI_API_KEY'] = 'any-text';
});

after(async () => {
  process.chdir(ROOT);
  await app.close();
  for (const engine of engines) await engine.stop?.();
  rmSync(folder, { recursive: true, force: true });
});

async function realEngines(): Promise<Engine[]> {
  const made: Engine[] = [];
  for (const entry of engineEntries.filter(({ id }) => ENGINES.includes(id))) {
    const engine = await (await entry.load()).create({ workers: 1 });
    assert.ok(!('unavailable' in engine), entry.id);
    made.push(engine.video ? withoutFilms(engine) : engine);
  }
  return [...made, filmEngine()];
}

/** A film of a few seconds takes minutes on a busy machine: one that is only told to be a film will do here. */
function withoutFilms(engine: Engine): Engine {
  const models = engine.models.filter(({ capability }) => capability !== 'video');
  return { ...engine, models, video: undefined };
}

async function fillFolder(): Promise<void> {
  for (const name of RECORDINGS) writeFileSync(join(folder, name), burstRecording({ bursts: bursts(8) }));
  const picture = await app.inject({
    method: 'POST',
    url: '/v1/images/generations',
    payload: { model: 'procedural/pictures', prompt: 'a boat', size: '256x256', output_format: 'jpeg' },
  });
  const { data } = picture.json<{ data: { b64_json: string }[] }>();
  writeFileSync(join(folder, 'picture.jpg'), Buffer.from(data[0]?.b64_json ?? '', 'base64'));
  cpSync('deploy', join(folder, 'deploy'), { recursive: true });
}

/** Where a sample speaks of the server, ours is meant. */
function pointed(text: string): string {
  return text.replaceAll(/(?:127\.0\.0\.1|localhost):8484/g, host);
}

/** What a reader of a page has done before. */
const PREPARED: Readonly<Record<string, string>> = {
  'docs/operations.md': 'antiphon keys create somebody',
  'docs/usage.md': 'antiphon keys create somebody',
};

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `antiphon`, `npm run antiphon` and `curl` as a reader has them, with the answer's status as the exit code. */
const PREAMBLE = `
antiphon() { "$NODE" "$ROOT/bin/antiphon.js" "$@"; }
node() { (cd "$ROOT" && "$NODE" "$@"); }
npm() {
  while [ "$1" != -- ]; do
    case "$1" in run|-s|antiphon) shift ;; *) echo "npm $* is not known here" >&2; return 99 ;; esac
  done
  shift; antiphon "$@"
}
curl() { command curl --fail-with-body -sS "$@"; }
export -f antiphon node npm curl
`;

async function shell(command: string, dataDir: string): Promise<Ran> {
  const child = spawn('bash', ['-c', `${PREAMBLE}\n${command}`], {
    cwd: folder,
    env: {
      ...process.env,
      NODE: process.execPath,
      ROOT,
      ANTIPHON_DATA_DIR: dataDir,
      ANTIPHON_ENGINES: 'flite,procedural',
      ANTIPHON_OFFLINE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null]; // The close event's first argument is the exit code.
  return { code, stdout, stderr };
}

/** Runs the commands of a page in their order. What one prints fills the gaps of those that follow. */
async function runCommands(page: string, commands: readonly string[]): Promise<void> {
  const dataDir = join(folder, page.replaceAll(/\W/g, '-'));
  let last = '';
  const prepared = PREPARED[page];
  if (prepared !== undefined) assert.equal((await shell(prepared, dataDir)).code, 0);
  for (const command of commands) {
    const where = command.startsWith('antiphon restore') ? `${dataDir}-restored` : dataDir;
    const filled = await fillGaps(pointed(command), { last, dataDir });
    const { code, stdout, stderr } = await shell(filled, where);
    assert.equal(code, 0, `${page}: ${filled}\n${stderr}${stdout.slice(0, 2000)}`);
    mindFiles(page, filled);
    if (stdout.trim().startsWith('{')) last = stdout;
  }
}

/** A file that a command was to write is there, and is not empty. */
function mindFiles(page: string, command: string): void {
  const [, name] = / -o (\S+)/.exec(command) ?? [];
  if (name !== undefined && name !== '-')
    assert.ok(statSync(join(folder, name)).size > 0, `${page}: ${command} wrote nothing`);
}

interface Known {
  /** The JSON that an earlier command printed. */
  readonly last: string;
  readonly dataDir: string;
}

async function fillGaps(command: string, { last, dataDir }: Known): Promise<string> {
  const told = (last === '' ? {} : JSON.parse(last)) as { id?: string; task_id?: string }; // The answers have these.
  if (/\b(keys|jobs) \w+ ID\b/.test(command)) return command.replace(/\bID\b/, await keyId(dataDir));
  if (command.includes('0a1b2c3d4e5f')) return command.replace('0a1b2c3d4e5f', await keyId(dataDir));
  if (command.includes('VIDEO_ID')) {
    await latestFilmIsMade();
    return command.replace('VIDEO_ID', String(told.id));
  }
  if (command.includes('TASK_ID')) {
    await latestFilmIsMade();
    return command.replace('TASK_ID', String(told.task_id ?? told.id));
  }
  return command.replace('generation_id=…', `generation_id=${told.id}`);
}

async function keyId(dataDir: string): Promise<string> {
  const { stdout } = await shell('antiphon keys list --json', dataDir);
  const keys = JSON.parse(stdout) as { id: string; state: string }[]; // --json promises a list of keys.
  return keys.findLast(({ state }) => state === 'active')?.id ?? assert.fail('no key');
}

/** The events of a job come to an end when the job does. */
async function latestFilmIsMade(): Promise<void> {
  const jobs = `http://${host}/antiphon/v1/jobs`;
  const listed = (await (await fetch(`${jobs}?limit=1&kind=video`)).json()) as { jobs: { id: string }[] }; // As docs/jobs.md says.
  const events = await (await fetch(`${jobs}/${listed.jobs[0]?.id}/events`)).text();
  assert.match(events, /event: job\.succeeded/);
}

/** What a sample takes from those above it on its page. */
const PRELUDE = {
  OpenAI: "import OpenAI from 'openai';\n",
  createReadStream: "import { createReadStream } from 'node:fs';\n",
};

async function runScript(sample: DocSample, number: number): Promise<void> {
  const text = pointed(sample.text);
  const lacking = Object.entries(PRELUDE).filter(
    ([name]) => new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`import .*\\b${name}\\b`).test(text),
  );
  const lacksClient = /\bclient\./.test(text) && !/(const|let) client\b/.test(text);
  const client = `const client = new OpenAI({ baseURL: 'http://${host}/v1', apiKey: 'any-text' });\n`;
  const needsOpenai = lacksClient && !lacking.some(([name]) => name === 'OpenAI');
  const file = join(folder, `sample-${number}.mjs`);
  const head = [
    ...lacking.map(([, line]) => line),
    needsOpenai ? PRELUDE.OpenAI : '',
    lacksClient ? client : '',
  ];
  writeFileSync(file, head.join('') + text);
  process.chdir(folder);
  const { log } = console;
  const printed: unknown[] = [];
  console.log = (...values: unknown[]) => {
    printed.push(...values);
  };
  try {
    await import(pathToFileURL(file).href);
  } finally {
    console.log = log;
    process.chdir(ROOT);
  }
  assert.ok(
    !printed.some((value) => value === undefined || value === null),
    `${sample.page}: ${String(printed)}`,
  );
  for (const [, name = ''] of text.matchAll(/(?:writeFile|createWriteStream)\('([^']+)'/g))
    assert.ok(statSync(join(folder, name)).size > 0, `${sample.page}: ${name} is empty`);
}

// Each page has a folder of its own for its data; most of the time goes into starting the program.
describe('commands of README.md and docs', { concurrency: 3 }, () => {
  const pages = [...new Set(samples.map(({ page }) => page))];
  for (const page of pages) {
    const commands = samples
      .filter((sample) => sample.page === page && sample.language === 'sh')
      .flatMap(commandsOf)
      .filter((command) => reasonNotHere(page, command) === undefined);
    if (commands.length > 0)
      test(`${page}: ${commands.length} commands work as they stand`, () => runCommands(page, commands));
  }
});

describe('samples of README.md and docs', () => {
  for (const [number, sample] of samples.entries()) {
    if (sample.language !== 'js' || reasonNotHere(sample.page, sample.text)) continue;
    test(`${sample.page}, line ${sample.line}: the sample runs`, () => runScript(sample, number));
  }

  test('what is listed as not to be run here is on its page, and could not be run', () => {
    for (const { page, begins, reason } of NOT_HERE) {
      const texts = samples
        .filter((sample) => sample.page === page)
        .flatMap((sample) => (sample.language === 'sh' ? commandsOf(sample) : [sample.text]));
      const found = texts.filter((text) => text.startsWith(begins));
      assert.ok(found.length > 0, `${page} has nothing that begins with '${begins}' (${reason})`);
      for (const text of found) assert.ok(!couldRun(text), `${page}: '${text}' can be run here`);
    }
  });

  test('JSON that is a configuration is one that the server takes', async () => {
    const { configSchema } = await import('../../src/platform/config-schema.ts');
    const page = readFileSync('docs/moving-off-openai-models.md', 'utf8');
    const [, text = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
    assert.equal(configSchema.safeParse(JSON.parse(text)).success, true);
  });

  test('samples are found under every fence, indented or not, and commands in one line each', () => {
    const text =
      'a\n\n```sh\none \\\n  two\n# why\nthree\n```\n\n1. b\n\n   ```js\n   x();\n   ```\n\n```json\n{}\n```\n';
    const found = samplesOf('page', text);
    assert.deepEqual(
      found.map(({ line, language, text: body }) => [line, language, body]),
      [
        [3, 'sh', 'one \\\n  two\n# why\nthree\n'],
        [12, 'js', 'x();\n'],
      ],
    );
    assert.deepEqual(found.slice(0, 1).flatMap(commandsOf), ['one two', 'three']);
  });

  test('every page of docs/integrations is in its index, and tells whether it was tried', () => {
    const index = readFileSync('docs/integrations/README.md', 'utf8');
    for (const name of readdirSync('docs/integrations').filter((one) => one !== 'README.md')) {
      assert.ok(index.includes(`](${name})`), name);
      const page = readFileSync(join('docs/integrations', name), 'utf8');
      const isRun =
        samplesOf(name, page).some(({ language }) => language !== 'python') &&
        !page.includes('not run by a test');
      assert.ok(isRun || /not run by a test/i.test(page), name);
    }
  });
});

/** Whether a command is one of those that this test knows how to run: its own program alone, or plain tools. */
function couldRun(text: string): boolean {
  const program = text.replace(/^(?:[A-Z_]+=\S+ )+/, '').split(' ')[0] ?? '';
  if (program === 'import')
    return !text.includes('@langchain/') || existsSync('node_modules/@langchain/community');
  if (program === 'antiphon') return !/models pull|…| serve |--role admin/.test(text);
  if (program === 'npx') return !text.startsWith('npx vite');
  if (program === 'npm')
    return !/npm (ci|audit|install|test|start|run check|run torture)|models pull/.test(text);
  if (program === 'docker') return spawnSync('docker', ['info']).status === 0;
  return (process.env['PATH'] ?? '').split(':').some((one) => existsSync(join(one, program)));
}
