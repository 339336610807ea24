import type { DatabaseSync } from 'node:sqlite';
import type { UsageRow, UsageStore } from '../../core/ports/usage-store.ts';
import { inTransaction } from './sqlite-transaction.ts';
import { addStatement, sumStatement, toUsageSum, USAGE_COLUMNS } from './usage-rows.ts';

/** What was used, in SQLite. */
export function sqliteUsage(database: DatabaseSync): UsageStore {
  const add = database.prepare(addStatement(`VALUES (${USAGE_COLUMNS.map(() => '?').join(', ')})`));
  const removeBefore = database.prepare('DELETE FROM usage_sums WHERE day < ?');
  const removeOf = database.prepare('DELETE FROM usage_sums WHERE principal_id = ?');
  return {
    add: async (rows) => {
      inTransaction(database, () => {
        for (const row of rows) add.run(...valuesOf(row));
      });
    },
    sum: async (query) => {
      const { from, to, principalId, by, limit } = query;
      const statement = database.prepare(sumStatement(query, ['?1', '?2', '?3', '?4']));
      return statement.all(from, to, principalId ?? null, limit).map((row) => toUsageSum(row, by));
    },
    removeBefore: async (day) => Number(removeBefore.run(day).changes),
    removeOf: async (principalId) => Number(removeOf.run(principalId).changes),
  };
}

function valuesOf(row: UsageRow): readonly (string | number)[] {
  const { day, principalId, dialect, capability, model, servedBy } = row;
  const { requests, failures, characters, audioMs, pictures, engineMs } = row;
  const place = [day, principalId, dialect, capability, model, servedBy];
  return [...place, requests, failures, characters, audioMs, pictures, engineMs];
}
