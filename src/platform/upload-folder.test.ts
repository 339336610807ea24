import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { collectBytes } from '../base/stream.ts';
import { createUploadFolder } from './upload-folder.ts';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-uploads-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** A number that no process has: that of one that has just ended could be given again. */
const NOBODY = 2_147_483_646;
const SECRET = 'a'.repeat(32);

test('keeps a file to be read several times, for nobody else to see, and removes it', async (t) => {
  const folder = temporaryFolder(t);
  const shelf = createUploadFolder({ folder }).open();
  assert.deepEqual(readdirSync(folder), [], 'a folder was made before a file came');
  const kept = await shelf.keep(pieces('one ', 'two'));
  assert.equal(kept.byteLength, 7);
  for (const time of ['first', 'second']) {
    assert.equal(Buffer.from(await collectBytes(kept.read())).toString(), 'one two', time);
  }
  const [name = ''] = readdirSync(folder);
  assert.match(name, /-[0-9a-f]{32}$/);
  const [file = ''] = readdirSync(join(folder, name));
  if (process.platform !== 'win32') {
    assert.equal(statSync(join(folder, name)).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, name, file)).mode & 0o777, 0o600);
  }
  await shelf.clear();
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(collectBytes(kept.read()), { code: 'cancelled' });
});

test('a shelf that is cleared while a file comes in keeps nothing', async (t) => {
  const folder = temporaryFolder(t);
  const shelf = createUploadFolder({ folder }).open();
  async function* interrupted() {
    yield Buffer.from('one');
    await shelf.clear();
    yield Buffer.from('two');
  }
  await assert.rejects(shelf.keep(interrupted()), { code: 'cancelled' });
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(shelf.keep(pieces('three')), { code: 'cancelled' });
  assert.deepEqual(readdirSync(folder), []);
});

test('what the sender throws comes through, and clearing takes away what had come', async (t) => {
  const folder = temporaryFolder(t);
  const shelf = createUploadFolder({ folder }).open();
  async function* breaking() {
    yield Buffer.from('one');
    throw new Error('The form broke.');
  }
  await assert.rejects(shelf.keep(breaking()), /The form broke/);
  await shelf.clear();
  assert.deepEqual(readdirSync(folder), []);
});

test('a large file is kept to the byte, and hardly any of it is in memory meanwhile', async (t) => {
  const shelf = createUploadFolder({ folder: temporaryFolder(t) }).open();
  const sent = createHash('sha256');
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  async function* chunks() {
    for (let number = 0; number < 1000; number += 1) {
      const chunk = new Uint8Array(65_536 - (number % 7)).fill(number);
      sent.update(chunk);
      yield chunk;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
  }
  const kept = await shelf.keep(chunks());
  assert.ok(most < 4_000_000, `${most} bytes were in memory`);
  const read = createHash('sha256');
  for await (const piece of kept.read()) read.update(piece);
  assert.equal(read.digest('hex'), sent.digest('hex'));
});

test('a full disk is a passing trouble, and no mystery', async (t) => {
  const shelf = createUploadFolder({ folder: temporaryFolder(t) }).open();
  async function* full() {
    yield Buffer.from('one');
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }
  await assert.rejects(shelf.keep(full()), { code: 'overloaded', message: /no room left on the disk/ });
});

test('closing removes the files of all requests', async (t) => {
  const folder = temporaryFolder(t);
  const room = createUploadFolder({ folder });
  await room.open().keep(pieces('one'));
  await room.open().keep(pieces('two'));
  assert.equal(readdirSync(folder).length, 2);
  await room.close();
  assert.deepEqual(readdirSync(folder), []);
});

test('sweeping removes what killed processes left, and nothing that is in use', async (t) => {
  const folder = temporaryFolder(t);
  const room = createUploadFolder({ folder });
  await room.open().keep(pieces('in use'));
  const [own = ''] = readdirSync(folder);
  const here = hostname().replace(/[^A-Za-z0-9.]/g, '_');
  const left = {
    killed: `${here}-${NOBODY}-${SECRET}`,
    // A container gives every start the same number.
    'an earlier start with our number': `${here}-${process.pid}-${SECRET}`,
    'another machine, long ago': `far.away-1-${SECRET}`,
  };
  const inUse = {
    'a process that lives': `${here}-${process.ppid}-${SECRET}`,
    'another machine': `far.away-2-${SECRET}`,
    'not ours': 'photographs',
  };
  for (const name of Object.values({ ...left, ...inUse }))
    mkdirSync(join(folder, name, 'inside'), { recursive: true });
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
  utimesSync(join(folder, left['another machine, long ago']), longAgo, longAgo);
  await room.sweep();
  for (const [what, name] of Object.entries(left)) assert.ok(!existsSync(join(folder, name)), what);
  for (const [what, name] of Object.entries({ ...inUse, own }))
    assert.ok(existsSync(join(folder, name)), what);
});

test('sweeping a folder that was never made is no trouble', async (t) => {
  await createUploadFolder({ folder: join(temporaryFolder(t), 'never', 'made') }).sweep();
});
