/** What becomes of uploads: where they lie, how large they may be, and that nothing of them stays. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { decodePoolLoad, stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from './hearing-engine.ts';
import { wavClaiming } from './odd-recordings.ts';
import { inFolder, serving } from './program/program.ts';
import { filePart, rawForm, textPart, type RawForm } from './raw-form.ts';
import { listening } from './support.ts';
import { toneEngine } from './tone-engine.ts';
import { eventually, formFor, hearingVendors, watchedUploads, type HearingVendor } from './upload-support.ts';

const MEGABYTE = 1024 * 1024;
const RECORDING = burstRecording({ bursts: bursts(3), silenceSeconds: 60 });
const TEXT = 'one two three.';

interface House {
  readonly origin: string;
  readonly port: number;
  /** Names of what lies in the folder for uploads. */
  readonly lying: () => readonly string[];
}

async function withHouse(
  options: HearingEngineOptions & { readonly maxFileBytes?: number },
  use: (house: House) => Promise<void>,
): Promise<void> {
  const undo: (() => void)[] = [];
  const uploads = watchedUploads({ after: (done) => undo.push(done) }, options.maxFileBytes);
  const ear = hearingEngine(options);
  try {
    await listening({ engines: [toneEngine(), ear], uploads: uploads.room }, async ({ origin }) => {
      await use({ origin, port: Number(new URL(origin).port), lying: uploads.lying });
      await eventually('nothing is left', () => uploads.lying().length === 0 && ear.open() === 0);
      await eventually('the decoders are free', () => decodePoolLoad().decodings === 0);
    });
  } finally {
    for (const done of undo) done();
  }
}

function post(origin: string, vendor: HearingVendor, { payload, headers }: RawForm): Promise<Response> {
  return fetch(origin + vendor.url, { method: 'POST', headers, body: Uint8Array.from(payload) });
}

/** The bytes of a request, with its length unless it is sent in chunks. */
function requestHead(vendor: HearingVendor, form: RawForm, length?: number): string {
  const sent = length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  return `POST ${vendor.url} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${form.headers['content-type']}\r\n${sent}\r\n\r\n`;
}

/** A connection whose answers are collected. */
async function dial(port: number): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString();
  });
  // The server may cut a connection whose caller does not stop.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return { socket, heard: () => heard };
}

/** Resolves when the bytes are on their way, to false when nobody takes them any more. */
function send(socket: Socket, bytes: string | Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    socket.write(bytes, (error) => resolve(!error));
  });
}

/** A form with one file part, cut where the file would be. */
function endlessForm(vendor: HearingVendor): {
  readonly form: RawForm;
  readonly start: Buffer;
  readonly end: Buffer;
} {
  const form = formFor(vendor, filePart(Buffer.alloc(0)));
  const end = form.payload.lastIndexOf('\r\n--');
  return { form, start: form.payload.subarray(0, end), end: form.payload.subarray(end) };
}

after(() => stopDecodePool());

for (const vendor of hearingVendors) {
  describe(`an upload to ${vendor.name}`, () => {
    test('lies on disk, for us alone, as long as it is heard, and no longer', async () => {
      const gate = Promise.withResolvers<void>();
      await withHouse({ gate: gate.promise }, async ({ origin, lying }) => {
        const answer = post(origin, vendor, formFor(vendor, filePart(RECORDING)));
        await eventually('it lies there', () => lying().length === 1);
        gate.resolve();
        const body = (await (await answer).json()) as { text: string };
        assert.equal(body.text, TEXT);
      });
    });

    test('of little size never touches the disk', async () => {
      const gate = Promise.withResolvers<void>();
      const small = burstRecording({ bursts: bursts(3) });
      await withHouse({ gate: gate.promise }, async ({ origin, lying }) => {
        const answer = post(origin, vendor, formFor(vendor, filePart(small)));
        await eventually('it is being heard', () => decodePoolLoad().decodings === 1);
        assert.deepEqual(lying(), []);
        gate.resolve();
        assert.equal((await answer).status, 200);
      });
    });

    test('may be as large as the operator says, and the refusal tells limit and way out', () =>
      withHouse({ maxFileBytes: RECORDING.length }, async ({ origin }) => {
        assert.equal((await post(origin, vendor, formFor(vendor, filePart(RECORDING)))).status, 200);
        const tooLarge = Buffer.concat([RECORDING, Buffer.alloc(1)]);
        const refused = await post(origin, vendor, formFor(vendor, filePart(tooLarge)));
        assert.equal(refused.status, 413);
        const { message, param } = vendor.problem(await refused.json());
        assert.match(message, new RegExp(`'file' is larger than ${RECORDING.length} bytes`));
        assert.match(message, /--max-upload \(ANTIPHON_MAX_UPLOAD\)/);
        assert.ok(param === undefined || param === 'file');
      }));

    test('that is refused while it is sent is read on, and the connection stays of use', () =>
      withHouse({ maxFileBytes: MEGABYTE }, async ({ port }) => {
        const form = formFor(vendor, filePart(Buffer.alloc(20 * MEGABYTE)));
        const small = formFor(vendor, filePart(burstRecording({ bursts: bursts(3) })));
        const { socket, heard } = await dial(port);
        await send(socket, requestHead(vendor, form, form.payload.length));
        assert.ok(await send(socket, form.payload));
        await eventually('the refusal is there', () => heard().includes('larger than 1048576'));
        assert.match(heard(), /^HTTP\/1\.1 413 /);
        await send(socket, requestHead(vendor, small, small.payload.length));
        await send(socket, small.payload);
        await eventually('the next request is answered', () => heard().includes(TEXT));
        socket.destroy();
      }));

    test('whose caller hangs up half way leaves nothing', () =>
      withHouse({}, async ({ port, lying }) => {
        const { form, start } = endlessForm(vendor);
        const { socket } = await dial(port);
        await send(socket, requestHead(vendor, form, 20 * MEGABYTE));
        await send(socket, start);
        await send(socket, Buffer.alloc(3 * MEGABYTE));
        await eventually('it lies there', () => lying().length === 1);
        socket.destroy();
        await eventually('it is gone', () => lying().length === 0);
      }));

    test('whose caller hangs up while it is heard leaves nothing', async () => {
      const gate = Promise.withResolvers<void>();
      await withHouse({ gate: gate.promise }, async ({ port, lying }) => {
        const form = formFor(vendor, filePart(RECORDING));
        const { socket } = await dial(port);
        await send(socket, requestHead(vendor, form, form.payload.length));
        await send(socket, form.payload);
        await eventually('it is being heard', () => lying().length === 1 && decodePoolLoad().decodings === 1);
        socket.destroy();
        await eventually('it is gone', () => lying().length === 0);
        gate.resolve();
      });
    });
  });
}

test('a caller who never stops sending hears the refusal all the same, and is then cut off', () =>
  withHouse({ maxFileBytes: MEGABYTE }, async ({ port }) => {
    const [vendor] = hearingVendors;
    assert.ok(vendor);
    const { form, start } = endlessForm(vendor);
    const { socket, heard } = await dial(port);
    await send(socket, requestHead(vendor, form, 100_000 * MEGABYTE));
    await send(socket, start);
    const block = Buffer.alloc(4 * MEGABYTE);
    let sent = 0;
    while (sent < 2_000 && (await send(socket, block))) sent += 4;
    assert.ok(sent < 2_000, 'everything was swallowed');
    assert.match(heard(), /^HTTP\/1\.1 413 /);
    assert.match(heard(), /\r\nconnection: close\r\n/i);
    assert.match(heard(), /larger than 1048576/);
    socket.destroy();
  }));

/** A chunk that every reader of WAV passes over, a megabyte for each of `megabytes`, between format and sound. */
function* wavWithPadding(megabytes: number): Generator<Buffer> {
  const wav = burstRecording({ bursts: bursts(3) });
  const padding = Buffer.alloc(8);
  padding.write('JUNK');
  padding.writeUInt32LE(megabytes * MEGABYTE, 4);
  yield Buffer.concat([wav.subarray(0, 36), padding]);
  const block = Buffer.alloc(MEGABYTE);
  for (let sent = 0; sent < megabytes; sent += 1) yield block;
  yield wav.subarray(36);
}

/** Has a recording of so many megabytes heard, and tells by how many the process grew meanwhile at most. */
async function growthOver(megabytes: number, port: number): Promise<number> {
  const vendor = hearingVendors.find(({ name }) => name === 'elevenlabs');
  assert.ok(vendor);
  const { form, start, end } = endlessForm(vendor);
  const { socket, heard } = await dial(port);
  const before = process.memoryUsage().rss;
  let most = before;
  const measure = () => {
    most = Math.max(most, process.memoryUsage().rss);
  };
  const fileLength = [...wavWithPadding(0)].reduce((sum, piece) => sum + piece.length, megabytes * MEGABYTE);
  await send(socket, requestHead(vendor, form, start.length + fileLength + end.length));
  await send(socket, start);
  for (const piece of wavWithPadding(megabytes)) {
    await send(socket, piece);
    measure();
  }
  await send(socket, end);
  await eventually('it was heard', () => {
    measure();
    return heard().includes(TEXT);
  });
  socket.destroy();
  return (most - before) / MEGABYTE;
}

test('a large recording is taken in and heard without the process growing by it', () =>
  withHouse({}, async ({ port }) => {
    // Threads and codecs are there from then on.
    await growthOver(8, port);
    const grown = await growthOver(300, port);
    assert.ok(grown < 200, `grew by ${grown.toFixed(0)} MB over a recording of 300 MB`);
  }));

test('the vendors have limits of their own where the operator has set none', async () => {
  await withHouse({}, async ({ origin }) => {
    for (const vendor of hearingVendors.filter(({ fileBytes }) => fileBytes < 100 * MEGABYTE)) {
      const refused = await post(
        origin,
        vendor,
        formFor(vendor, filePart(Buffer.alloc(vendor.fileBytes + 1))),
      );
      assert.equal(refused.status, 413, vendor.name);
      assert.match(vendor.problem(await refused.json()).message, /larger than 26214400 bytes/);
    }
  });
});

test('a voice sample that lies on disk is measured as a small one is', () =>
  withHouse({}, async ({ origin }) => {
    const ask = (seconds: number) => {
      const wav = wavClaiming({ channels: 2, sampleRate: 48_000 }, Buffer.alloc(seconds * 48_000 * 4));
      const sample = [
        ['Content-Disposition: form-data; name="audio_prompt_file"; filename="me.wav"'],
        wav,
      ] as const;
      const form = rawForm([textPart('model', 'chatterbox'), textPart('text', 'Hello.'), sample]);
      const body = Uint8Array.from(form.payload);
      return fetch(`${origin}/api/v1/generate`, { method: 'POST', headers: form.headers, body });
    };
    const { detail } = (await (await ask(90)).json()) as { detail: string };
    assert.match(detail, /audio_prompt_file.*lasts 90\.0 s/);
  }));

test('the program keeps uploads in its data folder, obeys --max-upload, and sweeps up after a crash', () =>
  inFolder(async (folder) => {
    const uploads = join(folder, 'uploads');
    const [vendor] = hearingVendors;
    assert.ok(vendor);
    const options = ['--data-dir', folder, '--engines', 'flite', '--max-upload', '3'];
    await serving(options, async ({ origin, child }) => {
      const refused = await post(origin, vendor, formFor(vendor, filePart(Buffer.alloc(3 * MEGABYTE + 1))));
      assert.equal(refused.status, 413);
      assert.match(await refused.text(), /larger than 3145728 bytes/);
      const { form, start } = endlessForm(vendor);
      const { socket } = await dial(Number(new URL(origin).port));
      await send(socket, requestHead(vendor, form, 20 * MEGABYTE));
      await send(socket, start);
      await send(socket, Buffer.alloc(2 * MEGABYTE));
      await eventually('it lies there', () => existsSync(uploads) && readdirSync(uploads).length === 1);
      if (process.platform !== 'win32') {
        assert.equal(statSync(join(uploads, readdirSync(uploads)[0] ?? '')).mode & 0o777, 0o700);
      }
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      socket.destroy();
      assert.equal(readdirSync(uploads).length, 1, 'a killed process cannot have cleaned up');
    });
    await serving(options, async () => assert.deepEqual(readdirSync(uploads), []));
  }));

test('nothing of any of these tests is left in the folder that they share by default', () => {
  const shared = join(tmpdir(), 'antiphon-test-uploads');
  const ours = existsSync(shared)
    ? readdirSync(shared).filter((name) => name.includes(`-${process.pid}-`))
    : [];
  assert.deepEqual(ours, []);
});
