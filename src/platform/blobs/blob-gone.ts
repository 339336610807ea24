import { AppError } from '../../base/errors.ts';

/** What whoever reads a blob hears when it is not there any more. */
export function blobGone(options: ErrorOptions = {}): AppError {
  return new AppError('not_found', 'The file was removed or replaced while it was read.', {
    subject: 'file',
    ...options,
  });
}
