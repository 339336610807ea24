import { jpegFilm, plainPicture } from './job-media.ts';
import { startPinnedServer, type FakeAnswer, type PinnedServer, type SeenRequest } from './pinned-server.ts';

/** What the fake is told to do wrong, or when. */
export interface SdcppFakeOptions {
  /** A free one when absent. */
  readonly port?: number;
  /** Jobs that may wait; none is accepted beyond. */
  readonly maxQueue?: number;
  /** Hold jobs in the making until this resolves. */
  readonly gate?: Promise<void>;
  /** Fail every job with this message. */
  readonly fails?: string;
  /** Answer this instead of the first so many questions after a job. */
  readonly stumbles?: { readonly times: number; readonly answer: FakeAnswer };
  /** Finished jobs have expired by the time that somebody asks. */
  readonly expired?: true;
  /** Films come in this format, whatever is asked. */
  readonly filmFormat?: string;
}

/** A server of stable-diffusion.cpp without a model: its pictures have one colour, which the seed decides. */
export interface SdcppFake extends PinnedServer {
  /** Forgets everything, as the program does when it is started anew. */
  restart(): void;
  /** How the jobs are now, in the order of their arrival. */
  states(): string[];
}

interface FakeJob {
  readonly id: string;
  readonly kind: 'img_gen' | 'vid_gen';
  readonly wish: Readonly<Record<string, unknown>>;
  status: 'queued' | 'generating' | 'completed' | 'failed' | 'cancelled';
  result: unknown;
  error: { readonly code: string; readonly message: string } | null;
}

/** Starts the fake. One job is made at a time, the others wait in line. */
export async function startSdcppFake(options: SdcppFakeOptions = {}): Promise<SdcppFake> {
  const jobs = new Map<string, FakeJob>();
  const { stumbles = { times: 0, answer: 'hang up' as const } } = options;
  let stumblesLeft = stumbles.times;
  let working: Promise<void> = Promise.resolve();

  const make = async (job: FakeJob) => {
    if (job.status !== 'queued') return;
    job.status = 'generating';
    await options.gate;
    if (options.fails !== undefined) {
      job.status = 'failed';
      job.error = { code: 'generation_failed', message: options.fails };
      return;
    }
    job.result = job.kind === 'img_gen' ? await pictureResult(job.wish) : await filmResult(job.wish, options);
    job.status = 'completed';
  };

  const submit = ({ path, body }: SeenRequest): FakeAnswer => {
    if (body.length === 0) return { status: 400, json: { error: 'empty body' } };
    const kind = path.endsWith('vid_gen') ? 'vid_gen' : 'img_gen';
    const waiting = [...jobs.values()].filter(({ status }) => status === 'queued').length;
    if (waiting >= (options.maxQueue ?? 64)) return { status: 429, json: { error: 'job queue is full' } };
    const wish: Record<string, unknown> = JSON.parse(body.toString('utf8'));
    const job: FakeJob = {
      id: `job_${jobs.size + 1}`,
      kind,
      wish,
      status: 'queued',
      result: null,
      error: null,
    };
    jobs.set(job.id, job);
    working = working.then(() => make(job));
    return {
      status: 202,
      json: { id: job.id, kind, status: 'queued', created: 1, poll_url: `/sdcpp/v1/jobs/${job.id}` },
    };
  };

  const show = (job: FakeJob | undefined): FakeAnswer => {
    if (stumblesLeft > 0) {
      stumblesLeft -= 1;
      return stumbles.answer;
    }
    if (!job) return { status: 404, json: { error: 'job not found' } };
    if (options.expired && job.status === 'completed') return { status: 410, json: { error: 'job expired' } };
    const line = [...jobs.values()].filter(({ status }) => status === 'queued');
    return { json: { ...job, wish: undefined, created: 1, queue_position: line.indexOf(job) + 1 } };
  };

  const cancel = (job: FakeJob | undefined): FakeAnswer => {
    if (!job) return { status: 404, json: { error: 'job not found' } };
    if (job.status === 'generating') return { status: 409, json: { error: 'job is generating' } };
    if (job.status === 'queued') {
      job.status = 'cancelled';
      job.error = { code: 'cancelled', message: 'job cancelled by client' };
    }
    return { json: { id: job.id, status: job.status } };
  };

  const server = await startPinnedServer((request) => {
    const { path, method } = request;
    if (path === '/sdcpp/v1/capabilities') return { json: { supported_modes: ['img_gen', 'vid_gen'] } };
    if (method === 'POST' && /^\/sdcpp\/v1\/(img|vid)_gen$/.test(path)) return submit(request);
    const [, id, verb] = /^\/sdcpp\/v1\/jobs\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
    if (id === undefined) return { status: 404, type: 'text/html', bytes: '<h1>Not Found</h1>' };
    return verb ? cancel(jobs.get(id)) : show(jobs.get(id));
  }, options.port);
  return {
    ...server,
    restart: () => jobs.clear(),
    states: () => [...jobs.values()].map(({ status }) => status),
  };
}

function numberIn(wish: Readonly<Record<string, unknown>>, name: string): number {
  const value = wish[name];
  if (typeof value !== 'number') throw new Error(`${name} is no number`);
  return value;
}

function shapeOf(wish: Readonly<Record<string, unknown>>) {
  return { width: numberIn(wish, 'width'), height: numberIn(wish, 'height'), seed: numberIn(wish, 'seed') };
}

async function pictureResult(wish: Readonly<Record<string, unknown>>) {
  const picture = await plainPicture(shapeOf(wish));
  return { output_format: 'png', images: [{ index: 0, b64_json: picture.toString('base64') }] };
}

async function filmResult(wish: Readonly<Record<string, unknown>>, { filmFormat }: SdcppFakeOptions) {
  const { seed, ...size } = shapeOf(wish);
  const count = numberIn(wish, 'video_frames');
  const frames = await Promise.all(
    Array.from({ length: count }, (_, index) => plainPicture({ ...size, seed: seed + index }, 'jpeg')),
  );
  return {
    output_format: filmFormat ?? wish['output_format'],
    mime_type: 'video/x-msvideo',
    fps: numberIn(wish, 'fps'),
    frame_count: count,
    b64_json: jpegFilm(frames).toString('base64'),
  };
}
