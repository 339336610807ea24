import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Every file that can open a connection to elsewhere or start a process, and who decides where it leads. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  'cli/models-command.ts': 'gives the hub client the means to fetch',
  'cli/remote-server.ts': 'the server that --url names',
  'cli/conformance-command.ts': 'the server that the command line names',
  'engines/comfyui/comfyui-progress.ts': 'a remote of the configuration',
  'engines/native-link.ts': 'starts our own scripts as child processes',
  'engines/remote-link.ts': 'a remote of the configuration',
  'platform/blobs/s3-requests.ts': 'the bucket of the configuration',
  'platform/doctor/network-checks.ts': 'the public address of the configuration',
  'platform/guarded-fetcher.ts': 'callers, within its rules',
  'platform/models/hub-client.ts': 'the hub of the environment',
  'platform/models/model-store-opening.ts': 'gives the hub client the means to fetch',
  'platform/store/postgres-database.ts': 'the database of the configuration',
  'platform/telemetry/trace-sending.ts': 'the collector of the environment',
  'platform/transfer/postgres-bank.ts': 'the database of the command line',
};

const MEANS: readonly RegExp[] = [
  /(?<!\bfetcher\.|[\w-])fetch\(/,
  /^\s*fetch,$/m,
  /\bhttps?\.(?:request|get|Agent)\(/,
  /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\(/,
  /\b(?:net|tls|http2|dgram)\.(?:connect|createConnection|createSocket)\b/,
  /from 'node:(?:tls|http2|dgram|dns|dns\/promises|child_process|cluster|inspector)'/,
  /import (?!type )[^;]*\b(?:connect|createConnection|Agent|request)\b[^;]*from 'node:(?:net|http|https)'/,
  /import (?!type )[^;]* from '(?:undici|ws|postgres|aws4fetch|@opentelemetry\/exporter[\w-]*)'/,
  /import\('(?:undici|ws|postgres|aws4fetch|node:(?:net|tls|http|https|http2|dgram|child_process))'\)/,
];

/** The code without the comments, in which anything may be said. */
function codeOf(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function waysOutOf(code: string): boolean {
  return MEANS.some((means) => means.test(codeOf(code)));
}

test('whatever leaves the server leaves it where somebody has decided where it may lead', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'),
  );
  assert.ok(files.length > 400, `only ${files.length} files were seen`);
  const found = files.filter((file) => waysOutOf(readFileSync(join('src', file), 'utf8')));
  assert.deepEqual(found.sort(), Object.keys(WAYS_OUT).sort());
});

test('a way out that nobody listed would be noticed', () => {
  const planted = [
    'const answer = await fetch(url);',
    "import { connect } from 'node:net';",
    "import { request } from 'node:https';",
    'const socket = new WebSocket(address);',
    "import { spawn } from 'node:child_process';",
    "const { default: postgres } = await import('postgres');",
    "import tls from 'node:tls';",
    'http.get(url, done);',
  ];
  for (const code of planted) assert.equal(waysOutOf(code), true, code);
  for (const code of ['// fetch(url)', "import type { Socket } from 'node:net';", 'await fetcher.fetch(url)'])
    assert.equal(waysOutOf(code), false, code);
});

test('what a caller names is opened by the guarded fetcher and nothing else', () => {
  const users = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => /^(dialects|core|media)\//.test(file) && file.endsWith('.ts') && !file.endsWith('.test.ts'),
    )
    .filter((file) => waysOutOf(readFileSync(join('src', file), 'utf8')));
  assert.deepEqual(users, []);
});
