import type { DatabaseSync } from 'node:sqlite';
import type { HistoryQuery, HistoryRecord } from '../../core/history/history-record.ts';
import type { HistoryStore } from '../../core/ports/store.ts';
import { documentColumn } from './document-column.ts';

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
  const newestFirst = database.prepare(listing('<', 'DESC'));
  const oldestFirst = database.prepare(listing('>', 'ASC'));
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
      const statement = query.direction === 'newest_first' ? newestFirst : oldestFirst;
      return statement.all(parametersOf(query)).map(column.read);
    },
    listOldest: async ({ limit, before }) =>
      oldest.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(column.read),
    totalBytes: async () => Number(total.get()?.['bytes'] ?? 0),
    remove: async (id, ownerId) => remove.run(id, ownerId).changes === 1,
  };
}

/** One statement for every combination of filters: one that is not asked for is null. */
function listing(beyond: '<' | '>', order: 'ASC' | 'DESC'): string {
  return `SELECT record FROM history WHERE owner_id = :owner
    AND (:voice IS NULL OR voice_id = :voice)
    AND (:model IS NULL OR model = :model)
    AND (:source IS NULL OR source = :source)
    AND (:before IS NULL OR created_at < :before)
    AND (:notBefore IS NULL OR created_at >= :notBefore)
    AND (:search IS NULL OR instr(search, :search) > 0)
    AND (:after IS NULL OR (created_at, rowid) ${beyond}
      (SELECT created_at, rowid FROM history WHERE id = :after AND owner_id = :owner))
    ORDER BY created_at ${order}, rowid ${order} LIMIT :limit`;
}

function parametersOf(query: HistoryQuery) {
  return {
    owner: query.ownerId,
    voice: query.voiceId ?? null,
    model: query.model ?? null,
    source: query.source ?? null,
    before: query.before ?? null,
    notBefore: query.notBefore ?? null,
    search: query.search?.toLowerCase() ?? null,
    after: query.afterId ?? null,
    limit: query.limit,
  };
}
