import { availableParallelism, cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { z } from 'zod';
import { readMemory } from '../platform/memory-reading.ts';
import { whileShowing } from './activity-line.ts';
import { benchLanguage, measuresOf, type BenchModel, type BenchRun, type Measure } from './bench-measure.ts';
import { CommandFailure } from './command-failure.ts';
import { askJson, type CommandServer } from './command-server.ts';
import {
  addressIn,
  numberIn,
  printJson,
  textIn,
  withReachedServer,
  withServer,
  type Options,
} from './server-options.ts';
import { byteText } from './progress-line.ts';
import { textTable } from './text-table.ts';

const listing = z.object({
  engines: z.array(
    z.object({
      models: z
        .array(
          z.object({
            id: z.string(),
            capability: z.string(),
            languages: z.union([z.array(z.string()), z.literal('any')]),
          }),
        )
        .default([]),
    }),
  ),
});

/** What was measured of a model. */
interface BenchResult {
  readonly model: string;
  readonly capability: string;
  /** The first request, in which the model was loaded, until there was something to hear, read or see. */
  readonly coldMs?: number;
  /** The same of those that followed; the middle one. */
  readonly firstMs?: number;
  /** The middle one of those that followed. */
  readonly totalMs?: number;
  /** Seconds of work for a second of sound. */
  readonly realTimeFactor?: number;
  /** What the program and its children took more, at most. */
  readonly memoryBytes?: number;
  /** Why nothing was measured. */
  readonly failure?: string;
}

/** `antiphon bench`: measures every model that is installed. */
export function benchCommand(): Command {
  const command = new Command('bench')
    .description('Measure how fast each installed model is on this machine')
    .option('-r, --rounds <number>', 'requests that count, after one that loads the model', '3')
    .option('-m, --model <id>', 'this model only')
    .option('--capability <name>', 'speech, transcription, sound, music or image only')
    .option('--markdown', 'Print a table for a Markdown page');
  return withServer(command).action((options: Options) => bench(options));
}

async function bench(options: Options): Promise<void> {
  const rounds = numberIn(options, 'rounds') ?? 1;
  if (!Number.isInteger(rounds)) throw new CommandFailure('--rounds is a whole number.', 2);
  await withReachedServer(options, async (server, signal) => {
    const measures = measuresOf(server);
    const models = await modelsOf(server, { options, known: Object.keys(measures) });
    if (models.length === 0)
      throw new CommandFailure('There is no such model here; "antiphon models list" shows all.', 2);
    const isLocal = addressIn(options) === undefined;
    const results: BenchResult[] = [];
    for (const model of models) {
      const measure = measures[model.capability];
      if (!measure) continue;
      const measuring = { measure, rounds, signal, memory: isLocal ? programMemory : undefined };
      results.push(await whileShowing(model.id, () => measureModel(model, measuring)));
      signal.throwIfAborted();
    }
    const machine = isLocal ? machineText() : addressIn(options);
    if (options['json'] === true) printJson({ machine, rounds, results });
    else console.log(`${machine}, ${rounds} rounds\n\n${resultTable(results, options['markdown'] === true)}`);
    if (results.every(({ failure }) => failure !== undefined))
      throw new CommandFailure('Nothing could be measured.');
  });
}

interface Choice {
  readonly options: Options;
  readonly known: readonly string[];
}

async function modelsOf(server: CommandServer, { options, known }: Choice): Promise<readonly BenchModel[]> {
  const read = listing.safeParse(await askJson(server, { path: '/antiphon/v1/engines' }));
  if (!read.success) throw new CommandFailure('What answers there does not list engines as Antiphon does.');
  const [model, capability] = [textIn(options, 'model'), textIn(options, 'capability')];
  return read.data.engines
    .flatMap(({ models }) => models)
    .filter((one) => known.includes(one.capability))
    .filter((one) => model === undefined || one.id === model)
    .filter((one) => capability === undefined || one.capability === capability);
}

interface Measuring {
  readonly measure: Measure;
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Bytes that are taken now; undefined where nobody can tell. */
  readonly memory: (() => number) | undefined;
}

async function measureModel(model: BenchModel, measuring: Measuring): Promise<BenchResult> {
  const { measure, rounds, signal, memory } = measuring;
  const { id, capability } = model;
  if (benchLanguage(model) === undefined)
    return { model: id, capability, failure: 'there is no text here in its languages' };
  const before = memory?.() ?? 0;
  let most = 0;
  const run = async () => {
    const done = await measure(model, signal);
    most = Math.max(most, (memory?.() ?? 0) - before);
    return done;
  };
  try {
    const cold = await run();
    const runs: BenchRun[] = [];
    while (runs.length < rounds) runs.push(await run());
    const factors = runs.flatMap(({ totalMs, mediaSeconds }) =>
      mediaSeconds ? [totalMs / 1000 / mediaSeconds] : [],
    );
    return {
      model: id,
      capability,
      coldMs: cold.firstMs,
      firstMs: middle(runs.map(({ firstMs }) => firstMs)),
      totalMs: middle(runs.map(({ totalMs }) => totalMs)),
      ...(factors.length > 0 ? { realTimeFactor: middle(factors) } : {}),
      ...(memory ? { memoryBytes: most } : {}),
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return { model: id, capability, failure: error instanceof Error ? error.message : String(error) };
  }
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Of the program and all processes that it has started. */
function programMemory(): number {
  const own = readMemory({ mostBytes: totalmem() }).find((reading) => reading.of === 'program');
  return own?.usedBytes ?? process.memoryUsage.rss();
}

function machineText(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${byteText(totalmem())}, Node.js ${process.versions.node}`;
}

const HEADINGS = ['model', 'makes or hears', 'cold ms', 'first ms', 'whole ms', 'real-time factor', 'memory'];

function resultTable(results: readonly BenchResult[], markdown: boolean): string {
  const rows = results.map((result) => [
    result.model,
    result.capability,
    ...(result.failure === undefined ? figuresOf(result) : [result.failure, '', '', '', '']),
  ]);
  if (!markdown) return textTable(HEADINGS, rows);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...rows.map(line)].join('\n');
}

function figuresOf({
  coldMs,
  firstMs,
  totalMs,
  realTimeFactor,
  memoryBytes,
}: BenchResult): readonly string[] {
  const milliseconds = (value: number | undefined) => (value === undefined ? '' : value.toFixed(0));
  return [
    milliseconds(coldMs),
    milliseconds(firstMs),
    milliseconds(totalMs),
    realTimeFactor === undefined ? '' : realTimeFactor.toFixed(3),
    memoryBytes === undefined ? '' : byteText(Math.max(0, memoryBytes)),
  ];
}
