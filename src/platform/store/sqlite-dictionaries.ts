import type { DatabaseSync } from 'node:sqlite';
import type { DictionaryRecord, DictionaryVersion } from '../../core/dictionaries/dictionary-record.ts';
import type { DictionaryStore } from '../../core/ports/store.ts';
import { documentColumn } from './document-column.ts';
import { sqliteDocuments } from './sqlite-documents.ts';

/** Pronunciation dictionaries and their versions in SQLite. */
export function sqliteDictionaries(database: DatabaseSync): DictionaryStore {
  const documents = sqliteDocuments<DictionaryRecord>(database, 'dictionaries');
  const versions = documentColumn<DictionaryVersion>();
  const insertVersion = database.prepare(
    'INSERT INTO dictionary_versions (id, dictionary_id, created_at, record) VALUES (?, ?, ?, ?)',
  );
  const findVersion = database.prepare(
    'SELECT record FROM dictionary_versions WHERE id = ? AND dictionary_id = ?',
  );
  const count = database.prepare('SELECT count(*) AS found FROM dictionaries WHERE owner_id = ?');
  const countVersions = database.prepare(
    'SELECT count(*) AS found FROM dictionary_versions WHERE dictionary_id = ?',
  );
  const removeOf = database.prepare('DELETE FROM dictionaries WHERE owner_id = ?');
  const write = (version: DictionaryVersion, change: () => boolean): boolean => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const changed = change();
      if (changed) {
        insertVersion.run(version.id, version.dictionaryId, version.createdAt, versions.write(version));
      }
      database.exec('COMMIT');
      return changed;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    add: async (record, version) => {
      write(version, () => {
        documents.add(record);
        return true;
      });
    },
    find: async (id, ownerId) => documents.find(id, [ownerId]),
    list: async (ownerId) => documents.list([ownerId]),
    count: async (ownerId) => Number(count.get(ownerId)?.['found']),
    replace: async (record) => documents.replace(record),
    replaceWithVersion: async (record, version) => write(version, () => documents.replace(record)),
    findVersion: async (dictionaryId, versionId) => {
      const row = findVersion.get(versionId, dictionaryId);
      return row && versions.read(row);
    },
    countVersions: async (dictionaryId) => Number(countVersions.get(dictionaryId)?.['found']),
    removeOf: async (ownerId) => Number(removeOf.run(ownerId).changes),
  };
}
