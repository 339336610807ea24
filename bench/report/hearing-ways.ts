import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { BareOrder, BareReport, BareRun } from '../bare-hearing.ts';
import type { BenchModel } from '../hearing-weights.ts';
import type { Recording } from '../recordings.ts';
import type { ServerProcess } from '../server-process.ts';

/** A server and a model that it hears with. */
export interface HearingPlace {
  readonly server: ServerProcess;
  readonly model: BenchModel;
}

/** A recording sent as OpenAI's clients do. */
export async function hearThroughHttp(
  { server, model }: HearingPlace,
  recording: Recording,
): Promise<BareRun> {
  const file = await openAsBlob(recording.path);
  const startedAt = performance.now();
  const form = new FormData();
  form.append('model', model.id);
  form.append('language', 'en');
  form.append('response_format', 'json');
  form.append('file', file, `recording.${recording.format}`);
  const response = await fetch(`${server.origin}/v1/audio/transcriptions`, { method: 'POST', body: form });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const body = (await response.json()) as { text: string }; // The contract of this route.
  return { totalMs: performance.now() - startedAt, text: body.text };
}

/** A recording sent as the clients of the vendor do that takes the largest files; the milliseconds that it took. */
export async function hearLongThroughHttp({ origin }: ServerProcess, recording: Recording): Promise<number> {
  const form = new FormData();
  form.append('model_id', 'scribe_v1');
  form.append('language_code', 'en');
  form.append('timestamps_granularity', 'none');
  form.append('file', await openAsBlob(recording.path), `recording.${recording.format}`);
  const startedAt = performance.now();
  const response = await fetch(`${origin}/v1/speech-to-text`, { method: 'POST', body: form });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return performance.now() - startedAt;
}

/** The engine in a process that does nothing else. */
export interface BareEngine {
  hear(windows: readonly Int16Array[]): Promise<BareRun>;
  stop(): Promise<void>;
}

/** Starts it and lets it load a model. */
export async function startBare(model: BenchModel, threads: number): Promise<BareEngine> {
  const child = fork(new URL('../bare-hearing.ts', import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const left = new AbortController();
  child.once('exit', () => left.abort(new Error('The bare engine ended by itself.')));
  const ask = async (order: BareOrder): Promise<BareReport> => {
    child.send(order);
    const [report] = (await once(child, 'message', { signal: left.signal })) as [BareReport]; // Only that script speaks.
    return report;
  };
  await ask({ kind: 'load', model, threads });
  return {
    hear: async (windows) => {
      const report = await ask({ kind: 'hear', windows });
      if (report.kind !== 'heard') throw new Error('The bare engine answered something else.');
      return report.run;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
