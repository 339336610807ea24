import { mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBlobContract } from '../../../test/contracts/blob-contract.ts';
import { createFileBlobs } from './file-blobs.ts';

describeBlobContract('file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-blobs-'));
  return {
    blobs: createFileBlobs(folder),
    count: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).length;
    },
    remove: async () => rm(folder, { recursive: true, force: true }),
  };
});
