import type { Answer } from './torture-asking.ts';

/** Something that is not as promised, and how to see it again. */
export interface Finding {
  readonly route: string;
  readonly fault: string;
  readonly seed: number;
  readonly curl: string;
}

/** What was asked and what came of it. */
export interface Tally {
  count(route: string, answer: Pick<Answer, 'status' | 'ms' | 'trouble'>): void;
  /** So many more of a kind that is no single request. */
  requests(): number;
  /** Whether the same was found before; counted when it was. */
  knows(finding: Finding): boolean;
  report(finding: Finding): void;
  findings(): readonly Finding[];
  table(): string;
}

interface Row {
  requests: number;
  readonly statuses: Map<string, number>;
  slowest: number;
}

/** Counts from the start. */
export function createTally(onFinding: (finding: Finding) => void = () => undefined): Tally {
  const rows = new Map<string, Row>();
  const found = new Map<string, Finding>();
  let requests = 0;
  return {
    count: (route, { status, ms, trouble }) => {
      const row = rows.get(route) ?? { requests: 0, statuses: new Map(), slowest: 0 };
      rows.set(route, row);
      const kind =
        trouble === undefined || trouble === 'left' ? String(status || trouble) : `${status} ${trouble}`;
      row.requests += 1;
      row.statuses.set(kind, (row.statuses.get(kind) ?? 0) + 1);
      row.slowest = Math.max(row.slowest, ms);
      requests += 1;
    },
    requests: () => requests,
    knows: (finding) => found.has(kindOf(finding)),
    report: (finding) => {
      found.set(kindOf(finding), finding);
      onFinding(finding);
    },
    findings: () => [...found.values()],
    table: () => toTable(rows),
  };
}

/** Numbers, ids and quotations aside, the same fault of a route is one finding. */
function kindOf({ route, fault }: Finding): string {
  return `${route} ${fault.slice(0, 120).replace(/['"`][^'"`]*['"`]|[0-9a-f-]{8,}|\d{4,}/g, '')}`;
}

function toTable(rows: ReadonlyMap<string, Row>): string {
  const lines = [...rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([route, { requests, statuses, slowest }]) => {
      const told = [...statuses]
        .toSorted(([, a], [, b]) => b - a)
        .map(([status, count]) => `${status} × ${count}`);
      return `| ${route} | ${requests} | ${told.join(', ')} | ${Math.round(slowest)} |`;
    });
  return ['| route | requests | statuses | slowest, ms |', '|---|---:|---|---:|', ...lines].join('\n');
}

/** A finding as it is printed. */
export function describeFinding({ route, fault, seed, curl }: Finding): string {
  return [
    `FOUND ${route}: ${fault}`,
    `  again: npm run torture -- --seed ${seed} --only ${JSON.stringify(route)}`,
    `  ${curl}`,
  ].join('\n');
}
