import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingLogger } from '../../test/support.ts';
import { AppError } from '../base/errors.ts';
import { logFailure } from './failure-log.ts';

const LEVELS = [
  [new AppError('invalid_request', 'No.'), 'info'],
  [new AppError('rate_limited', 'Not yet.'), 'info'],
  [new AppError('cancelled', 'They left.'), 'info'],
  [new AppError('overloaded', 'Too much.'), 'warn'],
  [new AppError('engine_failed', 'It broke.'), 'error'],
  [new AppError('timed_out', 'It took too long.'), 'error'],
  [new TypeError('A bug.'), 'error'],
] as const;

for (const [error, level] of LEVELS) {
  test(`a failure for the reason "${error.message}" is written down as ${level}`, () => {
    const log = recordingLogger();
    logFailure(log, 'speech-end', { model: 'flite', error });
    assert.deepEqual(
      log.entries.map((entry) => [entry.level, entry.event, entry.fields['error']]),
      [[level, 'speech-end', error]],
    );
  });
}
