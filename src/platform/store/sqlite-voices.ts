import type { DatabaseSync } from 'node:sqlite';
import type { ConsentStore, VoiceStore } from '../../core/ports/store.ts';
import type { ConsentRecord, VoiceRecord } from '../../core/voices/voice-record.ts';
import { sqliteDocuments } from './sqlite-documents.ts';

/** Voices in SQLite, each with its samples in one row. */
export function sqliteVoices(database: DatabaseSync): VoiceStore {
  const documents = sqliteDocuments<VoiceRecord>(database, 'voices');
  return {
    add: async (record) => documents.add(record),
    find: async (id, ownerIds) => documents.find(id, ownerIds),
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
