import type { PostgresDatabase } from './postgres-database.ts';
import { documentColumn, type FoundBy, type OwnedRecord } from './document-column.ts';

/** Rows of one table that are kept whole, as JSON, beside the columns by which they are found. */
export interface PostgresDocuments<Kept extends OwnedRecord> {
  add(record: Kept): Promise<void>;
  find(id: string, ownerIds: readonly string[]): Promise<Kept | undefined>;
  /** In the order of making. */
  list(ownerIds: readonly string[]): Promise<Kept[]>;
  replace(record: Kept): Promise<boolean>;
  remove(id: string, ownerId: string): Promise<boolean>;
}

/** The documents of a table that has the columns id, sequence, owner_id, created_at and record, and perhaps one more. */
export function postgresDocuments<Kept extends OwnedRecord>(
  database: PostgresDatabase,
  table: 'voices' | 'voice_consents' | 'dictionaries',
  foundBy?: FoundBy<Kept>,
): PostgresDocuments<Kept> {
  const column = documentColumn<Kept>();
  const keysOf = (record: Kept) => (foundBy ? [foundBy.keyOf(record)] : []);
  const [more, place, set] = foundBy
    ? [`, ${foundBy.column}`, ', $5', `, ${foundBy.column} = $4`]
    : ['', '', ''];
  const owned = (parameter: '$1' | '$2') =>
    `owner_id IN (SELECT json_array_elements_text(${parameter}::text::json))`;
  return {
    add: async (record) => {
      await database.change(
        `INSERT INTO ${table} (id, owner_id, created_at, record${more}) VALUES ($1, $2, $3, $4${place})`,
        [record.id, record.ownerId, record.createdAt, column.write(record), ...keysOf(record)],
      );
    },
    find: async (id, ownerIds) => {
      const [row] = await database.rows(`SELECT record FROM ${table} WHERE id = $1 AND ${owned('$2')}`, [
        id,
        JSON.stringify(ownerIds),
      ]);
      return row && column.read(row);
    },
    list: async (ownerIds) => {
      const text = `SELECT record FROM ${table} WHERE ${owned('$1')} ORDER BY created_at, sequence`;
      return (await database.rows(text, [JSON.stringify(ownerIds)])).map(column.read);
    },
    replace: async (record) => {
      const text = `UPDATE ${table} SET record = $1${set} WHERE id = $2 AND owner_id = $3`;
      return (
        (await database.change(text, [
          column.write(record),
          record.id,
          record.ownerId,
          ...keysOf(record),
        ])) === 1
      );
    },
    remove: async (id, ownerId) =>
      (await database.change(`DELETE FROM ${table} WHERE id = $1 AND owner_id = $2`, [id, ownerId])) === 1,
  };
}
