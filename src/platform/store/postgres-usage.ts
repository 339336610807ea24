import type { UsageRow, UsageStore } from '../../core/ports/usage-store.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import {
  addStatement,
  AMOUNT_COLUMNS,
  PLACE_COLUMNS,
  sumStatement,
  toUsageSum,
  USAGE_COLUMNS,
} from './usage-rows.ts';

/** What was used, in PostgreSQL. */
export function postgresUsage(database: PostgresDatabase): UsageStore {
  return {
    add: async (rows) => {
      if (rows.length > 0) await database.change(ADD, [JSON.stringify(rows.map(toColumns))]);
    },
    sum: async (query) => {
      const { from, to, principalId, by, limit } = query;
      const text = sumStatement(query, ['$1', '$2', '$3::text', '$4']);
      const rows = await database.rows(text, [from, to, principalId ?? null, limit]);
      return rows.map((row) => toUsageSum(row, by));
    },
    removeBefore: (day) => database.change('DELETE FROM usage_sums WHERE day < $1', [day]),
    removeOf: (principalId) =>
      database.change('DELETE FROM usage_sums WHERE principal_id = $1', [principalId]),
  };
}

const AMOUNTS: ReadonlySet<string> = new Set(AMOUNT_COLUMNS);

const TYPED_COLUMNS = USAGE_COLUMNS.map((column) => `${column} ${AMOUNTS.has(column) ? 'bigint' : 'text'}`);

const PLACES = PLACE_COLUMNS.map((column) => `${column} COLLATE "C"`).join(', ');

/**
 * Rows of the same place are put together, for one statement changes none twice. They come in the same order always, so
 * that two machines which add to the same ones do not wait for each other in a circle.
 */
const ADD = addStatement(
  `SELECT ${PLACE_COLUMNS.join(', ')}, ${AMOUNT_COLUMNS.map((column) => `sum(${column})::bigint`).join(', ')}
    FROM json_to_recordset($1::text::json) AS given (${TYPED_COLUMNS.join(', ')})
    GROUP BY ${PLACE_COLUMNS.join(', ')} ORDER BY ${PLACES}`,
);

function toColumns(row: UsageRow): Record<string, string | number> {
  const { day, dialect, capability, model, requests, failures, characters, pictures } = row;
  return {
    day,
    dialect,
    capability,
    model,
    requests,
    failures,
    characters,
    pictures,
    principal_id: row.principalId,
    served_by: row.servedBy,
    audio_ms: row.audioMs,
    engine_ms: row.engineMs,
  };
}
