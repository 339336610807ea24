import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, test } from 'node:test';
import { startPostgres } from '../postgres-server.ts';
import { antiphon, inFolder, serving } from './program.ts';

function folderOf(child: { readonly spawnargs: readonly string[] }): string {
  return child.spawnargs[child.spawnargs.indexOf('--data-dir') + 1] ?? '';
}

describe('antiphon migrate', () => {
  test('says what is missing and changes nothing, makes it, and says that nothing is missing', () =>
    inFolder(async (folder) => {
      const run = (...more: readonly string[]) => antiphon(['migrate', '--data-dir', folder, ...more]);
      const none = await run('--check');
      assert.equal(none.code, 1);
      assert.match(none.stderr, /There is no database/);
      assert.equal(existsSync(join(folder, 'antiphon.sqlite')), false);
      const all = await Promise.all([run('--json'), run('--json'), run('--json'), run('--json')]);
      assert.deepEqual(
        all.map(({ code }) => code),
        [0, 0, 0, 0],
        all.map(({ stderr }) => stderr).join('\n'),
      );
      const said = all.map(({ stdout }) => JSON.parse(String(stdout)) as { from: number; version: number }); // --json promises these.
      assert.equal(said.filter(({ from, version }) => from < version).length, 1, JSON.stringify(said));
      const then = await run('--check');
      assert.equal(then.code, 0, then.stderr);
      const database = new DatabaseSync(join(folder, 'antiphon.sqlite'));
      const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {};
      database.exec(`PRAGMA user_version = ${Number(version) - 1}`);
      const behind = await run('--check');
      assert.equal(behind.code, 1);
      assert.match(behind.stderr, /lacks a step/);
      database.exec('PRAGMA user_version = 1000');
      database.close();
      for (const args of [
        ['migrate'],
        ['serve', '--port', '0'],
        ['keys', 'list'],
        ['doctor', '--port', '0'],
      ]) {
        const { code, stdout, stderr } = await antiphon([...args, '--data-dir', folder]);
        assert.equal(code, 1, args.join(' '));
        assert.match(`${String(stdout)}${stderr}`, /made by a newer version of this program/);
        assert.doesNotMatch(stderr, /\n\s+at /);
      }
    }));
});

const server = await startPostgres();
if ('reason' in server) test('processes migrate PostgreSQL at once', { skip: server.reason });
else {
  after(() => server.stop());
  test('processes that migrate one PostgreSQL database at the same time make each step once', async () => {
    const { url, drop } = await server.place();
    const run = (...more: readonly string[]) => antiphon(['migrate', '--database-url', url, ...more]);
    assert.equal((await run('--check')).code, 1);
    const all = await Promise.all([run(), run(), run(), run()]);
    for (const { code, stderr } of all) assert.equal(code, 0, stderr);
    assert.equal((await run('--check')).code, 0);
    await drop();
  });
}

describe('operating an installation', () => {
  test('a server is backed up while it speaks; move and restore are refused until it is stopped', () =>
    serving(['--log-level', 'silent'], async ({ origin, child }) => {
      const folder = folderOf(child);
      const spoken = await fetch(
        `${origin}/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM?output_format=mp3_44100_128`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: 'This is to be kept.' }),
        },
      );
      assert.equal(spoken.status, 200);
      const sound = new Uint8Array(await spoken.arrayBuffer());
      await inFolder(async (other) => {
        const file = join(other, 'all.tar.zst');
        const saved = await antiphon(['backup', file, '--data-dir', folder]);
        assert.equal(saved.code, 0, saved.stderr);
        assert.match(String(saved.stdout), /1 blobs/);
        assert.match((await antiphon(['backup', file, '--data-dir', folder])).stderr, /is there already/);
        assert.equal((await antiphon(['restore', file, '--check'])).code, 0);
        for (const args of [
          ['restore', file, '--force', '--data-dir', folder],
          ['move', '--data-dir', folder, '--to-data-dir', join(other, 'moved')],
        ]) {
          const refused = await antiphon(args);
          assert.equal(refused.code, 1);
          assert.match(refused.stderr, /is in use\. Stop the server/);
        }
        const home = join(other, 'home');
        const restored = await antiphon(['restore', file, '--data-dir', home]);
        assert.equal(restored.code, 0, restored.stderr);
        const purged = await antiphon(['purge', '--key', 'anonymous', '--data-dir', home, '--json']);
        assert.equal(purged.code, 0, purged.stderr);
        const { removed } = JSON.parse(String(purged.stdout)) as { removed: { history: number } }; // --json promises it.
        assert.equal(removed.history, 1);
      });
      const item = spoken.headers.get('history-item-id') ?? '';
      const kept = await fetch(`${origin}/v1/history/${item}/audio`);
      assert.deepEqual(new Uint8Array(await kept.arrayBuffer()), sound);
    }));

  test('what cannot be done is said in one line with the right exit code', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'nothing.tar');
      writeFileSync(file, 'nothing');
      const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
        [['move', '--data-dir', folder], 2, /Say where to/],
        [['move', '--data-dir', folder, '--to-data-dir', folder], 2, /is where everything is now/],
        [['move', '--data-dir', folder, '--to-data-dir', join(folder, 'b')], 1, /no database in/],
        [['backup', join(folder, 'a.tar'), '--data-dir', folder], 1, /no database in/],
        [['restore', file, '--data-dir', folder], 1, /no whole back-up/],
        [['restore', join(folder, 'none.tar'), '--data-dir', folder], 1, /ENOENT/],
        [['purge', '--data-dir', folder], 2, /--key/],
        [['purge', '--key', 'x', '--data-dir', folder], 1, /no database in/],
        [['migrate', '--database-url', 'postgres://nobody@127.0.0.1:1/none'], 1, /database does not answer/],
      ];
      for (const [args, exitCode, complaint] of cases) {
        const { code, stderr } = await antiphon(args);
        assert.equal(code, exitCode, `${args.join(' ')}: ${stderr}`);
        assert.match(stderr, complaint);
        assert.doesNotMatch(stderr, /\n\s+at /, args.join(' '));
      }
      assert.equal(existsSync(join(folder, 'antiphon.sqlite')), false);
    }));
});

describe('antiphon doctor', () => {
  test('finds a running server in order, and tells what would keep one from starting', () =>
    serving(['--log-level', 'silent', '--engines', 'flite'], async ({ origin, child }) => {
      const folder = folderOf(child);
      const common = ['doctor', '--data-dir', folder, '--port', new URL(origin).port, '--json'];
      const fine = await antiphon([...common, '--engines', 'flite', '--public-url', origin]);
      assert.equal(fine.code, 0, String(fine.stdout));
      const { failures, findings } = JSON.parse(String(fine.stdout)) as {
        failures: number;
        findings: { check: string; state: string; message: string }[];
      }; // --json promises these.
      assert.equal(failures, 0);
      const told = new Map(findings.map(({ check, state, message }) => [check, `${state}: ${message}`]));
      assert.match(told.get('port') ?? '', /^ok: A server of this program answers/);
      assert.match(told.get('public-url') ?? '', /^ok/);
      assert.match(told.get('database') ?? '', /^ok/);
      assert.match(told.get('blobs') ?? '', /^ok/);
      const engines = findings.filter(({ check }) => check === 'engine');
      assert.ok(engines.some(({ message }) => message.startsWith('flite is up')));
      const bad = await antiphon([
        ...common,
        '--engines',
        'flite,nonesuch',
        '--host',
        '0.0.0.0',
        '--memory-budget',
        '100000000',
      ]);
      assert.equal(bad.code, 1);
      assert.match(bad.stderr, /3 of \d+ checks failed/);
      for (const complaint of [/nonesuch is down/, /0\.0\.0\.0 is open/, /could take all of it/])
        assert.match(String(bad.stdout), complaint);
    }));

  test('a configuration that cannot be read is a finding, too', () =>
    inFolder(async (folder) => {
      const { code, stdout } = await antiphon(['doctor', '--data-dir', folder, '--port', 'many']);
      assert.equal(code, 1);
      assert.match(String(stdout), /FAILURE\s+configuration.*port/);
    }));
});
