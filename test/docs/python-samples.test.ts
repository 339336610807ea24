import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { noPython } from '../programs-there.ts';
import { docSamples } from './doc-samples.ts';

test('all Python of README.md and docs is Python: python-samples.long.ts runs it', { skip: noPython }, () => {
  const samples = docSamples().filter(({ language }) => language === 'python');
  assert.ok(samples.length >= 10, `only ${samples.length} samples were found`);
  const parse = 'import ast, json, sys\nfor one in json.load(sys.stdin): ast.parse(one)';
  execFileSync('python3', ['-c', parse], { input: JSON.stringify(samples.map(({ text }) => text)) });
  assert.throws(() =>
    execFileSync('python3', ['-c', parse], {
      input: '["no python"]',
      stdio: ['pipe', 'ignore', 'ignore'],
    }),
  );
});
