import { once } from 'node:events';
import { createWriteStream, openAsBlob } from 'node:fs';
import { access, constants, rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { audioFormats } from '../media/formats/index.ts';
import { CommandFailure } from './command-failure.ts';

/** Formats of sound by the ending of a file's name: its own, or another that people give it. */
export const FORMAT_ENDINGS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(audioFormats.map(({ id, extension }) => [`.${extension}`, id])),
  '.ogg': 'opus',
  '.raw': 'pcm',
};

/** The format that is named, else that of the file. */
export function formatFor(output: string, named: string | undefined): string {
  const format = named ?? FORMAT_ENDINGS[extname(output).toLowerCase()];
  if (format !== undefined) return format;
  throw new CommandFailure(
    `The ending of '${output}' names no format. Known: ${Object.keys(FORMAT_ENDINGS).join(' ')}; or use --format.`,
    2,
  );
}

/** Writes bytes to a file, or to standard output for `-`, and tells how many there were. */
export function writeOutput(output: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  return output === '-' ? writeTo(process.stdout, chunks) : writeFile(output, chunks);
}

/** The bytes of an answer, as they come. */
export function bytesIn({ body }: Response): AsyncIterable<Uint8Array> {
  return body ?? nothing();
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function writeTo(stream: NodeJS.WritableStream, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let byteLength = 0;
  for await (const chunk of chunks) {
    byteLength += chunk.length;
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  return byteLength;
}

/** Writes beside the target first, so that a failure never leaves half a file under its name. */
async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const unfinished = `${path}.part`;
  try {
    const stream = createWriteStream(unfinished);
    // Without this a folder that is not there would end the program.
    const failed = once(stream, 'error').then(([error]) => Promise.reject(error));
    failed.catch(() => undefined);
    const byteLength = await Promise.race([writeTo(stream, chunks), failed]);
    stream.end();
    await Promise.race([once(stream, 'finish'), failed]);
    await rename(unfinished, path);
    return byteLength;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Everything that comes from standard input. */
export async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A file that is to be sent, read as it goes. Throws the system's own error when it cannot be read. */
export async function readableFile(path: string): Promise<Blob> {
  await access(path, constants.R_OK);
  return openAsBlob(path);
}
