/**
 * Processor time that each format takes for a second of speech: by the program's own encoders, threads and messages
 * included, and by ffmpeg's command line at the same rate and bit rate. Both encode the same samples, in turns. The
 * command takes most of its time to start, so it is told both ways: what each further second of sound costs it, and what
 * it takes for all of a short speech. Prints Markdown tables.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopCodecPool } from '../src/media/codec-pool.ts';
import { encodeAudio } from '../src/media/formats/index.ts';
import { collectSamples, concatSamples, type PcmStream } from '../src/media/pcm.ts';
import { resample } from '../src/media/resample.ts';
import { figuresAreTold, processorMs, processorMsOfAll } from './process-figures.ts';
import { bareEngine, bareSamples } from './report/bare-speech.ts';
import { median } from './report/figures.ts';
import { printTable } from './report/markdown-table.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
/** Sound of one encoding. */
const SECONDS = Number(process.env['SECONDS'] ?? 60);
/** More, because the command is measured beside its start. */
const FFMPEG_SECONDS = 5 * SECONDS;
const FFMPEG = process.env['FFMPEG'] ?? 'ffmpeg';
/** A usual answer. */
const SHORT_SECONDS = 10;
/** As much as an engine gives at once. */
const CHUNK_SECONDS = 0.2;
const TEXT = [
  'The sea was calm that evening, and the lamps along the harbour had just been lit.',
  'A boy sat on the wall with his feet above the water, counting the boats as they came in.',
  'There were seven of them, and the last one carried no light at all.',
].join(' ');

interface Encoding {
  readonly id: string;
  readonly sampleRate: number;
  readonly bitRate?: number;
  /** What ffmpeg is told. */
  readonly arguments: readonly string[];
}

const ENCODINGS: readonly Encoding[] = [
  { id: 'mp3', sampleRate: 24_000, bitRate: 128_000, arguments: ['-c:a', 'libmp3lame', '-f', 'mp3'] },
  { id: 'mp3', sampleRate: 44_100, bitRate: 128_000, arguments: ['-c:a', 'libmp3lame', '-f', 'mp3'] },
  { id: 'opus', sampleRate: 24_000, bitRate: 56_000, arguments: ['-c:a', 'libopus', '-f', 'ogg'] },
  { id: 'aac', sampleRate: 24_000, bitRate: 64_000, arguments: ['-c:a', 'aac', '-f', 'adts'] },
  { id: 'flac', sampleRate: 24_000, arguments: ['-c:a', 'flac', '-f', 'flac'] },
  { id: 'wav', sampleRate: 24_000, arguments: ['-c:a', 'pcm_s16le', '-f', 'wav'] },
  { id: 'pcm', sampleRate: 24_000, arguments: ['-c:a', 'pcm_s16le', '-f', 's16le'] },
  { id: 'mulaw', sampleRate: 8_000, arguments: ['-c:a', 'pcm_mulaw', '-f', 'mulaw'] },
  { id: 'alaw', sampleRate: 8_000, arguments: ['-c:a', 'pcm_alaw', '-f', 'alaw'] },
];

/** Pairs of rates that engines and formats have. */
const CONVERSIONS = [
  [16_000, 24_000],
  [22_050, 24_000],
  [22_050, 44_100],
  [24_000, 8_000],
] as const;

/** Speech of exactly so many seconds, the same text again and again. */
async function speech(sampleRate: number, seconds: number): Promise<Float32Array<ArrayBuffer>> {
  const pcm = await spoken;
  const said = await collectSamples(resample(streamOf(pcm.samples, pcm.sampleRate), sampleRate).chunks);
  const times = Math.ceil((seconds * sampleRate) / said.length);
  return concatSamples(Array.from({ length: times }, () => said)).slice(0, seconds * sampleRate);
}

async function speak(): Promise<{ readonly sampleRate: number; readonly samples: Float32Array }> {
  const engine = await bareEngine('flite');
  try {
    const pcm = await bareSamples(engine, 'flite/slt', TEXT);
    return { sampleRate: pcm.sampleRate, samples: await collectSamples(pcm.chunks) };
  } finally {
    await engine.stop?.();
  }
}

function streamOf(samples: Float32Array, sampleRate: number): PcmStream {
  async function* chunks(): AsyncGenerator<Float32Array> {
    const length = Math.round(CHUNK_SECONDS * sampleRate);
    for (let start = 0; start < samples.length; start += length)
      yield samples.subarray(start, start + length);
  }
  return { sampleRate, channels: 1, chunks: chunks() };
}

/** Milliseconds of processor time of this whole process. */
async function processorMsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

async function encode(samples: Float32Array, { id, sampleRate, bitRate }: Encoding): Promise<void> {
  const request = { id, sampleRate, ...(bitRate === undefined ? {} : { bitRate }) };
  let bytes = 0;
  for await (const chunk of encodeAudio(streamOf(samples, sampleRate), request)) bytes += chunk.length;
  if (bytes === 0) throw new Error(`Nothing was encoded as ${id}.`);
}

interface CommandTime {
  /** Milliseconds of processor time from reading the first sample on, as the command tells them itself. */
  readonly work: number;
  /** The same with its start, in steps of ten: mean values of several runs are better. */
  readonly whole: number;
}

function runFfmpeg(file: string, { sampleRate, bitRate, arguments: wanted }: Encoding): CommandTime {
  const from = ['-f', 'f32le', '-ar', String(sampleRate), '-ac', '1', '-i', file];
  const rate = bitRate === undefined ? [] : ['-b:a', String(bitRate)];
  const args = ['-nostdin', '-hide_banner', '-nostats', '-benchmark', ...from, ...wanted, ...rate];
  const before = endedChildrenMs();
  const { status, stderr } = spawnSync(FFMPEG, [...args, '-y', '/dev/null'], { encoding: 'utf8' });
  const whole = endedChildrenMs() - before;
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
  if (status !== 0 || user === undefined) throw new Error(stderr);
  return { work: (Number(user) + Number(system)) * 1000, whole };
}

function endedChildrenMs(): number {
  return figuresAreTold ? processorMsOfAll(process.pid) - processorMs(process.pid) : Number.NaN;
}

interface Figures {
  /** For a further second of sound. */
  readonly perSecond: number;
  /** For all of a short speech. */
  readonly short: number;
}

async function measureOurs(encoding: Encoding): Promise<Figures> {
  const long = await speech(encoding.sampleRate, SECONDS);
  const short = long.subarray(0, SHORT_SECONDS * encoding.sampleRate);
  await encode(long, encoding); // Warm threads, warm code.
  const figures: { long: number; short: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    figures.push({
      long: await processorMsOf(() => encode(long, encoding)),
      short: await processorMsOf(() => encode(short, encoding)),
    });
  }
  return {
    perSecond: median(figures.map((figure) => figure.long)) / SECONDS,
    short: median(figures.map((figure) => figure.short)),
  };
}

async function measureFfmpeg(encoding: Encoding, folder: string): Promise<Figures> {
  const file = join(folder, 'speech.f32');
  const write = async (seconds: number) => {
    writeFileSync(file, new Uint8Array((await speech(encoding.sampleRate, seconds)).buffer));
  };
  const measured = async (seconds: number) => {
    await write(seconds);
    return Array.from({ length: ROUNDS }, () => runFfmpeg(file, encoding));
  };
  const [short, long] = [await measured(SHORT_SECONDS), await measured(FFMPEG_SECONDS)];
  return {
    perSecond: median(long.map(({ work }) => work)) / FFMPEG_SECONDS,
    short: short.reduce((sum, { whole }) => sum + whole, 0) / short.length,
  };
}

async function compare(folder: string): Promise<void> {
  const row = printTable('Encoding', [
    'format',
    'Antiphon, ms for each second',
    'ffmpeg, ms for each second',
    'against ffmpeg',
    `Antiphon, ms for ${SHORT_SECONDS} s`,
    `ffmpeg’s command, ms for ${SHORT_SECONDS} s`,
  ]);
  for (const encoding of ENCODINGS) {
    const ours = await measureOurs(encoding);
    const theirs = isInstalled ? await measureFfmpeg(encoding, folder) : undefined;
    const kilobits = encoding.bitRate === undefined ? '' : `, ${encoding.bitRate / 1000} kbit/s`;
    row(
      `${encoding.id}, ${encoding.sampleRate / 1000} kHz${kilobits}`,
      ours.perSecond.toFixed(3),
      theirs?.perSecond.toFixed(3) ?? '–',
      theirs ? (ours.perSecond / theirs.perSecond).toFixed(2) : '–',
      ours.short.toFixed(1),
      theirs?.short.toFixed(1) ?? '–',
    );
  }
  if (!isInstalled) console.log(`\nNot compared: there is no ${FFMPEG} on this machine.`);
}

async function convert(): Promise<void> {
  const row = printTable('Change of the sample rate', ['from, to', 'ms for each second']);
  for (const [from, to] of CONVERSIONS) {
    const samples = await speech(from, SECONDS);
    const work = async () => void (await collectSamples(resample(streamOf(samples, from), to).chunks));
    await work();
    const used: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) used.push(await processorMsOf(work));
    row(`${from} Hz to ${to} Hz`, (median(used) / SECONDS).toFixed(3));
  }
}

const isInstalled = spawnSync(FFMPEG, ['-version']).status === 0;
const spoken = speak();
const folder = mkdtempSync(join(tmpdir(), 'antiphon-encoding-'));
try {
  await compare(folder);
  await convert();
} finally {
  rmSync(folder, { recursive: true, force: true });
  await stopCodecPool();
}
