import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Core } from '../../core/core.ts';
import { toWavFile } from '../../core/history/history-audio.ts';
import type { HistoryRecord } from '../../core/history/history-record.ts';
import { parseFields } from './elevenlabs-fields.ts';
import { outputFormats } from './elevenlabs-formats.ts';

export const downloadBody = z.object({
  history_item_ids: z.array(z.string()).min(1),
  output_format: z.string().nullish(),
});

const FORMATS = ['wav', 'default'];

/** Endings of file names by our format ids, where they differ. */
const ENDINGS: Readonly<Record<string, string>> = { mulaw: 'ulaw', opus: 'ogg' };

/** A file of an answer. */
interface DownloadFile {
  readonly name: string;
  readonly contentType: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/** Answers with the sound of one item, or a zip file with that of several. */
export async function downloadHistory(
  core: Core,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = parseFields('body', downloadBody, request.body);
  const format = body.output_format ?? 'default';
  if (!FORMATS.includes(format)) {
    // The one error that the vendor documents outside its envelope.
    const message = `The output format '${format}' does not exist: choose one of ${FORMATS.join(', ')}.`;
    return reply.code(400).send({ error: 'invalid_output_format', message });
  }
  const { principal, signal } = request.antiphon;
  const ids = [...new Set(body.history_item_ids)];
  const items = await Promise.all(ids.map((id) => core.history.get(id, principal.id)));
  // Every item is found before the first byte leaves.
  const files = await Promise.all(
    items.map((item) => fileOf(core, item, { asWav: format === 'wav', signal })),
  );
  const [first] = files;
  if (first && files.length === 1) return send(reply, first);
  return send(reply, { name: 'history.zip', contentType: 'application/zip', chunks: () => zipped(files) });
}

function send(reply: FastifyReply, { name, contentType, chunks }: DownloadFile): FastifyReply {
  reply.headers({
    'content-type': contentType,
    'content-disposition': `attachment; filename="${name}"`,
  });
  return reply.send(Readable.from(chunks(), { objectMode: false }));
}

async function fileOf(
  core: Core,
  item: HistoryRecord,
  { asWav, signal }: { readonly asWav: boolean; readonly signal: AbortSignal },
): Promise<DownloadFile> {
  const blob = await core.history.open(item);
  const known = Object.entries(outputFormats).find(([name]) => name === item.format)?.[1];
  const format = known?.format ?? { id: 'unknown' };
  if (!asWav) {
    const ending = ENDINGS[format.id] ?? format.id;
    return { name: nameOf(item, ending), contentType: item.mediaType, chunks: () => blob.open() };
  }
  return {
    name: nameOf(item, 'wav'),
    contentType: 'audio/wav',
    chunks: async function* wav() {
      yield await toWavFile({ blob, format }, signal);
    },
  };
}

function nameOf(item: HistoryRecord, ending: string): string {
  const date = new Date(item.createdAt).toISOString().slice(0, 19).replaceAll(':', '_');
  const voice = item.voiceName.replace(/[^\w-]+/g, '_').slice(0, 40);
  return `${date}_${voice}_${item.id}.${ending}`;
}

/** A zip file that is made while it is read. Sound hardly gets smaller, so it is stored as it is. */
async function* zipped(files: readonly DownloadFile[]): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const { Zip, ZipPassThrough } = await import('fflate');
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    ready.push(bytes);
  });
  for (const file of files) {
    const entry = new ZipPassThrough(file.name);
    zip.add(entry);
    for await (const chunk of file.chunks()) {
      entry.push(chunk);
      yield* ready.splice(0);
    }
    entry.push(new Uint8Array(0), true);
    yield* ready.splice(0);
  }
  zip.end();
  yield* ready.splice(0);
}
