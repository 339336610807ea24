/**
 * What a request costs in milliseconds of processor time, of the server and its child processes together, by endpoint; each is
 * asked in a row until enough time was used to be read from the clock of the system, which ticks a hundred times a second. Beside
 * it what the same work costs without the server. Prints a Markdown table.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testData } from '../test/decode-support.ts';
import { benchModels } from './hearing-weights.ts';
import { processorMsOfAll } from './process-figures.ts';
import { startBareServer } from './report/bare-process.ts';
import { bareEngine, bareSpeech } from './report/bare-speech.ts';
import { shortFigure } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';
import { startServer } from './server-process.ts';

/** Requests of an endpoint go on until so much time was used, or so many were answered. */
const ENOUGH_MS = Number(process.env['ENOUGH_MS'] ?? 1500);
const MOST = 3000;
const WARM_UPS = Number(process.env['WARM_UPS'] ?? 20);
const SENTENCE = 'The sea was calm that evening, and the lamps along the harbour had just been lit.';

interface Endpoint {
  readonly name: string;
  readonly path: string;
  readonly method?: 'GET';
  readonly body?: object | (() => FormData);
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  /** The same work done by somebody else, and who. */
  readonly beside?: () => Promise<{ readonly ms: number; readonly who: string }>;
}

const CLIP = join(testData, 'audio/en/jfk.wav');

const openai = (voice: string, format: string, more: object = {}) => ({
  model: 'auto',
  voice,
  input: SENTENCE,
  response_format: format,
  ...more,
});

function heard(): FormData {
  const form = new FormData();
  form.append('model', 'whisper/tiny');
  form.append('language', 'en');
  form.append('file', new Blob([readFileSync(CLIP)]), 'jfk.wav');
  return form;
}

function eigenForm(): FormData {
  const form = new FormData();
  form.append('model', 'higgs2p5');
  form.append('voice', 'Linda');
  form.append('text', SENTENCE);
  return form;
}

/** Asks again and again; the milliseconds that one of them costs. */
async function costOf(ask: () => Promise<void>, used: () => number): Promise<number> {
  for (let round = 0; round < WARM_UPS; round += 1) await ask();
  const before = used();
  let count = 0;
  while (count < MOST && used() - before < ENOUGH_MS) {
    await ask();
    count += 1;
  }
  return (used() - before) / count;
}

async function engineAlone(voice: string) {
  const engine = await bareEngine(voice.split('/')[0] ?? '');
  const own = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const speak = async () => {
    for await (const seconds of bareSpeech(engine, voice, SENTENCE)) void seconds;
  };
  try {
    return { ms: await costOf(speak, own), who: 'bare engine' };
  } finally {
    await engine.stop?.();
  }
}

async function nothingAtAll() {
  const bare = await startBareServer(['empty']);
  const ask = async () => {
    await (await fetch(bare.origin)).arrayBuffer();
  };
  try {
    return { ms: await costOf(ask, () => processorMsOfAll(bare.pid)), who: 'bare server' };
  } finally {
    await bare.stop();
  }
}

const flite = () => engineAlone('flite/slt');
const espeak = () => engineAlone('espeak/en-us');

const ENDPOINTS: readonly Endpoint[] = [
  { name: 'GET /health', path: '/health', method: 'GET', beside: nothingAtAll },
  { name: 'GET /v1/models', path: '/v1/models', method: 'GET' },
  { name: 'GET /v2/voices, 10', path: '/v2/voices?page_size=10', method: 'GET' },
  {
    name: 'speech refused (400)',
    path: '/v1/audio/speech',
    body: { ...openai('alloy', 'pcm'), speed: 'fast' },
    status: 400,
  },
  {
    name: 'OpenAI speech, espeak, pcm',
    path: '/v1/audio/speech',
    body: openai('espeak/en-us', 'pcm'),
    beside: espeak,
  },
  {
    name: 'OpenAI speech, flite, pcm',
    path: '/v1/audio/speech',
    body: openai('flite/slt', 'pcm'),
    beside: flite,
  },
  {
    name: 'OpenAI speech, flite, mp3',
    path: '/v1/audio/speech',
    body: openai('flite/slt', 'mp3'),
    beside: flite,
  },
  {
    name: 'OpenAI speech, flite, opus',
    path: '/v1/audio/speech',
    body: openai('flite/slt', 'opus'),
    beside: flite,
  },
  {
    name: 'OpenAI speech, flite, flac',
    path: '/v1/audio/speech',
    body: openai('flite/slt', 'flac'),
    beside: flite,
  },
  {
    name: 'OpenAI speech as events, flite, pcm',
    path: '/v1/audio/speech',
    body: openai('flite/slt', 'pcm', { stream_format: 'sse' }),
    beside: flite,
  },
  {
    name: 'ElevenLabs stream, mp3',
    path: '/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/stream',
    body: { text: SENTENCE },
    headers: { 'xi-api-key': 'bench' },
  },
  { name: 'Eigen AI generate, wav', path: '/api/v1/generate', body: eigenForm },
  {
    name: 'order of a job (202)',
    path: '/v1/audio/speech',
    body: openai('espeak/en-us', 'pcm'),
    headers: { prefer: 'respond-async' },
    status: 202,
  },
  { name: 'sound of 1 s', path: '/v1/sound-generation', body: { text: 'heavy rain', duration_seconds: 1 } },
  {
    name: 'picture of 256 × 256',
    path: '/v1/images/generations',
    body: { model: 'procedural/pictures', prompt: 'three boats on a calm sea', size: '256x256' },
  },
  ...(existsSync(CLIP)
    ? [{ name: 'hearing 11 s, whisper (tiny model)', path: '/v1/audio/transcriptions', body: heard }]
    : []),
];

function requestOf(endpoint: Endpoint): RequestInit {
  const { body, headers, method = 'POST' } = endpoint;
  if (typeof body === 'function') return { method, body: body(), headers: { ...headers } };
  if (!body) return { method, headers: { ...headers } };
  return { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
}

const folder = mkdtempSync(join(tmpdir(), 'antiphon-cost-'));
const models = existsSync(CLIP) ? ['--models-dir', benchModels(folder).modelsDir] : [];
const server = await startServer(['--offline', '--max-waiting-jobs', '100000', ...models]);
try {
  const row = printTable('', [
    'request',
    'server, processor ms',
    'the work alone, processor ms',
    'done by',
    'difference, ms',
  ]);
  for (const endpoint of ENDPOINTS) {
    const ask = async () => {
      const answer = await fetch(server.origin + endpoint.path, requestOf(endpoint));
      const answered = await answer.arrayBuffer();
      if (answer.status !== (endpoint.status ?? 200))
        throw new Error(`${endpoint.name}: ${answer.status} ${Buffer.from(answered).toString()}`);
    };
    const ms = await costOf(ask, () => processorMsOfAll(server.pid));
    const alone = await endpoint.beside?.();
    row(
      endpoint.name,
      shortFigure(ms),
      alone ? shortFigure(alone.ms) : '–',
      alone?.who ?? '–',
      alone ? shortFigure(ms - alone.ms) : '–',
    );
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
