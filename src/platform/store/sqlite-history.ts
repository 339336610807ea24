import type { DatabaseSync } from 'node:sqlite';
import type { HistoryQuery, HistoryRecord } from '../../core/history/history-record.ts';
import type { HistoryStore } from '../../core/ports/store.ts';
import { documentColumn } from './document-column.ts';
import { placeIn, READING, type RowPlace } from './reading-order.ts';

/** What was spoken, in SQLite. */
export function sqliteHistory(database: DatabaseSync): HistoryStore {
  const column = documentColumn<HistoryRecord>();
  const insert = database.prepare(
    `INSERT INTO history (id, owner_id, created_at, request_id, source, model, voice_id, search, record)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = database.prepare('SELECT record FROM history WHERE id = ? AND owner_id = ?');
  const findByRequest = database.prepare(
    'SELECT record FROM history WHERE request_id = ? AND owner_id = ? ORDER BY created_at DESC LIMIT 1',
  );
  const remove = database.prepare('DELETE FROM history WHERE id = ? AND owner_id = ?');
  const oldest = database.prepare(
    'SELECT record FROM history WHERE created_at < ? ORDER BY created_at, rowid LIMIT ?',
  );
  const total = database.prepare("SELECT sum(json_extract(record, '$.byteLength')) AS bytes FROM history");
  const place = database.prepare(
    'SELECT created_at, rowid AS sequence FROM history WHERE id = ? AND owner_id = ?',
  );
  const lists = {
    newest_first: database.prepare(listing('newest_first')),
    oldest_first: database.prepare(listing('oldest_first')),
  };
  return {
    add: async (record) => {
      const { id, ownerId, createdAt, requestId, source, model, voiceId } = record;
      const search = `${record.text}\n${record.voiceName}`.toLowerCase();
      insert.run(id, ownerId, createdAt, requestId, source, model, voiceId, search, column.write(record));
    },
    find: async (id, ownerId) => {
      const row = find.get(id, ownerId);
      return row && column.read(row);
    },
    findByRequest: async (requestId, ownerId) => {
      const row = findByRequest.get(requestId, ownerId);
      return row && column.read(row);
    },
    list: async (query) => {
      const row = query.afterId === undefined ? undefined : place.get(query.afterId, query.ownerId);
      if (query.afterId !== undefined && !row) return [];
      const from = row ? placeIn(row) : READING[query.direction].start;
      return lists[query.direction].all(parametersOf(query, from)).map(column.read);
    },
    listOldest: async ({ limit, before }) =>
      oldest.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(column.read),
    totalBytes: async () => Number(total.get()?.['bytes'] ?? 0),
    remove: async (id, ownerId) => remove.run(id, ownerId).changes === 1,
  };
}

/**
 * One statement for every combination of filters: one that is not asked for is null. Where to begin and the times never
 * are, or the index would not lead there.
 */
function listing(direction: HistoryQuery['direction']): string {
  const { beyond, order } = READING[direction];
  return `SELECT record FROM history WHERE owner_id = :owner
    AND (:voice IS NULL OR voice_id = :voice)
    AND (:model IS NULL OR model = :model)
    AND (:source IS NULL OR source = :source)
    AND created_at < :before AND created_at >= :notBefore
    AND (:search IS NULL OR instr(search, :search) > 0)
    AND (created_at, rowid) ${beyond} (:createdAt, :row)
    ORDER BY created_at ${order}, rowid ${order} LIMIT :limit`;
}

function parametersOf(query: HistoryQuery, { createdAt, row }: RowPlace) {
  return {
    owner: query.ownerId,
    voice: query.voiceId ?? null,
    model: query.model ?? null,
    source: query.source ?? null,
    before: query.before ?? Number.MAX_SAFE_INTEGER,
    notBefore: query.notBefore ?? 0,
    search: query.search?.toLowerCase() ?? null,
    createdAt,
    row,
    limit: query.limit,
  };
}
