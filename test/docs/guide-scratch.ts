import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { changedBy, type GuideStep } from './guide-steps.ts';

/** A copy of the repository, as somebody has it who has just cloned it and run `npm ci`. */
export interface Scratch {
  readonly folder: string;
  /** Puts the code of a step where it belongs. */
  apply(step: GuideStep): void;
  /** Runs a command as a reader would and gives what it printed; throws when it fails. */
  run(command: string): Promise<string>;
  /** Starts the program of the copy for the commands that follow; their address becomes its own. */
  serve(): Promise<void>;
  close(): Promise<void>;
}

/** `npx` and `npm` without looking for anything: what is installed is what runs. */
const PREAMBLE = `
npx() {
  local tool="$1"; shift
  if [ "$tool" = node ]; then "$NODE" "$@"; else "$NODE" "$(readlink -f "node_modules/.bin/$tool")" "$@"; fi
}
npm() {
  [ "$1 $2 $3 $4" = "run -s antiphon --" ] || { echo "npm $* is not known here" >&2; return 99; }
  shift 4; "$NODE" bin/antiphon.js "$@"
}
`;

/** Whether there is a repository that can be copied; a package that was unpacked is none. */
export function isCheckout(): boolean {
  return existsSync('.git');
}

/** Makes the copy. What is not committed yet is in it, too; what git ignores is not. */
export function createScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-guides-'));
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { encoding: 'utf8' });
  for (const path of listed.split('\0').filter((name) => name !== '' && existsSync(name)))
    cpSync(path, join(folder, path));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  let server: Server | undefined;
  return {
    folder,
    apply: (step) => applyStep(folder, step),
    run: (command) => run(folder, server ? command.replaceAll('127.0.0.1:8484', server.host) : command),
    serve: async () => {
      await server?.stop();
      server = await startServer(folder);
    },
    close: async () => {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function applyStep(folder: string, step: GuideStep): void {
  if (step.kind !== 'new' && step.kind !== 'change') return;
  const file = join(folder, step.path);
  assert.equal(existsSync(file), step.kind === 'change', `${step.page}:${step.line}: ${step.path}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, step.kind === 'new' ? step.text : changedBy(step.text, readFileSync(file, 'utf8')));
}

function environment(): NodeJS.ProcessEnv {
  // A test runner inside a test would report to the outer one, and settings of this machine are not the reader's.
  const own = Object.entries(process.env).filter(
    ([name]) => name !== 'NODE_TEST_CONTEXT' && !name.startsWith('ANTIPHON_'),
  );
  return { ...Object.fromEntries(own), NODE: process.execPath, ANTIPHON_OFFLINE: '1' };
}

async function run(folder: string, command: string): Promise<string> {
  const child = spawn('bash', ['-c', PREAMBLE + command], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null]; // The close event's first argument is the exit code.
  assert.equal(code, 0, `${command}\n${stderr}${stdout.slice(-20_000)}`);
  return stdout;
}

interface Server {
  readonly host: string;
  stop(): Promise<void>;
}

async function startServer(folder: string): Promise<Server> {
  const child = spawn(process.execPath, ['bin/antiphon.js', 'serve', '--port', '0'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  let [banner, stderr] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  for await (const chunk of child.stdout) {
    banner += String(chunk);
    const [, host] = /answers at http:\/\/([^\s/]+)/.exec(banner) ?? [];
    if (host === undefined) continue;
    return {
      host,
      stop: async () => {
        child.kill('SIGTERM');
        await gone;
      },
    };
  }
  throw new Error(`The program ended without a banner: ${banner}${stderr}`);
}

/** Does what a guide says, in its order: all of it, or of its commands those that are wanted. */
export async function followGuide(
  scratch: Scratch,
  steps: readonly GuideStep[],
  wanted: (command: string) => boolean = () => true,
): Promise<void> {
  let printed: string | undefined;
  for (const step of steps) {
    if (step.kind === 'prints') {
      if (printed !== undefined) assertPrinted(step.text, printed);
    } else if (step.kind !== 'run') scratch.apply(step);
    else if (!wanted(step.command)) printed = undefined;
    else if (step.command === 'npm start') await scratch.serve();
    else printed = await scratch.run(step.command);
  }
}

function assertPrinted(expected: string, printed: string): void {
  const pattern = expected.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('…', '.*');
  assert.match(printed.trim(), new RegExp(`^${pattern}$`, 's'));
}
