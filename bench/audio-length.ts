/**
 * How hearing grows with the length of the recording, from a second to an hour: time and memory through HTTP, and beside it the
 * bare engine on the windows that the server would cut. The longest are heard once, the bare engine's row ends where an hour
 * would take it too long. Prints a Markdown table.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { benchModels } from './hearing-weights.ts';
import { footprintNow, footprintPeak, forgetPeaks } from './process-figures.ts';
import { makeRecording, windowsOf } from './recordings.ts';
import { median } from './report/figures.ts';
import { hearLongThroughHttp, startBare } from './report/hearing-ways.ts';
import { printTable } from './report/markdown-table.ts';
import { startServer } from './server-process.ts';

const { env } = process;
const LENGTHS = (env['AUDIO_SECONDS'] ?? '1,10,60,600,3600').split(',').map(Number);
const ENGINE = env['ENGINE'] ?? 'whisper';
const ROUNDS = Number(env['ROUNDS'] ?? 3);
/** Up to here the bare engine hears it too, and up to a tenth of it there are several rounds. */
const LONG = 600;
const CLIP = 'en/silero_test_60s.wav';
const THREADS = availableParallelism();

async function several(rounds: number, hear: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  while (times.length < rounds) times.push(await hear());
  return times;
}

const folder = mkdtempSync(join(tmpdir(), 'antiphon-audio-length-'));
try {
  const { modelsDir, models } = benchModels(join(folder, 'models'));
  const model = models.find(({ engine }) => engine === ENGINE);
  if (!model) throw new Error(`There is no model for ${ENGINE}.`);
  const server = await startServer([
    '--engines',
    ENGINE,
    '--models-dir',
    modelsDir,
    '--offline',
    '--workers',
    String(THREADS),
  ]);
  const bare = await startBare(model, THREADS);
  try {
    const warm = await makeRecording(folder, { clip: CLIP, format: 'wav', seconds: 10 });
    await hearLongThroughHttp(server, warm);
    await bare.hear(await windowsOf(warm));
    const row = printTable(model.title, [
      'seconds of sound',
      'bare engine, s',
      'HTTP, s',
      'time against bare',
      'real-time factor',
      'memory beyond the loaded model, MB',
    ]);
    const { server: itself, children } = footprintNow(server.pid);
    for (const seconds of LENGTHS) {
      const recording = await makeRecording(folder, { clip: CLIP, format: 'wav', seconds });
      const windows = seconds <= LONG ? await windowsOf(recording) : [];
      forgetPeaks(server.pid);
      const rounds = seconds * 10 <= LONG ? ROUNDS : 1;
      const http = await several(rounds, () => hearLongThroughHttp(server, recording));
      const alone = await several(
        windows.length > 0 ? rounds : 0,
        async () => (await bare.hear(windows)).totalMs,
      );
      const peak = footprintPeak(server.pid);
      const [httpSeconds, bareSeconds] = [median(http) / 1000, median(alone) / 1000];
      row(
        seconds.toLocaleString('en'),
        windows.length > 0 ? bareSeconds.toFixed(3) : '–',
        httpSeconds.toFixed(3),
        windows.length > 0 ? (httpSeconds / bareSeconds).toFixed(3) : '–',
        (httpSeconds / seconds).toFixed(4),
        (peak.server + peak.children - itself - children).toFixed(0),
      );
      rmSync(recording.path, { force: true });
    }
  } finally {
    await Promise.all([bare.stop(), server.stop()]);
  }
} finally {
  await Promise.all([stopCodecPool(), stopDecodePool()]);
  rmSync(folder, { recursive: true, force: true });
}
