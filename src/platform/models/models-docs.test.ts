import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { weightsCatalog } from './weights-catalog.ts';
import { isPinned } from './weights-plan.ts';

test('docs/models.md lists the catalog as it is', () => {
  const page = readFileSync('docs/models.md', 'utf8');
  const rows = [
    ...page.matchAll(/^\| `(\w+\/[^`]+)` \| ([^|]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \| (yes|–) \|$/gm),
  ];
  assert.deepEqual(
    rows.map((row) => row.slice(1)),
    weightsCatalog.map((entry) => [
      entry.id,
      entry.kind.replaceAll('_', ' '),
      entry.source.kind === 'by_hand' ? 'by hand' : isPinned(entry) ? 'catalog' : 'hub',
      entry.licence,
      entry.commercialUse ? 'yes' : '–',
    ]),
  );
});
