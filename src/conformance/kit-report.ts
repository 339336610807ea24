import type { RowResult } from './kit-run.ts';

/** How many rows came out how. */
export interface KitCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts rows. */
export function countRows(results: readonly RowResult[]): KitCounts {
  const count = (state: RowResult['state']) => results.filter((row) => row.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

const SIGNS = { passed: 'passed ', failed: 'FAILED ', skipped: 'skipped' } as const;
const ID_WIDTH = 26;

/** A row as people read it, with what went wrong beneath it. */
export function rowText(row: RowResult): string {
  const { id, state, requires, rests, why, expected, came, left } = row;
  const mark = rests === 'on a choice' ? '*' : ' ';
  const indent = ' '.repeat(ID_WIDTH + 13);
  const details = [
    ...(why === undefined ? [] : [why]),
    ...(expected === undefined ? [] : [`expected  ${expected}`]),
    ...(came === undefined ? [] : [`came      ${came}`]),
    ...left.map((what) => `left behind: ${what}`),
  ];
  const lines = [
    `  ${id.padEnd(ID_WIDTH)} ${mark}${SIGNS[state]}  ${requires}`,
    ...details.map((line) => indent + line),
  ];
  // What a server says must not move the cursor of a terminal.
  return lines.map((line) => line.replace(/\p{Cc}/gu, ' ')).join('\n');
}

/** The counts by section, and in all. */
export function countsText(results: readonly RowResult[]): string {
  const sections = [...new Set(results.map(({ section }) => section))];
  const rows = sections.map((section) => ({
    name: section,
    ...countRows(results.filter((row) => row.section === section)),
  }));
  const lines = [...rows, { name: 'in all', ...countRows(results) }].map(
    ({ name, passed, failed, skipped }) => [name, passed, failed, skipped],
  );
  const shown = [['section', 'passed', 'failed', 'skipped'], ...lines].map(([name = '', ...numbers]) =>
    [String(name).padEnd(ID_WIDTH), ...numbers.map((number) => String(number).padStart(8))].join(''),
  );
  const hasChoices = results.some(({ rests }) => rests === 'on a choice');
  return [
    ...shown,
    ...(hasChoices
      ? ['', '* rests on a choice of this project, where the vendor says nothing or several things']
      : []),
  ].join('\n');
}

/** The whole run for programs. */
export function kitJson(
  run: { readonly dialect: string; readonly url: string },
  results: readonly RowResult[],
): object {
  return { ...run, counts: countRows(results), rows: results };
}

/** The whole run as JUnit's XML, which CI systems read: a suite for each section. */
export function junitXml(dialect: string, results: readonly RowResult[]): string {
  const suites = [...new Set(results.map(({ section }) => section))].map((section) => {
    const rows = results.filter((row) => row.section === section);
    const { failed, skipped } = countRows(rows);
    const facts = `tests="${rows.length}" failures="${failed}" skipped="${skipped}" time="${secondsOf(rows)}"`;
    const cases = rows.map((row) => caseXml(`${dialect}.${section}`, row)).join('\n');
    return `  <testsuite name="${escapeXml(`${dialect}: ${section}`)}" ${facts}>\n${cases}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function caseXml(classname: string, row: RowResult): string {
  const { id, requires, state, why = '', expected = '', came = '' } = row;
  const opening = `    <testcase classname="${escapeXml(classname)}" name="${escapeXml(`${id}: ${requires}`)}" time="${secondsOf([row])}"`;
  if (state === 'passed') return `${opening}/>`;
  const inside =
    state === 'skipped'
      ? `<skipped message="${escapeXml(why)}"/>`
      : `<failure message="${escapeXml(`expected ${expected}`)}">${escapeXml(`came ${came}`)}</failure>`;
  return `${opening}>${inside}</testcase>`;
}

function secondsOf(rows: readonly RowResult[]): string {
  return (rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(3);
}

function escapeXml(text: string): string {
  // XML 1.0 has no way to write most control characters.
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\p{Cs}/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
