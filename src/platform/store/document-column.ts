/** What every row that somebody owns has. */
export interface OwnedRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly createdAt: number;
}

/** How one kind of document goes into its column and comes back. */
export interface DocumentColumn<Kept> {
  readonly write: (record: Kept) => string;
  readonly read: (row: Readonly<Record<string, unknown>>) => Kept;
}

/** The column `record`, which holds documents of one kind. */
export function documentColumn<Kept>(): DocumentColumn<Kept> {
  return {
    write: (record) => JSON.stringify(record),
    // Only what `write` made of a `Kept` is ever in the column.
    read: (row) => JSON.parse(String(row['record'])) as Kept,
  };
}

/** A column beside the document by which it is found as well; null in rows that are older than the column. */
export interface FoundBy<Kept> {
  readonly column: 'name_key';
  readonly keyOf: (record: Kept) => string;
}

/** By what a name is found without regard to case. As in JSON, so that every database takes every name. */
export function nameKey(name: string): string {
  return JSON.stringify(name.toLowerCase()).slice(1, -1);
}

/** Whether a record has a name, or an id, without regard to case. */
export function isCalled(name: string): (record: { readonly id: string; readonly name: string }) => boolean {
  const key = name.toLowerCase();
  return (record) => record.name.toLowerCase() === key || record.id.toLowerCase() === key;
}
