import { z } from 'zod';
import { expectBase64, joined, objectFrom } from '../kit-events.ts';
import { expectHeader, expectShape, expectStatus, expectThat, expectValue } from '../kit-judging.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectSound } from '../kit-sound.ts';
import { expectRefusal, expectSchemaRefusal, SENTENCE, speak } from './elevenlabs-judging.ts';

const section = 'times and words';

const ALIGNMENT = z.object({
  characters: z.array(z.string()),
  character_start_times_seconds: z.array(z.number()),
  character_end_times_seconds: z.array(z.number()),
});
const TIMED = z.object({
  audio_base64: z.string(),
  alignment: ALIGNMENT.nullable(),
  normalized_alignment: ALIGNMENT.nullable(),
});
const DICTIONARY = z.object({ id: z.string(), version_id: z.string(), version_rules_num: z.int() });

async function timed(probe: Probe, given: object): Promise<z.infer<typeof TIMED>> {
  const reply = await speak(probe, given, '/with-timestamps');
  expectStatus(reply, 200);
  return expectShape(reply, TIMED);
}

function spelt(alignment: z.infer<typeof ALIGNMENT> | null): string {
  return (alignment?.characters ?? []).join('');
}

function expectTimes(alignment: z.infer<typeof ALIGNMENT>): number {
  const { characters, character_start_times_seconds: starts, character_end_times_seconds: ends } = alignment;
  expectThat(
    characters.length === starts.length && starts.length === ends.length,
    'three lists of one length',
    [characters.length, starts.length, ends.length],
  );
  expectThat(
    starts.every((start, index) => start >= (starts[index - 1] ?? 0) && start <= (ends[index] ?? 0)),
    'times that go forward',
    starts,
  );
  return ends.at(-1) ?? 0;
}

/** A dictionary of one rule; the vendor has no way to delete one, so it is archived. */
async function dictionary(probe: Probe, word: string, alias: string) {
  const rules = [{ type: 'alias', string_to_replace: word, alias }];
  const reply = await probe.post('/v1/pronunciation-dictionaries/add-from-rules', { name: 'kit', rules });
  expectStatus(reply, 200);
  const made = expectShape(reply, DICTIONARY);
  probe.later({
    method: 'PATCH',
    path: `/v1/pronunciation-dictionaries/${made.id}`,
    json: { archived: true },
  });
  return { pronunciation_dictionary_id: made.id, version_id: made.version_id };
}

/** Speech with the times of its characters, normalisation and dictionaries. */
export const ELEVENLABS_TIMESTAMP_ROWS: readonly KitRow[] = [
  {
    id: 'E13',
    section,
    requires:
      'Times are those of the text as sent and as spoken: normalised numbers are spelt out only in the latter.',
    check: async (probe) => {
      const text = 'I have 2 cats';
      const [on, off] = [
        await timed(probe, { text, apply_text_normalization: 'on' }),
        await timed(probe, { text, apply_text_normalization: 'off' }),
      ];
      expectThat(
        /two/i.test(spelt(on.normalized_alignment)),
        'the number spelt out',
        spelt(on.normalized_alignment),
      );
      expectThat(
        spelt(off.normalized_alignment).includes('2'),
        'the digit kept',
        spelt(off.normalized_alignment),
      );
      for (const { alignment } of [on, off]) expectThat(spelt(alignment) === text, text, spelt(alignment));
    },
  },
  {
    id: 'E13 tail',
    section,
    requires: 'The sound is as long as its times say.',
    check: async (probe) => {
      const { audio_base64: audio, alignment } = await timed(probe, {});
      const { seconds } = await expectSound('speech with times', expectBase64('audio_base64', audio));
      expectThat(alignment !== null, 'times', alignment);
      const end = expectTimes(alignment);
      expectThat(
        seconds > end - 0.3 && end > seconds / 2,
        `about ${end.toFixed(2)} s of sound, as the times say`,
        `${seconds.toFixed(2)} s`,
      );
    },
  },
  {
    id: 'E22',
    section,
    requires:
      'Streamed with times, every line is JSON and ends with a line feed, the last one too; the parts are one file.',
    check: async (probe) => {
      const reply = await speak(probe, {}, '/stream/with-timestamps');
      expectStatus(reply, 200);
      expectHeader(reply, 'content-type', /^application\/(json|x-ndjson)|^text\/event-stream/);
      expectThat(reply.text.endsWith('\n'), 'a line feed at the end', JSON.stringify(reply.text.slice(-20)));
      const lines = reply.text.split('\n').filter((line) => line.trim() !== '');
      const parts = lines.map((line) => expectValue('a line', objectFrom(line), TIMED));
      const sound = await expectSound(
        'the joined parts',
        joined(
          parts
            .filter((part) => part.audio_base64 !== '')
            .map((part) => expectBase64('audio_base64', part.audio_base64)),
        ),
      );
      const timesOfAll = parts.flatMap(({ alignment }) => (alignment ? [alignment] : []));
      expectThat(timesOfAll.map(spelt).join('') === SENTENCE, SENTENCE, timesOfAll.map(spelt).join(''));
      const end = Math.max(...timesOfAll.map(expectTimes));
      expectThat(
        sound.seconds > end - 0.3,
        `about ${end.toFixed(2)} s of sound, as the times say`,
        `${sound.seconds.toFixed(2)} s`,
      );
    },
  },
  {
    id: 'E16',
    section,
    requires: 'Three dictionaries may be named, four may not; an unknown one is 404.',
    check: async (probe) => {
      const one = await dictionary(probe, 'fox', 'cat');
      const named = (locators: readonly object[]) =>
        speak(probe, { text: 'Hello.', pronunciation_dictionary_locators: locators });
      expectStatus(await named([one, one, one]), 200);
      expectSchemaRefusal(await named([one, one, one, one]), ['body', 'pronunciation_dictionary_locators']);
      const unknown = { pronunciation_dictionary_id: 'nobodyhasthisdictionary', version_id: 'nobody' };
      expectRefusal(await named([unknown]), 404);
    },
  },
  {
    id: 'E17',
    section,
    requires: 'Dictionaries are used in the order in which they are named.',
    check: async (probe) => {
      const [first, second] = [
        await dictionary(probe, 'alpha', 'bravo'),
        await dictionary(probe, 'bravo', 'charlie'),
      ];
      const spoken = async (locators: readonly object[]) => {
        const { normalized_alignment: said } = await timed(probe, {
          text: 'alpha',
          pronunciation_dictionary_locators: locators,
        });
        return spelt(said).trim();
      };
      expectThat((await spoken([first, second])) === 'charlie', 'charlie', await spoken([first, second]));
      expectThat((await spoken([second, first])) === 'bravo', 'bravo', await spoken([second, first]));
    },
  },
  {
    id: 'E33',
    section,
    requires: 'Adding a rule makes another version; the old one stays, and both can be downloaded as PLS.',
    check: async (probe) => {
      const { pronunciation_dictionary_id: id, version_id: old } = await dictionary(probe, 'fox', 'cat');
      const path = `/v1/pronunciation-dictionaries/${id}`;
      const rules = [{ type: 'alias', string_to_replace: 'dog', alias: 'wolf' }];
      const added = expectShape(await probe.post(`${path}/add-rules`, { rules }), DICTIONARY);
      expectThat(
        added.version_id !== old && added.version_rules_num === 2,
        'another version of two rules',
        added,
      );
      for (const [version, graphemes] of [
        [old, 1],
        [added.version_id, 2],
      ] as const) {
        const file = await probe.get(`${path}/${version}/download`);
        expectStatus(file, 200);
        expectHeader(file, 'content-disposition', /attachment/);
        const found = [...file.text.matchAll(/<grapheme>/g)].length;
        expectThat(
          /<lexicon[\s>]/.test(file.text) && found === graphemes,
          `a lexicon of ${graphemes} graphemes`,
          file.text,
        );
      }
      const shown = await probe.get(path);
      expectStatus(shown, 200);
      expectShape(
        shown,
        z.object({
          id: z.literal(id),
          latest_version_id: z.literal(added.version_id),
          rules: z.array(z.unknown()).length(2),
        }),
      );
    },
  },
];
