import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { createServerTelemetry } from '../../src/platform/telemetry/server-telemetry.ts';
import { readMetrics, type MetricFamily } from './metrics-text.ts';

const target = z.object({ refId: z.string(), expr: z.string().min(1), legendFormat: z.string() });
const panel = z.object({
  id: z.number(),
  type: z.enum(['row', 'timeseries', 'stat']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(target).default([]),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  panels: z.array(panel).min(1),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
});
const alerts = z.object({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Antiphon[A-Z]\w+$/),
          expr: z.string().min(1),
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string().min(1) }),
        }),
      ),
    }),
  ),
});
const scraping = z.object({
  rule_files: z.array(z.string()),
  scrape_configs: z.array(z.object({ job_name: z.string(), metrics_path: z.literal('/metrics') })),
});

/** Everything that a server counts, measures and looks at. */
async function allMetrics(): Promise<ReadonlyMap<string, MetricFamily>> {
  const telemetry = await createServerTelemetry({
    environment: {},
    log: silentLogger,
    version: '1',
    ofProcess: true,
  });
  telemetry.watch({
    version: '1',
    role: 'all',
    engines: () => [],
    downEngines: () => [],
    load: () => ({ running: 0, waiting: 0 }),
    jobs: async () => [],
    memory: () => ({ models: [], limitBytes: 0 }),
    readiness: async () => ({ ready: true, checks: [] }),
    now: () => 0,
    isKnownModel: () => false,
  });
  return readMetrics(await telemetry.metrics());
}

const FUNCTIONS: ReadonlySet<string> = new Set(
  'sum max min count rate histogram_quantile vector label_values by or and unless on ignoring'.split(' '),
);

/** What a PromQL expression reads: every name that is no function, label, string, range or variable. */
function namesIn(expression: string): readonly string[] {
  const bare = expression
    .replace(/"[^"]*"|'[^']*'/g, '')
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\b(?:by|on|ignoring|without)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)]
    .map(([name]) => name)
    .filter((name) => !FUNCTIONS.has(name));
}

/** Prometheus itself says whether it could read a server. */
const NOT_OURS: ReadonlySet<string> = new Set(['up']);

function unknownIn(expression: string, known: ReadonlyMap<string, MetricFamily>): readonly string[] {
  return namesIn(expression).filter((name) => {
    const family = known.get(name);
    if (family) return family.type === 'histogram';
    const base = name.replace(/_(?:bucket|sum|count)$/, '');
    return !NOT_OURS.has(name) && known.get(base)?.type !== 'histogram';
  });
}

const board = dashboard.parse(JSON.parse(readFileSync('deploy/grafana/antiphon-dashboard.json', 'utf8')));
const warnings = alerts
  .parse(parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8')))
  .groups.flatMap(({ rules }) => rules);

test('names are found in expressions, and one that nobody counts is noticed', async () => {
  const known = await allMetrics();
  const expression =
    'histogram_quantile(0.95, sum by (le, model) (rate(antiphon_first_playable_seconds_bucket{dialect="a b"}[5m]))) > 2';
  assert.deepEqual(namesIn(expression), ['antiphon_first_playable_seconds_bucket']);
  assert.deepEqual(unknownIn(expression, known), []);
  assert.deepEqual(unknownIn('rate(antiphon_invented_total[5m]) / antiphon_ready', known), [
    'antiphon_invented_total',
  ]);
  assert.deepEqual(unknownIn('antiphon_ready_bucket', known), ['antiphon_ready_bucket']);
});

test('every metric of the dashboard and of the warnings is one that a server has', async () => {
  const known = await allMetrics();
  const expressions = [
    ...board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...warnings.map(({ expr }) => expr),
  ];
  assert.ok(expressions.length > 40);
  assert.deepEqual(
    expressions.flatMap((expression) => unknownIn(expression, known)),
    [],
  );
});

test('every metric of ours is on the dashboard', async () => {
  const shown = board.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr)));
  const names = [...(await allMetrics()).keys()].filter((name) => name.startsWith('antiphon_'));
  const missing = names.filter((name) => !shown.some((one) => one === name || one.startsWith(`${name}_`)));
  assert.deepEqual(missing, ['antiphon_info'], 'which is what the list of instances is read from');
});

test('labels in the dashboard’s legends and in the words of warnings are those of their figures', () => {
  const known = new Set(
    'dialect route method status code reason capability model kind state engine part check instance'.split(
      ' ',
    ),
  );
  const written = [
    ...board.panels.flatMap(({ targets }) => targets.map(({ legendFormat }) => legendFormat)),
    ...warnings.map(({ annotations }) => annotations.summary.replaceAll('$labels.', '')),
  ];
  const labels = written.flatMap((text) =>
    [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name ?? ''),
  );
  assert.ok(labels.length > 40);
  assert.deepEqual(
    labels.filter((label) => !known.has(label)),
    [],
  );
});

test('the panels of the dashboard have ids of their own and do not lie on one another', () => {
  const ids = board.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const places = board.panels.map(({ gridPos }) => gridPos);
  for (const [index, a] of places.entries()) {
    assert.ok(a.x >= 0 && a.x + a.w <= 24);
    for (const b of places.slice(index + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      assert.ok(apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    }
  }
  assert.deepEqual(
    board.templating.list.map(({ name }) => name),
    ['datasource', 'instance'],
  );
});

test('the example for Prometheus reads the metrics, and its rules are the file beside it', () => {
  const { rule_files: files, scrape_configs: jobs } = scraping.parse(
    parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')),
  );
  assert.deepEqual(files, ['alerts.yml']);
  assert.deepEqual(
    jobs.map((job) => job.job_name),
    ['antiphon'],
  );
  assert.equal(new Set(warnings.map(({ alert }) => alert)).size, warnings.length);
});
