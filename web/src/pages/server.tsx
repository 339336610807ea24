import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import '../board.css';
import { ask, origin } from '../connection.ts';
import { useEvery, useFetched, type Fetched } from '../fetched.ts';
import { Engines, type EngineList } from '../parts/engine-list.tsx';
import { Failure, Page } from '../parts/page.tsx';
import { readReadiness, type Readiness } from '../readiness.ts';
import { useTask } from '../task.ts';
import { useVisitor, type Visitor } from '../visitor.ts';

/** How often the page looks again, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;

/** How the server is. */
export function Server() {
  const visitor = useVisitor();
  const health = useFetched<{ readonly version: string }>('/health');
  const engines = useFetched<EngineList>('/antiphon/v1/engines');
  useEvery(LOOK_AGAIN_MS, () => void engines.reload());
  return (
    <Page title="Server" lead="How this server is, and where to read more about it.">
      <section class="card" aria-label="This server">
        <dl class="totals">
          <Fact word="Version">{health.value.value?.version ?? '…'}</Fact>
          <Fact word="You are">{whoIs(visitor)}</Fact>
        </dl>
        <p>
          <a href="/docs">Reference of the APIs</a>: every route, with examples that can be tried. Clients
          find the server at <code>{origin}</code>.
        </p>
      </section>
      <ReadinessCard />
      <Engines list={engines} isAdmin={visitor.value.value?.role === 'admin'} />
      <MetricsCard />
    </Page>
  );
}

function Fact({ word, children }: { readonly word: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function whoIs({ value, problem }: Fetched<Visitor>): string {
  const who = value.value;
  if (!who) return problem.value ? 'unknown: a key is needed' : '…';
  if (who.anonymous) return 'anybody: no key is needed';
  return `${who.name} (${who.role})`;
}

/** The parts by their names in the answer of the server. */
const PARTS: Readonly<Record<string, string>> = {
  running: 'Running: it was not told to stop',
  store: 'Database: takes something new',
  blobs: 'Files: can be written and removed',
  engines: 'Engines: at least one can be used',
};

function ReadinessCard() {
  const readiness = useSignal<Readiness | undefined>(undefined);
  const task = useTask();
  const look = () =>
    task.begin(async (signal) => {
      readiness.value = await readReadiness(signal);
    });
  useEvery(LOOK_AGAIN_MS, () => void look());
  useEffect(() => void look(), []);
  const { ready, checks = [] } = readiness.value ?? {};
  return (
    <section class="card" aria-labelledby="readiness">
      <div class="card-head">
        <h2 id="readiness">Ready for requests</h2>
        <span role="status">
          {ready !== undefined && (
            <span class={`badge ${ready ? 'good' : 'bad'}`}>{ready ? 'Ready' : 'Not ready'}</span>
          )}
        </span>
        <button type="button" class="quiet slim" onClick={() => void look()} disabled={task.running.value}>
          Look again
        </button>
      </div>
      <Failure message={task.failure.value} />
      <ul class="rows">
        {checks.map(({ name, ok, ms, reason }) => (
          <li class="row" key={name} aria-label={`${name}: ${ok ? 'well' : 'not well'}`}>
            <div class="row-head">
              <h3>{PARTS[name] ?? name}</h3>
              <span class={`badge ${ok ? 'good' : 'bad'}`}>{ok ? 'Well' : 'Not well'}</span>
              <span class="soft">{ms} ms</span>
            </div>
            {reason !== undefined && <p>{reason}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function MetricsCard() {
  const text = useSignal('');
  const task = useTask();
  const show = () =>
    task.begin(async (signal) => {
      text.value = await (await ask('/metrics', { signal })).text();
    });
  return (
    <section class="card" aria-labelledby="metrics">
      <div class="card-head">
        <h2 id="metrics">Metrics</h2>
        <button type="button" class="quiet slim" onClick={() => void show()} disabled={task.running.value}>
          Show them
        </button>
      </div>
      <p class="soft">
        Figures for Prometheus are at <a href="/metrics">{origin}/metrics</a>. Once there is a key they are
        told to keys with the role admin only; the link brings no key, the button does.
      </p>
      <Failure message={task.failure.value} />
      {text.value !== '' && (
        <pre tabIndex={0} role="region" aria-label="Text of the metrics">
          {text.value}
        </pre>
      )}
    </section>
  );
}
