/**
 * The memory that a long text takes while it is spoken through HTTP, and how soon it is heard: a short one and a long
 * one, streamed, by the program in a process of its own. `CHARACTERS` and `VOICE` change what is measured.
 */
import { performance } from 'node:perf_hooks';
import { figuresAreTold, footprintNow, footprintPeak, forgetPeaks } from './process-figures.ts';
import { startServer } from './server-process.ts';

const CHARACTERS = Number(process.env['CHARACTERS'] ?? 1_000_000);
const VOICE = process.env['VOICE'] ?? 'espeak/en-us';
const SHORT = 2_000;
const PARAGRAPH =
  'The sea was calm that evening, and on 12 March the lamps along the harbour had just been lit. A boy sat on the ' +
  'wall with his feet above the water, counting the boats as they came in; there were 7 of them.\n\n';

async function speak(origin: string, characters: number) {
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
  let firstMs: number | undefined;
  let bytes = 0;
  for await (const chunk of response.body) {
    firstMs ??= performance.now() - startedAt;
    bytes += chunk.length;
  }
  return { firstMs: firstMs ?? 0, totalMs: performance.now() - startedAt, hours: bytes / 48_000 / 3_600 };
}

if (!figuresAreTold) throw new Error('This system does not tell what another process takes of memory.');
const server = await startServer(['--max-text-characters', String(Math.max(CHARACTERS, SHORT))]);
try {
  console.log('| characters | first sound, ms | whole, s | hours of speech | memory before, MB | peak, MB |');
  console.log('|---|---|---|---|---|---|');
  await speak(server.origin, SHORT);
  for (const characters of [SHORT, CHARACTERS]) {
    forgetPeaks(server.pid);
    const before = footprintNow(server.pid).server;
    const { firstMs, totalMs, hours } = await speak(server.origin, characters);
    const peak = footprintPeak(server.pid).server;
    const cells = [
      characters,
      firstMs.toFixed(0),
      (totalMs / 1000).toFixed(1),
      hours.toFixed(2),
      before.toFixed(0),
    ];
    console.log(`| ${[...cells, peak.toFixed(0)].join(' | ')} |`);
  }
} finally {
  await server.stop();
}
