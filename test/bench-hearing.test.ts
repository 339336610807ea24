import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { findWhisperPackages } from '../src/engines/whisper/whisper-binding.ts';
import { withoutTestData } from './decode-support.ts';

const run = promisify(execFile);

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The rows of all tables, without their heads. */
function rowsIn(markdown: string): string[][] {
  const lines = markdown.split('\n').map((line) => (line.startsWith('|') ? line : ''));
  return lines
    .filter((line, index) => line !== '' && !line.startsWith('|--') && !lines[index + 1]?.startsWith('|--'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Runs the benchmark on the shortest clip, once, and checks that every figure in its tables is one. */
async function shortRun(choice: Readonly<Record<string, string>>): Promise<readonly string[][]> {
  const short = { ROUNDS: '1', CROWD: '1', LONG_SECONDS: '0', LONG_CLIP: 'en/jfk.wav', HOUR_SECONDS: '11' };
  const env = { ...process.env, ...short, ...choice };
  const { stdout } = await run(process.execPath, ['bench/hearing.ts'], { env });
  const rows = rowsIn(stdout);
  for (const [label, ...cells] of rows) {
    const figures = cells.flatMap((cell) => cell.split(' + ')).filter((cell) => !/^(yes|no)$/.test(cell));
    assert.ok(
      figures.length >= 3 && figures.every((cell) => Number.isFinite(Number(cell))),
      `${label}: ${cells.join(' ')}`,
    );
  }
  return rows;
}

test(
  'the benchmark of hearing measures whisper.cpp: times, four at once, and memory where the system tells it',
  {
    skip:
      withoutTestData ||
      (findWhisperPackages().length === 0 ? 'whisper.cpp has no package for this machine' : false),
  },
  async () => {
    const [times, crowd, memory] = await shortRun({ ENGINES: 'whisper', FORMATS: 'opus' });
    assert.equal(times?.at(-1), 'yes', 'HTTP and the bare engine hear the same');
    assert.equal(crowd?.[0], '11 s');
    if (process.platform === 'linux') assert.equal(memory?.[0], 'opus, 11 s');
  },
);

test(
  'the benchmark of hearing measures sherpa-onnx',
  {
    skip: withoutTestData || (isInstalled('sherpa-onnx-node') ? false : 'sherpa-onnx-node is not installed'),
  },
  async () => {
    const [times, crowd] = await shortRun({ ENGINES: 'sherpa', ONLY: 'time' });
    assert.equal(times?.at(-1), 'yes', 'HTTP and the bare engine hear the same');
    assert.equal(crowd?.[0], '11 s');
  },
);
