import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Where the contracts with their tables of test rows are: `ANTIPHON_CONTRACTS`, or a folder beside the repository. */
const contracts =
  process.env['ANTIPHON_CONTRACTS'] ?? fileURLToPath(new URL('../../shared/contracts', import.meta.url));

const repository = fileURLToPath(new URL('..', import.meta.url));

/** A vendor's contract. */
interface Vendor {
  readonly name: string;
  /** The rows of its table of tests, as the titles of their tests spell them. */
  readonly rowsIn: (contract: string) => readonly string[];
}

const VENDORS: readonly Vendor[] = [
  { name: 'openai', rowsIn: idsInFirstColumn },
  { name: 'elevenlabs', rowsIn: idsInFirstColumn },
  { name: 'eigen', rowsIn: eigenRows },
  { name: 'aiml', rowsIn: idsInFirstColumn },
];

/** Cells of every line that is a row of a table. */
function cellsIn(contract: string): string[][] {
  return contract
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The last table of most contracts: every row begins with its id. */
function idsInFirstColumn(contract: string): readonly string[] {
  const table = contract.slice(contract.search(/^## \d+\. Test table/m));
  return cellsIn(table).flatMap(([id = '']) => (/^[A-Z]\d{1,2}$/.test(id) ? [id] : []));
}

/** The models that hear; their rows are told apart by the parameter, those of other models are not. */
const HEARING = ['whisper_v3_turbo', 'asr', 'higgs_asr_3'];

/** The last table of this contract has no ids: its rows are an endpoint, a model and a parameter. */
function eigenRows(contract: string): readonly string[] {
  const table = contract.slice(contract.search(/^## \d+\. Test matrix/m));
  const rows = cellsIn(table).flatMap(([endpoints = '', model = '', parameter = '']) => {
    const plain = model.replace(/ \(alias\)$/, '');
    return endpoints.split(', ').map((endpoint) => {
      if (endpoint === 'all HTTP') return `${endpoint} ${parameter}`;
      if (endpoint !== 'R1') return endpoint;
      return HEARING.includes(plain) ? `R1 ${plain} ${parameter}` : `R1 ${plain}`;
    });
  });
  return [...new Set(rows.filter((row) => /^(R\d|L\d|all )/.test(row)))];
}

/** Titles of the tests whose file says that they are about a vendor. */
function titlesAbout(vendor: string): string[] {
  return ['src', 'test']
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(repository, folder, path),
      ),
    )
    .filter((path) => path.endsWith('.test.ts') && basename(path).includes(vendor))
    .flatMap((path) => titlesIn(readFileSync(path, 'utf8')));
}

/**
 * Titles as they stand in the source. A part that is filled in becomes each of the texts that the loop next above
 * gives it, where they stand there; any other stays as it is, and so names no row.
 */
function titlesIn(source: string): string[] {
  return [...source.matchAll(/\btest\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g)].flatMap((found) =>
    expand(found[1] ?? found[2] ?? '', source.slice(0, found.index)),
  );
}

function expand(title: string, before: string): string[] {
  const name = /\$\{(\w+)\}/.exec(title)?.[1];
  const loop = [...before.matchAll(/for \(const (\w+) of \[([^\][]*)\]\)/g)].findLast(
    ([, variable]) => variable === name,
  );
  if (name === undefined || !loop) return [title];
  return [...(loop[2] ?? '').matchAll(/'([^']*)'/g)].map(([, value = '']) =>
    title.replaceAll(`\${${name}}`, value),
  );
}

/** Whether a title stands for a row: it names the row before anything that could be a part of a longer name. */
function standsFor(title: string, row: string): boolean {
  const [endpoint = '', ...rest] = row.split(' ');
  if (rest.length === 0) return new RegExp(`(^|[ ,])${endpoint}[ ,:]`).test(title.split(':')[0] + ':');
  return title.startsWith(`${row} `) || title.startsWith(`${row}:`);
}

for (const { name, rowsIn } of VENDORS) {
  const path = join(contracts, `${name}.md`);
  const skip = existsSync(path) ? false : 'no contracts: set ANTIPHON_CONTRACTS to their folder';

  test(`every row of the ${name} contract has a test that carries its name`, { skip }, () => {
    const rows = rowsIn(readFileSync(path, 'utf8'));
    assert.ok(rows.length > 20, `only ${rows.length} rows were read`);
    const titles = titlesAbout(name);
    assert.deepEqual(
      rows.filter((row) => !titles.some((title) => standsFor(title, row))),
      [],
      'rows without a test',
    );
  });
}

test('a title stands for the rows that it names, and a part that is filled in for what its loop gives it', () => {
  const source = `
    for (const model of ['one', 'two']) { test(\`R1 \${model} file: it is heard\`, () => {}); }
    for (const [row] of TABLE) test(\`\${row}: x\`, () => {});
    test('T1 T2: both', () => {});
    test(
      'E34, E35: too',
      () => {},
    );`;
  const titles = titlesIn(source);
  const tested = (row: string) => titles.some((title) => standsFor(title, row));
  for (const row of ['R1 one file', 'R1 two file', 'T1', 'T2', 'E34', 'E35']) assert.ok(tested(row), row);
  for (const row of ['R1 three file', 'R1 one fil', 'T3', 'E3', 'L1', 'T12']) assert.ok(!tested(row), row);
});
