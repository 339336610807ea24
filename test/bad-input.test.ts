/** What callers get for every kind of recording and form that is not what it should be, over HTTP, with each vendor's words. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../src/core/engine.ts';
import { sherpaEngine } from '../src/engines/sherpa/sherpa-engine.ts';
import { findWhisperPackages } from '../src/engines/whisper/whisper-binding.ts';
import { whisperEngine } from '../src/engines/whisper/whisper-engine.ts';
import { decodePoolLoad, stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts, silence } from './burst-recording.ts';
import { readTestFile, testData, withoutTestData } from './decode-support.ts';
import { hearingEngine } from './hearing-engine.ts';
import { flacBomb, m4aWithoutContents, toneWav, wavClaiming } from './odd-recordings.ts';
import { filePart, rawForm, textPart, type RawForm } from './raw-form.ts';
import { copyOf, emptyFolder, needsData, sourceOf, weightsIn } from './sherpa-support.ts';
import { listening } from './support.ts';
import { toneEngine } from './tone-engine.ts';
import { eventually, formFor, hearingVendors, watchedUploads, type HearingVendor } from './upload-support.ts';

const GOOD = burstRecording({ bursts: bursts(3) });
const TEXT = 'one two three.';
/** More than is held in memory, so that it lies on disk. */
const BIG = burstRecording({ bursts: bursts(3), silenceSeconds: 60 });
const MOST_SECONDS = 300;
const MEGABYTE = 1024 * 1024;

type Statuses = readonly [openai: number, elevenlabs: number, eigen: number];
type Field = 'file' | 'model' | 'language';

interface BadInput {
  readonly what: string;
  readonly form: (vendor: HearingVendor) => RawForm;
  readonly statuses: Statuses;
  /** The field that is to blame, if one is. */
  readonly field?: Field;
  readonly message: RegExp;
}

const WRONG_FILE: Statuses = [400, 415, 415];
const WRONG_FIELD: Statuses = [400, 422, 400];
const BEYOND_LIMIT: Statuses = [400, 413, 413];
const BROKEN_FORM: Statuses = [400, 400, 400];

const withFile = (file: Uint8Array, name?: string) => (vendor: HearingVendor) =>
  formFor(vendor, filePart(file, name));

const withType = (headers: Readonly<Record<string, string>>) => (vendor: HearingVendor) => ({
  ...withFile(GOOD)(vendor),
  headers,
});

const cutTo = (bytes: number) => (vendor: HearingVendor) => {
  const form = withFile(BIG)(vendor);
  return { ...form, payload: form.payload.subarray(0, bytes) };
};

const REFUSED: readonly BadInput[] = [
  {
    what: 'no file',
    form: (vendor) => formFor(vendor),
    statuses: WRONG_FIELD,
    field: 'file',
    message: /required/i,
  },
  {
    what: 'an empty file',
    form: withFile(Buffer.alloc(0)),
    statuses: WRONG_FILE,
    field: 'file',
    message: /empty/,
  },
  {
    what: 'a text called mp3',
    form: withFile(Buffer.from('This is no sound. '.repeat(120_000)), 'speech.mp3'),
    statuses: WRONG_FILE,
    field: 'file',
    message: /not audio in a format that can be read. Send WAV, MP3/,
  },
  {
    what: 'an m4a that was cut off before its table of contents',
    form: withFile(m4aWithoutContents(), 'speech.m4a'),
    statuses: WRONG_FILE,
    field: 'file',
    message: /incomplete.*Upload the whole file/,
  },
  {
    what: 'a header without samples',
    form: withFile(silence(0)),
    statuses: WRONG_FILE,
    field: 'file',
    message: /no sound: its length is zero/,
  },
  {
    what: 'nine channels',
    form: withFile(toneWav({ channels: 9, sampleRate: 16_000 })),
    statuses: BEYOND_LIMIT,
    field: 'file',
    message: /at most 8; this file has 9/,
  },
  {
    what: '384 kHz',
    form: withFile(toneWav({ channels: 1, sampleRate: 384_000 })),
    statuses: BEYOND_LIMIT,
    field: 'file',
    message: /at most 192000 Hz; this file has 384000 Hz/,
  },
  {
    what: 'a header of ten hours on a kilobyte',
    form: withFile(
      wavClaiming({ channels: 1, sampleRate: 16_000, claimedBytes: 36_000 * 32_000 }, Buffer.alloc(1_000)),
    ),
    statuses: WRONG_FILE,
    field: 'file',
    message: /incomplete: 1151999000 of 1152000000 bytes/,
  },
  {
    what: 'twelve hours in 80 kB',
    form: withFile(flacBomb(12 * 3_600), 'bomb.flac'),
    statuses: BEYOND_LIMIT,
    field: 'file',
    message: /length of the audio may be at most 300 seconds/,
  },
  {
    what: 'an unknown language',
    form: (vendor) => formFor(vendor, textPart(vendor.fields.language, 'Klingon'), filePart(BIG)),
    statuses: WRONG_FIELD,
    field: 'language',
    message: /must be/,
  },
  {
    what: 'no model',
    form: () => rawForm([filePart(BIG)]),
    statuses: WRONG_FIELD,
    field: 'model',
    message: /required/i,
  },
  {
    what: 'an unknown model',
    form: (vendor) => rawForm([textPart(vendor.fields.model, 'no-such-model'), filePart(BIG)]),
    statuses: [404, 404, 400],
    field: 'model',
    message: /'no-such-model' does not exist here/,
  },
  {
    what: 'two files',
    form: (vendor) => formFor(vendor, filePart(BIG), filePart(BIG)),
    statuses: WRONG_FIELD,
    field: 'file',
    message: /one file, and there are 2/,
  },
  {
    what: 'a dozen files',
    form: (vendor) => formFor(vendor, ...Array.from({ length: 12 }, () => filePart(GOOD))),
    statuses: [413, 413, 413],
    message: /more than \d+ files/,
  },
  {
    what: 'thousands of fields',
    form: (vendor) =>
      formFor(
        vendor,
        ...Array.from({ length: 2_000 }, (_, index) => textPart(`field_${index}`, 'x')),
        filePart(GOOD),
      ),
    statuses: [413, 413, 413],
    message: /more than \d+ text parts/,
  },
  {
    what: 'the file under another name',
    form: (vendor) =>
      formFor(vendor, [['Content-Disposition: form-data; name="audio"; filename="a.wav"'], BIG]),
    statuses: WRONG_FIELD,
    field: 'file',
    message: /required/i,
  },
  {
    what: 'a text without a name',
    form: (vendor) => formFor(vendor, [['Content-Disposition: form-data'], 'x'], filePart(GOOD)),
    statuses: BROKEN_FORM,
    message: /needs a name/,
  },
  {
    what: 'a file without a name',
    form: (vendor) => formFor(vendor, [['Content-Disposition: form-data; filename="a.wav"'], GOOD]),
    statuses: BROKEN_FORM,
    message: /needs a name/,
  },
  {
    what: 'text where the file belongs',
    form: (vendor) => formFor(vendor, textPart('file', 'RIFF')),
    statuses: WRONG_FIELD,
    field: 'file',
    message: /file name/,
  },
  {
    what: 'the bare recording as the body',
    form: () => ({ payload: GOOD, headers: { 'content-type': 'audio/wav' } }),
    statuses: WRONG_FILE,
    message: /multipart\/form-data/,
  },
  {
    what: 'a form that says it is text',
    form: withType({ 'content-type': 'text/plain' }),
    statuses: WRONG_FILE,
    message: /multipart\/form-data/,
  },
  {
    what: 'a form that does not say what it is',
    form: withType({}),
    statuses: WRONG_FILE,
    message: /multipart\/form-data/,
  },
  {
    what: 'a form without a boundary',
    form: withType({ 'content-type': 'multipart/form-data' }),
    statuses: BROKEN_FORM,
    message: /names no boundary/,
  },
  {
    what: 'a form with the boundary of another',
    form: withType({ 'content-type': 'multipart/form-data; boundary=another' }),
    statuses: BROKEN_FORM,
    message: /ends before the closing boundary/,
  },
  {
    what: 'a form that ends in the headers of a part',
    form: cutTo(60),
    statuses: BROKEN_FORM,
    message: /ends before the closing boundary/,
  },
  {
    what: 'a form that ends half way, its file being on disk already',
    form: cutTo(BIG.length - 400_000),
    statuses: BROKEN_FORM,
    message: /ends before the closing boundary/,
  },
  {
    what: 'a form that ends at once',
    form: (vendor) => ({ ...formFor(vendor), payload: Buffer.alloc(0) }),
    statuses: WRONG_FIELD,
    message: /required/i,
  },
];

async function post(origin: string, vendor: HearingVendor, { payload, headers }: RawForm) {
  const response = await fetch(origin + vendor.url, {
    method: 'POST',
    headers,
    body: Uint8Array.from(payload),
  });
  const body = await response.text();
  return { status: response.status, body };
}

/** Asks for something ordinary and gets it. */
async function assertWell(origin: string, vendor: HearingVendor): Promise<void> {
  const { status, body } = await post(origin, vendor, withFile(GOOD)(vendor));
  assert.equal(status, 200, body);
  assert.equal((JSON.parse(body) as { text: string }).text, TEXT);
}

interface Refusal {
  readonly status: number;
  readonly field?: Field | undefined;
  readonly message: RegExp;
}

function assertRefused(
  vendor: HearingVendor,
  answer: { status: number; body: string },
  expected: Refusal,
): void {
  assert.equal(answer.status, expected.status, answer.body);
  const { message, param } = vendor.problem(JSON.parse(answer.body));
  assert.match(message, expected.message);
  const { field } = expected;
  if (!field) return;
  const spelled = field === 'file' ? 'file' : vendor.fields[field];
  if (param === undefined) assert.ok(message.includes(spelled), `'${spelled}' is not named in: ${message}`);
  else assert.equal(param, spelled);
}

describe('bad input', () => {
  const undo: (() => void)[] = [];
  const uploads = watchedUploads({ after: (done) => undo.push(done) });
  const ear = hearingEngine();
  const served = Promise.withResolvers<void>();
  let origin = '';
  let server: Promise<void>;

  before(async () => {
    const ready = Promise.withResolvers<void>();
    const options = {
      engines: [toneEngine(), ear],
      uploads: uploads.room,
      maxRecordingSeconds: MOST_SECONDS,
    };
    server = listening(options, async (address) => {
      origin = address.origin;
      ready.resolve();
      await served.promise;
    });
    await ready.promise;
    for (const vendor of hearingVendors) await assertWell(origin, vendor);
  });
  after(async () => {
    served.resolve();
    await server;
    await stopDecodePool();
    for (const done of undo) done();
  });

  const atRest = () =>
    eventually('nothing is left of the request', () => {
      return uploads.lying().length === 0 && decodePoolLoad().decodings === 0 && ear.open() === 0;
    });

  for (const { what, form, statuses, field, message } of REFUSED) {
    for (const [index, vendor] of hearingVendors.entries()) {
      test(`${vendor.name} refuses ${what}, leaves nothing behind and goes on`, async () => {
        const start = process.memoryUsage().rss;
        const answer = await post(origin, vendor, form(vendor));
        assertRefused(vendor, answer, { status: statuses[index] ?? 0, field, message });
        await atRest();
        const grown = (process.memoryUsage().rss - start) / MEGABYTE;
        assert.ok(grown < 150, `the process grew by ${grown.toFixed(0)} MB`);
        await assertWell(origin, vendor);
      });
    }
  }

  for (const vendor of hearingVendors) {
    test(`${vendor.name} hears nothing in silence, and nothing is made up`, async () => {
      const heard = ear.heard.length;
      for (const seconds of [2, 60]) {
        const { status, body } = await post(origin, vendor, withFile(silence(seconds))(vendor));
        assert.equal(status, 200, body);
        assert.equal((JSON.parse(body) as { text: string }).text, '');
      }
      assert.equal(ear.heard.length, heard, 'the model was made to hear silence');
      await atRest();
    });

    test(`${vendor.name} hears eight channels of 192 kHz`, async () => {
      const file = toneWav({ channels: 8, sampleRate: 192_000 });
      const { status, body } = await post(origin, vendor, withFile(file)(vendor));
      assert.equal(status, 200, body);
      assert.equal((JSON.parse(body) as { text: string }).text, 'one.');
      await atRest();
    });

    test(
      `${vendor.name} says of half a real m4a that it is incomplete`,
      { skip: withoutTestData },
      async () => {
        const whole = await readTestFile('formats/jfk.m4a');
        const half = whole.subarray(0, whole.length / 2);
        const answer = await post(origin, vendor, withFile(half, 'jfk.m4a')(vendor));
        const contentsFirst = whole.indexOf('moov') < whole.indexOf('mdat');
        if (contentsFirst) assert.equal(answer.status, 200, answer.body);
        else {
          const status = vendor.name === 'openai' ? 400 : 415;
          assertRefused(vendor, answer, { status, field: 'file', message: /incomplete/ });
        }
        await atRest();
      },
    );
  }
});

for (const vendor of hearingVendors) {
  test(`${vendor.name} says how to install a model when there is none`, async (t) => {
    const uploads = watchedUploads(t);
    await listening({ uploads: uploads.room }, async ({ origin }) => {
      const answer = await post(origin, vendor, withFile(BIG)(vendor));
      const status = vendor.name === 'openai' ? 404 : 400;
      assertRefused(vendor, answer, { status, message: /antiphon models pull/ });
      await eventually('nothing is left', () => uploads.lying().length === 0);
    });
  });
}

describe('a model that is damaged', () => {
  after(() => stopDecodePool());

  async function assertDamaged(engine: Engine, model: string): Promise<void> {
    await listening({ engines: [engine] }, async ({ origin }) => {
      for (const vendor of hearingVendors) {
        const form = rawForm([textPart(vendor.fields.model, model), filePart(GOOD)]);
        const answer = await post(origin, vendor, form);
        const status = vendor.name === 'elevenlabs' ? 500 : 502;
        assertRefused(vendor, answer, {
          status,
          message: new RegExp(`${model}.*antiphon models (rm|verify)`),
        });
      }
      const again = await fetch(`${origin}/v1/models`);
      assert.equal(again.status, 200);
    });
    await eventually('the decoders are given back', () => decodePoolLoad().decodings === 0);
  }

  const skip = findWhisperPackages().length === 0 && 'whisper.cpp has no package for this machine';

  test('whisper.cpp: bytes that are no model, or half of one, are a clear error', { skip }, async (t) => {
    const folder = emptyFolder(t);
    const files: Record<string, Buffer> = { nonsense: Buffer.alloc(MEGABYTE, 7) };
    if (!withoutTestData) {
      const whole = readFileSync(join(testData, 'ggml', 'ggml-mini-test.bin'));
      files['half'] = whole.subarray(0, whole.length / 2);
    }
    for (const [what, bytes] of Object.entries(files)) {
      mkdirSync(join(folder, what));
      writeFileSync(join(folder, what, 'ggml-broken.bin'), bytes);
      const weights = weightsIn(join(folder, what), { id: 'whisper/broken', kind: 'transcription' });
      const engine = await whisperEngine.create({ workers: 1, weights: sourceOf([weights]) });
      assert(!('unavailable' in engine));
      t.after(() => engine.stop?.());
      await assertDamaged(engine, 'whisper/broken');
    }
  });

  test('sherpa: weights with a hole in them are a clear error', async (t) => {
    if (!needsData(t, 'mini-whisper-test')) return;
    const folder = copyOf(t, join(testData, 'mini-whisper-test'));
    const encoder = join(folder, readdirSync(folder).find((name) => name.endsWith('encoder.onnx')) ?? '');
    writeFileSync(encoder, readFileSync(encoder).fill(0, 200, 5_000));
    const weights = weightsIn(folder, { id: 'sherpa/broken', kind: 'transcription' });
    const engine = await sherpaEngine.create({ workers: 1, weights: sourceOf([weights]) });
    assert(!('unavailable' in engine));
    t.after(() => engine.stop?.());
    await assertDamaged(engine, 'sherpa/broken');
  });
});
