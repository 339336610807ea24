import type { DatabaseSync } from 'node:sqlite';
import type { ConsentStore, VoiceStore } from '../../core/ports/store.ts';
import type { ConsentRecord, VoiceRecord } from '../../core/voices/voice-record.ts';
import { documentColumn, isCalled, nameKey } from './document-column.ts';
import { sqliteDocuments } from './sqlite-documents.ts';

/** Voices in SQLite, each with its samples in one row. */
export function sqliteVoices(database: DatabaseSync): VoiceStore {
  const documents = sqliteDocuments<VoiceRecord>(database, 'voices', {
    column: 'name_key',
    keyOf: ({ name }) => nameKey(name),
  });
  const column = documentColumn<VoiceRecord>();
  const named = database.prepare(
    `SELECT record FROM voices
     WHERE (name_key = ?1 OR lower(id) = ?1 OR name_key IS NULL)
       AND owner_id IN (SELECT value FROM json_each(?2)) ORDER BY created_at, rowid`,
  );
  return {
    add: async (record) => documents.add(record),
    find: async (id, ownerIds) => documents.find(id, ownerIds),
    findNamed: async (name, ownerIds) =>
      named.all(nameKey(name), JSON.stringify(ownerIds)).map(column.read).filter(isCalled(name)),
    list: async (ownerIds) => documents.list(ownerIds),
    replace: async (record) => documents.replace(record),
    remove: async (id, ownerId) => documents.remove(id, ownerId),
  };
}

/** Recorded consents in SQLite. */
export function sqliteConsents(database: DatabaseSync): ConsentStore {
  const documents = sqliteDocuments<ConsentRecord>(database, 'voice_consents');
  return {
    add: async (record) => documents.add(record),
    find: async (id, ownerId) => documents.find(id, [ownerId]),
    list: async (ownerId) => documents.list([ownerId]),
    replace: async (record) => documents.replace(record),
    remove: async (id, ownerId) => documents.remove(id, ownerId),
  };
}
