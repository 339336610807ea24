import type { ConsentStore, VoiceStore } from '../../core/ports/store.ts';
import type { ConsentRecord, VoiceRecord } from '../../core/voices/voice-record.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { postgresDocuments } from './postgres-documents.ts';

/** Voices in PostgreSQL, each with its samples in one row. */
export function postgresVoices(database: PostgresDatabase): VoiceStore {
  return postgresDocuments<VoiceRecord>(database, 'voices');
}

/** Recorded consents in PostgreSQL. */
export function postgresConsents(database: PostgresDatabase): ConsentStore {
  const documents = postgresDocuments<ConsentRecord>(database, 'voice_consents');
  return {
    ...documents,
    find: (id, ownerId) => documents.find(id, [ownerId]),
    list: (ownerId) => documents.list([ownerId]),
  };
}
