/** A book that broke off is taken up at a sentence: what was not heard yet is asked for with what was said before. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Engine, EngineModule } from '../src/core/engine.ts';
import { espeakEngine } from '../src/engines/espeak/espeak-engine.ts';
import { fliteEngine } from '../src/engines/flite/flite-engine.ts';
import { placeOf, samplesIn } from './alignment-support.ts';
import { testApp } from './support.ts';

const SENTENCES = [
  'On 12 March the boats came back to the harbour.',
  'Nobody had seen the captain.',
  'He walks whenever it rains!',
  'The road went on for 7 km and over the bridge.',
];
const WHOLE = SENTENCES.join(' ');

interface Spoken {
  readonly id: string;
  readonly samples: Int16Array;
}

for (const [module, voice, sampleRate] of [
  [fliteEngine, 'flite/slt', 16_000],
  [espeakEngine, 'espeak/en-us', 22_050],
] satisfies (readonly [EngineModule, string, number])[]) {
  describe(`a text that ${voice} goes on with`, () => {
    let engine: Engine;
    let app: FastifyInstance;
    let whole: Int16Array;

    before(async () => {
      const created = await module.create({ workers: 1 });
      assert(!('unavailable' in created), 'Both are dependencies of ours.');
      engine = created;
      ({ app } = await testApp({ engines: [engine] }));
      whole = (await speak(WHOLE)).samples;
    });
    after(async () => {
      await app.close();
      await engine.stop?.();
    });

    const speak = async (text: string, around: object = {}): Promise<Spoken> => {
      const reply = await app.inject({
        method: 'POST',
        url: `/v1/text-to-speech/${encodeURIComponent(voice)}/stream?output_format=pcm_${sampleRate}`,
        payload: { text, model_id: 'eleven_multilingual_v2', ...around },
      });
      assert.equal(reply.statusCode, 200);
      return { id: String(reply.headers['request-id']), samples: samplesIn(reply.rawPayload) };
    };
    /** Both parts of the text, cut behind so many sentences. */
    const cutAt = (count: number) =>
      [SENTENCES.slice(0, count).join(' '), SENTENCES.slice(count).join(' ')] as const;

    for (const count of [1, 2, 3]) {
      test(`from sentence ${count + 1} on is what the whole has there, sample by sample, behind its previous_text`, async () => {
        const [said, rest] = cutAt(count);
        const { samples } = await speak(rest, { previous_text: said });
        const mark = Math.round(0.3 * sampleRate);
        const place = placeOf(samples.subarray(mark, mark + 800), whole, 0) - mark;
        assert.ok(place > 0, 'it is somewhere in the whole');
        assert.deepEqual(samples, whole.slice(place));
      });

      test(`and both parts, cut behind sentence ${count}, are the whole, with ids or with texts`, async () => {
        const [said, rest] = cutAt(count);
        const first = await speak(said, { next_text: rest });
        const second = await speak(rest, { previous_text: said });
        const alone = await speak(said);
        const later = await speak(rest, { previous_request_ids: [alone.id] });
        for (const parts of [
          [first.samples, second.samples],
          [alone.samples, later.samples],
        ]) {
          const both = Int16Array.from(parts.flatMap((part) => [...part]));
          if (module === fliteEngine) assert.deepEqual(both, whole);
          // In eSpeak's pause at the cut is up to 0.05 s more than in the whole; the speech around it is the same.
          const longer = (both.length - whole.length) / sampleRate;
          assert.ok(longer >= 0 && longer < 0.06, `${longer} s longer`);
        }
      });
    }
  });
}
