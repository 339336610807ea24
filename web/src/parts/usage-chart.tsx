/** One bar: what it is called, and how high it is. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The value in words. */
  readonly text: string;
}

interface ChartProps {
  readonly bars: readonly Bar[];
  /** What is seen, for those who do not see it; the figures are in a table beneath. */
  readonly label: string;
}

const WIDTH = 640;
const HEIGHT = 150;

/** Bars that stand side by side, from the first day to the last. */
export function DayChart({ bars, label }: ChartProps) {
  const top = highest(bars);
  const step = WIDTH / Math.max(1, bars.length);
  const best = bars.find(({ value }) => value === top);
  return (
    <>
      <p class="figures">{best ? `Most on ${best.name}: ${best.text}` : 'None in these days'}</p>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {bars.map(({ name, value, text }, at) => {
          const height = ((HEIGHT - 2) * value) / top;
          return (
            <rect
              key={name}
              x={at * step + step * 0.1}
              y={HEIGHT - 1 - height}
              width={step * 0.8}
              height={height}
              rx={Math.min(3, height)}
            >
              <title>{`${name}: ${text}`}</title>
            </rect>
          );
        })}
        <line class="floor" x1={0} x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
      </svg>
      <div class="chart-ends" aria-hidden="true">
        <span>{bars[0]?.name}</span>
        <span>{bars.at(-1)?.name}</span>
      </div>
    </>
  );
}

const LINE = 40;

/** Bars that lie beneath one another, the longest first. */
export function RankChart({ bars, label }: ChartProps) {
  const top = highest(bars);
  return (
    <svg class="chart rank" viewBox={`0 0 ${WIDTH / 2} ${bars.length * LINE}`} role="img" aria-label={label}>
      {bars.map(({ name, value, text }, at) => (
        <g key={name}>
          <text class="name" x={0} y={at * LINE + 14}>
            {shortened(name)}
          </text>
          <text x={WIDTH / 2} y={at * LINE + 14} text-anchor="end">
            {text}
          </text>
          <rect x={0} y={at * LINE + 20} width={((WIDTH / 2) * value) / top} height={10} rx={3} />
        </g>
      ))}
    </svg>
  );
}

function highest(bars: readonly Bar[]): number {
  return Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
}

function shortened(name: string): string {
  return name.length > 30 ? `${name.slice(0, 29)}…` : name;
}
