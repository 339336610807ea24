import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecognizedToken } from './sherpa-config.ts';

/** The bytes of every token of a Whisper model. */
export interface WhisperVocabulary {
  /** The tokens in what sherpa gives when it was started with `withNumberedTokens`. */
  read(text: string): RecognizedToken[];
  /**
   * Runs something with a vocabulary file in which each token is written as its own number. sherpa throws away
   * bytes that are no whole character by themselves, which damages Chinese, Japanese and Korean; a number it leaves
   * alone. Nothing stays on the disk afterwards, on Linux not even when the process dies in between.
   */
  withNumberedTokens<T>(use: (path: string) => Promise<T>): Promise<T>;
}

/** Reads a vocabulary: each line has the bytes of a token in base 64, and its number. */
export async function readWhisperVocabulary(path: string): Promise<WhisperVocabulary> {
  const table = parseVocabulary(await readFile(path, 'utf8'));
  if (table.size === 0) throw new Error('The tokens file has no line of base 64 and a number.');
  return {
    read: (text) =>
      Array.from(text.matchAll(/<(\d+)>/g), ([, digits]) => {
        const id = Number(digits);
        return { id, bytes: table.get(id) ?? new Uint8Array() };
      }),
    withNumberedTokens: async (use) => {
      const folder = await mkdtemp(join(tmpdir(), 'antiphon-'));
      const numbered = join(folder, 'tokens.txt');
      try {
        await writeFile(numbered, writeNumbered(table.keys()), { mode: 0o600 });
        if (process.platform !== 'linux') return await use(numbered);
        const handle = await open(numbered);
        try {
          await rm(folder, { recursive: true });
          return await use(`/proc/self/fd/${handle.fd}`);
        } finally {
          await handle.close();
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The first lines suffice to tell Whisper's vocabulary from any other. */
export function looksLikeWhisperVocabulary(text: string): boolean {
  const lines = text.split('\n', 20).filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /^[A-Za-z0-9+/]+={0,2} \d+\s*$/.test(line));
}

function parseVocabulary(text: string): Map<number, Uint8Array> {
  const table = new Map<number, Uint8Array>();
  for (const line of text.split('\n')) {
    const [, bytes, id] = /^(\S+) (\d+)\s*$/.exec(line) ?? [];
    if (bytes !== undefined) table.set(Number(id), Buffer.from(bytes, 'base64'));
  }
  return table;
}

function writeNumbered(ids: Iterable<number>): string {
  return Array.from(ids, (id) => `${Buffer.from(`<${id}>`).toString('base64')} ${id}\n`).join('');
}
