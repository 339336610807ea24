/** A table of what was measured: the first cell of a row names it. */
export interface Table {
  /** The heading under which it stands. */
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const isRow = (line: string) => line.startsWith('|');
const isRule = (line: string) => /^\|[\s|:-]+\|$/.test(line);

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** All tables that a program printed, and the lines that are no part of one. */
export function readTables(markdown: string): {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
} {
  const tables: { title: string; head: string[]; rows: string[][] }[] = [];
  const notes: string[] = [];
  const lines = markdown.split('\n').map((line) => line.trim());
  let title = '';
  for (const [index, line] of lines.entries()) {
    if (isRule(line)) continue;
    if (!isRow(line)) {
      const heading = /^#+ (.*)/.exec(line)?.[1];
      if (heading !== undefined) title = heading;
      else if (line !== '') notes.push(line);
      continue;
    }
    if (isRule(lines[index + 1] ?? '')) tables.push({ title, head: cellsOf(line), rows: [] });
    else tables.at(-1)?.rows.push(cellsOf(line));
  }
  return { tables, notes };
}

/** A table as Markdown. */
export function tableText({ head, rows }: Pick<Table, 'head' | 'rows'>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** Prints the head of a table, and returns what prints a row: some rows are long to wait for. */
export function printTable(title: string, head: readonly string[]): (...cells: readonly string[]) => void {
  if (title !== '') console.log(`\n### ${title}`);
  console.log(`\n${tableText({ head, rows: [] })}`);
  return (...cells) => console.log(`| ${cells.join(' | ')} |`);
}

/** The figure in a cell; not a number where there is none. */
export function figureIn(cell: string | undefined): number {
  const written = /^[-+]?[\d,]*\.?\d+/.exec(cell ?? '')?.[0];
  return written === undefined ? Number.NaN : Number(written.replaceAll(',', ''));
}

/** The figures of the column whose head matches, row by row. */
export function columnOf(table: Table | undefined, head: RegExp): number[] {
  const at = table?.head.findIndex((cell) => head.test(cell)) ?? -1;
  return at < 0 ? [] : (table?.rows ?? []).map((row) => figureIn(row[at]));
}

/** The first table whose title and head match. */
export function findTable(tables: readonly Table[], title: RegExp, head = /./): Table | undefined {
  return tables.find((table) => title.test(table.title) && table.head.some((cell) => head.test(cell)));
}
