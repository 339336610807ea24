import type { DatabaseSync } from 'node:sqlite';
import { documentColumn, type FoundBy, type OwnedRecord } from './document-column.ts';

/** Rows of one table that are kept whole, as JSON, beside the columns by which they are found. */
export interface Documents<Kept extends OwnedRecord> {
  add(record: Kept): void;
  find(id: string, ownerIds: readonly string[]): Kept | undefined;
  /** In the order of making. */
  list(ownerIds: readonly string[]): Kept[];
  replace(record: Kept): boolean;
  remove(id: string, ownerId: string): boolean;
}

/** The documents of a table that has the columns id, owner_id, created_at and record, and perhaps one more. */
export function sqliteDocuments<Kept extends OwnedRecord>(
  database: DatabaseSync,
  table: 'voices' | 'voice_consents' | 'dictionaries',
  foundBy?: FoundBy<Kept>,
): Documents<Kept> {
  const [more, place, set] = foundBy
    ? [`, ${foundBy.column}`, ', ?', `, ${foundBy.column} = ?`]
    : ['', '', ''];
  const keysOf = (record: Kept) => (foundBy ? [foundBy.keyOf(record)] : []);
  const insert = database.prepare(
    `INSERT INTO ${table} (id, owner_id, created_at, record${more}) VALUES (?, ?, ?, ?${place})`,
  );
  const owned = 'owner_id IN (SELECT value FROM json_each(?))';
  const find = database.prepare(`SELECT record FROM ${table} WHERE id = ? AND ${owned}`);
  const list = database.prepare(`SELECT record FROM ${table} WHERE ${owned} ORDER BY created_at, rowid`);
  const update = database.prepare(`UPDATE ${table} SET record = ?${set} WHERE id = ? AND owner_id = ?`);
  const remove = database.prepare(`DELETE FROM ${table} WHERE id = ? AND owner_id = ?`);
  const column = documentColumn<Kept>();
  return {
    add: (record) => {
      insert.run(record.id, record.ownerId, record.createdAt, column.write(record), ...keysOf(record));
    },
    find: (id, ownerIds) => {
      const row = find.get(id, JSON.stringify(ownerIds));
      return row && column.read(row);
    },
    list: (ownerIds) => list.all(JSON.stringify(ownerIds)).map(column.read),
    replace: (record) =>
      update.run(column.write(record), ...keysOf(record), record.id, record.ownerId).changes === 1,
    remove: (id, ownerId) => remove.run(id, ownerId).changes === 1,
  };
}
