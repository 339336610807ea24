import { AppError } from '../../base/errors.ts';
import { blobGone } from './blob-gone.ts';
import { blobsAway, refuseRefusal, type S3Requests } from './s3-requests.ts';

/** What is read of an object; `end` is exclusive. */
export interface S3Stretch {
  readonly id: string;
  /** Of the object that was found: another one under the same id is not read on. */
  readonly tag: string | null;
  readonly start: number;
  readonly end: number;
}

/** How patient reading is. */
export interface ReadingPatience {
  /** The longest wait for more, in milliseconds. */
  readonly silenceMs: number;
  /** Broken readings in a row that gave nothing. */
  readonly tries: number;
}

/** Reads bytes as they are pulled. A reading that breaks off goes on where it was. */
export async function* readObject(
  send: S3Requests,
  stretch: S3Stretch,
  patience: ReadingPatience,
): AsyncGenerator<Uint8Array> {
  let at = stretch.start;
  let left = patience.tries;
  while (at < stretch.end) {
    let failure: unknown = new Error(`${stretch.id} is too short.`);
    try {
      for await (const chunk of readOnce(send, { ...stretch, start: at }, patience.silenceMs)) {
        at += chunk.length;
        left = patience.tries;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      failure = error;
    }
    left -= 1;
    if (at < stretch.end && left <= 0) throw blobsAway(failure);
  }
}

async function* readOnce(
  send: S3Requests,
  { id, tag, start, end }: S3Stretch,
  silenceMs: number,
): AsyncGenerator<Uint8Array> {
  const cut = new AbortController();
  const headers = { range: `bytes=${start}-${end - 1}`, ...(tag === null ? {} : { 'if-match': tag }) };
  try {
    const answer = await send({ method: 'GET', id, headers, signal: cut.signal });
    if (answer.status === 404 || answer.status === 412) {
      throw blobGone();
    }
    await refuseRefusal(answer, `read ${id}`);
    if (answer.status !== 206) throw blobsAway(new Error(`${id} came whole instead of in part.`));
    const reader = answer.body?.getReader();
    for (;;) {
      const chunk = reader && (await nextChunk(reader, silenceMs));
      if (!chunk) return;
      yield chunk;
    }
  } finally {
    cut.abort();
  }
}

/** The next bytes; undefined at the end. */
async function nextChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silenceMs: number,
): Promise<Uint8Array | undefined> {
  const silent = Promise.withResolvers<never>();
  const timer = setTimeout(() => silent.reject(new Error(`Silence for ${silenceMs} ms.`)), silenceMs);
  try {
    const { value } = await Promise.race([reader.read(), silent.promise]);
    return value;
  } finally {
    clearTimeout(timer);
  }
}
