import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { readMemory } from './memory-reading.ts';

const MB = 1024 * 1024;

/** A machine whose files say what a test wants. */
function onMachine(files: Readonly<Record<string, string>>, use: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'antiphon-memory-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe('what limits the memory', () => {
  test('is the control group, whose idle files count as free', () =>
    onMachine(
      {
        'proc/self/cgroup': '0::/\n',
        'sys/fs/cgroup/memory.max': `${512 * MB}\n`,
        'sys/fs/cgroup/memory.current': `${400 * MB}\n`,
        'sys/fs/cgroup/memory.stat': `anon ${100 * MB}\ninactive_file ${150 * MB}\nactive_file 1\n`,
      },
      (root) =>
        assert.deepEqual(readMemory({ root }), [
          { of: 'container', usedBytes: 250 * MB, limitBytes: 512 * MB },
        ]),
    ));

  test('is each of the groups around it that has a limit', () =>
    onMachine(
      {
        'proc/self/cgroup': '0::/pod/box\n',
        'sys/fs/cgroup/pod/memory.max': `${300 * MB}`,
        'sys/fs/cgroup/pod/memory.current': `${100 * MB}`,
        'sys/fs/cgroup/pod/box/memory.max': 'max',
        'sys/fs/cgroup/pod/box/memory.current': `${90 * MB}`,
      },
      (root) =>
        assert.deepEqual(readMemory({ root }), [
          { of: 'container', usedBytes: 100 * MB, limitBytes: 300 * MB },
        ]),
    ));

  test('is found in the older control groups, too', () =>
    onMachine(
      {
        'proc/self/cgroup': '9:cpu,cpuacct:/x\n4:memory:/y\n0::/\n',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': `${256 * MB}`,
        'sys/fs/cgroup/memory/memory.usage_in_bytes': `${200 * MB}`,
        'sys/fs/cgroup/memory/memory.stat': `total_inactive_file ${50 * MB}`,
      },
      (root) =>
        assert.deepEqual(readMemory({ root }), [
          { of: 'container', usedBytes: 150 * MB, limitBytes: 256 * MB },
        ]),
    ));

  test('is the machine where no group has a limit', () =>
    onMachine({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': 'max' }, (root) => {
      const [machine, ...others] = readMemory({ root });
      assert.deepEqual([machine?.of, machine?.limitBytes, others], ['machine', totalmem(), []]);
      assert.ok(machine && machine.usedBytes > 0 && machine.usedBytes < totalmem());
    }));

  test('is also what an operator allows the program with its children', () => {
    const own = String(process.pid);
    onMachine(
      {
        [`proc/${own}/status`]: 'VmPeak: 1 kB\nVmRSS:\t  2048 kB\n',
        [`proc/${own}/task/${own}/children`]: '7 ',
        [`proc/${own}/task/99/children`]: '8 ',
        'proc/7/status': 'VmRSS:\t  1024 kB\n',
        'proc/7/task/7/children': '9',
        'proc/8/status': 'VmRSS:\t  4096 kB\n',
        'proc/9/status': 'VmRSS:\t  512 kB\n',
      },
      (root) =>
        assert.deepEqual(readMemory({ root, mostBytes: 10 * MB }).slice(1), [
          { of: 'program', usedBytes: 7.5 * MB, limitBytes: 10 * MB },
        ]),
    );
  });

  test('is told on this machine as it is', () => {
    const program = readMemory({ mostBytes: 1 }).find((one) => one.of === 'program');
    assert.ok(program && program.usedBytes > 20 * MB && program.usedBytes < totalmem());
  });
});
