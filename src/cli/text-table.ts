import { styleText } from 'node:util';

/** Gives a cell, which has its width already, a colour. */
export type CellPaint = (cell: string, column: number) => string;

/** Columns of text under headings that are dim on a terminal. */
export function textTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  paint: CellPaint = (cell) => cell,
): string {
  const cells = [headings, ...rows].map((row) => row.map(clean));
  const widths = headings.map((_, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
  const last = headings.length - 1;
  const lines = cells.map((row, place) =>
    row
      .map((cell, column) => ({ cell: column === last ? cell : cell.padEnd(widths[column] ?? 0), column }))
      .map(({ cell, column }) => (place === 0 ? painted('dim', cell) : paint(cell, column)))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

/** A name must not move the cursor of a terminal. */
function clean(cell: string): string {
  return cell.replace(/\p{Cc}/gu, '�');
}

/** A text in colour on standard output, where that is a terminal and `NO_COLOR` is not set. */
export function painted(style: 'dim' | 'green' | 'red' | 'yellow' | 'cyan', text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
