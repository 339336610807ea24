import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fakeOf } from '../fakes/index.ts';
import { startFake } from '../fakes/fake-server.ts';

/** A server that is tortured. */
export interface Target {
  readonly origin: string;
  readonly key: string;
  /** What went wrong inside that no answer told: errors in the log, and whether it is still there. */
  complaints(): readonly string[];
  /** What it holds now; nothing where this system does not tell. */
  footprint(): Footprint | undefined;
  close(): Promise<void>;
}

/** What a server holds that it ought to give back. */
export interface Footprint {
  /** Resident memory of the server itself. */
  readonly megabytes: number;
  /** Resident memory of its child processes, pages that they share counted in each. */
  readonly childMegabytes: number;
  readonly handles: number;
  readonly children: number;
  readonly temporaryFiles: number;
  /** Files that are kept for callers and that it has open. */
  readonly openFiles: number;
}

/** Whisper and a chat model, as servers that are elsewhere: without them no recording would be read to its end. */
function remotes(hearing: string, chatting: string): object {
  const remote = (id: string, url: string, model: object) => ({
    id,
    adapter: 'openai-media',
    profile: 'vllm',
    url,
    models: [{ id: 'model', ...model }],
  });
  const heard = {
    capability: 'transcription',
    upstream: 'openai/whisper-large-v3-turbo',
    implements: ['whisper-1', 'whisper_v3_turbo', 'scribe_v1'],
  };
  return {
    remotes: [
      remote('hearing', hearing, heard),
      remote('chatting', chatting, { capability: 'chat', upstream: 'chat', implements: [] }),
    ],
  };
}

/** Starts the program as a user does, on a free port with an empty data folder, and makes the key of an administrator. */
export async function startTarget({
  fetchAllow,
}: { readonly fetchAllow?: string | undefined } = {}): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-torture-'));
  for (const name of ['data', 'tmp']) mkdirSync(join(folder, name));
  const fakes = await Promise.all(['vllm-whisper', 'vllm-chat'].map((id) => startFake(fakeOf(id))));
  const config = join(folder, 'antiphon.config.json');
  writeFileSync(config, JSON.stringify(remotes(fakes[0]?.origin ?? '', fakes[1]?.origin ?? '')));
  const args = [
    '--port',
    '0',
    '--data-dir',
    join(folder, 'data'),
    '--offline',
    '--log-level',
    'warn',
    '--config',
    config,
    ...(fetchAllow === undefined ? [] : ['--fetch-allow', fetchAllow]),
  ];
  const child = spawn(process.execPath, ['--max-semi-space-size=16', 'bin/antiphon.js', 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: join(folder, 'tmp') },
  });
  // Nobody is left behind, whichever way the trial ends.
  const abandon = () => child.kill('SIGKILL');
  process.once('exit', abandon);
  const log = watchLog(child);
  const { origin, printed } = await watchOutput(child);
  const close = async () => {
    process.off('exit', abandon);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    await Promise.all(fakes.map((fake) => fake.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return {
      origin,
      key: await makeKey(origin),
      complaints: () =>
        child.exitCode === null && child.signalCode === null
          ? [...log(), ...printed()]
          : [...log(), ...printed(), `the process ended: ${child.exitCode} ${child.signalCode}`],
      footprint: () =>
        footprintOf(child.pid ?? 0, {
          temporary: [join(folder, 'tmp'), join(folder, 'data', 'uploads')],
          kept: join(folder, 'data', 'blobs'),
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The key with which all is asked. */
export async function makeKey(origin: string): Promise<string> {
  const made = await fetch(`${origin}/antiphon/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'torture', role: 'admin' }),
  });
  const { key } = (await made.json()) as { key: string }; // The route is held to this by its own tests.
  return key;
}

/** Waits for its banner; what it prints after that is kept. */
async function watchOutput(child: ChildProcess): Promise<{
  readonly origin: string;
  readonly printed: () => readonly string[];
}> {
  const found = Promise.withResolvers<string>();
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    const origin = /answers at (http:\S+)/.exec(printed)?.[1];
    if (origin !== undefined) found.resolve(origin);
  });
  child.once('exit', () => found.reject(new Error(`The server did not start: ${printed}`)));
  const origin = await found.promise;
  // All of the banner is printed before the first answer.
  await fetch(`${origin}/health`).then((answer) => answer.arrayBuffer());
  const banner = printed.length;
  const later = () => printed.slice(banner, banner + 2_000).trim();
  return { origin, printed: () => (later() === '' ? [] : [`the server printed: ${later()}`]) };
}

/** Keeps what is worth complaining of: errors, and what is no line of the log. */
function watchLog(child: ChildProcess): () => readonly string[] {
  const found: string[] = [];
  let rest = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    found.push(...lines.filter(isComplaint));
  });
  return () => [...new Set(found.map(inShort))];
}

/** Whether a line of the log tells of a fault: an error, or anything that the program did not write itself. */
export function isComplaint(line: string): boolean {
  if (line === '') return false;
  try {
    const { level } = JSON.parse(line) as { level?: unknown }; // Only compared.
    return level === 'error' || level === 'fatal' || Number(level) >= 50;
  } catch {
    return true;
  }
}

/** A complaint without what differs from one to the next. */
function inShort(line: string): string {
  const [, first = ''] = /"stack":"(.*?)(?<!\\\\)"[,}]/.exec(line.slice(line.indexOf('"cause"'))) ?? [];
  const event = /"msg":"([^"]*)"/.exec(line)?.[1] ?? '';
  const path = /"path":"([^"]*)"/.exec(line)?.[1] ?? '';
  if (first === '') return line.slice(0, 1_500);
  return `${event} ${path.replace(/[^/]*\d[^/]*/g, '…')}: ${first.split('\\n').slice(0, 5).join(' ')}`;
}

interface Folders {
  readonly temporary: readonly string[];
  readonly kept: string;
}

/** What a process of this system holds, with its children. */
function footprintOf(pid: number, { temporary, kept }: Folders): Footprint | undefined {
  const handles = `/proc/${pid}/fd`;
  if (!existsSync(handles)) return undefined;
  const children = childrenOf(pid);
  const open = readdirSync(handles).map((name) => placeOf(join(handles, name)));
  return {
    megabytes: residentOf(pid),
    childMegabytes: children.reduce((sum, child) => sum + residentOf(child), 0),
    handles: open.length,
    children: children.length,
    temporaryFiles: temporary.reduce((sum, folder) => sum + filesIn(folder), 0),
    openFiles: open.filter((place) => place.startsWith(kept)).length,
  };
}

/** What a handle leads to; nothing where it was closed meanwhile. */
function placeOf(handle: string): string {
  try {
    return readlinkSync(handle);
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  try {
    const own = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean)
        .map(Number),
    );
    return own.flatMap((child) => [child, ...childrenOf(child)]);
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

function residentOf(pid: number): number {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function filesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => existsSync(path) && statSync(path).isFile()).length;
}

const REST_MS = 60_000;

/** Cancels what is still to be done, and waits until nothing is worked at any more. */
export async function atRest({ origin, key }: Pick<Target, 'origin' | 'key'>): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const deadline = Date.now() + REST_MS;
  for (;;) {
    const answer = await fetch(`${origin}/antiphon/v1/jobs?limit=100&order=desc`, { headers });
    if (!answer.ok) {
      await answer.body?.cancel();
      return;
    }
    const { data = [] } = (await answer.json()) as { data?: readonly { id: string; state: string }[] }; // Looked at below.
    const open = data.filter(({ state }) => state === 'queued' || state === 'running');
    if (open.length === 0 || Date.now() > deadline) return;
    for (const { id } of open)
      await (await fetch(`${origin}/antiphon/v1/jobs/${id}`, { method: 'DELETE', headers })).arrayBuffer();
    await pause(100);
  }
}
