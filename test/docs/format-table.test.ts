import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { audioFormats } from '../../src/media/formats/index.ts';

test('docs/formats.md has every format, with its media type, its sample rates and whether it loses anything', () => {
  const page = readFileSync('docs/formats.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| `([^`]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \| (yes|no) \|/gm)];
  assert.deepEqual(
    rows.map((row) => row.slice(1)),
    audioFormats.map(({ id, mediaType, sampleRates, lossless }) => [
      id,
      mediaType,
      sampleRates === 'any'
        ? 'any from 8000 to 192000'
        : sampleRates.toSorted((one, other) => one - other).join(' '),
      lossless ? 'yes' : 'no',
    ]),
  );
});
