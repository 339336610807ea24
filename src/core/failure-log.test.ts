import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingLogger } from '../../test/support.ts';
import { AppError } from '../base/errors.ts';
import { logFailure } from './failure-log.ts';

const LEVELS = [
  [new AppError('invalid_request', 'No "secret" here.'), 'debug', 'invalid_request'],
  [new AppError('rate_limited', 'Not yet.'), 'debug', 'rate_limited'],
  [new AppError('cancelled', 'They left.'), 'debug', 'cancelled'],
  [new AppError('overloaded', 'Too much.'), 'warn', undefined],
  [new AppError('engine_failed', 'It broke.'), 'error', undefined],
  [new AppError('timed_out', 'It took too long.'), 'error', undefined],
  [new TypeError('A bug.'), 'error', undefined],
] as const;

for (const [error, level, code] of LEVELS) {
  test(`a failure for the reason "${error.message}" is written down as ${level}${code ? ', without its words' : ''}`, () => {
    const log = recordingLogger();
    logFailure(log, 'speech-end', { model: 'flite', error });
    assert.deepEqual(
      log.entries.map((entry) => [entry.level, entry.event, entry.fields['error']]),
      [[level, 'speech-end', code ?? error]],
    );
  });
}
