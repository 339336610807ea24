import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { inFolder } from './program/program.ts';

const FILES = {
  'open.test.mjs': `
    import { createServer } from 'node:http';
    import { test } from 'node:test';
    test('leaves a server', () => void createServer().listen(0, '127.0.0.1'));
  `,
  'well.test.mjs': `
    import { mock, test } from 'node:test';
    test('has a clock of its own', () => mock.timers.enable());
    test('lets a day go by', () => mock.timers.tick(86_400_000));
  `,
};

test('a test file that cannot end because something is left open fails and says what', async () => {
  await inFolder(async (folder) => {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    const run = (name: string) => {
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const { status, stdout } = spawnSync(
        process.execPath,
        ['--import', resolve('test/left-open.js'), '--test', '--test-reporter=tap', join(folder, name)],
        { encoding: 'utf8', env: { ...env, ANTIPHON_TEST_PATIENCE_MS: '200' } },
      );
      return { status, stdout };
    };
    const { status, stdout } = run('open.test.mjs');
    assert.equal(status, 1, stdout);
    assert.match(stdout, /open\.test\.mjs does not end, something is left open: .*TCPServerWrap/);
    assert.equal(run('well.test.mjs').status, 0);
  });
});
