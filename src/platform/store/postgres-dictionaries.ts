import type { DictionaryRecord, DictionaryVersion } from '../../core/dictionaries/dictionary-record.ts';
import type { DictionaryStore } from '../../core/ports/store.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { postgresDocuments } from './postgres-documents.ts';
import { documentColumn } from './document-column.ts';

/** Pronunciation dictionaries and their versions in PostgreSQL. */
export function postgresDictionaries(database: PostgresDatabase): DictionaryStore {
  const documents = postgresDocuments<DictionaryRecord>(database, 'dictionaries');
  const records = documentColumn<DictionaryRecord>();
  const versions = documentColumn<DictionaryVersion>();
  const count = async (text: string, id: string) => Number((await database.rows(text, [id]))[0]?.['found']);
  return {
    add: async (record, version) => {
      const values = [record.id, record.ownerId, record.createdAt, records.write(record)];
      await database.change(ADD, [...values, version.id, version.createdAt, versions.write(version)]);
    },
    find: (id, ownerId) => documents.find(id, [ownerId]),
    list: (ownerId) => documents.list([ownerId]),
    count: (ownerId) => count('SELECT count(*) AS found FROM dictionaries WHERE owner_id = $1', ownerId),
    replace: (record) => documents.replace(record),
    replaceWithVersion: async (record, version) => {
      const values = [record.id, record.ownerId, version.createdAt, records.write(record)];
      return (await database.change(REPLACE, [...values, version.id, versions.write(version)])) === 1;
    },
    findVersion: async (dictionaryId, versionId) => {
      const text = 'SELECT record FROM dictionary_versions WHERE id = $1 AND dictionary_id = $2';
      const [row] = await database.rows(text, [versionId, dictionaryId]);
      return row && versions.read(row);
    },
    countVersions: (dictionaryId) =>
      count('SELECT count(*) AS found FROM dictionary_versions WHERE dictionary_id = $1', dictionaryId),
    removeOf: (ownerId) => database.change('DELETE FROM dictionaries WHERE owner_id = $1', [ownerId]),
  };
}

const ADD = `
  WITH record AS (INSERT INTO dictionaries (id, owner_id, created_at, record) VALUES ($1, $2, $3, $4) RETURNING id)
  INSERT INTO dictionary_versions (id, dictionary_id, created_at, record) SELECT $5, id, $6, $7 FROM record`;

const REPLACE = `
  WITH record AS (UPDATE dictionaries SET record = $4 WHERE id = $1 AND owner_id = $2 RETURNING id)
  INSERT INTO dictionary_versions (id, dictionary_id, created_at, record) SELECT $5, id, $3, $6 FROM record`;
