import { shortFigure } from './figures.ts';

/** One kind of thing in a picture: a line, or a colour of bars. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A picture of how something grows. */
export interface LinePlot {
  readonly kind: 'lines';
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Height of a line that nothing should cross, and what it is. */
  readonly limit?: Limit;
}

/** A picture that sets things side by side, one bar for each value; not a number leaves its bar out. */
export interface BarPlot {
  readonly kind: 'bars';
  readonly title: string;
  readonly x: Axis;
  readonly groups: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** What the values of a group are, in their order. */
  readonly names: readonly string[];
  readonly limit?: Limit;
}

export type Plot = LinePlot | BarPlot;

interface Axis {
  readonly name: string;
  readonly log?: boolean;
}

interface Limit {
  readonly name: string;
  readonly value: number;
}

const WIDTH = 760;
const LEFT = 72;
const RIGHT = 20;
const COLOURS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Colours are told apart by people who see few of them, on white and on black; lines differ in their marks as well. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1f2937; }
.title { font-size: 14px; font-weight: 600; }
.soft { fill: #4b5563; }
.grid { stroke: #e5e7eb; }
.axis { stroke: #6b7280; }
.limit { stroke: #b91c1c; stroke-dasharray: 5 4; }
.limit-name { fill: #b91c1c; }
.paper { fill: #ffffff; }
.a { fill: #0b62a8; stroke: #0b62a8; } .b { fill: #c2570c; stroke: #c2570c; } .c { fill: #0f766e; stroke: #0f766e; }
.d { fill: #a21caf; stroke: #a21caf; } .e { fill: #57606f; stroke: #57606f; } .f { fill: #8a6d00; stroke: #8a6d00; }
.g { fill: #b91c6b; stroke: #b91c6b; }
.line { fill: none; stroke-width: 2; }
.bar { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e5e7eb; }
  .soft { fill: #9ca3af; }
  .grid { stroke: #30363d; }
  .axis { stroke: #8b949e; }
  .limit { stroke: #ff8a80; }
  .limit-name { fill: #ff8a80; }
  .paper { fill: #0d1117; }
  .a { fill: #6cb6ff; stroke: #6cb6ff; } .b { fill: #ffab70; stroke: #ffab70; } .c { fill: #5eead4; stroke: #5eead4; }
  .d { fill: #f0abfc; stroke: #f0abfc; } .e { fill: #a8b3c2; stroke: #a8b3c2; } .f { fill: #e6c84f; stroke: #e6c84f; }
  .g { fill: #ff9ecf; stroke: #ff9ecf; }
  .line { fill: none; }
  .bar { stroke: none; }
}`;

/** A picture as SVG, for light and dark pages. */
export function plotSvg(plot: Plot): string {
  return plot.kind === 'lines' ? linesSvg(plot) : barsSvg(plot);
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function scaleOf(values: readonly number[], { log = false }: Axis, span: Span): Scale {
  const known = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const ticks = log ? logTicks(known) : roundTicks(known);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const place = log ? (value: number) => Math.log10(Math.max(value, low)) : (value: number) => value;
  const [start, end] = [place(low), place(high)];
  const share = (value: number) => (place(value) - start) / (end - start || 1);
  return { at: (value) => span.from + share(value) * (span.to - span.from), ticks };
}

function logTicks(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values, 1e12)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-12))));
  const decades = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return decades.length > 2 ? decades : decades.flatMap((one) => [one, 2 * one, 5 * one]).slice(0, -2);
}

function roundTicks(values: readonly number[]): number[] {
  const high = Math.max(...values, 0) || 1;
  const low = Math.min(...values, 0);
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step);
  const count = Math.ceil(high / step) - first;
  return Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toPrecision(6)));
}

function linesSvg(plot: LinePlot): string {
  const legend = legendOf(plot.series.map(({ name }) => name));
  const top = 44 + legend.height;
  const height = top + 300;
  const bottom = height - 48;
  const all = plot.series.flatMap(({ points }) => points);
  const x = scaleOf(
    all.map(([value]) => value),
    plot.x,
    { from: LEFT, to: WIDTH - RIGHT },
  );
  const limits = plot.limit ? [plot.limit.value] : [];
  const y = scaleOf([...all.map(([, value]) => value), ...limits], plot.y, { from: bottom, to: top });
  const parts = [
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fix(y.at(tick))}" y2="${fix(y.at(tick))}"/>` +
        `<text class="soft" x="${LEFT - 8}" y="${fix(y.at(tick) + 4)}" text-anchor="end">${tickText(tick)}</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        `<line class="axis" x1="${fix(x.at(tick))}" x2="${fix(x.at(tick))}" y1="${bottom}" y2="${bottom + 5}"/>` +
        `<text class="soft" x="${fix(x.at(tick))}" y="${bottom + 19}" text-anchor="middle">${tickText(tick)}</text>`,
    ),
    `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="soft" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 10}" text-anchor="middle">${escape(plot.x.name)}</text>`,
    `<text class="soft" transform="translate(16 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(plot.y.name)}</text>`,
    ...plot.series.map((one, index) => lineOf(one, index, { x, y })),
    ...(plot.limit ? [limitLine(plot.limit, y.at(plot.limit.value))] : []),
  ];
  return frame(plot.title, height, [legend.svg, ...parts]);
}

function limitLine({ name }: Limit, y: number): string {
  return (
    `<line class="limit" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fix(y)}" y2="${fix(y)}"/>` +
    `<text class="limit-name" x="${WIDTH - RIGHT}" y="${fix(y - 5)}" text-anchor="end">${escape(name)}</text>`
  );
}

function lineOf(
  { points }: Series,
  index: number,
  { x, y }: { readonly x: Scale; readonly y: Scale },
): string {
  const colour = COLOURS[index % COLOURS.length] ?? 'a';
  const places = points
    .filter(([, value]) => Number.isFinite(value))
    .map(([px, py]) => [x.at(px), y.at(py)] as const);
  const path = places.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${fix(px)} ${fix(py)}`).join('');
  // Many readings make a line by themselves.
  const marks = places.length > 40 ? '' : places.map((place) => markOf(index, place)).join('');
  return `<g class="${colour}"><path class="line" d="${path}"/>${marks}</g>`;
}

function markOf(index: number, [x, y]: readonly [number, number]): string {
  const at = (dx: number, dy: number) => `${fix(x + dx)} ${fix(y + dy)}`;
  switch (index % 4) {
    case 0:
      return `<circle cx="${fix(x)}" cy="${fix(y)}" r="4"/>`;
    case 1:
      return `<path d="M${at(-4, -4)}L${at(4, -4)}L${at(4, 4)}L${at(-4, 4)}Z"/>`;
    case 2:
      return `<path d="M${at(0, -5)}L${at(5, 4)}L${at(-5, 4)}Z"/>`;
    default:
      return `<path d="M${at(0, -5)}L${at(5, 0)}L${at(0, 5)}L${at(-5, 0)}Z"/>`;
  }
}

const BAR = 15;
const GAP = 12;

function barsSvg(plot: BarPlot): string {
  const legend = legendOf(plot.names.length > 1 ? plot.names : []);
  const top = 44 + legend.height + (plot.limit ? 16 : 0);
  const left = 24 + 6.7 * Math.max(...plot.groups.map(({ name }) => name.length), 8);
  const groupHeight = plot.names.length * BAR + GAP;
  const bottom = top + plot.groups.length * groupHeight;
  const height = bottom + 48;
  const values = plot.groups.flatMap((group) => group.values);
  const x = scaleOf([...values, ...(plot.limit ? [plot.limit.value] : [])], plot.x, {
    from: left,
    to: WIDTH - 64,
  });
  const parts = [
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${fix(x.at(tick))}" x2="${fix(x.at(tick))}" y1="${top}" y2="${bottom}"/>` +
        `<text class="soft" x="${fix(x.at(tick))}" y="${bottom + 17}" text-anchor="middle">${tickText(tick)}</text>`,
    ),
    ...plot.groups.map(({ name, values: group }, index) => {
      const from = top + index * groupHeight + GAP / 2;
      const middle = from + (plot.names.length * BAR) / 2 + 4;
      const bars = group.map((value, at) => barOf(value, at, { x, y: from + at * BAR, left }));
      return `<text x="${fix(left - 8)}" y="${fix(middle)}" text-anchor="end">${escape(name)}</text>${bars.join('')}`;
    }),
    `<line class="axis" x1="${fix(left)}" x2="${fix(left)}" y1="${top}" y2="${bottom}"/>`,
    `<text class="soft" x="${fix((left + WIDTH - 64) / 2)}" y="${height - 10}" text-anchor="middle">${escape(plot.x.name)}</text>`,
  ];
  if (plot.limit) {
    const at = fix(x.at(plot.limit.value));
    parts.push(
      `<line class="limit" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>` +
        `<text class="limit-name" x="${at}" y="${top - 5}" text-anchor="middle">${escape(plot.limit.name)}</text>`,
    );
  }
  return frame(plot.title, height, [legend.svg, ...parts]);
}

interface BarPlace {
  readonly x: Scale;
  readonly y: number;
  readonly left: number;
}

function barOf(value: number, at: number, { x, y, left }: BarPlace): string {
  if (!Number.isFinite(value)) return '';
  const to = x.at(value);
  return (
    `<rect class="bar ${COLOURS[at % COLOURS.length]}" x="${fix(left)}" y="${fix(y)}" width="${fix(Math.max(1, to - left))}" height="${BAR - 2}" rx="2"/>` +
    `<text class="soft" x="${fix(Math.max(to, left) + 5)}" y="${fix(y + BAR - 4)}">${shortFigure(value)}</text>`
  );
}

/** The names beside their colours, in as many lines as they need. */
function legendOf(names: readonly string[]): { readonly svg: string; readonly height: number } {
  let x = 24;
  let line = 0;
  const parts = names.map((name, index) => {
    const width = 34 + name.length * 6.6;
    if (x + width > WIDTH - RIGHT && x > 24) {
      x = 24;
      line += 1;
    }
    const y = 46 + line * 18;
    const mark = `<g class="${COLOURS[index % COLOURS.length]}">${markOf(index, [x + 6, y - 4])}</g>`;
    const text = `<text x="${fix(x + 17)}" y="${y}">${escape(name)}</text>`;
    x += width;
    return mark + text;
  });
  return { svg: parts.join(''), height: names.length === 0 ? 0 : (line + 1) * 18 };
}

function frame(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="24" y="24">${escape(title)}</text>`,
    ...parts.filter((part) => part !== ''),
    '</svg>\n',
  ].join('\n');
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${Number((value / 1_000_000).toPrecision(3))} M`;
  if (size >= 10_000) return `${Number((value / 1000).toPrecision(3))} k`;
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 });
}

function fix(value: number): string {
  return Number(value.toFixed(1)).toString();
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
