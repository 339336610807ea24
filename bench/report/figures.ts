/** The value below which a share of all values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A straight line through points, and how sure its slope is. */
export interface Trend {
  readonly slope: number;
  readonly intercept: number;
  /** Half of the interval that holds the slope with 95 % probability, if what is left over were independent. */
  readonly uncertainty: number;
}

/**
 * The straight line with the least squares through points. Readings of one process hang together: neighbours that stray to the
 * same side tell one thing twice. So what is left over counts as as many independent readings as its own correlation from one
 * reading to the next allows.
 */
export function trendOf(points: readonly (readonly [number, number])[]): Trend {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (count < 3 || spread === 0) return { slope: 0, intercept: meanY, uncertainty: Number.POSITIVE_INFINITY };
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const intercept = meanY - slope * meanX;
  const left = points.map(([x, y]) => y - intercept - slope * x);
  const squares = left.reduce((sum, one) => sum + one * one, 0);
  const together = left.slice(1).reduce((sum, one, index) => sum + one * (left[index] ?? 0), 0);
  const correlation = squares === 0 ? 0 : Math.min(0.98, Math.max(0, together / squares));
  const independent = Math.max(2.5, (count * (1 - correlation)) / (1 + correlation));
  return { slope, intercept, uncertainty: 2 * Math.sqrt(squares / (independent - 2) / spread) };
}

/** A figure with as many digits as help. */
export function shortFigure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1 || size === 0) return value.toFixed(2);
  return value.toPrecision(2);
}
