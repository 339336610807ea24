/** All three guides of docs/adding, literally and one after the other in one copy, and what the changed program answers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fromInt16 } from '../../src/media/pcm.ts';
import { decodeWav } from '../contracts/decode-audio.ts';
import { createScratch, followGuide, isCheckout } from './guide-scratch.ts';
import { guideSteps } from './guide-steps.ts';
import { hearMorse } from './morse-ears.ts';

const ANY = { sampleRate: 0, channels: 1 } as const;

if (isCheckout()) describeGuides();
else test('the guides are followed', { skip: 'this is no checkout that could be copied' }, () => undefined);

function describeGuides(): void {
  const scratch = createScratch();
  after(() => scratch.close());
  const made = (name: string) => readFileSync(join(scratch.folder, name));
  const follow = (name: string) => followGuide(scratch, guideSteps(`docs/adding/${name}`));

  describe('following the guides', () => {
    test('the engine speaks over HTTP what it was asked to say, in its own tone', async () => {
      await follow('adding-an-engine.md');
      const { samples = new Float32Array(0), sampleRate } = await decodeWav(made('sos.wav'), ANY);
      const { text, pitch } = hearMorse(samples, sampleRate);
      assert.equal(text, 'HELLO FROM MY OWN ENGINE.');
      assert.ok(Math.abs(pitch - 700) < 5, `${pitch} Hz`);
    });

    test('the dialect answers in its container and refuses in its envelope', async () => {
      await follow('adding-a-dialect.md');
      const { sampleRate, frames } = await decodeWav(made('evening.wav'), ANY);
      assert.equal(sampleRate, 22_050);
      assert.ok(frames > sampleRate / 2, `${frames} frames`);
    });

    test('the format holds the very samples that another one holds, streamed and whole', async () => {
      await follow('adding-a-format.md');
      const [streamed, whole] = [made('hello.au'), made('whole.au')];
      const wav = await decodeWav(made('hello.wav'), ANY);
      assert.deepEqual(samplesOf(streamed), wav.samples);
      assert.equal(streamed.readUInt32BE(8), 0xffff_ffff);
      assert.equal(whole.readUInt32BE(8), whole.length - 24);
      assert.ok(whole.length > 16_000, `${whole.length} bytes`);
    });

    test('the house has nothing against what they have made of it: types, lint, rooms, unused code, pages', async () => {
      await scratch.run(
        'npx node --test "test/architecture/*.test.ts" test/compatibility.test.ts test/docs/format-table.test.ts src/media/formats/index.test.ts',
      );
      await scratch.run('npx oxfmt --check src scripts');
    });
  });
}

/** As the definition of AU has them, behind its header of 24 bytes. */
function samplesOf(file: Buffer): Float32Array {
  const count = (file.length - 24) / 2;
  return fromInt16(Int16Array.from({ length: count }, (_, index) => file.readInt16BE(24 + 2 * index)));
}
