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
