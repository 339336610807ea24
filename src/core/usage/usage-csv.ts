import type { UsageDimension } from '../ports/usage-store.ts';
import type { UsageReport, UsageReportRow } from './usage-report.ts';

/** The words by which reports are asked for and told. */
export const USAGE_WORDS = {
  day: 'day',
  model: 'model',
  key: 'principalId',
  dialect: 'dialect',
  capability: 'capability',
  engine: 'servedBy',
} as const satisfies Readonly<Record<string, UsageDimension>>;

/** One of these words. */
export type UsageWord = keyof typeof USAGE_WORDS;

/** Whether a text is one of these words. */
export function isUsageWord(text: string): text is UsageWord {
  return Object.hasOwn(USAGE_WORDS, text);
}

/** A report as a table: its columns, and the cells of each of its lines. */
export interface UsageTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** The report as a table, with keys by id and by name. */
export function usageTable({ by, rows, currency }: UsageReport): UsageTable {
  const places = by.flatMap((dimension) =>
    dimension === 'principalId' ? ['key_id', 'key_name'] : [dimension === 'servedBy' ? 'engine' : dimension],
  );
  const costs = currency === undefined ? [] : ['cost', 'currency'];
  return {
    columns: [...places, ...AMOUNT_COLUMNS, ...costs],
    rows: rows.map((row) => [...placeCells(row, by), ...usageCells(row, currency)]),
  };
}

const AMOUNT_COLUMNS = [
  'requests',
  'failures',
  'characters',
  'audio_seconds',
  'pictures',
  'engine_seconds',
] as const;

function placeCells(row: UsageReportRow, by: readonly UsageDimension[]): readonly string[] {
  return by.flatMap((dimension) =>
    dimension === 'principalId' ? [row.principalId ?? '', row.keyName ?? ''] : [row[dimension] ?? ''],
  );
}

/** The amounts of a line, and what they cost. */
export function usageCells(row: UsageReportRow, currency?: string): readonly (string | number)[] {
  const { requests, failures, characters, audioMs, pictures, engineMs, cost = 0 } = row;
  const amounts = [requests, failures, characters, audioMs / 1000, pictures, engineMs / 1000];
  return currency === undefined ? amounts : [...amounts, roundedCost(cost), currency];
}

/** Parts of a cent add up; parts of a millionth are those of the arithmetic. */
export function roundedCost(cost: number): number {
  return Math.round(cost * 1_000_000) / 1_000_000;
}

/** The report as comma-separated values by RFC 4180, with a header and without a line of totals. */
export function usageCsv(report: UsageReport): string {
  const { columns, rows } = usageTable(report);
  return [columns, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** What a spreadsheet would take for a formula is shown to it as text, as it advises: with an apostrophe before it. */
const LOOKS_LIKE_A_FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const text = LOOKS_LIKE_A_FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
