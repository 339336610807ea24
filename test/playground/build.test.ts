import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { buildPlaygroundIfStale } from '../../scripts/build-playground.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** A playground with the settings of the real one and next to nothing on its page. */
async function withSources(use: (web: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-sources-'));
  try {
    const web = join(folder, 'web');
    for (const file of ['index.html', 'vite.config.ts', 'src/icon.svg'])
      cpSync(join(REPOSITORY, 'web', file), join(web, file));
    writeFileSync(join(web, 'src/main.tsx'), "document.title = 'first';");
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    await use(web);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The address of the script that a built page begins with. */
function scriptOf(web: string): string {
  const page = readFileSync(join(web, 'dist/index.html'), 'utf8');
  return /src="\/playground\/(assets\/[^"]+\.js)"/.exec(page)?.[1] ?? assert.fail(page);
}

describe('building the playground', () => {
  test('it is built when it is not there or older than a source, and otherwise left alone', () =>
    withSources(async (web) => {
      assert.equal(await buildPlaygroundIfStale(web), true);
      const first = scriptOf(web);
      assert.match(readFileSync(join(web, 'dist', first), 'utf8'), /first/);
      // Beside it, packed, where that makes it smaller.
      const icon = readdirSync(join(web, 'dist/assets')).find((name) => name.endsWith('.svg.br'));
      assert.ok(icon, 'a part is packed');
      const packed = readFileSync(join(web, 'dist/assets', icon));
      assert.deepEqual(brotliDecompressSync(packed), readFileSync(join(web, 'src/icon.svg')));
      assert.equal(await buildPlaygroundIfStale(web), false);

      const main = join(web, 'src/main.tsx');
      writeFileSync(main, "document.title = 'second';");
      const later = new Date(Date.now() + 1000);
      utimesSync(main, later, later);
      assert.equal(await buildPlaygroundIfStale(web), true);
      const second = scriptOf(web);
      assert.notEqual(second, first);
      assert.match(readFileSync(join(web, 'dist', second), 'utf8'), /second/);
      // Somebody may still have the page of before open.
      assert.ok(existsSync(join(web, 'dist', first)));
    }));

  test('sources that are wrong leave the playground of before in its place, and say what is wrong', () =>
    withSources(async (web) => {
      await buildPlaygroundIfStale(web);
      const first = scriptOf(web);
      const main = join(web, 'src/main.tsx');
      writeFileSync(main, 'const = ;');
      const later = new Date(Date.now() + 1000);
      utimesSync(main, later, later);
      await assert.rejects(buildPlaygroundIfStale(web), /main\.tsx/);
      assert.equal(scriptOf(web), first);
    }));
});
