import { useFetched } from '../fetched.ts';
import {
  eachDay,
  FIGURES,
  usagePath,
  type Days,
  type Figure,
  type UsageLine,
  type UsageReport,
} from '../usage.ts';
import { dayWords, shortNumber, wholeNumber } from '../wording.ts';
import { Problem } from './problem.tsx';
import { ScrollTable } from './scroll-table.tsx';
import { DayChart, RankChart, type Bar } from './usage-chart.tsx';

/** So many places have a bar; the table has all of them. */
const MOST_BARS = 8;

interface CardProps {
  readonly title: string;
  readonly by: 'day' | 'key' | 'model' | 'dialect';
  readonly days: Days;
  readonly figure: Figure;
  /** Whose usage; everybody's who may be seen when absent. */
  readonly owner?: string | undefined;
}

/** One figure by days, keys, models or APIs: as a chart, and with all others in a table. */
export function UsageCard({ title, by, days, figure, owner }: CardProps) {
  const report = useFetched<UsageReport>(usagePath(days, by, owner === undefined ? {} : { key: owner }));
  const { rows = [], currency } = report.value.value ?? {};
  const figureName = inSentence(figureWords(figure, currency));
  const bars = by === 'day' ? dayBars(rows, days, figure) : rankBars(rows, by, figure);
  const label = `${figureName} by ${inSentence(title)}; the figures are in the table beneath`;
  const id = `usage-${by}`;
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>By {inSentence(title)}</h2>
        <span class="soft">{figureName}</span>
      </div>
      <Problem problem={report.problem.value} />
      {rows.length === 0 && report.value.value && <p class="soft">Nothing was used in these days.</p>}
      {rows.length > 0 &&
        (by === 'day' ? <DayChart bars={bars} label={label} /> : <RankChart bars={bars} label={label} />)}
      {rows.length > 0 && (
        <details>
          <summary>Figures by {inSentence(title)}</summary>
          <UsageTable rows={rows} by={by} title={title} currency={currency} />
        </details>
      )}
    </section>
  );
}

/** A figure in words. */
export function figureWords(figure: Figure, currency: string | undefined): string {
  if (figure === 'cost') return `Costs in ${currency ?? ''}`;
  return FIGURES.find(([one]) => one === figure)?.[1] ?? figure;
}

/** An amount as it is shown. */
export function amountWords(value: number, figure: Figure): string {
  if (figure === 'cost') return value.toFixed(value < 1 && value > 0 ? 4 : 2);
  return figure.endsWith('Seconds') ? shortNumber(value) : wholeNumber(value);
}

/** A heading within a sentence; abbreviations stay as they are. */
function inSentence(heading: string): string {
  return heading.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function dayBars(rows: readonly UsageLine[], days: Days, figure: Figure): readonly Bar[] {
  const byDay = new Map(rows.map((row) => [row.day, row]));
  return eachDay(days).map((day) => barOf(dayWords(day), byDay.get(day)?.[figure] ?? 0, figure));
}

function rankBars(rows: readonly UsageLine[], by: CardProps['by'], figure: Figure): readonly Bar[] {
  return rows
    .map((row) => barOf(placeOf(row, by), row[figure] ?? 0, figure))
    .sort((one, other) => other.value - one.value)
    .slice(0, MOST_BARS);
}

function barOf(name: string, value: number, figure: Figure): Bar {
  return { name, value, text: amountWords(value, figure) };
}

function placeOf({ day, model, key, dialect }: UsageLine, by: CardProps['by']): string {
  if (by === 'day') return day === undefined ? '' : dayWords(day);
  if (by === 'key') return key?.name || key?.id || '';
  return (by === 'model' ? model : dialect) || 'none named';
}

function UsageTable({
  rows,
  by,
  title,
  currency,
}: Pick<CardProps, 'by' | 'title'> & {
  readonly rows: readonly UsageLine[];
  readonly currency: string | undefined;
}) {
  const figures: readonly Figure[] = [
    ...FIGURES.map(([figure]) => figure),
    ...(currency === undefined ? [] : ['cost' as const]),
  ];
  const words = figures.map((figure) => figureWords(figure, currency));
  return (
    <ScrollTable label={`Figures by ${inSentence(title)}`} head={[title, ...words]} numbersFrom={1}>
      {rows.map((row) => (
        <tr key={`${row.day} ${row.model} ${row.key?.id} ${row.dialect}`}>
          <th scope="row">{placeOf(row, by)}</th>
          {figures.map((figure) => (
            <td key={figure} class="number">
              {amountWords(row[figure] ?? 0, figure)}
            </td>
          ))}
        </tr>
      ))}
    </ScrollTable>
  );
}
