/**
 * A smoke test that hears: speech is given to an independent recogniser, Debian's PocketSphinx with its large
 * English model. Its word error rate on clear synthetic speech is loose by nature; the bounds here tell speech from
 * noise, clipping, wrong rates and lost tails, not a good voice from a better one.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { assemble, type Assembly } from '../src/assembly.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import { loadConfig } from '../src/platform/config.ts';

const RECOGNISER = '/usr/bin/pocketsphinx_continuous';
const MODEL = '/usr/share/pocketsphinx/model/en-us/en-us';
const skip =
  existsSync(RECOGNISER) && existsSync(MODEL)
    ? false
    : 'needs the Debian packages pocketsphinx and pocketsphinx-en-us';

const TEXT =
  'The weather is beautiful today. We are going to walk along the river and talk about the future.';

/** Words that must be changed, added or removed to turn one text into the other, per word of the first. */
function wordErrorRate(expected: string, heard: string): number {
  const wanted = words(expected);
  const got = words(heard);
  let row = got.map((_, index) => index + 1);
  row.unshift(0);
  wanted.forEach((word, above) => {
    const next = [above + 1];
    got.forEach((other, index) => {
      const replaced = (row[index] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    });
    row = next;
  });
  return (row.at(-1) ?? 0) / wanted.length;
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? [];
}

describe('what is spoken is understood by somebody else', { skip }, () => {
  let folder: string;
  let assembly: Assembly;
  let app: FastifyInstance;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'antiphon-hear-'));
    assembly = await assemble(loadConfig({ commandLine: { dataDir: folder }, environment: {}, file: '' }), {
      log: silentLogger,
      environment: {},
    });
    app = await assembly.app();
  });
  after(async () => {
    await app.close();
    await assembly.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function hear(voice: string, body: Readonly<Record<string, unknown>>): Promise<string> {
    const response = await app.inject({
      method: 'POST',
      url: `/v1/text-to-speech/${voice}?output_format=wav_16000`,
      payload: body,
    });
    assert.equal(response.statusCode, 200, response.body);
    const file = join(folder, `${voice.replace('/', '-')}.wav`);
    writeFileSync(file, response.rawPayload);
    const { stdout } = await promisify(execFile)(RECOGNISER, ['-infile', file, '-logfn', '/dev/null']);
    return stdout;
  }

  for (const [voice, bound] of [
    ['awb', 0.15],
    ['slt', 0.25],
    ['rms', 0.45],
  ] as const) {
    test(`${voice} is understood with at most ${bound * 100} % of the words wrong`, async () => {
      const heard = await hear(voice, { text: TEXT });
      assert.ok(wordErrorRate(TEXT, heard) <= bound, `heard: ${heard}`);
    });
  }

  test('a faster tempo and a shifted pitch leave the words recognisable', async () => {
    const faster = await hear('awb', { text: TEXT, voice_settings: { speed: 1.2 } });
    assert.ok(wordErrorRate(TEXT, faster) <= 0.35, `heard: ${faster}`);
  });

  test('numbers are heard as words', async () => {
    const heard = await hear('awb', { text: 'I have 23 cats and 4 dogs in my house.' });
    assert.match(heard, /twenty three/);
  });
});
