import { isReached, type BenchPart, type NamedPlot, type PartReport, type Reading } from './bench-part.ts';
import { shortFigure } from './figures.ts';
import { tableText } from './markdown-table.ts';

/** All that was measured, and where. */
export interface BenchReport {
  readonly machine: string;
  readonly node: string;
  readonly parts: readonly PartReport[];
}

/** Puts a text between the marks of its name in a page, in the place of what is there. */
export function betweenMarks(page: string, name: 'report' | 'soak', text: string): string {
  const [begin, end] = [`<!-- ${name}: written by a program -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The page has no place for it: "${begin}" and "${end}" are missing.`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

/** The report as Markdown: the goals first, then each part with its pictures. */
export function reportText(report: BenchReport, parts: readonly BenchPart[]): string {
  const known = parts.flatMap((part) => {
    const measured = report.parts.find(({ id }) => id === part.id);
    return measured ? [{ part, measured }] : [];
  });
  const quick = known.filter(({ measured }) => measured.quick).map(({ part }) => part.id);
  const busy = Math.max(0, ...known.map(({ measured }) => measured.load));
  const lines = [
    `${report.machine}, Node.js ${report.node}.`,
    quick.length > 0
      ? `In their short form, which shows that they work and little more: ${quick.join(', ')}.`
      : '',
    busy > 1 ? `Up to ${busy.toFixed(1)} processes wanted each processor: a busy machine.` : '',
  ];
  return [
    lines.filter((line) => line !== '').join(' '),
    '## Goals',
    goalsText(known.flatMap(({ measured }) => measured.goals)),
    ...known.map(({ part, measured }) => partText(part, measured)),
  ].join('\n\n');
}

function goalsText(goals: readonly Reading[]): string {
  const rows = goals.map((one) => [
    one.goal,
    one.of,
    figure(one.value, one.unit),
    `${one.better} ${figure(one.limit, one.unit)}`,
    isReached(one) ? 'reached' : `**missed** ${distance(one)}`,
  ]);
  const missed = goals.filter((one) => !isReached(one)).length;
  return [
    `${goals.length - missed} of ${goals.length} figures reach their goal.`,
    tableText({ head: ['goal', 'where', 'measured', 'promised', ''], rows }),
  ].join('\n\n');
}

/** How far from its goal a figure is. */
function distance({ value, limit, better, unit }: Reading): string {
  if (unit === '%') return `by ${shortFigure(limit - value)} points`;
  const times = better === 'at most' ? value / limit : limit / value;
  return times >= 2 ? `${shortFigure(times)} times off` : `by ${((times - 1) * 100).toFixed(0)} %`;
}

function figure(value: number, unit: string): string {
  return `${shortFigure(value)} ${unit}`;
}

function partText(part: BenchPart, measured: PartReport): string {
  const plots = plotsOf(part, measured);
  const { measuredAt, seconds } = measured;
  return [
    `### ${part.title}`,
    part.how,
    measured.missing === undefined ? '' : `**Not all of it was measured:** ${measured.missing}`,
    ...plots.map(({ file, plot }) => `![${plot.title}](plots/${file}.svg)`),
    ...measured.tables.flatMap(({ title, head, rows }) => [
      title === '' ? '' : `*${title}*`,
      tableText({ head, rows }),
    ]),
    ...measured.notes,
    `\`ONLY=${part.id} npm run bench\`, or \`node ${part.script}\`; ${measuredAt.slice(0, 10)}, ${seconds} s${measured.quick ? ', short form' : ''}.`,
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** The pictures of a part; none where nothing was measured. */
export function plotsOf(part: BenchPart, { tables }: PartReport): readonly NamedPlot[] {
  if (tables.length === 0) return [];
  return (part.plots?.(tables) ?? []).filter(({ plot }) =>
    plot.kind === 'lines' ? plot.series.length > 0 : plot.groups.length > 0,
  );
}
