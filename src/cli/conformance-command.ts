import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import type { KitNetwork } from '../conformance/kit-asking.ts';
import { KITS } from '../conformance/kit-list.ts';
import { countRows, countsText, junitXml, kitJson, rowText } from '../conformance/kit-report.ts';
import type { Kit, ModelKind } from '../conformance/kit-row.ts';
import { chosenRows, runKit, type KitPlan, type RowResult } from '../conformance/kit-run.ts';
import { stopDecodePool } from '../media/decoders/decode-pool.ts';
import { CommandFailure } from './command-failure.ts';

type Options = Readonly<Record<string, unknown>>;

const KINDS: readonly ModelKind[] = [
  'speech',
  'transcription',
  'sound',
  'music',
  'image',
  'edit',
  'video',
  'chat',
];

const DIALECTS = Object.keys(KITS).join(', ');

/** `antiphon conformance`: holds any server to the contract of a dialect. */
export function conformanceCommand(): Command {
  return new Command('conformance')
    .argument('[url]', 'where the API begins, as its official clients are told it')
    .description('Hold a server, any server, to what a vendor’s clients expect of it')
    .requiredOption('--dialect <id>', `whose API it is: ${DIALECTS}`)
    .option('--key <key>', 'API key; ANTIPHON_CONFORMANCE_KEY when absent')
    .option('--rows <ids>', 'only these rows, such as S1,S2; R1 stands for all that begin so')
    .option('--costly', 'Also make pictures, films, music, voices and long speech')
    .option('--documented', 'Leave out what the vendor says nothing about')
    .option('--recording <file>', 'somebody who speaks; without one the server speaks for itself')
    .option(
      '--model <kind=name...>',
      `a model other than the usual one, such as speech=tts-1-hd; kinds: ${KINDS.join(', ')}`,
    )
    .option('--rate <number>', 'requests a second at most', '5')
    .option('--row-seconds <seconds>', 'how long a row may take', '120')
    .option('--list', 'List the rows and what they require, and ask nobody')
    .option('--junit <file>', 'Write the outcome as JUnit’s XML too')
    .option('--json', 'Print JSON')
    .action((url: string | undefined, options: Options) => conform(url, options));
}

async function conform(url: string | undefined, options: Options): Promise<void> {
  const kit = await kitFrom(options);
  const rows = rowsFrom(kit, options);
  if (options['list'] === true) return list(kit, rows, options['json'] === true);
  const plan = await planFrom(url, rows, options);
  const results: RowResult[] = [];
  const json = options['json'] === true;
  try {
    for await (const row of runKit(kit, plan)) {
      if (!json && row.section !== results.at(-1)?.section) console.log(`\n${row.section}`);
      results.push(row);
      if (!json) console.log(rowText(row));
    }
  } finally {
    await stopDecodePool();
  }
  if (json) console.log(JSON.stringify(kitJson({ dialect: kit.id, url: plan.url }, results), undefined, 2));
  else console.log(`\n${countsText(results)}`);
  const junit = textOf(options, 'junit');
  if (junit !== undefined) await writeFile(junit, junitXml(kit.id, results));
  const { failed } = countRows(results);
  if (plan.signal.aborted) throw new CommandFailure('It was interrupted.');
  if (failed > 0) throw new CommandFailure(`${failed} of ${results.length} rows failed.`);
}

function list(kit: Kit, ids: readonly string[], json: boolean): void {
  const rows = chosenRows(kit, ids).map((row) => ({
    id: row.id,
    section: row.section,
    requires: row.requires,
    ...('why' in row ? { why: row.why } : { tags: row.tags ?? [] }),
  }));
  if (json) console.log(JSON.stringify(rows, undefined, 2));
  else
    for (const { id, section, requires } of rows)
      console.log(`${id.padEnd(34)}  ${section.padEnd(20)}  ${requires}`);
}

async function kitFrom(options: Options): Promise<Kit> {
  const asked = textOf(options, 'dialect') ?? '';
  const load = Object.hasOwn(KITS, asked) ? KITS[asked] : undefined;
  if (load) return load();
  throw new CommandFailure(`--dialect is one of ${DIALECTS}, not '${asked}'.`, 2);
}

function rowsFrom(kit: Kit, options: Options): readonly string[] {
  const ids = (textOf(options, 'rows') ?? '')
    .split(',')
    .flatMap((id) => (id.trim() === '' ? [] : [id.trim()]));
  const unknown = ids.find((id) => chosenRows(kit, [id]).length === 0);
  if (unknown === undefined) return ids;
  throw new CommandFailure(`There is no row '${unknown}' for ${kit.id}; --list shows those there are.`, 2);
}

async function planFrom(
  url: string | undefined,
  rows: readonly string[],
  options: Options,
): Promise<KitPlan> {
  if (url === undefined || !/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new CommandFailure(
      'Which server? Give the address where the API begins, such as http://127.0.0.1:8484/v1.',
      2,
    );
  const recording = textOf(options, 'recording');
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  return {
    url,
    key: textOf(options, 'key') ?? process.env['ANTIPHON_CONFORMANCE_KEY'],
    costly: options['costly'] === true,
    documentedOnly: options['documented'] === true,
    rows,
    models: modelsFrom(options['model']),
    recording: recording === undefined ? undefined : Uint8Array.from(await readFile(recording)),
    perSecond: numberOf(options, 'rate'),
    rowSeconds: numberOf(options, 'rowSeconds'),
    pollMs: 1000,
    network: NETWORK,
    signal: interrupted.signal,
  };
}

function modelsFrom(given: unknown): Readonly<Partial<Record<ModelKind, string>>> {
  const models: Partial<Record<ModelKind, string>> = {};
  for (const one of Array.isArray(given) ? given : []) {
    const [word, ...name] = String(one).split('=');
    const kind = KINDS.find((known) => known === word);
    if (kind === undefined || name.length === 0)
      throw new CommandFailure(
        `--model takes a kind and a name, such as speech=tts-1, not '${String(one)}'.`,
        2,
      );
    models[kind] = name.join('=');
  }
  return models;
}

function numberOf(options: Options, name: string): number {
  const value = Number(options[name]);
  if (Number.isFinite(value) && value > 0) return value;
  const flag = name === 'rate' ? '--rate' : '--row-seconds';
  throw new CommandFailure(`${flag} is a number above 0, not '${String(options[name])}'.`, 2);
}

function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The world as the kit sees it: whatever address the command line names. */
const NETWORK: KitNetwork = {
  request: (url, init) => fetch(url, init),
  openSocket: typeof WebSocket === 'undefined' ? undefined : (url, options) => new WebSocket(url, options),
  now: () => performance.now(),
  pause: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, { signal });
  },
};
