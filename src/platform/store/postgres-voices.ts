import type { ConsentStore, VoiceStore } from '../../core/ports/store.ts';
import type { ConsentRecord, VoiceQuery, VoiceRecord } from '../../core/voices/voice-record.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { documentColumn, isCalled, nameKey } from './document-column.ts';
import { postgresDocuments } from './postgres-documents.ts';
import { placeIn, READING } from './reading-order.ts';
import { mergedPage, placedVoice } from './voice-rows.ts';

/** Voices in PostgreSQL, each with its samples in one row. */
export function postgresVoices(database: PostgresDatabase): VoiceStore {
  const documents = postgresDocuments<VoiceRecord>(database, 'voices', {
    column: 'name_key',
    keyOf: ({ name }) => nameKey(name),
  });
  const column = documentColumn<VoiceRecord>();
  return {
    ...documents,
    ...paging(database),
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

/** Each owner is read alone, so that the index gives the rows in order and no further ones are looked at. */
function paging(database: PostgresDatabase): Pick<VoiceStore, 'page' | 'placeOf' | 'count'> {
  return {
    page: async (query) => {
      const { ownerIds, direction, limit, mentioning } = query;
      const words = mentioning?.length ? JSON.stringify(mentioning) : null;
      const { createdAt, row } = query.after ?? READING[direction].start;
      const read = async (owner: string) =>
        (await database.rows(PAGES[direction], [owner, createdAt, row, words, limit])).map(placedVoice);
      return mergedPage(await Promise.all(ownerIds.map(read)), query);
    },
    placeOf: async (id, ownerIds) => {
      const [row] = await database.rows(
        `SELECT created_at, sequence FROM voices
          WHERE id = $1 AND owner_id IN (SELECT json_array_elements_text($2::text::json))`,
        [id, JSON.stringify(ownerIds)],
      );
      return row && placeIn(row);
    },
    count: async (ownerIds) => {
      const count = async (owner: string) => Number((await database.rows(COUNT, [owner]))[0]?.['found']);
      return (await Promise.all(ownerIds.map(count))).reduce((sum, found) => sum + found, 0);
    },
  };
}

const COUNT = 'SELECT count(*) AS found FROM voices WHERE owner_id = $1';

const PAGES = { oldest_first: pageOf('oldest_first'), newest_first: pageOf('newest_first') } as const;

/** Letters are compared as ASCII, whatever the locale of the database. */
function pageOf(direction: VoiceQuery['direction']): string {
  const { beyond, order } = READING[direction];
  return `SELECT record, created_at, sequence FROM voices
    WHERE owner_id = $1 AND (created_at, sequence) ${beyond} ($2::bigint, $3::bigint)
      AND ($4::text IS NULL OR NOT EXISTS (
        SELECT 1 FROM json_array_elements_text($4::text::json) AS word
          WHERE strpos(lower(record COLLATE "C"), word) = 0))
    ORDER BY created_at ${order}, sequence ${order} LIMIT $5`;
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
