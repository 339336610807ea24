import type { Footprint } from './torture-target.ts';

/** What a server held after so many requests, at rest. */
export interface Sample extends Footprint {
  readonly requests: number;
}

/** More than this is growth, of what is counted. */
const SLACK = { handles: 24, children: 2, temporaryFiles: 0, openFiles: 0 } as const;
/** Megabytes for each thousand requests, over the later half, from which on memory counts as growing. */
const MOST_SLOPE = 12;
/** Fewer requests than these show no slope. */
export const FEWEST_REQUESTS = 4_000;

/** How what is held changed from the first sample to the last, in words, and what of it is too much. */
export function growthOf(samples: readonly Sample[]): {
  readonly words: string;
  readonly faults: readonly string[];
} {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last) return { words: '', faults: [] };
  const later = samples.slice(Math.floor(samples.length / 2));
  const slope = slopeOf(later, ({ megabytes }) => megabytes);
  const childSlope = slopeOf(later, ({ childMegabytes }) => childMegabytes);
  const faults = (['handles', 'children', 'temporaryFiles', 'openFiles'] as const)
    .filter((name) => last[name] - first[name] > SLACK[name])
    .map((name) => `${name} grew from ${first[name]} to ${last[name]}`);
  const covered = last.requests - (later[0]?.requests ?? 0);
  if (covered >= FEWEST_REQUESTS)
    for (const [whose, one, more] of [
      ['the server', slope, last.megabytes - first.megabytes],
      ['its child processes', childSlope, last.childMegabytes - first.childMegabytes],
    ] as const)
      // Threads hold what the largest thing that they met has taken; the last sample is without them.
      if (one > MOST_SLOPE && more > (MOST_SLOPE * covered) / 1_000)
        faults.push(`memory of ${whose} grows by ${one.toFixed(1)} MB for each thousand requests`);
  const words = [
    `Held at rest, first and last of ${samples.length} samples: ${Math.round(first.megabytes)} and ${Math.round(last.megabytes)} MB`,
    `by the server, ${Math.round(first.childMegabytes)} and ${Math.round(last.childMegabytes)} MB by its child processes,`,
    `${first.handles} and ${last.handles} handles, ${first.children} and ${last.children} children,`,
    `${first.temporaryFiles} and ${last.temporaryFiles} temporary files, ${first.openFiles} and ${last.openFiles} kept files open; memory over the later half (${covered} requests):`,
    `${slope.toFixed(2)} and ${childSlope.toFixed(2)} MB for each thousand requests.`,
    `The server's, sample by sample: ${samples.map(({ megabytes }) => Math.round(megabytes)).join(', ')} MB.`,
  ].join(' ');
  return { words, faults };
}

/** The slope of the straight line that fits best, in megabytes for each thousand requests. */
function slopeOf(samples: readonly Sample[], megabytesOf: (sample: Sample) => number): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const x = samples.map(({ requests }) => requests / 1_000);
  const y = samples.map(megabytesOf);
  const [middleX, middleY] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - middleX) ** 2, 0);
  const together = x.reduce((sum, value, index) => sum + (value - middleX) * ((y[index] ?? 0) - middleY), 0);
  return spread === 0 ? 0 : together / spread;
}
