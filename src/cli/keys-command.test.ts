import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { keyAuthenticator } from '../platform/keys.ts';
import { openSqliteStore } from '../platform/store/sqlite-store.ts';
import { CommandFailure } from './command-failure.ts';
import { keysCommand } from './keys-command.ts';

interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly failure: string | undefined;
  readonly exitCode: number;
}

type Run = (...args: readonly string[]) => Promise<Outcome>;

/** Runs `antiphon keys` in this process on a folder of its own. */
async function withKeys(t: TestContext, use: (run: Run, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-keys-'));
  const said = { out: [] as string[], err: [] as string[] };
  t.mock.method(console, 'log', (text: string) => said.out.push(text));
  t.mock.method(console, 'error', (text: string) => said.err.push(text));
  const run: Run = async (...args) => {
    said.out.length = 0;
    said.err.length = 0;
    const where = ['--data-dir', folder, '--config', join(folder, 'none.json')];
    const failed = await keysCommand()
      .parseAsync([...args, ...where], { from: 'user' })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    if (failed !== undefined && !(failed instanceof CommandFailure)) throw failed;
    return {
      out: said.out.join('\n'),
      err: said.err.join('\n'),
      failure: failed?.message,
      exitCode: failed?.exitCode ?? 0,
    };
  };
  try {
    await use(run, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes a key and gives its id. */
async function made(run: Run, ...args: readonly string[]): Promise<string> {
  const { out } = await run('create', ...args, '--json');
  return (JSON.parse(out) as { id: string }).id; // --json promises the key.
}

interface Shown {
  readonly role: string;
  readonly state: string;
  readonly name: string;
  readonly scopes: object;
  readonly limits: object;
  readonly expiresAt: string | null;
}

async function shown(run: Run, id: string): Promise<Shown> {
  return JSON.parse((await run('show', id, '--json')).out) as Shown; // --json promises the key.
}

test('a key is made with all that it is good for, and its secret alone goes to standard output', (t) =>
  withKeys(t, async (run, folder) => {
    const { out, err } = await run(
      'create',
      'my app',
      '--role',
      'admin',
      '--dialects',
      'openai, elevenlabs',
      '--capabilities',
      'speech',
      '--models',
      'tts-1,flite/slt',
      '--expires',
      '2999-01-01',
      '--concurrency',
      '4',
      '--requests-per-minute',
      '60',
      '--characters-per-day',
      '1000',
      '--characters-per-month',
      '9000',
      '--audio-seconds-per-day',
      '600',
      '--audio-seconds-per-month',
      '6000',
    );
    assert.match(out, /^ant_[A-Za-z0-9]{40}$/);
    assert.match(err, /From now on every call needs a key/);
    assert.doesNotMatch(err, /No key that works is an admin/);
    const store = openSqliteStore(join(folder, 'antiphon.sqlite'));
    const { grant } = await keyAuthenticator(store.keys).authenticate(out);
    await store.close();
    assert.deepEqual(grant, {
      role: 'admin',
      scopes: {
        dialects: ['openai', 'elevenlabs'],
        capabilities: ['speech'],
        models: ['tts-1', 'flite/slt'],
      },
      limits: {
        concurrency: 4,
        requestsPerMinute: 60,
        charactersPerDay: 1000,
        charactersPerMonth: 9000,
        audioSecondsPerDay: 600,
        audioSecondsPerMonth: 6000,
      },
    });
  }));

test('a key without options is a user’s, and it is said that nobody is an admin', (t) =>
  withKeys(t, async (run) => {
    const { err } = await run('create', 'one');
    assert.match(err, /user/);
    assert.match(err, /No key that works is an admin/);
    assert.doesNotMatch((await run('create', 'two', '--role', 'admin')).err, /From now on|No key/);
  }));

test('keys are listed as a table, or as JSON without secrets', (t) =>
  withKeys(t, async (run) => {
    assert.match((await run('list')).out, /There are no keys/);
    const first = await made(run, 'Zoë', '--models', 'tts-1', '--concurrency', '2000');
    const second = await made(run, 'a longer name', '--role', 'admin', '--expires', '2999-01-01T10:00');
    await run('revoke', first);
    const [head = '', ...rows] = (await run('list')).out.split('\n');
    assert.match(head, /^ID +STATE +ROLE +KEY +CREATED +EXPIRES +NAME +GOOD FOR +LIMITS$/);
    const [revoked = '', active = ''] = rows;
    assert.equal(rows.length, 2);
    assert.match(
      revoked,
      new RegExp(`^${first} +revoked +user +ant_\\w{4}… .* never .*Zoë .*models tts-1 .*2,000 at a time$`),
    );
    assert.match(
      active,
      new RegExp(`^${second} +active +admin .* 2999-01-01 +a longer name +everything +none$`),
    );
    const column = head.indexOf('GOOD FOR');
    assert.deepEqual([revoked.indexOf('models'), active.indexOf('everything')], [column, column]);
    const records = JSON.parse((await run('list', '--json')).out) as { id: string; state: string }[]; // --json promises keys.
    assert.deepEqual(
      records.map(({ id, state }) => [id, state]),
      [
        [first, 'revoked'],
        [second, 'active'],
      ],
    );
    assert.ok(!JSON.stringify(records).includes('hash'));
  }));

test('a change leaves what is not named, and words take scopes, limits and the end away', (t) =>
  withKeys(t, async (run) => {
    const id = await made(
      run,
      'one',
      '--dialects',
      'openai',
      '--models',
      'tts-1',
      '--capabilities',
      'speech',
      '--concurrency',
      '2',
      '--requests-per-minute',
      '9',
      '--expires',
      '90d',
    );
    const before = await shown(run, id);
    const left = Date.parse(before.expiresAt ?? '') - Date.now();
    assert.ok(Math.abs(left - 90 * 86_400_000) < 60_000);
    await run('update', id, '--models', 'all', '--concurrency', 'none', '--name', 'two');
    assert.deepEqual(await shown(run, id), {
      ...before,
      name: 'two',
      scopes: { dialects: ['openai'], capabilities: ['speech'] },
      limits: { requestsPerMinute: 9 },
    });
    await run('update', id, '--expires', 'never', '--role', 'admin');
    const { expiresAt, role, limits } = await shown(run, id);
    assert.deepEqual([expiresAt, role, limits], [null, 'admin', { requestsPerMinute: 9 }]);
    assert.match((await run('show', id)).out, /^limits +9 requests\/minute$/m);
  }));

test('a new secret is shown once, and it is said how long the old one counts', (t) =>
  withKeys(t, async (run, folder) => {
    const first = (await run('create', 'one')).out;
    const id = (JSON.parse((await run('list', '--json')).out) as { id: string }[])[0]?.id ?? ''; // --json promises keys.
    const graceful = await run('rotate', id, '--grace', '24h');
    assert.match(graceful.err, /The old one counts for 24h more/);
    const last = await run('rotate', id);
    assert.match(last.err, /The old one is void/);
    const store = openSqliteStore(join(folder, 'antiphon.sqlite'));
    const authenticator = keyAuthenticator(store.keys);
    for (const secret of [first, last.out]) assert.equal((await authenticator.authenticate(secret)).id, id);
    await assert.rejects(authenticator.authenticate(graceful.out), { reason: 'expired_key' });
    await store.close();
  }));

test('the last admin key can be revoked here, where there is always a way in', (t) =>
  withKeys(t, async (run) => {
    const id = await made(run, 'boss', '--role', 'admin');
    const { out, err } = await run('revoke', id);
    assert.match(out, /is revoked/);
    assert.match(err, /No key that works is an admin/);
  }));

test('what is asked wrongly is one line that names the option, with exit code 2', (t) =>
  withKeys(t, async (run) => {
    const id = await made(run, 'one');
    for (const [args, complaint] of [
      [['--role', 'king'], /^--role is admin or user, not 'king'/],
      [['--capabilities', 'singing'], /^--capabilities: There is no capability 'singing', only speech,/],
      [['--dialects', 'openia'], /^--dialects: There is no dialect 'openia', only openai,/],
      [['--models', ','], /^--models: An empty list/],
      [['--concurrency', '-1'], /^--concurrency is a whole number or "none", not '-1'/],
      [['--concurrency', '0'], /^--concurrency: .* from 1 to/],
      [['--characters-per-day', '1e6'], /^--characters-per-day is a whole number/],
      [['--expires', '2020-01-01'], /^--expires: .* is past/],
      [['--expires', '0d'], /^--expires: .* is past/],
      [['--expires', 'tomorrow'], /^--expires is a time from now/],
      [['--expires', '2026-13-41'], /^--expires is a time from now/],
    ] as const) {
      for (const command of [
        ['update', id],
        ['create', 'two'],
      ]) {
        const { failure, exitCode } = await run(...command, ...args);
        assert.match(failure ?? '', complaint);
        assert.equal(exitCode, 2);
      }
    }
    assert.match((await run('create', ' ')).failure ?? '', /^<name>: A key needs a name/);
    assert.match((await run('update', id)).failure ?? '', /Nothing to change/);
    assert.match((await run('rotate', id, '--grace', '1y')).failure ?? '', /^--grace is a length of time/);
    assert.match((await run('rotate', id, '--grace', '91d')).failure ?? '', /^--grace: .* 90 days/);
    assert.equal((JSON.parse((await run('list', '--json')).out) as unknown[]).length, 1); // --json promises keys.
  }));

test('what cannot be done is one line, with exit code 1', (t) =>
  withKeys(t, async (run) => {
    const id = await made(run, 'one');
    await run('revoke', id);
    for (const [args, complaint] of [
      [['revoke', id], /was revoked at 2/],
      [['rotate', id], /is revoked, and stays so/],
      [['update', id, '--name', 'x'], /is revoked, and stays so/],
      [['revoke', 'nobody'], /no API key with the id 'nobody'/],
      [['show', 'nobody'], /no API key with the id 'nobody'/],
    ] as const) {
      const { failure, exitCode } = await run(...args);
      assert.match(failure ?? '', complaint);
      assert.equal(exitCode, 1);
    }
  }));
