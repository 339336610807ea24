import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStoreContract } from '../../../test/contracts/store-contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

describeStoreContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-store-'));
  return {
    open: async () => openSqliteStore(join(folder, 'nested', 'antiphon.sqlite')),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
});
