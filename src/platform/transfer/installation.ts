import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { createFileBlobs } from '../blobs/file-blobs.ts';
import { openS3Blobs } from '../blobs/s3-blobs.ts';
import { openPostgres } from '../store/postgres-database.ts';
import { migratePostgres } from '../store/postgres-migrating.ts';
import type { ListedBlobs } from './blob-copy.ts';
import { openPostgresBank } from './postgres-bank.ts';
import { openSqliteBank } from './sqlite-bank.ts';
import type { TableBank } from './table-copy.ts';

/** Where an installation has its rows and its bytes. */
export interface InstallationPlace {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly blobUrl?: string | undefined;
}

/** Everything that an installation keeps, but models. */
export interface Installation {
  readonly rows: TableBank;
  readonly blobs: ListedBlobs;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The file of an embedded database. */
export function databaseFile({ dataDir }: Pick<InstallationPlace, 'dataDir'>): string {
  return join(dataDir, 'antiphon.sqlite');
}

/** Opens the parts of an installation, with the newest schema. What is missing is made. */
export async function openInstallation(
  place: InstallationPlace,
  environment: Environment,
): Promise<Installation> {
  const blobs = openListedBlobs(place, environment);
  const rows =
    place.databaseUrl === undefined
      ? openSqliteBank(databaseFile(place))
      : await openMigratedPostgres(place.databaseUrl);
  return { rows, blobs, close: () => rows.close() };
}

async function openMigratedPostgres(url: string): Promise<TableBank> {
  const database = openPostgres(url);
  try {
    await migratePostgres(database);
  } finally {
    await database.close();
  }
  return openPostgresBank(url);
}

/** Refuses a data folder in which there is no database, so that a slip of the pen makes no new one. */
export function refuseMissing({ dataDir, databaseUrl }: InstallationPlace): void {
  if (databaseUrl !== undefined || existsSync(databaseFile({ dataDir }))) return;
  throw new AppError('not_found', `There is no database in ${dataDir}: nothing was ever kept there.`);
}

/** The blobs of an installation. */
export function openListedBlobs(
  { dataDir, blobUrl }: InstallationPlace,
  environment: Environment,
): ListedBlobs {
  return blobUrl === undefined ? createFileBlobs(join(dataDir, 'blobs')) : openS3Blobs(blobUrl, environment);
}
