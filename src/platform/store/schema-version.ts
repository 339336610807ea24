import { readdirSync, readFileSync } from 'node:fs';
import { AppError } from '../../base/errors.ts';

/** The changes of one database's schema, in the order in which they are made. */
export interface Migrations {
  /** How many this program knows: the version of the newest schema. */
  readonly known: number;
  /** The statements of the step from one version to the next. */
  step(version: number): string;
}

/** Where a database stands. */
export interface SchemaState {
  /** How many changes it has seen; 0 for a new one. */
  readonly version: number;
  readonly known: number;
}

/** The files `*.sql` of a folder, by name. */
export function migrationsIn(folder: URL): Migrations {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  return {
    known: files.length,
    step: (version) => {
      const file = files[version];
      if (file === undefined) throw new Error(`There is no step from version ${version}.`);
      return readFileSync(new URL(file, folder), 'utf8');
    },
  };
}

/** Refuses a database that a newer program has changed: nobody here knows what its tables mean. */
export function refuseNewerSchema({ version, known }: SchemaState): void {
  if (version <= known) return;
  throw new AppError(
    'internal',
    `The database was made by a newer version of this program (schema ${version}, known are ${known}). Update this program.`,
    { reason: 'newer_schema' },
  );
}
