import type { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../core/ports/store.ts';

/** Stands in the head of each database, so that programs which tell files apart can tell what it is: "AntP". */
const APPLICATION_ID = 0x416e7450;

/**
 * Writes a page: a disk that is full, or that has become read-only, lets everything be read. What is written is the same
 * each time, so that nobody else is disturbed.
 */
export function sqliteCheck(database: DatabaseSync): Store['check'] {
  return async () => database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}
