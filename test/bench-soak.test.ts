import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { figuresAreTold } from '../bench/process-figures.ts';

const run = promisify(execFile);

const soakReport = z.object({
  offered: z.number(),
  troubles: z.array(z.string()),
  growth: z.array(z.object({ what: z.string(), verdict: z.enum(['flat', 'grows', 'unsure']) })),
  drift: z.array(z.object({ kind: z.string(), count: z.number(), failed: z.number() })),
  readings: z.array(z.object({ at: z.number(), server: z.number(), handles: z.number() })),
});

test(
  'a few seconds of mixed traffic give a whole report, in which no answer is wrong and all counts agree',
  { skip: figuresAreTold ? false : 'this system does not tell what another process takes' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antiphon-soak-test-'));
    try {
      copyFileSync('bench/README.md', join(folder, 'README.md'));
      const env = { ...process.env, MINUTES: '0.06', REPORT_DIR: folder };
      // What grows in so short a time says nothing, and ends the program with 1 all the same.
      const said = await run(process.execPath, ['bench/soak.ts'], { env }).catch(String);
      assert.ok(existsSync(join(folder, 'soak.json')), JSON.stringify(said));
      const report = soakReport.parse(JSON.parse(readFileSync(join(folder, 'soak.json'), 'utf8')));
      assert.deepEqual(report.troubles, []);
      assert.ok(report.offered > 0);
      assert.equal(report.growth.length, 7);
      assert.ok(report.drift.every(({ count, failed }) => count > 0 && failed === 0));
      assert.ok(
        report.readings.length > 1 &&
          report.readings.every(({ server, handles }) => server > 0 && handles > 0),
      );
      for (const picture of ['soak-memory', 'soak-counts', 'soak-latency'])
        assert.ok(existsSync(join(folder, 'plots', `${picture}.svg`)), picture);
      assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /jobs were accepted and \d+ announced/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
