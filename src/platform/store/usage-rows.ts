import type { UsageDimension, UsageQuery, UsageSum } from '../../core/ports/usage-store.ts';

/** The column of each thing that usage is told by. */
const COLUMNS: Readonly<Record<UsageDimension, string>> = {
  day: 'day',
  principalId: 'principal_id',
  dialect: 'dialect',
  capability: 'capability',
  model: 'model',
  servedBy: 'served_by',
};

/** The columns in which amounts are kept. */
export const AMOUNT_COLUMNS = [
  'requests',
  'failures',
  'characters',
  'audio_ms',
  'pictures',
  'engine_ms',
] as const;

/** All columns, in the order of the table. */
export const USAGE_COLUMNS: readonly string[] = [...Object.values(COLUMNS), ...AMOUNT_COLUMNS];

/** The columns that tell places apart. */
export const PLACE_COLUMNS: readonly string[] = Object.values(COLUMNS);

/** The statement that sums up, for whose parameters there are four marks: first day, last day, owner or null, rows. */
export function sumStatement({ by }: Pick<UsageQuery, 'by'>, marks: readonly string[]): string {
  const [from, to, owner, limit] = marks;
  const places = by.map((dimension) => COLUMNS[dimension]);
  const sums = AMOUNT_COLUMNS.map((column) => `coalesce(sum(${column}), 0) AS ${column}`);
  const grouped = places.length > 0 ? `GROUP BY ${places.join(', ')} ORDER BY ${places.join(', ')}` : '';
  return `SELECT ${[...places, ...sums].join(', ')} FROM usage_sums
    WHERE day >= ${from} AND day <= ${to} AND (${owner} IS NULL OR principal_id = ${owner})
    ${grouped} LIMIT ${limit}`;
}

/** The statement that adds to what is kept, or keeps it where there is nothing yet, given where its rows come from. */
export function addStatement(rows: string): string {
  const more = AMOUNT_COLUMNS.map((column) => `${column} = usage_sums.${column} + excluded.${column}`);
  return `INSERT INTO usage_sums (${USAGE_COLUMNS.join(', ')}) ${rows}
    ON CONFLICT (${PLACE_COLUMNS.join(', ')}) DO UPDATE SET ${more.join(', ')}`;
}

/** What a row of the sums says. */
export function toUsageSum(row: Readonly<Record<string, unknown>>, by: readonly UsageDimension[]): UsageSum {
  const places = Object.fromEntries(by.map((dimension) => [dimension, String(row[COLUMNS[dimension]])]));
  return {
    ...places,
    requests: Number(row['requests']),
    failures: Number(row['failures']),
    characters: Number(row['characters']),
    audioMs: Number(row['audio_ms']),
    pictures: Number(row['pictures']),
    engineMs: Number(row['engine_ms']),
  };
}
