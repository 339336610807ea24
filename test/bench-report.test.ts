import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { isReached, type BenchPart, type PartReport } from '../bench/report/bench-part.ts';
import { median, quantile, shortFigure, trendOf } from '../bench/report/figures.ts';
import { columnOf, findTable, readTables, tableText } from '../bench/report/markdown-table.ts';
import { PARTS } from '../bench/report/parts.ts';
import { betweenMarks, reportText } from '../bench/report/report-page.ts';
import { plotSvg, type Plot } from '../bench/report/svg-plot.ts';
import { soakOrder, SOAK_KINDS } from '../bench/soak/soak-traffic.ts';
import { driftOf, growthOf } from '../bench/soak/soak-verdict.ts';
import { startWhisperServer } from '../bench/report/whisper-server.ts';
import { burstRecording, bursts } from './burst-recording.ts';

const PRINTED = `
### flite/slt

| | first playable, median ms | time against bare |
|---|---|---|
| bare engine, 1 client | 20.0 | 1.00 |
| HTTP, pcm, 1 client | 1,033.5 | 1.21 |

Something was left out.
`;

test('tables are read as they were printed, with their headings, and what is no table is kept as a note', () => {
  const { tables, notes } = readTables(PRINTED);
  assert.deepEqual(notes, ['Something was left out.']);
  const table = findTable(tables, /^flite/, /against bare/);
  assert.deepEqual(columnOf(table, /^first playable/), [20, 1033.5]);
  assert.ok(table && PRINTED.includes(tableText(table).replace('|  |', '| |')));
  assert.equal(findTable(tables, /^espeak/), undefined);
});

test('the slope of a line is found, and so is how little noise tells', () => {
  const line = trendOf(Array.from({ length: 50 }, (_, x) => [x, 3 + 2 * x] as const));
  assert.ok(Math.abs(line.slope - 2) < 1e-9 && line.uncertainty < 1e-6);
  const noise = [5, 7, 4, 6, 5, 8, 4, 5, 7, 6, 4, 6, 5, 7, 5, 6];
  const flat = trendOf(noise.map((y, x) => [x, y] as const));
  assert.ok(Math.abs(flat.slope) < flat.uncertainty, `${flat.slope} ± ${flat.uncertainty}`);
  assert.equal(trendOf([[0, 1]]).uncertainty, Number.POSITIVE_INFINITY);
});

test('readings that hang together are trusted less than as many that do not', () => {
  const together = Array.from({ length: 60 }, (_, x) => [x, Math.sin(x / 10)] as const);
  const apart = Array.from({ length: 60 }, (_, x) => [x, x % 2 === 0 ? 0.7 : -0.7] as const);
  assert.ok(trendOf(together).uncertainty > 3 * trendOf(apart).uncertainty);
});

test('medians and quantiles are those of the sorted values', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([5, 1, 4, 2, 3], 0.95), 5);
  assert.deepEqual([0, 0.0123, 3.14159, 42.42, 1234.5, Number.NaN].map(shortFigure), [
    '0.00',
    '0.012',
    '3.14',
    '42.4',
    '1,235',
    '–',
  ]);
});

const reading = (at: number, server: number) => ({
  at,
  server,
  children: 50,
  handles: 40 + (Math.round(at) % 3),
  threads: 12,
  processes: 1,
  files: 0,
  database: 2,
});

test('memory that grows by a third in an hour grows, and memory that wanders is flat', () => {
  const hour = Array.from({ length: 120 }, (_, index) => index * 30);
  const verdict = (memory: (at: number) => number) =>
    growthOf(hour.map((at) => reading(at, memory(at))))[0]?.verdict;
  const noise = (at: number) => ((at * 7919) % 13) - 6;
  assert.equal(
    verdict((at) => 300 + at / 36 + noise(at)),
    'grows',
  );
  assert.equal(
    verdict((at) => 300 + noise(at)),
    'flat',
  );
  assert.deepEqual(
    growthOf(hour.map((at) => reading(at, 300))).map((one) => one.verdict),
    Array.from({ length: 7 }, () => 'flat'),
  );
});

test('callers who are served half as fast at the end get slower, and a few answers say nothing', () => {
  const answers = Array.from({ length: 200 }, (_, at) => [
    { kind: 'slowing', at, ms: 100 + at },
    { kind: 'steady', at, ms: 100 + (at % 7) },
  ]).flat();
  const verdicts = driftOf([...answers, { kind: 'rare', at: 3, ms: 1 }]).map(({ kind, verdict }) => [
    kind,
    verdict,
  ]);
  assert.deepEqual(verdicts, [
    ['rare', 'too few'],
    ['slowing', 'slower'],
    ['steady', 'steady'],
  ]);
});

test('all kinds of callers come as often as their share says, and are well mixed', () => {
  const order = soakOrder(SOAK_KINDS);
  for (const { name, share } of SOAK_KINDS)
    assert.equal(order.filter((kind) => kind.name === name).length, share, name);
  assert.ok(!order.some((kind, at) => kind.name === order[at + 1]?.name), 'nobody follows himself');
});

const PLOTS: Readonly<Record<string, Plot>> = {
  lines: {
    kind: 'lines',
    title: 'Time & <space>',
    x: { name: 'clients', log: true },
    y: { name: 'milliseconds', log: true },
    limit: { name: 'goal', value: 40 },
    series: [
      {
        name: 'HTTP',
        points: [
          [1, 10],
          [1000, 900],
        ],
      },
    ],
  },
  bars: {
    kind: 'bars',
    title: 'Bars',
    x: { name: 'megabytes' },
    names: ['one', 'two'],
    groups: [{ name: 'Antiphon', values: [120, Number.NaN] }],
  },
};

for (const [kind, plot] of Object.entries(PLOTS)) {
  test(`a picture of ${kind} is an SVG that can be drawn, for light and dark pages`, async () => {
    const svg = plotSvg(plot);
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    const { data, info } = await sharp(Buffer.from(svg)).raw().toBuffer({ resolveWithObject: true });
    assert.equal(info.width, 760);
    const blue = [0x0b, 0x62, 0xa8];
    const isDrawn = data.some(
      (_, at) => at % info.channels === 0 && blue.every((one, i) => data[at + i] === one),
    );
    assert.ok(isDrawn, 'the first series has its colour somewhere');
  });
}

const part: BenchPart = {
  id: 'mine',
  title: 'My part',
  script: 'bench/mine.ts',
  quick: {},
  how: 'It is measured.',
};
const measured: PartReport = {
  id: 'mine',
  quick: true,
  measuredAt: '2027-01-04T10:00:00.000Z',
  seconds: 3,
  load: 0.1,
  tables: readTables(PRINTED).tables,
  notes: [],
  goals: [
    { goal: 'Fast', of: 'flite', value: 33, limit: 40, better: 'at most', unit: 'ms' },
    { goal: 'Light', of: 'flite', value: 1.32, limit: 1.1, better: 'at most', unit: '×' },
    { goal: 'Many', of: 'edge', value: 2, limit: 8, better: 'at least', unit: '×' },
  ],
};

test('the report says which goals are missed, and by how much, and which parts ran in their short form', () => {
  assert.deepEqual(measured.goals.map(isReached), [true, false, false]);
  const text = reportText({ machine: '2 processors', node: '24.0.0', parts: [measured] }, [part]);
  assert.match(text, /1 of 3 figures reach their goal/);
  assert.match(text, /\| Light \| flite \| 1.32 × \| at most 1.10 × \| \*\*missed\*\* by 20 % \|/);
  assert.match(text, /\*\*missed\*\* 4.00 times off/);
  assert.match(text, /short form.*: mine/);
  assert.match(text, /### My part\n\nIt is measured\./);
});

test('a report takes the place of the one before it and leaves the rest of the page', () => {
  const page = 'Before.\n<!-- report: written by a program -->\n<!-- end of report -->\nAfter.\n';
  const once = betweenMarks(page, 'report', 'First.');
  assert.equal(betweenMarks(once, 'report', 'Second.'), once.replace('First.', 'Second.'));
  assert.match(once, /^Before\.\n/);
  assert.match(once, /After\.\n$/);
  assert.throws(() => betweenMarks('No marks.', 'report', 'x'), /no place/);
});

test("the server of whisper.cpp is started on the model's file and asked until it is ended", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-whisper-server-'));
  const program = join(folder, 'whisper-server');
  const fakes = pathToFileURL(resolve('test/fakes')).href;
  const script = [
    `#!${process.execPath}`,
    "const port = Number(process.argv[process.argv.indexOf('--port') + 1]);",
    "const model = process.argv[process.argv.indexOf('--model') + 1];",
    "if (!model.endsWith('ggml-any.bin')) process.exit(1);",
    `Promise.all([import('${fakes}/fake-server.ts'), import('${fakes}/index.ts')])`,
    "  .then(([{ startFake }, { fakeOf }]) => startFake(fakeOf('whisper.cpp'), {}, port));",
  ];
  writeFileSync(program, script.join('\n'), { mode: 0o755 });
  writeFileSync(join(folder, 'ggml-any.bin'), '');
  const recording = join(folder, 'bursts.wav');
  writeFileSync(recording, burstRecording({ bursts: bursts(2) }));
  try {
    const peer = await startWhisperServer(program, { folder, threads: 1 });
    assert.ok((await peer.hear(recording)) > 0);
    await assert.rejects(peer.hear(program), /answered 400/);
    await peer.stop();
    await assert.rejects(
      startWhisperServer('/nowhere/at-all', { folder, threads: 1 }),
      /ENOENT|does not answer/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('every part has a name of its own and reads nothing from tables that are not there', () => {
  const ids = PARTS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { goals } of PARTS) assert.deepEqual(goals?.([]) ?? [], []);
});
