import { AppError } from '../../base/errors.ts';
import type { Store } from '../../core/ports/store.ts';
import type { PostgresDatabase } from './postgres-database.ts';

/** Asks whether anything can be written: a standby that has not taken over yet answers, and refuses. */
export function postgresCheck(database: PostgresDatabase): Store['check'] {
  return async () => {
    const [row] = await database.rows("SELECT current_setting('transaction_read_only') AS read_only");
    if (row?.['read_only'] !== 'off') throw new AppError('overloaded', 'The database takes nothing new.');
  };
}
