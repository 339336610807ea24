import type { DatabaseSync } from 'node:sqlite';
import type { ConsentStore, VoiceStore } from '../../core/ports/store.ts';
import type { ConsentRecord, VoiceQuery, VoiceRecord } from '../../core/voices/voice-record.ts';
import { documentColumn, isCalled, nameKey } from './document-column.ts';
import { sqliteDocuments } from './sqlite-documents.ts';
import { placeIn, READING } from './reading-order.ts';
import { mergedPage, placedVoice } from './voice-rows.ts';

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
    ...paging(database),
    add: async (record) => documents.add(record),
    find: async (id, ownerIds) => documents.find(id, ownerIds),
    findNamed: async (name, ownerIds) =>
      named.all(nameKey(name), JSON.stringify(ownerIds)).map(column.read).filter(isCalled(name)),
    list: async (ownerIds) => documents.list(ownerIds),
    replace: async (record) => documents.replace(record),
    remove: async (id, ownerId) => documents.remove(id, ownerId),
  };
}

/** Each owner is read alone, so that the index gives the rows in order and no further ones are looked at. */
function paging(database: DatabaseSync): Pick<VoiceStore, 'page' | 'placeOf' | 'count'> {
  const pages = {
    oldest_first: database.prepare(pageOf('oldest_first')),
    newest_first: database.prepare(pageOf('newest_first')),
  };
  const owned = 'owner_id IN (SELECT value FROM json_each(?))';
  const place = database.prepare(
    `SELECT created_at, rowid AS sequence FROM voices WHERE id = ? AND ${owned}`,
  );
  const count = database.prepare(`SELECT count(*) AS found FROM voices WHERE ${owned}`);
  return {
    page: async (query) => {
      const { ownerIds, direction, limit, mentioning } = query;
      const words = mentioning?.length ? JSON.stringify(mentioning) : null;
      const { createdAt, row } = query.after ?? READING[direction].start;
      const read = (owner: string) =>
        pages[direction].all({ owner, createdAt, row, words, limit }).map(placedVoice);
      return mergedPage(ownerIds.map(read), query);
    },
    placeOf: async (id, ownerIds) => {
      const row = place.get(id, JSON.stringify(ownerIds));
      return row && placeIn(row);
    },
    count: async (ownerIds) => Number(count.get(JSON.stringify(ownerIds))?.['found']),
  };
}

function pageOf(direction: VoiceQuery['direction']): string {
  const { beyond, order } = READING[direction];
  return `SELECT record, created_at, rowid AS sequence FROM voices
    WHERE owner_id = :owner AND (created_at, rowid) ${beyond} (:createdAt, :row)
      AND (:words IS NULL
        OR NOT EXISTS (SELECT 1 FROM json_each(:words) AS word WHERE instr(lower(record), word.value) = 0))
    ORDER BY created_at ${order}, rowid ${order} LIMIT :limit`;
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
