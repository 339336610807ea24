import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createPacer } from '../../src/conformance/kit-asking.ts';
import { KITS } from '../../src/conformance/kit-list.ts';
import { junitXml } from '../../src/conformance/kit-report.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import type { MediaHouse } from '../media-house.ts';
import { altering, type PassingAnswer } from './altering-proxy.ts';
import { heldTo, idsOf, KEY, openConformingHouse } from './conformance-house.ts';

let house: MediaHouse;
before(async () => {
  house = await openConformingHouse();
});
after(async () => {
  await house.close();
  await stopDecodePool();
});

/** What no caller can see, or what this server has no model for. */
const SKIPPED: Readonly<Record<string, readonly string[]>> = {
  openai: ['T13', 'T19', 'R3', 'I6', 'E1', 'E2'],
  elevenlabs: ['E23', 'E45', 'E25'],
  eigen: ['R6'],
  aiml: ['A25', 'A16', 'A20', 'A27'],
};

for (const [dialect, skipped] of Object.entries(SKIPPED)) {
  test(`every row of ${dialect} holds for this server, or says why it is left out, and leaves nothing behind`, async () => {
    const results = await heldTo(dialect, house.origin);
    assert.deepEqual(
      results.filter(({ state }) => state === 'failed'),
      [],
    );
    // A sound may be done before anybody looks.
    assert.deepEqual(
      idsOf(results, 'skipped').filter((id) => id !== 'A12'),
      skipped,
    );
    assert.ok(results.every(({ state, why }) => state !== 'skipped' || why !== undefined));
    assert.deepEqual(
      results.flatMap(({ left }) => left),
      [],
    );
    const kept = async (path: string) => {
      const headers = path.startsWith('/elevenlabs')
        ? { 'xi-api-key': KEY }
        : { authorization: `Bearer ${KEY}` };
      return (await fetch(house.origin + path, { headers })).text();
    };
    // The other two APIs have no way to delete what was made there.
    if (dialect !== 'openai' && dialect !== 'elevenlabs') return;
    assert.match(await kept('/openai/v1/videos'), /"data":\[\]/);
    assert.match(await kept('/openai/v1/audio/voice_consents'), /"data":\[\]/);
    assert.match(await kept('/elevenlabs/v1/history'), /"history":\[\]/);
  });
}

/** Changes the body of an answer that is text. */
function reword(answer: PassingAnswer, from: RegExp, to: string): void {
  const text = answer.body.toString('utf8');
  assert.match(text, from, `${answer.path}: the fault is planted`);
  answer.body = Buffer.from(text.replace(from, to));
}

function plantInOpenai(answer: PassingAnswer): void {
  const { path, sent, headers } = answer;
  if (path.endsWith('/audio/speech') && answer.status === 200) {
    const hasFormat =
      sent.includes('"response_format"') ||
      sent.includes('"stream_format"') ||
      sent.includes('"voice":"nova"');
    if (!hasFormat && path === '/v1/audio/speech')
      answer.body = answer.body.subarray(0, Math.floor((answer.body.length * 2) / 3) + 13);
    if (sent.includes('"response_format":"wav"')) headers.set('content-type', 'application/octet-stream');
    if (sent.includes('"response_format":"pcm"'))
      answer.body = answer.body.subarray(0, answer.body.length / 4 - ((answer.body.length / 4) % 2));
    if (sent.includes('"sse"')) reword(answer, /data: \[DONE\]\s+$/, '');
  }
  if (path.endsWith('/audio/voices')) headers.delete('x-request-id');
  if (path.includes('/models/nobody')) answer.body = Buffer.from('{"message":"No such model."}');
  if (path.endsWith('/transcriptions') && /name="response_format"\r\n\r\ntext\r\n/.test(sent))
    reword(answer, /\n$/, '');
  if (answer.status === 206) answer.status = 200;
}

function plantInElevenlabs(answer: PassingAnswer): void {
  const { path, headers } = answer;
  headers.delete('character-cost');
  if (path.endsWith('/stream/with-timestamps')) reword(answer, /\n$/, '');
  else if (path.endsWith('/with-timestamps'))
    reword(answer, /"audio_base64":"([^"]{4000})[^"]*"/, '"audio_base64":"$1"');
  if (path.startsWith('/v2/voices') && answer.status === 200) reword(answer, /"total_count":\d+,?/, '');
  if (answer.status === 400 && answer.body.includes('empty_text'))
    reword(answer, /"empty_text"/, '"text_is_empty"');
  if (path.endsWith('wav_22050')) answer.body.writeUInt32LE(24_000, 24);
}

function plantInEigen(answer: PassingAnswer): void {
  const { path, sent, headers } = answer;
  if (sent.includes('"chatterbox"') && sent.includes('"stream":true'))
    reword(answer, /$/, 'data: [DONE]\n\n');
  if (path.includes('/status') && answer.status === 404)
    answer.body = Buffer.from('{"detail":{"message":"Not found."}}');
  if (sent.includes('"response_format":"mp3"') && sent.includes('qwen3-tts'))
    headers.set('content-type', 'audio/wav');
  if (answer.status === 401) answer.status = 403;
}

function plantInAiml(answer: PassingAnswer): void {
  if (answer.status === 401) reword(answer, /"statusCode":401/, '"statusCode":"401"');
  if (answer.body.includes('"file_size":')) reword(answer, /"file_size":/, '"file_size":1');
}

const PLANTED = [
  { dialect: 'openai', alter: plantInOpenai, failing: ['S1', 'S2', 'S3', 'S7', 'T6', 'M1', 'E4'] },
  { dialect: 'openai', alter: plantInOpenai, rows: ['D4', 'D5'], costly: true, failing: ['D4 range'] },
  {
    dialect: 'elevenlabs',
    alter: plantInElevenlabs,
    failing: ['E01', 'E14 pcm', 'E13 tail', 'E22', 'E30', 'E06'],
  },
  {
    dialect: 'eigen',
    alter: plantInEigen,
    failing: ['R1 chatterbox stream', 'R1 qwen3-tts response_format', 'R4 unknown', 'all HTTP Authorization'],
  },
  {
    dialect: 'aiml',
    alter: plantInAiml,
    rows: ['A01', 'A02', 'A10', 'A13', 'A14', 'A17', 'A26'],
    costly: true,
    failing: ['A02', 'A13', 'A14 range'],
  },
];

for (const { dialect, alter, rows = [], costly = false, failing } of PLANTED) {
  test(`of ${dialect} ${rows.length > 0 ? rows.join(', ') : 'all rows'}, those with a planted fault fail and no others: ${failing.join(', ')}`, async () => {
    const proxy = await altering(house.origin, alter);
    try {
      const results = await heldTo(dialect, proxy.origin, { rows, costly });
      assert.deepEqual(
        idsOf(results, 'failed'),
        failing,
        JSON.stringify(results.filter(({ state }) => state === 'failed')),
      );
      for (const { state, expected, came } of results)
        assert.equal(state === 'failed', expected !== undefined && came !== undefined);
    } finally {
      await proxy.close();
    }
  });
}

test('a server that never answers fails its row in time, and one that is not there fails at once', async () => {
  const proxy = await altering(house.origin, () => undefined);
  await proxy.close();
  const [gone] = await heldTo('openai', proxy.origin, { rows: ['M1'] });
  assert.match(gone?.came ?? '', /fetch failed/);
  const network = {
    request: (_url: string, { signal }: RequestInit) =>
      new Promise<Response>((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      ),
    openSocket: undefined,
    now: () => 0,
    pause: async () => undefined,
  };
  const [silent] = await heldTo('openai', 'http://127.0.0.1:1', { rows: ['M1'], rowSeconds: 0.05, network });
  assert.deepEqual([silent?.state, silent?.expected], ['failed', 'an end within 0.05 s']);
});

test('requests are sent no faster than was said', async () => {
  let time = 0;
  const network = {
    request: () => Promise.reject(new Error('not asked')),
    openSocket: undefined,
    now: () => time,
    pause: async (milliseconds: number) => {
      time += milliseconds;
    },
  };
  const pace = createPacer(network, 4);
  const sent: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    await pace(new AbortController().signal);
    sent.push(time);
  }
  assert.deepEqual(sent, [0, 250, 500, 750]);
  time = 5000;
  await pace(new AbortController().signal);
  assert.equal(time, 5000);
});

const contracts =
  process.env['ANTIPHON_CONTRACTS'] ?? fileURLToPath(new URL('../../../shared/contracts', import.meta.url));

for (const [id, load] of Object.entries(KITS)) {
  const path = join(contracts, `${id}.md`);
  const skip = existsSync(path) ? false : 'no contracts: set ANTIPHON_CONTRACTS to their folder';

  test(`every row of the ${id} contract is in the kit, once`, { skip }, async () => {
    const kit = await load();
    assert.equal(kit.id, id);
    const { rows } = kit;
    const contract = readFileSync(path, 'utf8');
    const table = contract.slice(contract.search(/^## \d+\. Test (table|matrix)/m));
    const cells = [...table.matchAll(/^\| ([^|]+?) +\| ([^|]*?) +\|/gm)];
    const wanted = cells.flatMap(([, first = '', second = '']) => {
      const model = second.replace(/ \(alias\)$/, '');
      if (first === 'R1' && id === 'eigen') return [`R1 ${model}`];
      return first.split(', ').filter((one) => /^([A-Z]\d{1,2}|all HTTP)$/.test(one));
    });
    assert.ok(wanted.length > 20, `only ${wanted.length} rows were read`);
    const has = (row: string) => rows.some((one) => one.id === row || one.id.startsWith(`${row} `));
    assert.deepEqual(
      [...new Set(wanted)].filter((row) => !has(row)),
      [],
    );
    assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
  });
}

/** Runs the command as people do. */
function command(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = fileURLToPath(new URL('../../bin/antiphon.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'conformance', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('the command ends with 0 when all holds, 1 when a row fails and 2 when it is asked wrongly', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-conformance-'));
  const proxy = await altering(house.origin, plantInOpenai);
  try {
    const asked = ['--dialect', 'openai', '--key', KEY, '--rate', '1000'];
    const good = await command(house.origin, ...asked, '--rows', 'S8,E5,I6');
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /^ {2}S8 +passed .*\n[^]*I6 +skipped .*\n +needs the official client/m);
    assert.match(good.stdout, /^in all +2 +0 +1$/m);
    const file = join(folder, 'junit.xml');
    const bad = await command(proxy.origin, ...asked, '--rows', 'M1,E5', '--json', '--junit', file);
    assert.equal(bad.code, 1, bad.stdout);
    assert.match(bad.stderr, /1 of 2 rows failed/);
    const report = JSON.parse(bad.stdout) as { counts: unknown; rows: { id: string; state: string }[] }; // Compared below.
    assert.deepEqual(report.counts, { passed: 1, failed: 1, skipped: 0 });
    assert.match(
      readFileSync(file, 'utf8'),
      /<testsuite name="openai: models" tests="1" failures="1"[^]*<failure message="/,
    );
    for (const wrong of [
      [house.origin, '--dialect', 'nobody'],
      [house.origin, ...asked, '--rows', 'Z9'],
      [house.origin, ...asked, '--model', 'speech'],
      ['127.0.0.1', ...asked],
      [house.origin, ...asked, '--rate', '0'],
    ])
      assert.equal((await command(...wrong)).code, 2, wrong.join(' '));
    const list = await command('--dialect', 'aiml', '--list');
    assert.match(list.stdout, /^A27 +generations +A server/m);
  } finally {
    await proxy.close();
    rmSync(folder, { recursive: true });
  }
});

test('what a server says cannot break the JUnit file', () => {
  const row = {
    id: 'S1',
    section: 'speech',
    requires: 'a & b',
    rests: 'on the vendor',
    state: 'failed',
    left: [],
  } as const;
  const xml = junitXml('openai', [{ ...row, expected: '"x"', came: '<\u0000]]>\ud800', milliseconds: 1500 }]);
  assert.match(
    xml,
    /name="S1: a &amp; b" time="1\.500"><failure message="expected &quot;x&quot;">came &lt; \]\]&gt;�<\/failure>/,
  );
});
