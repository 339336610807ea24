/**
 * First playable, real-time factor and continuity of speech through HTTP, next to the bare engine in the same run.
 * The server is a process of its own, as its users run it; the bare engine runs in this one. Rounds of the two take
 * turns, so that a machine whose speed drifts harms both alike. Prints a Markdown table.
 */
import { performance } from 'node:perf_hooks';
import type { Engine } from '../src/core/engine.ts';
import { bareEngine, bareSpeech } from './report/bare-speech.ts';
import { quantile } from './report/figures.ts';
import { startServer } from './server-process.ts';

const TEXT = [
  'The sea was calm that evening, and the lamps along the harbour had just been lit.',
  'A boy sat on the wall with his feet above the water, counting the boats as they came in.',
  'There were seven of them, and the last one carried no light at all.',
  'Nobody on the quay had noticed it yet, but the boy was sure that he knew the man at the helm.',
].join(' ');
const ROUNDS = Number(process.env['ROUNDS'] ?? 12);
const CROWD = Number(process.env['CROWD'] ?? 20);
const SAMPLE_RATE = 24_000;

interface Run {
  readonly firstPlayableMs: number;
  readonly totalMs: number;
  readonly audioSeconds: number;
  /** Whether playing at natural speed from the first sample on would never have had to wait. */
  readonly continuous: boolean;
}

/** Follows one stream of audio seconds as they arrive. */
async function follow(arrivals: AsyncIterable<number>, startedAt: number): Promise<Run> {
  let audioSeconds = 0;
  let firstAt = 0;
  let continuous = true;
  for await (const seconds of arrivals) {
    const now = performance.now();
    if (audioSeconds === 0) firstAt = now;
    else if ((now - firstAt) / 1000 > audioSeconds) continuous = false;
    audioSeconds += seconds;
  }
  return {
    firstPlayableMs: firstAt - startedAt,
    totalMs: performance.now() - startedAt,
    audioSeconds,
    continuous,
  };
}

async function throughHttp(origin: string, format: 'pcm' | 'mp3', voice: string): Promise<Run> {
  const startedAt = performance.now();
  const response = await fetch(`${origin}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', voice, input: TEXT, response_format: format }),
  });
  const { body } = response;
  if (!response.ok || !body) throw new Error(`${response.status} ${await response.text()}`);
  // Both are of constant bit rate: 16-bit samples, and 128 kbit/s.
  const bytesPerSecond = format === 'pcm' ? SAMPLE_RATE * 2 : 16_000;
  async function* arrivals(stream: NonNullable<typeof body>) {
    for await (const chunk of stream) yield chunk.length / bytesPerSecond;
  }
  return follow(arrivals(body), startedAt);
}

async function bare(engine: Engine, voice: string): Promise<Run> {
  const startedAt = performance.now();
  return follow(bareSpeech(engine, voice, TEXT), startedAt);
}

function row(label: string, runs: readonly Run[], reference: readonly Run[]): string {
  const median = (pick: (run: Run) => number, of: readonly Run[] = runs) => quantile(of.map(pick), 0.5);
  const realTimeFactor = median((run) => run.totalMs / 1000 / run.audioSeconds);
  const ratio = median((run) => run.totalMs) / median((run) => run.totalMs, reference);
  const continuity = (100 * runs.filter((run) => run.continuous).length) / runs.length;
  const cells = [
    label,
    median((run) => run.firstPlayableMs).toFixed(1),
    quantile(
      runs.map((run) => run.firstPlayableMs),
      0.95,
    ).toFixed(1),
    median((run) => run.totalMs).toFixed(0),
    realTimeFactor.toFixed(4),
    ratio.toFixed(2),
    `${continuity.toFixed(0)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

async function crowd(run: () => Promise<Run>): Promise<Run[]> {
  return Promise.all(Array.from({ length: CROWD }, run));
}

async function measure(id: string, voice: string): Promise<void> {
  const server = await startServer(['--engines', id]);
  const engine = await bareEngine(id);
  try {
    const ways = {
      'bare engine': () => bare(engine, voice),
      'HTTP, pcm': () => throughHttp(server.origin, 'pcm', voice),
      'HTTP, mp3': () => throughHttp(server.origin, 'mp3', voice),
    };
    const alone: Record<string, Run[]> = {};
    const crowded: Record<string, Run[]> = {};
    for (const run of Object.values(ways)) await crowd(run); // Warm workers, warm code.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [label, run] of Object.entries(ways)) (alone[label] ??= []).push(await run());
    }
    for (let round = 0; round < Math.max(2, ROUNDS / 4); round += 1) {
      for (const [label, run] of Object.entries(ways)) (crowded[label] ??= []).push(...(await crowd(run)));
    }
    console.log(`\n### ${voice}\n`);
    console.log(
      '| | first playable, median ms | p95 ms | whole, median ms | real-time factor | time against bare | continuity |',
    );
    console.log('|---|---|---|---|---|---|---|');
    for (const label of Object.keys(ways))
      console.log(row(`${label}, 1 client`, alone[label] ?? [], alone['bare engine'] ?? []));
    for (const label of Object.keys(ways)) {
      console.log(row(`${label}, ${CROWD} clients`, crowded[label] ?? [], crowded['bare engine'] ?? []));
    }
  } finally {
    await engine.stop?.();
    await server.stop();
  }
}

await measure('flite', 'flite/slt');
await measure('espeak', 'espeak/en-us');
