/**
 * Every Python sample of README.md and docs runs against a server, with the packages that the Python of this machine has:
 * `python3`, or the interpreter that ANTIPHON_TEST_PYTHON names. What needs another package is skipped by name.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../src/core/engine.ts';
import { fliteEngine } from '../../src/engines/flite/flite-engine.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { hearingEngine } from '../hearing-engine.ts';
import { testApp } from '../support.ts';
import { docSamples, type DocSample } from './doc-samples.ts';

const PYTHON = process.env['ANTIPHON_TEST_PYTHON'] ?? 'python3';
const FIND = 'import importlib.util, sys; print(all(importlib.util.find_spec(one) for one in sys.argv[1:]))';

/** Why a sample cannot be run here. */
function lacking({ text }: DocSample): string | false {
  const named = [...text.matchAll(/^(?:from|import) (\w+)/gm)].map(([, name = '']) => name);
  const packages = [...new Set(named)];
  const found = spawnSync(PYTHON, ['-c', FIND, ...packages], { encoding: 'utf8' });
  if (found.status !== 0) return `there is no ${PYTHON} here`;
  return found.stdout.trim() === 'True' ? false : `${PYTHON} has no ${packages.join(', ')}`;
}

/** How files begin that samples write. */
const BEGINNINGS: Readonly<Record<string, RegExp>> = {
  mp3: /^(?:ID3|\xff[\xe2-\xff])/,
  wav: /^RIFF....WAVE/s,
};

describe('the Python samples of README.md and docs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-python-'));
  let engine: Engine | undefined;
  let app: FastifyInstance | undefined;
  let host = '';

  before(async () => {
    const made = await fliteEngine.create({ workers: 1 });
    assert.ok(!('unavailable' in made));
    engine = made;
    ({ app } = await testApp({ engines: [made, hearingEngine()] }));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
    host = `127.0.0.1:${port}`;
    writeFileSync(join(folder, 'interview.m4a'), burstRecording({ bursts: bursts(4) }));
  });
  after(async () => {
    await app?.close();
    await engine?.stop?.();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const sample of docSamples().filter(({ language }) => language === 'python')) {
    test(`${sample.page}, line ${sample.line}: the sample runs`, { skip: lacking(sample) }, async () => {
      const text = sample.text.replaceAll('127.0.0.1:8484', host);
      const child = spawn(PYTHON, ['-c', text], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      const [code] = (await once(child, 'close')) as [number | null]; // The close event's first argument is the exit code.
      assert.equal(code, 0, stderr);
      if (text.includes('print(')) assert.notEqual(stdout.trim(), '');
      for (const [, name = '', ending = ''] of text.matchAll(/(?:to_file\(|open\()"(\w+\.(mp3|wav))"/g))
        assert.match(readFileSync(join(folder, name), 'latin1'), BEGINNINGS[ending] ?? /^$/);
    });
  }
});
