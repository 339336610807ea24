import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownJob } from './job-answer.ts';
import { createJobLine } from './job-line.ts';

const JOB: ShownJob = {
  id: 'j1',
  kind: 'request',
  dialect: 'openai',
  state: 'queued',
  attempts: 0,
  progress: 0,
  position: 2,
  etaSeconds: 8,
  createdAt: '2027-01-04T10:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  expiresAt: null,
  error: null,
};

function shown(isTTY: boolean, jobs: readonly Partial<ShownJob>[]): string {
  let text = '';
  const line = createJobLine({
    isTTY,
    columns: 60,
    write: (more) => {
      text += more;
    },
  });
  for (const job of jobs) line.show({ ...JOB, ...job });
  line.end();
  return text;
}

const running = { state: 'running', position: null, etaSeconds: null } as const;

test('a terminal is redrawn in one line, no wider than it is, with a bar while the job runs', () => {
  const text = shown(true, [{}, { ...running, progress: 0.5 }]);
  assert.equal(
    text,
    '\rj1  queued  2 before it  about 8 s left\u001B[K\rj1  running  [==========          ]  50 %\u001B[K\n',
  );
  const [, drawn = ''] = shown(true, [{ id: 'x'.repeat(100) }]).split('\r');
  assert.equal(drawn.split('\u001B')[0]?.length, 59);
});

test('anything else gets a line for each state and each tenth, without control characters', () => {
  const text = shown(false, [{}, {}, { ...running, progress: 0.51 }, { ...running, progress: 0.52 }]);
  assert.equal(text, 'j1  queued  2 before it  about 8 s left\nj1  running  [==========          ]  51 %\n');
});
