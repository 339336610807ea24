import { AppError, type AppErrorDetails, type ErrorCode } from '../../base/errors.ts';
import type { KeptResponse } from './kept-request.ts';

/** What a refusal says beside its answer. */
export interface Refusal extends Pick<AppErrorDetails, 'param' | 'retryAfterMs' | 'reason'> {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A kept request was answered with an error; the answer is kept as well. */
export class RefusedRequest extends AppError {
  readonly answer: KeptResponse;

  constructor({ code, message, ...details }: Refusal, answer: KeptResponse) {
    super(code, message, details);
    this.answer = answer;
  }
}
