import assert from 'node:assert/strict';

/** A figure with its labels. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a metric is, and all of its figures. */
export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const LINE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)$`);
const PART: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Reads the text format of Prometheus, version 0.0.4, and refuses everything that is not exactly that. */
export function readMetrics(text: string): ReadonlyMap<string, MetricFamily> {
  assert.ok(text.endsWith('\n'), 'the last line must end, too');
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      assert.ok(!families.has(name), `${name} comes twice`);
      families.set(name, { type: '', help: rest, samples: [] });
      current = name;
    } else if (kind === 'TYPE') {
      const family = families.get(name);
      assert.ok(family && name === current && PART[rest], `a type out of place: ${line}`);
      family.type = rest;
    } else {
      assert.ok(!line.startsWith('#'), `no such comment: ${line}`);
      const sample = readSample(line);
      const family = families.get(current);
      const suffix = sample.name.slice(current.length);
      assert.ok(family && sample.name.startsWith(current), `a figure out of place: ${line}`);
      assert.ok(PART[family.type]?.includes(suffix), `no part of a ${family.type}: ${line}`);
      const identity = line.slice(0, line.lastIndexOf(' '));
      assert.ok(!seen.has(identity), `the same figure twice: ${line}`);
      seen.add(identity);
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) checkFamily(name, family);
  return families;
}

function readSample(line: string): Sample {
  const [whole, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
  assert.ok(whole, `not a figure: ${line}`);
  assert.match(value, /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|[+-]Inf|NaN|Nan)$/, line);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text])),
    value: Number(value.replace('Inf', 'Infinity')),
  };
}

function checkFamily(name: string, { type, samples }: MetricFamily): void {
  assert.notEqual(type, '', `${name} has no type`);
  if (type === 'counter') {
    assert.match(name, /_total$/, 'counters end in _total');
    for (const { value } of samples) assert.ok(value >= 0, `${name} is negative`);
  }
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const last = new Map<string, number>();
  for (const sample of samples) {
    const { le, ...own } = sample.labels;
    const identity = JSON.stringify(own);
    if (sample.name.endsWith('_bucket')) {
      assert.ok(le !== undefined && sample.value >= (last.get(identity) ?? 0), `${name} shrinks at ${le}`);
      last.set(identity, sample.value);
    }
    if (sample.name.endsWith('_count'))
      assert.equal(last.get(identity), sample.value, `${name} does not add up`);
  }
}

/** The figure of a metric with at least these labels, summed over all others; 0 where there is none. */
export function figure(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const base = name.replace(/_(?:sum|count|bucket)$/, '');
  const family = families.get(name) ?? families.get(base);
  assert.ok(family, `there is no metric ${name}`);
  return family.samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
