import { parentPort } from 'node:worker_threads';
import { present } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import { primed } from '../../base/stream.ts';
import { boundedBlocks } from '../sample-blocks.ts';
import { ByteReader } from './byte-reader.ts';
import { openContainer } from './container-decoders.ts';
import type { DecodeCommand, DecodeReply, DecodedDescription } from './decode-messages.ts';
import { LEAST_SECONDS, shapeSound } from './sound-shaping.ts';
import type { ShapedSound } from './sound-shaping.ts';
import type { OpenedSound } from './sound-block.ts';

type Opening = Extract<DecodeCommand, { type: 'open' }>;
type Feed = Exclude<DecodeCommand, Opening>;

/** A message carries enough samples to be worth its cost. */
const BLOCK_SAMPLES = { least: 8_192, most: 32_768 };

const port = present(parentPort, 'The port to the decode pool');

// The codecs write each broken packet to the console, which is the caller's to know and not the operator's.
process.stdout.write = () => true;
process.stderr.write = () => true;

/** For each decoding that waits, the function that hands it the pool's answer. */
const waiting = new Map<number, (feed: Feed) => void>();

port.on('message', (command: DecodeCommand) => {
  if (command.type === 'open') void decode(command);
  else waiting.get(command.decoding)?.(command);
});

async function decode(opening: Opening): Promise<void> {
  const { decoding } = opening;
  const bytes = new ByteReader(receiveBytes(decoding), opening.totalBytes);
  try {
    const opened = await openContainer(bytes);
    const shaped = await shapeSound(opened, opening.shape);
    await sendSound(decoding, opened, shaped);
  } catch (thrown) {
    const { code, message, reason } = toReportable(thrown);
    reply({ type: 'failed', decoding, code, message, reason });
  } finally {
    waiting.delete(decoding);
    await bytes.close();
  }
}

async function sendSound(decoding: number, opened: OpenedSound, shaped: ShapedSound): Promise<void> {
  const enough = Math.ceil(shaped.sampleRate * LEAST_SECONDS) * shaped.channels;
  const least = Math.max(BLOCK_SAMPLES.least, enough);
  const most = Math.ceil(Math.max(BLOCK_SAMPLES.most, least) / shaped.channels) * shaped.channels;
  // The first block decides whether a broken file gives sound at all, so it is made before anything is promised.
  const first = await primed(boundedBlocks(shaped.chunks, { least, most }));
  try {
    await exchange({ type: 'opened', decoding, description: describe(opened, shaped) });
    for await (const samples of first.stream) await exchange({ type: 'samples', decoding, samples });
    reply({ type: 'finished', decoding, truncated: shaped.outcome.truncated });
  } finally {
    await first.close();
  }
}

function describe(opened: OpenedSound, shaped: ShapedSound): DecodedDescription {
  const { container, codec, durationSeconds } = opened;
  const { sampleRate, channels } = shaped;
  const description = { container, codec, ...shaped.source, pcm: { sampleRate, channels } };
  return durationSeconds === undefined ? description : { ...description, durationSeconds };
}

async function* receiveBytes(decoding: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    const feed = await exchange({ type: 'hungry', decoding });
    if (feed.type === 'end') return;
    if (feed.type === 'bytes') yield feed.bytes;
  }
}

async function exchange(message: DecodeReply): Promise<Feed> {
  const { promise, resolve } = Promise.withResolvers<Feed>();
  waiting.set(message.decoding, resolve);
  reply(message);
  const feed = await promise;
  // Thrown through the decoder, so that it lets go of whatever it holds.
  if (feed.type === 'abandon') throw new AppError('cancelled', 'The decoding was abandoned.');
  return feed;
}

function reply(message: DecodeReply): void {
  port.postMessage(message, message.type === 'samples' ? [message.samples.buffer] : []);
}

function toReportable(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('engine_failed', `The audio decoder failed: ${String(thrown)}`);
}
