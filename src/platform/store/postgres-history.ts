import type { HistoryQuery, HistoryRecord } from '../../core/history/history-record.ts';
import type { HistoryStore } from '../../core/ports/store.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { documentColumn } from './document-column.ts';
import { placeIn, READING, type RowPlace } from './reading-order.ts';

/** What was spoken, in PostgreSQL. */
export function postgresHistory(database: PostgresDatabase): HistoryStore {
  const column = documentColumn<HistoryRecord>();
  const first = async (text: string, values: readonly string[]) => {
    const [row] = await database.rows(text, values);
    return row && column.read(row);
  };
  return {
    add: async (record) => {
      const { id, ownerId, createdAt, requestId, source, model, voiceId, byteLength } = record;
      const search = `${record.text}\n${record.voiceName}`.toLowerCase();
      const facts = [id, ownerId, createdAt, requestId, source, model, voiceId, byteLength];
      await database.change(INSERT, [...facts, search, column.write(record)]);
    },
    find: (id, ownerId) => first('SELECT record FROM history WHERE id = $1 AND owner_id = $2', [id, ownerId]),
    findByRequest: (requestId, ownerId) =>
      first(
        `SELECT record FROM history WHERE request_id = $1 AND owner_id = $2
          ORDER BY created_at DESC, sequence DESC LIMIT 1`,
        [requestId, ownerId],
      ),
    list: async (query) => {
      const from = await placeBefore(query, database);
      if (!from) return [];
      return (await database.rows(LISTS[query.direction], listValues(query, from))).map(column.read);
    },
    listOldest: async ({ limit, before }) => {
      const text = 'SELECT record FROM history WHERE created_at < $1 ORDER BY created_at, sequence LIMIT $2';
      return (await database.rows(text, [before ?? Number.MAX_SAFE_INTEGER, limit])).map(column.read);
    },
    totalBytes: async () => {
      const [row] = await database.rows('SELECT sum(byte_length) AS bytes FROM history');
      return Number(row?.['bytes'] ?? 0);
    },
    remove: async (id, ownerId) =>
      (await database.change('DELETE FROM history WHERE id = $1 AND owner_id = $2', [id, ownerId])) === 1,
  };
}

const INSERT = `
  INSERT INTO history
    (id, owner_id, created_at, request_id, source, model, voice_id, byte_length, search, record)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

/** After which row a list begins; undefined where that is not there. */
async function placeBefore(query: HistoryQuery, database: PostgresDatabase): Promise<RowPlace | undefined> {
  if (query.afterId === undefined) return READING[query.direction].start;
  const text = 'SELECT created_at, sequence FROM history WHERE id = $1 AND owner_id = $2';
  const [row] = await database.rows(text, [query.afterId, query.ownerId]);
  return row && placeIn(row);
}

const LISTS = { newest_first: listing('newest_first'), oldest_first: listing('oldest_first') } as const;

/**
 * One statement for every combination of filters: one that is not asked for is null. Where to begin and the times never
 * are, or the index would not lead there.
 */
function listing(direction: HistoryQuery['direction']): string {
  const { beyond, order } = READING[direction];
  return `SELECT record FROM history WHERE owner_id = $1
    AND ($2::text IS NULL OR voice_id = $2)
    AND ($3::text IS NULL OR model = $3)
    AND ($4::text IS NULL OR source = $4)
    AND created_at < $5::bigint AND created_at >= $6::bigint
    AND ($7::text IS NULL OR strpos(search, $7) > 0)
    AND (created_at, sequence) ${beyond} ($8::bigint, $9::bigint)
    ORDER BY created_at ${order}, sequence ${order} LIMIT $10`;
}

function listValues(query: HistoryQuery, { createdAt, row }: RowPlace) {
  return [
    query.ownerId,
    query.voiceId ?? null,
    query.model ?? null,
    query.source ?? null,
    query.before ?? Number.MAX_SAFE_INTEGER,
    query.notBefore ?? 0,
    query.search?.toLowerCase() ?? null,
    createdAt,
    row,
    query.limit,
  ];
}
