import { randomUUID } from 'node:crypto';
import { WebSocketServer, type WebSocket } from 'ws';
import { plainMp4, toneWav } from './fake-media.ts';
import { plainPicture } from './job-media.ts';
import { startPinnedServer, type FakeAnswer, type PinnedServer, type SeenRequest } from './pinned-server.ts';

/** What the fake is told to do wrong, or when. */
export interface ComfyuiFakeOptions {
  /** A free one when absent. */
  readonly port?: number;
  /** Hold runs until this resolves. */
  readonly gate?: Promise<void>;
  /** Fail every run in a node with this message. */
  readonly fails?: string;
  /** Tell nobody how far it is. */
  readonly silent?: true;
  /** Give runs ids of its own. */
  readonly ownIds?: true;
  /** Runs of somebody else that wait. */
  readonly queued?: number;
}

/** A server of ComfyUI without a model, which makes what the nodes of a graph ask for in one colour or tone. */
export interface ComfyuiFake extends PinnedServer {
  /** Forgets everything, as the program does when it is started anew. */
  restart(): void;
  /** Files that were sent, by their names. */
  readonly uploads: ReadonlyMap<string, Buffer>;
  /** The graphs that were accepted. */
  readonly graphs: readonly FakeGraph[];
}

export type FakeGraph = Readonly<
  Record<string, { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> }>
>;

interface FakeRun {
  readonly id: string;
  readonly clientId: string;
  readonly graph: FakeGraph;
  state: 'pending' | 'running' | 'ended' | 'interrupted';
}

const MOST_STEPS = 10_000;

/** Starts the fake. One graph is run at a time, the others wait in line. */
export async function startComfyuiFake(options: ComfyuiFakeOptions = {}): Promise<ComfyuiFake> {
  const uploads = new Map<string, Buffer>();
  const files = new Map<string, Uint8Array>();
  const history = new Map<string, unknown>();
  const runs: FakeRun[] = [];
  const graphs: FakeGraph[] = [];
  const clients = new Map<string, WebSocket>();
  let working: Promise<void> = Promise.resolve();

  const tell = ({ clientId }: FakeRun, type: string, data: object) => {
    if (!options.silent) clients.get(clientId)?.send(JSON.stringify({ type, data }));
  };
  const run = async (one: FakeRun) => {
    if (one.state !== 'pending') return;
    one.state = 'running';
    tell(one, 'execution_start', { prompt_id: one.id });
    for (const value of [1, 2]) tell(one, 'progress', { prompt_id: one.id, node: '3', value, max: 4 });
    await options.gate;
    if (one.state !== 'running') {
      history.set(one.id, {
        outputs: {},
        status: { status_str: 'error', completed: false, messages: [['execution_interrupted', {}]] },
      });
      return;
    }
    // What has left the queue is in the history at the same moment.
    if (options.fails !== undefined) {
      const error = { node_id: '3', node_type: 'KSampler', exception_message: options.fails };
      history.set(one.id, {
        outputs: {},
        status: { status_str: 'error', completed: false, messages: [['execution_error', error]] },
      });
      one.state = 'ended';
      tell(one, 'execution_error', { prompt_id: one.id, ...error });
      return;
    }
    const outputs = await outputsOf(one, { uploads, files });
    history.set(one.id, { outputs, status: { status_str: 'success', completed: true, messages: [] } });
    one.state = 'ended';
    tell(one, 'executing', { prompt_id: one.id, node: null });
  };

  const submit = ({ body }: SeenRequest): FakeAnswer => {
    const { prompt: graph, client_id: clientId, prompt_id: wanted } = JSON.parse(body.toString('utf8'));
    const errors = nodeErrors(graph, uploads);
    if (errors) {
      const error = {
        type: 'prompt_outputs_failed_validation',
        message: 'Prompt outputs failed validation',
        details: '',
        extra_info: {},
      };
      return { status: 400, json: { error, node_errors: errors } };
    }
    const one: FakeRun = { id: options.ownIds ? randomUUID() : wanted, clientId, graph, state: 'pending' };
    runs.push(one);
    graphs.push(graph);
    working = working.then(() => run(one));
    return { json: { prompt_id: one.id, number: runs.length, node_errors: {} } };
  };

  const change = ({ path, body }: SeenRequest): FakeAnswer => {
    const { delete: ids = [], prompt_id: id } = JSON.parse(body.toString('utf8'));
    const wanted = path === '/interrupt' ? 'running' : 'pending';
    for (const one of runs) {
      if (one.state === wanted && (one.id === id || ids.includes(one.id))) one.state = 'interrupted';
    }
    return { type: 'text/plain', bytes: '' };
  };

  const server = await startPinnedServer((request) => {
    const { path, method, query } = request;
    const waiting = () => runs.filter(({ state }) => state === 'pending');
    if (path === '/system_stats') return { json: { system: {} } };
    if (path === '/prompt' && method === 'GET') {
      return { json: { exec_info: { queue_remaining: (options.queued ?? 0) + waiting().length } } };
    }
    if (path === '/prompt') return submit(request);
    if (path === '/upload/image') return keepUpload(request, uploads);
    if (path === '/interrupt' || (path === '/queue' && method === 'POST')) return change(request);
    if (path === '/queue') {
      const listed = (state: FakeRun['state']) =>
        runs.filter((one) => one.state === state).map(({ id, graph }, number) => [number, id, graph, {}, []]);
      return { json: { queue_running: listed('running'), queue_pending: listed('pending') } };
    }
    if (path.startsWith('/history/')) {
      const id = path.slice('/history/'.length);
      return { json: history.has(id) ? { [id]: history.get(id) } : {} };
    }
    const file = path === '/view' ? files.get(query.get('filename') ?? '') : undefined;
    return file
      ? { type: 'application/octet-stream', bytes: file }
      : { status: 404, json: { error: 'not found' } };
  }, options.port);
  const sockets = new WebSocketServer({ server: server.server, path: '/ws' });
  sockets.on('connection', (socket, { url = '/' }) => {
    const id = new URL(url, 'http://fake').searchParams.get('clientId') ?? '';
    clients.set(id, socket);
    socket.send(JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } } } }));
  });
  return {
    ...server,
    uploads,
    graphs,
    restart: () => {
      history.clear();
      runs.length = 0;
    },
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      await server.close();
    },
  };
}

async function keepUpload({ headers, body }: SeenRequest, uploads: Map<string, Buffer>): Promise<FakeAnswer> {
  const type = headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const file = form.get('image');
  if (!(file instanceof File)) return { status: 400, json: { error: 'no image' } };
  uploads.set(file.name, Buffer.from(await file.arrayBuffer()));
  return { json: { name: file.name, subfolder: '', type: 'input' } };
}

/** What the server finds wrong before it runs anything. */
function nodeErrors(graph: FakeGraph, uploads: ReadonlyMap<string, Buffer>) {
  for (const [node, { class_type: type, inputs }] of Object.entries(graph)) {
    const wrong = (input: string, kind: string, details: string) => {
      const error = { type: kind, message: `Value problem`, details, extra_info: { input_name: input } };
      return { [node]: { errors: [error], dependent_outputs: [], class_type: type } };
    };
    if (Number(inputs['steps']) > MOST_STEPS)
      return wrong('steps', 'value_bigger_than_max', `Value is bigger than max of ${MOST_STEPS}`);
    if (inputs['ckpt_name'] === 'missing.safetensors')
      return wrong('ckpt_name', 'value_not_in_list', 'not in list');
    if (type === 'LoadImage' && !uploads.has(String(inputs['image'])))
      return wrong('image', 'custom_validation_failed', 'Invalid image file');
    for (const [input, value] of Object.entries(inputs)) {
      if (Array.isArray(value) && !graph[String(value[0])])
        return wrong(input, 'bad_linked_input', 'no such node');
    }
  }
  return undefined;
}

interface Shelves {
  readonly uploads: ReadonlyMap<string, Buffer>;
  readonly files: Map<string, Uint8Array>;
}

async function outputsOf({ id, graph }: FakeRun, { uploads, files }: Shelves) {
  const values = new Map(Object.values(graph).flatMap(({ inputs }) => Object.entries(inputs)));
  const number = (name: string, otherwise: number) => {
    const value = values.get(name);
    return typeof value === 'number' ? value : otherwise;
  };
  const keep = (name: string, bytes: Uint8Array) => {
    files.set(name, bytes);
    return [{ filename: name, subfolder: '', type: 'output' }];
  };
  const size = { width: number('width', 64), height: number('height', 64) };
  const outputs: Record<string, unknown> = {};
  for (const [node, { class_type: type, inputs }] of Object.entries(graph)) {
    if (type === 'SaveAudio')
      outputs[node] = { audio: keep(`${id}.wav`, toneWav(number('seconds', 1), 44_100, 2)) };
    if (type === 'SaveVideo') {
      const film = { ...size, frames: number('length', 1), framesPerSecond: number('fps', 16) };
      outputs[node] = { images: keep(`${id}.mp4`, await plainMp4(film)), animated: [true] };
    }
    if (type === 'SaveImage') {
      const loaded = Object.values(graph).find((one) => one.class_type === 'LoadImage');
      const sent = loaded && uploads.get(String(loaded.inputs['image']));
      outputs[node] = {
        images: keep(`${id}.png`, sent ?? (await plainPicture({ ...size, seed: number('seed', 0) }))),
      };
    }
    if (type === 'PreviewImage')
      outputs[node] = { images: [{ filename: String(inputs['x']), subfolder: '', type: 'temp' }] };
  }
  return outputs;
}
