import { expectHeader, expectNear, expectStatus, expectThat } from '../kit-judging.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import { expectRawSound, expectSound } from '../kit-sound.ts';
import { expectSchemaRefusal } from './elevenlabs-judging.ts';

const section = 'sounds';

function sound(probe: Probe, given: object, query = '') {
  return probe.post(`/v1/sound-generation${query}`, { text: 'A door that creaks', ...given });
}

/** `POST /v1/sound-generation` and `POST /v1/music`. */
export const ELEVENLABS_SOUND_ROWS: readonly KitRow[] = [
  {
    id: 'E26',
    section,
    tags: ['costly'],
    requires: 'Sounds last from 0.5 to 30 s, as long as asked, or as long as the prompt wants.',
    check: async (probe) => {
      for (const duration_seconds of [0.5, 22, 30]) {
        const reply = await sound(probe, { duration_seconds });
        expectStatus(reply, 200);
        const { seconds } = await expectSound(`a sound of ${duration_seconds} s`, reply.bytes);
        expectNear('seconds', seconds, { expected: duration_seconds, within: 0.1 });
      }
      expectStatus(await sound(probe, { duration_seconds: null }), 200);
    },
  },
  {
    id: 'E26 refusals',
    section,
    requires: 'Sounds of 0.49 and 30.5 s are 422.',
    check: async (probe) => {
      for (const duration_seconds of [0.49, 30.5])
        expectSchemaRefusal(await sound(probe, { duration_seconds }), ['body', 'duration_seconds']);
    },
  },
  {
    id: 'E27',
    section,
    tags: ['costly'],
    requires: 'The influence of the prompt is taken from 0 to 1; -0.1 and 1.1 are 422.',
    check: async (probe) => {
      for (const prompt_influence of [0, 1])
        expectStatus(await sound(probe, { prompt_influence, duration_seconds: 0.5 }), 200);
      for (const prompt_influence of [-0.1, 1.1])
        expectSchemaRefusal(await sound(probe, { prompt_influence }), ['body', 'prompt_influence']);
    },
  },
  {
    id: 'E28',
    section,
    tags: ['costly', 'ours'],
    requires: 'Two seconds of PCM at 44.1 kHz are 176400 bytes.',
    check: async (probe) => {
      const reply = await sound(probe, { duration_seconds: 2 }, '?output_format=pcm_44100');
      expectStatus(reply, 200);
      expectThat(reply.bytes.length === 176_400, '176400 bytes', `${reply.bytes.length}`);
      await expectRawSound('the sound', { bytes: reply.bytes, sampleRate: 44_100 });
    },
  },
  {
    id: 'E28 music',
    section,
    tags: ['costly'],
    requires: 'Music is as long as asked, and has a song-id.',
    check: async (probe) => {
      const reply = await probe.post('/v1/music', { prompt: 'Slow piano', music_length_ms: 10_000 });
      expectStatus(reply, 200);
      expectHeader(reply, 'content-type', /^audio\//);
      expectHeader(reply, 'song-id', /\S/);
      expectNear('seconds', (await expectSound('music', reply.bytes)).seconds, { expected: 10, within: 0.5 });
    },
  },
];
