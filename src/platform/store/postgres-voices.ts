import type { ConsentStore, VoiceStore } from '../../core/ports/store.ts';
import type { ConsentRecord, VoiceRecord } from '../../core/voices/voice-record.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { documentColumn, isCalled, nameKey } from './document-column.ts';
import { postgresDocuments } from './postgres-documents.ts';

/** Voices in PostgreSQL, each with its samples in one row. */
export function postgresVoices(database: PostgresDatabase): VoiceStore {
  const documents = postgresDocuments<VoiceRecord>(database, 'voices', {
    column: 'name_key',
    keyOf: ({ name }) => nameKey(name),
  });
  const column = documentColumn<VoiceRecord>();
  return {
    ...documents,
    findNamed: async (name, ownerIds) => {
      const rows = await database.rows(
        `SELECT record FROM voices
         WHERE (name_key = $1 OR lower(id) = $1 OR name_key IS NULL)
           AND owner_id IN (SELECT json_array_elements_text($2::text::json)) ORDER BY created_at, sequence`,
        [nameKey(name), JSON.stringify(ownerIds)],
      );
      return rows.map(column.read).filter(isCalled(name));
    },
  };
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
