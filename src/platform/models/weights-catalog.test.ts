import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weightsCatalog } from './weights-catalog.ts';
import { isSafePath } from './weights-path.ts';

const ids = weightsCatalog.map((entry) => entry.id);

test('every id is the folder of one model below its engine', () => {
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, engine } of weightsCatalog) {
    assert.match(id, /^[a-z]+\/[a-zA-Z0-9][\w.-]*$/);
    assert.equal(id.split('/')[0], engine);
    assert.ok(isSafePath(id));
  }
});

test('every name on disk is safe and stands once', () => {
  for (const entry of weightsCatalog) {
    const names = entry.files.map((file) => file.saveAs ?? file.path);
    assert.equal(new Set(names).size, names.length, entry.id);
    assert.ok(names.every(isSafePath) && (entry.folders ?? []).every(isSafePath), entry.id);
    assert.ok(entry.files.length > 0, entry.id);
  }
});

test('a checksum never stands without the length it belongs to, and no two files share one by accident', () => {
  const owners = new Map<string, Set<string>>();
  for (const { id, files } of weightsCatalog)
    for (const { path, bytes, sha256 } of files) {
      if (sha256 === undefined) continue;
      assert.match(sha256, /^[0-9a-f]{64}$/, `${id} ${path}`);
      assert.ok(Number.isSafeInteger(bytes) && (bytes ?? 0) > 0, `${id} ${path}`);
      owners.set(sha256, (owners.get(sha256) ?? new Set()).add(`${path} ${bytes}`));
    }
  for (const [sha256, files] of owners) assert.equal(files.size, 1, `${sha256}: ${[...files].join(', ')}`);
});

test('what is pinned by checksum is pinned to a commit, so that a hub cannot break it by moving on', () => {
  for (const { id, source, files } of weightsCatalog)
    if (source.kind === 'hub' && files.every((file) => file.sha256 !== undefined))
      assert.match(source.revision, /^[0-9a-f]{40}$/, id);
});

test('what a model needs is in the catalog, free to use and needs nothing itself', () => {
  for (const { id, needs } of weightsCatalog)
    for (const need of needs ?? []) {
      const entry = weightsCatalog.find((one) => one.id === need);
      assert.deepEqual(
        [entry?.commercialUse, entry?.needs, entry?.source.kind],
        [true, undefined, 'hub'],
        `${id} needs ${need}`,
      );
    }
});

test('languages are codes, and memory is at least what the files take', () => {
  for (const { id, languages, memoryBytes, files } of weightsCatalog) {
    if (languages !== 'any')
      assert.ok(
        languages.every((code) => /^[a-z]{2,3}$/.test(code)),
        id,
      );
    assert.ok(memoryBytes >= files.reduce((sum, file) => sum + (file.bytes ?? 0), 0), id);
  }
});
