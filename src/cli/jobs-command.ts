import { Command } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { ask, askJson, type CommandServer } from './command-server.ts';
import { isOver, readJob, readJobs, watchJob, type ShownJob } from './job-answer.ts';
import { createJobLine } from './job-line.ts';
import { bytesIn, writeOutput } from './output-file.ts';
import {
  addressIn,
  numberIn,
  printJson,
  textIn,
  withOwner,
  withReachedServer,
  withServer,
  type Options,
} from './server-options.ts';
import { painted, textTable } from './text-table.ts';

const ID = 'the id that "jobs list" shows';

const MOST_LISTED = 100;

/** `antiphon jobs list|show|watch|result|cancel|retry|remove`. */
export function jobsCommand(): Command {
  const jobs = new Command('jobs').description('Look after work that is done in the background');
  const commands = [
    listCommand(),
    showCommand(),
    watchCommand(),
    resultCommand(),
    cancelCommand(),
    retryCommand(),
    removeCommand(),
  ];
  for (const command of commands) jobs.addCommand(withOwner(withServer(command)));
  return jobs;
}

function listCommand(): Command {
  return new Command('list')
    .option('-n, --limit <number>', `how many, at most ${MOST_LISTED}`, '20')
    .option('--kind <kind>', 'request, sound or video')
    .option('--dialect <id>', 'of one API only')
    .option('--oldest', 'Begin with the oldest')
    .description('List jobs, the newest first')
    .action((options: Options) => listJobs(options));
}

async function listJobs(options: Options): Promise<void> {
  const query = new URLSearchParams({
    limit: String(numberIn(options, 'limit')),
    order: options['oldest'] === true ? 'asc' : 'desc',
  });
  for (const name of ['kind', 'dialect']) {
    const value = textIn(options, name);
    if (value !== undefined) query.set(name, value);
  }
  await withReachedServer(options, async (server, signal) => {
    const { jobs, hasMore } = readJobs(
      await askJson(server, { path: `/antiphon/v1/jobs?${query.toString()}`, signal }),
    );
    if (options['json'] === true) printJson(jobs.map((job) => shownHere(job, options)));
    else if (jobs.length === 0) console.log('There are no jobs.');
    else {
      const rows = jobs.map((job) => [job.id, stateText(job), orderOf(job), job.createdAt, notesOn(job)]);
      const paint = (cell: string, column: number) => (column === STATE_COLUMN ? colourOf(cell) : cell);
      console.log(textTable(['id', 'state', 'order', 'since', 'note'], rows, paint));
      if (hasMore) console.log('There are more: --limit shows up to 100.');
    }
  });
}

function showCommand(): Command {
  return new Command('show')
    .argument('<id>', ID)
    .description('Show how a job is')
    .action((id: string, options: Options) =>
      withReachedServer(options, async (server, signal) =>
        showJob(await findJob(server, id, signal), options),
      ),
    );
}

function watchCommand(): Command {
  return new Command('watch')
    .argument('<id>', ID)
    .description('Follow a job to its end; fails when the job does')
    .action((id: string, options: Options) => followJob(id, options));
}

async function followJob(id: string, options: Options): Promise<void> {
  const json = options['json'] === true;
  const line = createJobLine(process.stderr);
  await withReachedServer(options, async (server, signal) => {
    let last: ShownJob | undefined;
    try {
      for await (const job of watchJob(server, id, signal)) {
        last = job;
        if (!json) line.show(job);
        // One line of JSON for each change.
        else console.log(JSON.stringify(shownHere(job, options)));
      }
    } finally {
      line.end();
    }
    if (!last || last.state === 'succeeded') return;
    throw new CommandFailure(`The job ${last.error ? `failed: ${last.error.message}` : 'was cancelled.'}`);
  });
}

function resultCommand(): Command {
  return new Command('result')
    .argument('<id>', ID)
    .option('-o, --output <file>', 'where it goes', '-')
    .description('Fetch what came of a job')
    .action((id: string, options: Options) =>
      withReachedServer(options, async (server, signal) => {
        const output = String(options['output']);
        const answer = await ask(server, { path: `${pathOf(id)}/result`, signal });
        const mediaType = answer.headers.get('content-type');
        const byteLength = await writeOutput(output, bytesIn(answer));
        // On standard error, because the result may go to standard output.
        if (options['json'] === true) console.error(JSON.stringify({ file: output, mediaType, byteLength }));
        else if (output !== '-') console.error(`${output}: ${byteLength} bytes, ${mediaType ?? 'unknown'}`);
      }),
    );
}

function cancelCommand(): Command {
  return new Command('cancel')
    .argument('<id>', ID)
    .description('End a job that has not ended')
    .action((id: string, options: Options) =>
      withReachedServer(options, async (server, signal) => {
        const job = await findJob(server, id, signal);
        if (isOver(job)) throw new CommandFailure(`Job ${id} has ended already: it ${endOf(job)}.`);
        const ended = await askJson(server, { method: 'DELETE', path: pathOf(id), signal });
        showJob(ended === undefined ? { ...job, state: 'cancelled' } : readJob(ended), options);
      }),
    );
}

function retryCommand(): Command {
  return new Command('retry')
    .argument('<id>', ID)
    .description('Begin a failed or cancelled job anew')
    .action((id: string, options: Options) =>
      withReachedServer(options, async (server, signal) => {
        showJob(
          readJob(await askJson(server, { method: 'POST', path: `${pathOf(id)}/retry`, signal })),
          options,
        );
        if (addressIn(options) === undefined && options['json'] !== true)
          console.error('It is done by the server that runs on this data folder, or the next one.');
      }),
    );
}

function removeCommand(): Command {
  return new Command('remove')
    .argument('<id>', ID)
    .description('Forget a job that has ended, and what it made')
    .action((id: string, options: Options) =>
      withReachedServer(options, async (server, signal) => {
        const job = await findJob(server, id, signal);
        if (!isOver(job)) throw new CommandFailure(`Job ${id} is ${job.state}: cancel it first.`);
        await askJson(server, { method: 'DELETE', path: pathOf(id), signal });
        if (options['json'] === true) printJson({ id, removed: true });
        else console.log(`Job ${id} is forgotten.`);
      }),
    );
}

function pathOf(id: string): string {
  return `/antiphon/v1/jobs/${encodeURIComponent(id)}`;
}

async function findJob(server: CommandServer, id: string, signal: AbortSignal): Promise<ShownJob> {
  return readJob(await askJson(server, { path: pathOf(id), signal }));
}

/** Addresses of a server that nobody can reach are none. */
function shownHere(job: ShownJob, options: Options): Readonly<Record<string, unknown>> {
  const { links, ...rest } = job;
  return addressIn(options) === undefined ? rest : { ...rest, links };
}

function showJob(job: ShownJob, options: Options): void {
  if (options['json'] === true) {
    printJson(shownHere(job, options));
    return;
  }
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['id', job.id],
    ['state', colourOf(stateText(job))],
    ['order', orderOf(job)],
    ['api', job.dialect],
    ['attempts', String(job.attempts)],
    ['made by', job.servedBy && `${job.servedBy}${job.standIn === true ? ' as a stand-in' : ''}`],
    ['since', job.createdAt],
    ['begun', job.startedAt],
    ['ended', job.finishedAt],
    ['kept until', job.expiresAt],
    ['error', job.error && `${job.error.code}: ${job.error.message}`],
  ];
  for (const [name, value] of facts) if (value) console.log(`${name.padEnd(11)} ${value}`);
}

const STATE_COLUMN = 1;

const STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

const COLOURS: Readonly<Record<(typeof STATES)[number], 'yellow' | 'cyan' | 'green' | 'red' | 'dim'>> = {
  queued: 'yellow',
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'dim',
};

function stateText({ state, progress }: ShownJob): string {
  return state === 'running' && progress > 0 ? `running ${Math.floor(progress * 100)} %` : state;
}

function colourOf(text: string): string {
  const state = STATES.find((one) => text.startsWith(one));
  return state === undefined ? text : painted(COLOURS[state], text);
}

function endOf({ state }: ShownJob): string {
  return state === 'cancelled' ? 'was cancelled' : state;
}

function orderOf({ kind, model, request }: ShownJob): string {
  return request ? `${request.method} ${request.url}` : `${kind} ${model ?? ''}`.trimEnd();
}

function notesOn({ position, etaSeconds, error }: ShownJob): string {
  const waits = position === null ? [] : [`${position} before it`];
  const left = etaSeconds === null ? [] : [`about ${etaSeconds} s left`];
  return [...waits, ...left, ...(error ? [error.message] : [])].join(', ');
}
