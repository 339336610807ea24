import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TYPES_SEEN = 'node_modules/.cache/antiphon-types/tsbuildinfo.json';

interface Ban {
  readonly what: RegExp;
  readonly why: string;
  /** Folders and files below `src/` where it is allowed all the same. */
  readonly allowedIn: readonly string[];
}

const BANS: readonly Ban[] = [
  {
    what: /\bprocess\.env\b/,
    why: 'the environment is read in one place',
    // A library in a child process that can be told of its fonts in no other way; and what children get of it at all.
    allowedIn: [
      'platform/',
      'cli/',
      'main.ts',
      'engines/sharp/sharp-child.ts',
      'engines/child-environment.ts',
    ],
  },
  { what: /\bconsole\./, why: 'output belongs to the command line', allowedIn: ['cli/', 'main.ts'] },
  {
    what: /(?<![.\w])fetch\(/,
    why: 'the network is behind a port',
    allowedIn: ['platform/', 'engines/', 'cli/'],
  },
  { what: /\bDate\.now\(|\bnew Date\(\)/, why: 'time comes from the clock port', allowedIn: ['platform/'] },
  { what: /\bMath\.random\(/, why: 'chance is seeded or secure', allowedIn: [] },
  {
    what: /@ts-(ignore|expect-error|nocheck)|oxlint-disable|eslint-disable/,
    why: 'checks are not switched off',
    allowedIn: [],
  },
];

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
  .map((file) => {
    const text = readFileSync(join('src', file), 'utf8');
    return { file, lines: text.split('\n'), code: text.replace(/`[^`]*`/g, blank).split('\n') };
  });

/** Takes the words out of a template literal and leaves its lines. */
function blank(literal: string): string {
  return literal.replace(/[^\n]/g, ' ');
}

for (const ban of BANS) {
  test(`no source file uses ${ban.what.source}: ${ban.why}`, () => {
    const found = sources
      .filter(({ file }) => !ban.allowedIn.some((allowed) => file.startsWith(allowed)))
      .flatMap(({ file, lines }) =>
        lines.flatMap((line, index) => (ban.what.test(line) ? `${file}:${index + 1}` : [])),
      );
    assert.deepEqual(found, []);
  });
}

test('every cast says beside it why it holds', () => {
  const cast = /\bas (?!const\b|never\b)[A-Za-z{[(]/;
  const isCode = (line: string) =>
    !/^\s*(\/\/|\*|\/\*|import |export \{|export \* as)/.test(line) && !/['"].*\bas\b.*['"]/.test(line);
  const found = sources.flatMap(({ file, lines, code }) =>
    code.flatMap((line, index) => {
      const explained = line.includes('//') || /^\s*(\/\/|\*)/.test(lines[index - 1] ?? '');
      return isCode(line) && cast.test(line.split('//')[0] ?? '') && !explained
        ? `${file}:${index + 1}: ${line.trim()}`
        : [];
    }),
  );
  assert.deepEqual(found, []);
});

test('every export of core and media has a sentence that explains it', () => {
  const found = sources
    .filter(({ file }) => /^(core|media)\//.test(file))
    .flatMap(({ file, lines }) =>
      lines.flatMap((line, index) => {
        const exported = /^export (async )?(function\*?|const|class|interface|type) (\w+)/.exec(line);
        return exported && !/\*\/\s*$/.test(lines[index - 1] ?? '')
          ? `${file}:${index + 1}: ${exported[3]}`
          : [];
      }),
    );
  assert.deepEqual(found, []);
});

for (const [what, script, args] of [
  // What has not changed since the last run need not be looked at again.
  ['the types hold', 'typescript/bin/tsc', ['-p', '.', '--incremental', '--tsBuildInfoFile', TYPES_SEEN]],
  ['the linter has no complaint', 'oxlint/bin/oxlint', ['--quiet']],
  ['nothing is exported or installed that nobody uses', 'knip/bin/knip.js', []],
] as const) {
  test(what, async () => {
    const outcome = await run(process.execPath, [join('node_modules', script), ...args]).catch(
      (error: unknown) => error,
    );
    const { stdout = '', stderr = '', code } = outcome as { stdout?: string; stderr?: string; code?: number }; // execFile's result and its error share these.
    assert.ok(code === undefined, `${stdout}${stderr}`);
  });
}
