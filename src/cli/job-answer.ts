import { z } from 'zod';
import { CommandFailure } from './command-failure.ts';
import { ask, type CommandServer } from './command-server.ts';

const jobSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  dialect: z.string(),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  request: z.object({ method: z.string(), url: z.string() }).optional(),
  model: z.string().optional(),
  attempts: z.number(),
  progress: z.number(),
  position: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  servedBy: z.string().optional(),
  standIn: z.boolean().optional(),
});

/** A job as a server shows it. */
export type ShownJob = z.output<typeof jobSchema>;

const page = z.object({ jobs: z.array(jobSchema), hasMore: z.boolean() });

/** Reads a job out of an answer. */
export function readJob(body: unknown): ShownJob {
  const read = jobSchema.safeParse(body);
  if (read.success) return read.data;
  throw new CommandFailure('What answers there does not show jobs as Antiphon does.');
}

/** Reads a page of a list of jobs. */
export function readJobs(body: unknown): z.output<typeof page> {
  const read = page.safeParse(body);
  if (read.success) return read.data;
  throw new CommandFailure('What answers there does not list jobs as Antiphon does.');
}

/** Whether nothing more comes of it. */
export function isOver({ state }: Pick<ShownJob, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

/** The job now and whenever it changes, until it has ended; begins anew when the server goes away in between. */
export async function* watchJob(
  server: CommandServer,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<ShownJob> {
  const path = `/antiphon/v1/jobs/${encodeURIComponent(id)}/events`;
  for (let silent = 0; silent < MOST_SILENT; silent += 1) {
    for await (const job of eventsUntilBroken(await ask(server, { path, signal }), signal)) {
      silent = 0;
      yield job;
      if (isOver(job)) return;
    }
  }
  throw new CommandFailure('The server told nothing more about the job.');
}

/** Whether the server is still there when a connection breaks shows when it is asked again. */
async function* eventsUntilBroken(answer: Response, signal: AbortSignal): AsyncGenerator<ShownJob> {
  try {
    yield* eventsIn(answer);
  } catch (error) {
    if (signal.aborted || error instanceof CommandFailure) throw error;
  }
}

/** So often in a row a stream may end without a word. */
const MOST_SILENT = 3;

async function* eventsIn({ body }: Response): AsyncGenerator<ShownJob> {
  if (!body) return;
  let text = '';
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield readJob(JSON.parse(data.slice('data: '.length)));
    }
  }
}
