/**
 * How speech grows with the length of its text: first sound, the whole, and memory, through HTTP as PCM and with a client that
 * throws the sound away. Beside it the bare engine, in this process and in passages of the length that the server cuts. Prints
 * Markdown tables.
 */
import { performance } from 'node:perf_hooks';
import { figuresAreTold, footprintNow, footprintPeak, forgetPeaks } from './process-figures.ts';
import { bareEngine, bareSpeech } from './report/bare-speech.ts';
import { median } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const LENGTHS = (process.env['CHARACTERS'] ?? '10,100,1000,10000,100000').split(',').map(Number);
const VOICE = process.env['VOICE'] ?? 'espeak/en-us';
/** Short texts are spoken several times, of which the middle one counts. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 9);
const SHORT = 2_000;
const PASSAGE = 4_000;
/** A server that has just been started grows until its workers are warm, whatever it is asked. */
const WARM_UP_ROUNDS = 3;
/** Bytes of a second of speech: 24,000 samples of two bytes. */
const SECOND_BYTES = 48_000;
/** How often the memory is read, in milliseconds. */
const READING_MS = 200;
/** Shares of the sound at which the memory is told. */
const SHARES = [0.1, 0.5, 1];
const PARAGRAPH =
  'The sea was calm that evening, and on 12 March the lamps along the harbour had just been lit. A boy sat on the ' +
  'wall with his feet above the water, counting the boats as they came in; there were 7 of them.\n\n';

function textOf(characters: number): string {
  return PARAGRAPH.repeat(Math.ceil(characters / PARAGRAPH.length)).slice(0, characters);
}

/** Megabytes that the server took when so many bytes of sound had come. */
interface Reading {
  readonly bytes: number;
  readonly megabytes: number;
}

interface Spoken {
  readonly firstMs: number;
  readonly totalSeconds: number;
  readonly speechSeconds: number;
  readonly readings: readonly Reading[];
}

async function speak({ origin, pid }: ServerProcess, characters: number): Promise<Spoken> {
  const startedAt = performance.now();
  const response = await fetch(`${origin}/openai/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', voice: VOICE, input: textOf(characters), response_format: 'pcm' }),
  });
  if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
  const readings: Reading[] = [];
  let firstMs: number | undefined;
  let readAt = performance.now();
  let bytes = 0;
  for await (const chunk of response.body) {
    firstMs ??= performance.now() - startedAt;
    bytes += chunk.length;
    if (performance.now() - readAt < READING_MS) continue;
    readAt = performance.now();
    readings.push({ bytes, megabytes: footprintNow(pid).server });
  }
  const totalSeconds = (performance.now() - startedAt) / 1000;
  readings.push({ bytes, megabytes: footprintNow(pid).server });
  return { firstMs: firstMs ?? 0, totalSeconds, speechSeconds: bytes / SECOND_BYTES, readings };
}

async function speakBare(
  engine: Awaited<ReturnType<typeof bareEngine>>,
  characters: number,
): Promise<Pick<Spoken, 'firstMs' | 'totalSeconds'>> {
  const startedAt = performance.now();
  let firstMs: number | undefined;
  const text = textOf(characters);
  for (let at = 0; at < text.length; at += PASSAGE) {
    for await (const seconds of bareSpeech(engine, VOICE, text.slice(at, at + PASSAGE)))
      if (seconds > 0) firstMs ??= performance.now() - startedAt;
  }
  return { firstMs: firstMs ?? Number.NaN, totalSeconds: (performance.now() - startedAt) / 1000 };
}

/** What the server took when a share of all the sound had come. */
function memoryAt(readings: readonly Reading[], share: number): number {
  const wanted = (readings.at(-1)?.bytes ?? 0) * share;
  return readings.find(({ bytes }) => bytes >= wanted)?.megabytes ?? Number.NaN;
}

if (!figuresAreTold) throw new Error('This system does not tell what another process takes of memory.');
const server = await startServer(['--max-text-characters', String(Math.max(...LENGTHS, SHORT))]);
const engine = await bareEngine(VOICE.split('/')[0] ?? '');
try {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await speak(server, SHORT);
    await speakBare(engine, SHORT);
  }
  const row = printTable(VOICE, [
    'characters',
    'first sound, ms',
    'bare engine, first sound, ms',
    'whole, s',
    'bare engine, whole, s',
    'time against bare',
    'hours of speech',
    'real-time factor',
    'memory before, MB',
    ...SHARES.map((share) => `at ${share * 100} %`),
    'peak, MB',
  ]);
  for (const characters of LENGTHS) {
    forgetPeaks(server.pid);
    const before = footprintNow(server.pid).server;
    const http: Spoken[] = [];
    const bare: Pick<Spoken, 'firstMs' | 'totalSeconds'>[] = [];
    const rounds = characters > SHORT * 5 ? 1 : ROUNDS;
    for (let round = 0; round < rounds; round += 1) {
      http.push(await speak(server, characters));
      bare.push(await speakBare(engine, characters));
    }
    const [totalSeconds, bareSeconds] = [http, bare].map((all) => median(all.map((one) => one.totalSeconds)));
    const speechSeconds = http[0]?.speechSeconds ?? Number.NaN;
    const readings = http.at(-1)?.readings ?? [];
    row(
      characters.toLocaleString('en'),
      median(http.map(({ firstMs }) => firstMs)).toFixed(1),
      median(bare.map(({ firstMs }) => firstMs)).toFixed(1),
      (totalSeconds ?? Number.NaN).toFixed(3),
      (bareSeconds ?? Number.NaN).toFixed(3),
      ((totalSeconds ?? Number.NaN) / (bareSeconds ?? Number.NaN)).toFixed(2),
      (speechSeconds / 3_600).toFixed(4),
      ((totalSeconds ?? Number.NaN) / speechSeconds).toFixed(4),
      before.toFixed(0),
      ...SHARES.map((share) => memoryAt(readings, share).toFixed(0)),
      footprintPeak(server.pid).server.toFixed(0),
    );
  }
} finally {
  await engine.stop?.();
  await server.stop();
}
