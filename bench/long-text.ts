/**
 * The memory that a long text takes while it is spoken through HTTP, how soon it is heard, and how long all of it takes:
 * a short text and a long one, streamed, by the program in a process of its own. `CHARACTERS` and `VOICE` change what is
 * measured.
 */
import { performance } from 'node:perf_hooks';
import { figuresAreTold, footprintNow, footprintPeak, forgetPeaks } from './process-figures.ts';
import { startServer, type ServerProcess } from './server-process.ts';

const CHARACTERS = Number(process.env['CHARACTERS'] ?? 1_000_000);
const VOICE = process.env['VOICE'] ?? 'espeak/en-us';
const SHORT = 2_000;
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

/** Megabytes that the server took when so many bytes of sound had come. */
interface Reading {
  readonly bytes: number;
  readonly megabytes: number;
}

async function speak({ origin, pid }: ServerProcess, characters: number) {
  const startedAt = performance.now();
  const response = await fetch(`${origin}/openai/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      voice: VOICE,
      input: PARAGRAPH.repeat(Math.ceil(characters / PARAGRAPH.length)).slice(0, characters),
      response_format: 'pcm',
    }),
  });
  if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
  const readings: Reading[] = [];
  let firstMs: number | undefined;
  let readAt = 0;
  let bytes = 0;
  for await (const chunk of response.body) {
    firstMs ??= performance.now() - startedAt;
    bytes += chunk.length;
    if (performance.now() - readAt < READING_MS) continue;
    readAt = performance.now();
    readings.push({ bytes, megabytes: footprintNow(pid).server });
  }
  readings.push({ bytes, megabytes: footprintNow(pid).server });
  const totalSeconds = (performance.now() - startedAt) / 1000;
  return { firstMs: firstMs ?? 0, totalSeconds, speechSeconds: bytes / SECOND_BYTES, readings };
}

/** What the server took when a share of all the sound had come. */
function memoryAt(readings: readonly Reading[], share: number): number {
  const wanted = (readings.at(-1)?.bytes ?? 0) * share;
  return readings.find(({ bytes }) => bytes >= wanted)?.megabytes ?? Number.NaN;
}

if (!figuresAreTold) throw new Error('This system does not tell what another process takes of memory.');
const server = await startServer(['--max-text-characters', String(Math.max(CHARACTERS, SHORT))]);
try {
  const shares = SHARES.map((share) => `at ${share * 100} %`).join(' | ');
  console.log(
    `| characters | first sound, ms | whole, s | hours of speech | real-time factor | memory before, MB | ${shares} | peak, MB |`,
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await speak(server, SHORT);
  for (const characters of [SHORT, CHARACTERS]) {
    forgetPeaks(server.pid);
    const before = footprintNow(server.pid).server;
    const { firstMs, totalSeconds, speechSeconds, readings } = await speak(server, characters);
    const peak = footprintPeak(server.pid).server;
    const cells = [
      characters,
      firstMs.toFixed(0),
      totalSeconds.toFixed(1),
      (speechSeconds / 3_600).toFixed(2),
      (totalSeconds / speechSeconds).toFixed(4),
      before.toFixed(0),
      ...SHARES.map((share) => memoryAt(readings, share).toFixed(0)),
      peak.toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
} finally {
  await server.stop();
}
