import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeWhole, readTestFile, withoutTestData } from '../../../test/decode-support.ts';
import { AppError } from '../../base/errors.ts';
import { decodePoolLoad, stopDecodePool } from './decode-pool.ts';

after(stopDecodePool);

const LIMITS = { maxSeconds: 30, maxChannels: 8, maxSampleRate: 192_000 };
const RUNS = Number(process.env['ANTIPHON_FUZZ_RUNS'] ?? 25);

const files = [
  'formats/jfk_8k_mulaw.wav',
  'formats/lhotse_stereo.sph',
  'formats/lhotse_stereo.mp3',
  'formats/common_voice_en_651325.mp3',
  'formats/lhotse_stereo.opus',
  'formats/jfk.webm',
  'formats/jfk.m4a',
  'formats/jfk.mp4',
  'formats/jfk_16k.flac',
];

/** Places are shares of the file, half of them near its beginning, where headers are. */
const place = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1e6),
  fc.integer({ min: 0, max: 1_000 }).map((millionths) => millionths / 1e6),
);

const change = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    kind: fc.constant('cut' as const),
    place: fc.integer({ min: 1, max: 99 }).map((hundredths) => hundredths / 100),
    bytes: fc.constant(new Uint8Array(0)),
  }),
);

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(file: Uint8Array, changes: readonly Change[]): Uint8Array {
  return changes.reduce<Uint8Array>((bytes, { kind, place: share, bytes: other }) => {
    const at = Math.floor(share * bytes.length);
    if (kind === 'cut') return bytes.subarray(0, at);
    const replaced = kind === 'insert' ? 0 : other.length;
    const middle = kind === 'remove' ? new Uint8Array(0) : other;
    return Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at + replaced)]);
  }, file);
}

for (const path of files) {
  test(
    `gives sound within the limits or a clear refusal for any damage to ${path}`,
    { skip: withoutTestData, timeout: 60_000 },
    async () => {
      const file = await readTestFile(path);
      const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        try {
          const { samples, audio } = await decodeWhole(changed(file, changes), {
            mono: true,
            sampleRate: 16_000,
            limits: LIMITS,
          });
          assert.ok(samples.length <= LIMITS.maxSeconds * 16_000 + 16_000);
          assert.ok(
            samples.every((sample) => Number.isFinite(sample)),
            `${audio.codec} gives no numbers`,
          );
        } catch (error) {
          assert.ok(error instanceof AppError, String(error));
          const known = error.code === 'unsupported_media' || error.code === 'payload_too_large';
          assert.ok(known, `${error.code}: ${error.message}`);
        }
      });
      await fc.assert(property, {
        numRuns: RUNS,
        // On a busy machine fewer damages are tried; a decoder that hangs fails by its own watchdog.
        interruptAfterTimeLimit: 30_000,
        markInterruptAsFailure: false,
      });
      assert.equal(decodePoolLoad().decodings, 0);
    },
  );
}
