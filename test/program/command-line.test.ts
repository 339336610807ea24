import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { antiphon, inFolder, serving } from './program.ts';

describe('antiphon say', () => {
  test('speaks into a file without a server, in the format that the file name tells', () =>
    inFolder(async (folder) => {
      for (const [ending, magic] of [
        ['mp3', /^\xff[\xf2\xf3\xfb]/],
        ['wav', /^RIFF/],
        ['ogg', /^OggS/],
        ['flac', /^fLaC/],
      ] as const) {
        const file = join(folder, `hello.${ending}`);
        const { code, stderr } = await antiphon([
          'say',
          'Hello there.',
          '-o',
          file,
          '--voice',
          'slt',
          '--data-dir',
          folder,
        ]);
        assert.equal(code, 0, stderr);
        assert.match(readFileSync(file).toString('latin1'), magic);
        assert.match(stderr, /flite\/slt/);
      }
    }));

  test('writes to standard output and reads from standard input', () =>
    inFolder(async (folder) => {
      const args = ['say', '-', '-o', '-', '-f', 'pcm', '-r', '16000', '--json', '--data-dir', folder];
      const { code, stdout, stderr } = await antiphon(args, { input: 'Read from a pipe.' });
      assert.equal(code, 0, stderr);
      const facts = JSON.parse(stderr) as { seconds: number; byteLength: number }; // --json promises these.
      assert.equal(stdout.length, facts.byteLength);
      assert.ok(Math.abs(stdout.length / 32_000 - facts.seconds) < 0.02);
    }));

  test('refuses what it cannot do with one line, exit code 2 and no half file', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hello.mp3');
      const common = ['-o', file, '--data-dir', folder];
      for (const [args, complaint] of [
        [['say', 'Hello', ...common, '--voice', 'nobody'], /voice 'nobody'/],
        [['say', 'Hello', ...common, '--model', 'nothing'], /model 'nothing'/],
        [['say', '   ', ...common], /blank/],
        [['say', 'Hello', '-o', join(folder, 'hello.xyz')], /names no format/],
        [['say', 'Hello', ...common, '--speed', 'fast'], /--speed/],
        [['say', 'Hello'], /--output/],
        [['sing', 'Hello'], /unknown command/],
      ] as const) {
        const { code, stderr } = await antiphon(args);
        assert.equal(code, 2, stderr);
        assert.match(stderr, complaint);
      }
      assert.equal(existsSync(file), false);
    }));
});

describe('antiphon keys', () => {
  test('a key is made, listed, needed by a running server at once, and revoked', () =>
    serving(['--log-level', 'silent'], async ({ origin, child }) => {
      const folder = child.spawnargs[child.spawnargs.indexOf('--data-dir') + 1] ?? '';
      const speak = (headers: Record<string, string>) =>
        fetch(`${origin}/v1/audio/speech`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input: 'Hi.' }),
        }).then(async (response) => {
          await response.arrayBuffer();
          return response.status;
        });
      assert.equal(await speak({}), 200);
      const made = await antiphon(['keys', 'create', 'my app', '--data-dir', folder]);
      const key = made.stdout.toString().trim();
      assert.match(key, /^ant_[A-Za-z0-9]{40}$/);
      assert.equal(await speak({}), 401);
      assert.equal(await speak({ authorization: `Bearer ${key}` }), 200);

      const listed = await antiphon(['keys', 'list', '--json', '--data-dir', folder]);
      const [record] = JSON.parse(listed.stdout.toString()) as { id: string; name: string }[]; // --json promises a list of keys.
      assert.equal(record?.name, 'my app');
      assert.ok(!listed.stdout.includes(key.slice(8)));
      assert.equal((await antiphon(['keys', 'revoke', record?.id ?? '', '--data-dir', folder])).code, 0);
      assert.equal(await speak({ authorization: `Bearer ${key}` }), 401);
      assert.equal((await antiphon(['keys', 'revoke', 'nobody', '--data-dir', folder])).code, 1);
    }));
});

describe('antiphon serve', () => {
  test('the banner shows the address, the engines with the reason why one is down, and lines that work as they stand', () =>
    serving(['--engines', 'flite,imaginary', '--log-level', 'silent'], async ({ origin, banner }) => {
      assert.match(banner, /up +flite/);
      assert.match(banner, /down +imaginary +there is no engine of this name/);
      assert.match(banner, /down +espeak +switched off/);
      const lines = banner.split('\n').filter((line) => line.trim().startsWith('curl '));
      assert.equal(lines.length, 3);
      for (const line of lines) {
        assert.ok(line.includes(origin));
        const sound = execFileSync('bash', ['-c', line.replace(/-o \S+/, '-s -f -o -')], { maxBuffer: 1e8 });
        assert.ok(sound.length > 5000, line);
      }
    }));

  test('without a key it refuses to listen where others could reach it, and says what to do', () =>
    inFolder(async (folder) => {
      const { code, stderr } = await antiphon([
        'serve',
        '--host',
        '0.0.0.0',
        '--port',
        '0',
        '--data-dir',
        folder,
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /antiphon keys create/);
    }));

  test('a wrong setting is one line with its name', async () => {
    const { code, stderr } = await antiphon(['serve', '--port', 'seventy']);
    assert.equal(code, 2);
    assert.match(stderr, /^antiphon: .*port/);
  });

  test('it ends within moments of being told to, with exit code 0', () =>
    serving(['--log-level', 'silent'], async ({ child }) => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await gone, [0, null]);
    }));

  test('without the engine espeak nothing of its GPL package is loaded, in any thread', () =>
    serving(
      ['--engines', 'flite', '--log-level', 'silent'],
      async ({ origin }) => {
        const speak = (input: string) =>
          fetch(`${origin}/v1/audio/speech`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ model: 'tts-1', voice: 'alloy', input }),
          }).then(async (response) => ({
            status: response.status,
            byteLength: (await response.arrayBuffer()).byteLength,
          }));
        const spoken = await speak('Free of it.');
        assert.equal(spoken.status, 200);
        assert.ok(spoken.byteLength > 5000);
        assert.equal((await speak('Свободно от этого, совсем свободно.')).status, 400);
      },
      `--import ${pathToFileURL(resolve('test/program/refuse-espeak.js')).href}`,
    ));
});

const older = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file) && !file.includes('node_modules'))
  .find((file) => Number(/v(\d+)/.exec(execFileSync(file, ['--version']).toString())?.[1]) < 24);

test(
  'an older Node.js hands over to the one that came along',
  { skip: older ? false : 'no Node.js older than 24 is installed' },
  async () => {
    const { code, stdout, stderr } = await antiphon(['--version'], older ? { node: older } : {});
    assert.equal(code, 0, stderr);
    assert.match(stdout.toString(), /^\d+\.\d+\.\d+/);
  },
);
