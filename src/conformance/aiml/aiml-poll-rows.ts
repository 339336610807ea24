import { expectNear, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectSound } from '../kit-sound.ts';
import { expectRefusal, expectTaken, look, PATH, submit, watch } from './aiml-judging.ts';

const section = 'generations';
const tags = ['costly'] as const;

/** Has a sound made and tells where its file is. */
async function made(probe: Probe, given: object = {}) {
  const id = expectTaken(await submit(probe, given));
  const file = (await watch(probe, id)).at(-1)?.audio_file;
  expectThat(file !== undefined && file !== null, 'an audio_file when it is completed', file);
  return { id, file };
}

/** `GET /v2/generate/audio`. */
export const AIML_POLL_ROWS: readonly KitRow[] = [
  {
    id: 'A10',
    section,
    tags,
    requires: 'A generation is found by its id, encoded and as it is.',
    check: async (probe) => {
      const { id } = await made(probe);
      const [encoded, raw] = [encodeURIComponent(id), id].map((one) => `${PATH}?generation_id=${one}`);
      const [one, other] = [await probe.get(encoded ?? ''), await probe.get(raw ?? '')];
      expectStatus(one, 200);
      expectStatus(other, 200);
      expectThat(one.text === other.text, one.text, other.text);
    },
  },
  {
    id: 'A11',
    section,
    tags,
    requires: 'A generation is queued, generating, completed, in this order and never back.',
    check: async (probe) => {
      const words = ['queued', 'generating', 'completed'];
      const id = expectTaken(await submit(probe, { seconds_total: 10 }));
      const places = (await watch(probe, id)).map(({ status }) => words.indexOf(status));
      expectThat(
        places.every((place, index) => place >= (places[index - 1] ?? 0)),
        words.join(', '),
        places,
      );
    },
  },
  {
    id: 'A12',
    section,
    tags,
    requires: 'Before it is completed there is no address of a file.',
    check: async (probe) => {
      const id = expectTaken(await submit(probe, { seconds_total: 10 }));
      const early = (await watch(probe, id)).filter(({ status }) => status !== 'completed');
      if (early.length === 0) throw new Unchecked('it was completed at the first look');
      expectThat(
        early.every(({ audio_file: file }) => !file),
        'no audio_file',
        early,
      );
    },
  },
  {
    id: 'A13',
    section,
    tags,
    requires: 'The file has a whole address, a name that ends in .wav, and the size that it is told to have.',
    check: async (probe) => {
      const { file } = await made(probe);
      expectThat(
        /^https?:\/\//.test(file.url) && file.file_name.endsWith('.wav'),
        'a whole address and a name in .wav',
        file,
      );
      const reply = await probe.ask({ path: file.url, key: null });
      expectStatus(reply, 200);
      expectThat(
        reply.bytes.length === file.file_size,
        `${file.file_size} bytes`,
        `${reply.bytes.length} bytes`,
      );
    },
  },
  {
    id: 'A14',
    section,
    tags,
    requires: 'The file can be fetched with and without a key: WAV, 44.1 kHz, two channels, 16 bits.',
    check: async (probe) => {
      const { file } = await made(probe);
      const bare = await probe.ask({ path: file.url, key: null });
      expectStatus(bare, 200);
      const isOwn = new URL(file.url).origin === new URL(probe.base).origin;
      // A key is for the server that it was given for, and nobody else.
      if (isOwn) expectStatus(await probe.ask({ path: file.url, key: probe.key ?? 'any' }), 200);
      const { container, sampleRate, channels } = await expectSound('the file', bare.bytes);
      expectThat(
        container === 'wav' && sampleRate === 44_100 && channels === 2,
        'WAV, 44100 Hz, 2 channels',
        { container, sampleRate, channels },
      );
      const bits = new DataView(bare.bytes.buffer, bare.bytes.byteOffset).getUint16(34, true);
      expectThat(bits === 16, '16 bits', bits);
    },
  },
  {
    id: 'A14 range',
    section,
    tags: ['costly', 'ours'],
    requires: 'A range of the file is answered with 206 and these bytes only.',
    check: async (probe) => {
      const { file } = await made(probe);
      const part = await probe.ask({ path: file.url, key: null, headers: { range: 'bytes=0-3' } });
      expectStatus(part, 206);
      expectThat(part.text === 'RIFF', 'RIFF', `${part.bytes.length} bytes`);
      expectThat(
        part.headers.get('content-range') === `bytes 0-3/${file.file_size}`,
        `content-range: bytes 0-3/${file.file_size}`,
        part.headers.get('content-range'),
      );
    },
  },
  {
    id: 'A15',
    section,
    tags,
    requires: 'Sounds are exactly as long as asked, 30 s when nothing is said.',
    check: async (probe) => {
      for (const [seconds_total, expected] of [
        [10, 10],
        [undefined, 30],
      ] as const) {
        const { file } = await made(probe, { seconds_total });
        const reply = await probe.ask({ path: file.url, key: null });
        expectStatus(reply, 200);
        expectNear('seconds', (await expectSound('the file', reply.bytes)).seconds, {
          expected,
          within: 0.001,
        });
      }
    },
  },
  {
    id: 'A16',
    section,
    requires: 'A generation that fails says error, with a name, a message and details, and has no file.',
    why: 'needs a hand inside the server that breaks its engine',
  },
  {
    id: 'A17',
    section,
    requires: 'A look without an id is 400, Query validation error.',
    check: async (probe) => {
      expectRefusal(await probe.get(PATH), 400, /^Query validation error/);
    },
  },
  {
    id: 'A18',
    section,
    requires: 'A generation that nobody ordered is 404 in the envelope.',
    tags: ['ours'],
    check: async (probe) => {
      expectRefusal(
        await probe.get(`${PATH}?generation_id=00000000-0000-4000-8000-000000000000:stable-audio`),
        404,
      );
      expectRefusal(await probe.get(`${PATH}?generation_id=nobody`), 404);
    },
  },
  {
    id: 'A20',
    section,
    requires: "The samples of the vendor's docs print a completed generation.",
    why: 'needs the samples themselves, in JavaScript and Python',
  },
  {
    id: 'A21',
    section,
    tags,
    requires: 'What older samples read is there: id and status, in both answers.',
    check: async (probe) => {
      const id = expectTaken(await submit(probe));
      const state = await look(probe, id);
      expectThat(state.id === id, `the id ${id}`, state);
    },
  },
  {
    id: 'A22',
    section,
    tags: ['costly', 'ours'],
    requires: 'Orders are answered 201 and looks 200.',
    check: async (probe) => {
      const id = expectTaken(await submit(probe));
      expectStatus(await probe.get(`${PATH}?generation_id=${id}`), 200);
    },
  },
  {
    id: 'A23',
    section,
    tags,
    requires: 'No word that clients take for an end is in a state before the end.',
    check: async (probe) => {
      const id = expectTaken(await submit(probe, { seconds_total: 10 }));
      const early = (await watch(probe, id)).filter(({ status }) => status !== 'completed');
      const text = JSON.stringify(early);
      expectThat(
        !/"(failed|error|cancelled|timeout|expired|url)":\s*"/.test(text),
        'neither an end nor an address',
        text,
      );
    },
  },
  {
    id: 'A26',
    section,
    tags,
    requires: 'Two looks after the end are the same.',
    check: async (probe) => {
      const { id } = await made(probe);
      const [one, other] = [
        await probe.get(`${PATH}?generation_id=${id}`),
        await probe.get(`${PATH}?generation_id=${id}`),
      ];
      expectThat(one.text === other.text, one.text, other.text);
    },
  },
  {
    id: 'A27',
    section,
    requires: 'A server that is started anew ends the generations that it had begun.',
    why: 'needs a hand that starts the server anew',
  },
];
