/** Where a row stands in the order of making. */
export interface RowPlace {
  readonly createdAt: number;
  /** Tells rows of one millisecond apart. */
  readonly row: number;
}

/** How rows are read in one direction. */
export interface ReadingOrder {
  /** How a row further on compares with the one before it. */
  readonly beyond: '<' | '>';
  readonly order: 'ASC' | 'DESC';
  /** A place before all rows, so that one statement reads from the start and from a row on. */
  readonly start: RowPlace;
}

/** Both directions in which rows are read. */
export const READING: Readonly<Record<'oldest_first' | 'newest_first', ReadingOrder>> = {
  oldest_first: { beyond: '>', order: 'ASC', start: { createdAt: -1, row: -1 } },
  newest_first: {
    beyond: '<',
    order: 'DESC',
    start: { createdAt: Number.MAX_SAFE_INTEGER, row: Number.MAX_SAFE_INTEGER },
  },
};

/** The place that a row tells by its columns created_at and sequence. */
export function placeIn(row: Readonly<Record<string, unknown>>): RowPlace {
  return { createdAt: Number(row['created_at']), row: Number(row['sequence']) };
}
