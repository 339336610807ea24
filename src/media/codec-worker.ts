import { parentPort } from 'node:worker_threads';
import { present } from '../base/assert.ts';
import { AppError } from '../base/errors.ts';
import { concatBytes } from '../base/stream.ts';
import type { CodecCommand, CodecReply } from './codec-messages.ts';
import { findAudioFormat } from './formats/index.ts';
import { suppressNoise } from './noise-suppression.ts';
import type { PcmStream } from './pcm.ts';
import { changeTempo } from './tempo.ts';

type Opening = Extract<CodecCommand, { type: 'open' }>;
type Feed = Exclude<CodecCommand, Opening>;

const port = present(parentPort, 'The port to the codec pool');

/** For each encoding that waits for samples, the function that hands them over. */
const waiting = new Map<number, (feed: Feed) => void>();

port.on('message', (command: CodecCommand) => {
  if (command.type === 'open') void encode(command);
  else waiting.get(command.encoding)?.(command);
});

async function encode(opening: Opening): Promise<void> {
  const { encoding, request, sampleRate, channels } = opening;
  const written: Uint8Array[] = [];
  try {
    const format = present(findAudioFormat(request.id), `The format ${request.id}`);
    const pcm: PcmStream = { sampleRate, channels, chunks: receiveSamples(encoding, written) };
    const clean = request.voiceOnly ? suppressNoise(pcm) : pcm;
    const sound = request.change ? changeTempo(clean, request.change) : clean;
    for await (const bytes of format.encode(sound, request)) written.push(bytes);
    answer('finished', encoding, written);
  } catch (thrown) {
    const { code, message } = toReportable(thrown);
    reply({ type: 'failed', encoding, code, message });
  } finally {
    waiting.delete(encoding);
  }
}

/** Whenever the encoder asks for samples, everything that it wrote until then goes back to the pool. */
async function* receiveSamples(encoding: number, written: Uint8Array[]): AsyncGenerator<Float32Array> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<Feed>();
    waiting.set(encoding, resolve);
    answer('turn', encoding, written.splice(0));
    const feed = await promise;
    if (feed.type === 'end') return;
    // Thrown through the encoder, so that it lets go of whatever it holds.
    if (feed.type === 'abandon') throw new AppError('cancelled', 'The encoding was abandoned.');
    yield feed.samples;
  }
}

function answer(type: 'turn' | 'finished', encoding: number, written: readonly Uint8Array[]): void {
  reply({ type, encoding, bytes: concatBytes(written) });
}

function reply(message: CodecReply): void {
  port.postMessage(message, message.type === 'failed' ? [] : [message.bytes.buffer]);
}

function toReportable(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('engine_failed', `The audio encoder failed: ${String(thrown)}`);
}
