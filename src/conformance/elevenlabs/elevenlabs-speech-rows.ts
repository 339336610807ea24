import { expectHeader, expectNear, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow } from '../kit-row.ts';
import { expectRawSound, expectSound, type Sound } from '../kit-sound.ts';
import { expectRefusal, expectSchemaRefusal, GEORGE, speak, speechBody } from './elevenlabs-judging.ts';

const section = 'speech';

const PATH = `/v1/text-to-speech/${GEORGE}`;
const MP3 = ['22050_32', '24000_48', '44100_32', '44100_64', '44100_96', '44100_128', '44100_192'];
const RATES = [8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const OPUS = [32, 64, 96, 128, 192];
const FORMATS = [
  ...MP3.map((one) => `mp3_${one}`),
  ...RATES.map((rate) => `pcm_${rate}`),
  ...RATES.map((rate) => `wav_${rate}`),
  'ulaw_8000',
  'alaw_8000',
  ...OPUS.map((rate) => `opus_48000_${rate}`),
];

const CONTAINERS: Readonly<Record<string, string>> = { mp3: 'mp3', wav: 'wav', opus: 'ogg' };

async function measured(format: string, bytes: Uint8Array): Promise<Sound> {
  const [kind = '', rate = ''] = format.split('_');
  const sampleRate = Number(rate);
  if (kind === 'pcm') return expectRawSound(format, { bytes, sampleRate });
  if (kind === 'ulaw' || kind === 'alaw')
    return expectRawSound(format, { bytes, sampleRate, coding: kind === 'ulaw' ? 'mulaw' : 'alaw' });
  const sound = await expectSound(format, bytes);
  const isRight =
    sound.container === CONTAINERS[kind] && sound.sampleRate === sampleRate && sound.channels === 1;
  expectThat(isRight, `${format}: mono at ${rate} Hz in ${CONTAINERS[kind]}`, sound);
  return sound;
}

/** `POST /v1/text-to-speech/{voice_id}`: the sound and its formats. */
export const ELEVENLABS_SPEECH_ROWS: readonly KitRow[] = [
  {
    id: 'E01',
    section,
    requires:
      'A text alone is spoken as MP3 at 44.1 kHz and 128 kbit/s; headers tell id, cost and the kept item.',
    check: async (probe) => {
      const reply = await probe.post(PATH, { text: 'Hello' });
      expectStatus(reply, 200);
      expectHeader(reply, 'content-type', /^audio\/mpeg/);
      const sound = await measured('mp3_44100_128', reply.bytes);
      expectNear('kilobits a second', (reply.bytes.length * 8) / sound.seconds / 1000, {
        expected: 128,
        within: 24,
      });
      expectHeader(reply, 'request-id', /\S/);
      expectHeader(reply, 'character-cost', /^5$/);
      expectHeader(reply, 'history-item-id', /\S/);
    },
  },
  {
    id: 'E09',
    section,
    requires: 'Stability is taken from 0 to 1 and as null; 1.5 and -0.1 are 422.',
    check: async (probe) => {
      for (const stability of [0, 1, null])
        expectStatus(await speak(probe, { text: 'Hello.', voice_settings: { stability } }), 200);
      for (const stability of [1.5, -0.1])
        expectSchemaRefusal(await speak(probe, { voice_settings: { stability } }), [
          'body',
          'voice_settings',
          'stability',
        ]);
    },
  },
  {
    id: 'E10',
    section,
    requires: 'A seed is a whole number from 0 to 4294967295.',
    tags: ['ours'],
    check: async (probe) => {
      for (const seed of [0, 4_294_967_295]) expectStatus(await speak(probe, { text: 'Hello.', seed }), 200);
      for (const seed of [-1, 4_294_967_296, 1.5])
        expectSchemaRefusal(await speak(probe, { seed }), ['body', 'seed']);
    },
  },
  {
    id: 'E11',
    section,
    requires: 'The same seed and words give the same bytes.',
    tags: ['ours'],
    check: async (probe) => {
      const [one, other] = [await speak(probe, { seed: 7 }), await speak(probe, { seed: 7 })];
      expectStatus(one, 200);
      expectStatus(other, 200);
      expectThat(
        Buffer.from(one.bytes).equals(other.bytes),
        'the same bytes',
        `${one.bytes.length} and ${other.bytes.length} bytes that differ`,
      );
    },
  },
  {
    id: 'E12',
    section,
    requires: 'apply_text_normalization "maybe" is 422.',
    check: async (probe) => {
      expectSchemaRefusal(await speak(probe, { apply_text_normalization: 'maybe' }), [
        'body',
        'apply_text_normalization',
      ]);
    },
  },
  {
    id: 'E14',
    section,
    requires: 'All 28 formats are what they are called, and about equally long.',
    tags: ['costly'],
    check: async (probe) => {
      const lengths: number[] = [];
      for (const format of FORMATS) {
        const reply = await speak(probe, { text: 'Hello there.', seed: 7 }, `?output_format=${format}`);
        if (reply.status === 403) throw new Unchecked(`the account may not have ${format}`);
        expectStatus(reply, 200);
        lengths.push((await measured(format, reply.bytes)).seconds);
      }
      const middle = lengths.toSorted((one, other) => one - other)[14] ?? 0;
      for (const [index, seconds] of lengths.entries())
        expectNear(`${FORMATS[index]}: a length`, seconds, { expected: middle, within: 0.25 + middle / 4 });
    },
  },
  {
    id: 'E14 pcm',
    section,
    requires: 'PCM at 16 kHz, µ-law and WAV are what they are called.',
    check: async (probe) => {
      for (const format of ['pcm_16000', 'ulaw_8000', 'wav_22050']) {
        const reply = await speak(probe, { text: 'Hello there.' }, `?output_format=${format}`);
        expectStatus(reply, 200);
        await measured(format, reply.bytes);
      }
    },
  },
  {
    id: 'E15',
    section,
    requires: 'A format that does not exist is 422 at query.output_format.',
    tags: ['ours'],
    check: async (probe) => {
      expectSchemaRefusal(await speak(probe, {}, '?output_format=mp3_1_1'), ['query', 'output_format']);
    },
  },
  {
    id: 'E18',
    section,
    requires: 'Three earlier requests may be named, four may not; empty and unknown ones do no harm.',
    tags: ['ours'],
    check: async (probe) => {
      const before = (ids: readonly string[]) => speak(probe, { text: 'Hello.', previous_request_ids: ids });
      expectSchemaRefusal(await before(['a', 'b', 'c', 'd']), ['body', 'previous_request_ids']);
      for (const ids of [['a', 'b', 'c'], [''], ['nobody']]) expectStatus(await before(ids), 200);
    },
  },
  {
    id: 'E19',
    section,
    requires: 'Where earlier requests and an earlier text are named, the text counts for nothing.',
    tags: ['ours'],
    check: async (probe) => {
      const first = await speak(probe, { text: 'Good evening.' });
      expectStatus(first, 200);
      const asked = {
        text: 'And welcome.',
        seed: 7,
        previous_request_ids: [first.headers.get('request-id') ?? ''],
      };
      const [alone, both] = [
        await speak(probe, asked),
        await speak(probe, { ...asked, previous_text: 'Something else.' }),
      ];
      expectStatus(alone, 200);
      expectStatus(both, 200);
      expectThat(
        Buffer.from(alone.bytes).equals(both.bytes),
        'the same bytes',
        `${alone.bytes.length} and ${both.bytes.length} bytes that differ`,
      );
    },
  },
  {
    id: 'E20',
    section,
    requires: 'With enable_logging=false nothing is kept: no item is named, and the history stays as it was.',
    check: async (probe) => {
      const newest = async () => (await probe.get('/v1/history?page_size=1')).text;
      const before = await newest();
      const reply = await speak(probe, { text: 'A secret.' }, '?enable_logging=false');
      if (reply.status === 403 || reply.status === 402)
        throw new Unchecked('the account may not switch logging off');
      expectStatus(reply, 200);
      expectHeader(reply, 'request-id', /\S/);
      expectThat(
        !reply.headers.has('history-item-id'),
        'no history-item-id',
        reply.headers.get('history-item-id'),
      );
      expectThat((await newest()) === before, `a history that begins with ${before}`, await newest());
    },
  },
  {
    id: 'E21',
    section,
    requires: 'Streamed speech comes in chunks and is, for the same seed, the whole speech.',
    check: async (probe) => {
      const [whole, streamed] = [
        await speak(probe, { seed: 7 }, '?output_format=pcm_24000'),
        await speak(probe, { seed: 7 }, '/stream?output_format=pcm_24000'),
      ];
      expectStatus(whole, 200);
      expectStatus(streamed, 200);
      expectThat(
        !streamed.headers.has('content-length'),
        'no content-length',
        streamed.headers.get('content-length'),
      );
      const [one, other] = [
        await measured('pcm_24000', whole.bytes),
        await measured('pcm_24000', streamed.bytes),
      ];
      expectNear('seconds', other.seconds, { expected: one.seconds, within: 0.1 + one.seconds / 5 });
    },
  },
  {
    id: 'E23',
    section,
    requires: 'Headers of a long job come before its end, so that clients do not give up.',
    why: 'needs the official client, whose patience it is about',
  },
  {
    id: 'E08',
    section,
    requires: 'A voice that nobody has is 404 voice_not_found, and the message names it.',
    check: async (probe) => {
      const { message } = expectRefusal(await probe.post('/v1/text-to-speech/foo', speechBody(probe)), 404, {
        status: 'voice_not_found',
      });
      expectThat(message.includes('foo'), 'a message that names foo', message);
    },
  },
];
