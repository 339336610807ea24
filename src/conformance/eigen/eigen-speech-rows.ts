import type { Reply } from '../kit-asking.ts';
import { expectBase64, expectEvents, joined, objectsIn } from '../kit-events.ts';
import { expectHeader, expectNear, expectStatus, expectThat } from '../kit-judging.ts';
import type { CheckedRow, KitRow, Probe } from '../kit-row.ts';
import { expectRawSound, expectSound, silence } from '../kit-sound.ts';
import {
  expectRefusal,
  expectSame,
  expectSpeech,
  GENERATE,
  recordingFile,
  SENTENCE,
  speakByForm,
  speakByJson,
} from './eigen-judging.ts';

const section = 'speech';
const ours = ['ours'] as const;

const FORMATS = {
  wav: { type: /^audio\/(x-)?wav/, container: 'wav' },
  mp3: { type: /^audio\/mpeg/, container: 'mp3' },
  flac: { type: /^audio\/(x-)?flac/, container: 'flac' },
  aac: { type: /^audio\/aac/, container: 'aac' },
  opus: { type: /^audio\/(ogg|opus)/, container: 'ogg' },
} as const;

/** Holds a stream to the order of its events, and gives the sound in them. */
async function expectStream(reply: Reply): Promise<void> {
  expectStatus(reply, 200);
  const events = expectEvents(reply);
  expectThat(!reply.text.includes('[DONE]'), 'no [DONE], which clients cannot read', reply.text.slice(-100));
  const objects = objectsIn(events);
  const kinds = objects.map(({ type }) => type);
  const chunks = objects.filter(({ type }) => type === 'audio_chunk');
  const expected = ['start', 'metadata', ...chunks.map(() => 'audio_chunk'), 'complete', 'done'];
  expectThat(
    chunks.length > 0 && kinds.join() === expected.join(),
    'start, metadata, audio_chunk…, complete, done',
    kinds,
  );
  const parts = chunks.map(({ data, size }) => {
    const bytes = expectBase64('data', data);
    expectThat(size === bytes.length, `a size of ${bytes.length}`, size);
    return bytes;
  });
  await expectRawSound('the joined chunks', { bytes: joined(parts), sampleRate: 24_000 });
}

/** What every model that speaks has. */
function commonRows(model: string): readonly CheckedRow[] {
  return [
    {
      id: `R1 ${model} text`,
      section,
      requires: `${model} speaks WAV, mono at 24 kHz; no text is 400.`,
      check: async (probe) => {
        const reply = await speakByForm(probe, model);
        await expectSpeech(reply);
        expectHeader(reply, 'content-type', /^audio\/(x-)?wav/);
        expectRefusal(await probe.post(GENERATE, { model }), 400);
        expectRefusal(await speakByJson(probe, model, { text: '  ' }), 400);
      },
    },
    {
      id: `R1 ${model} stream`,
      section,
      requires: `Streamed, ${model} sends start, metadata, chunks of PCM, complete and done, and no [DONE].`,
      check: async (probe) => expectStream(await speakByJson(probe, model, { stream: true })),
    },
    {
      id: `R1 ${model} encodings`,
      section,
      requires: `A form, JSON and, by our choice, a urlencoded form ask ${model} for the same.`,
      tags: ours,
      check: async (probe) => {
        const byForm = await speakByForm(probe, model, { seed: '7' });
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const body = new URLSearchParams({ model, text: SENTENCE, seed: '7' }).toString();
        expectSame('the same speech', byForm, await speakByJson(probe, model, { seed: 7 }));
        expectSame('the same speech', byForm, await probe.ask({ path: GENERATE, body, headers }));
      },
    },
  ];
}

/** `voice_settings` as text and as an object, and what is none. */
function settingsRow(model: string): CheckedRow {
  return {
    id: `R1 ${model} voice_settings`,
    section,
    requires: `${model} takes voice_settings as JSON text and as an object; twice the speed is half as long.`,
    check: async (probe) => {
      const settings = { speed: 2 };
      const text = await speakByForm(probe, model, { voice_settings: JSON.stringify(settings) });
      const object = await speakByJson(probe, model, { voice_settings: settings });
      const [fast, same] = [await expectSpeech(text), await expectSpeech(object)];
      expectNear('seconds', same.seconds, { expected: fast.seconds, within: 0.05 + fast.seconds / 5 });
      const usual = await expectSpeech(await speakByForm(probe, model));
      expectThat(usual.seconds > fast.seconds * 1.4, 'faster speech that is shorter', [
        usual.seconds,
        fast.seconds,
      ]);
    },
  };
}

function refusalRow(name: string, requires: string, wrong: readonly object[]): CheckedRow {
  const [model = ''] = name.split(' ');
  return {
    id: `R1 ${name}`,
    section,
    requires,
    tags: ours,
    check: async (probe) => {
      for (const given of wrong) expectRefusal(await speakByJson(probe, model, given), 400);
    },
  };
}

async function expectAccepted(probe: Probe, model: string, given: readonly object[]): Promise<void> {
  for (const one of given) await expectSpeech(await speakByJson(probe, model, { text: 'Hello.', ...one }));
}

/** `POST /api/v1/generate` with a model that speaks. */
export const EIGEN_SPEECH_ROWS: readonly KitRow[] = [
  ...commonRows('higgs2p5'),
  settingsRow('higgs2p5'),
  {
    id: 'R1 higgs2p5 voice',
    section,
    requires: 'higgs2p5 has the voices Linda and Jack.',
    check: async (probe) => expectAccepted(probe, 'higgs2p5', [{ voice: 'Linda' }, { voice: 'Jack' }]),
  },
  refusalRow('higgs2p5 unknown voices', 'Voices that nobody has, and settings that are no JSON, are 400.', [
    { voice: 'Nobody' },
    { voice_id: '0'.repeat(32) },
    { voice_name: 'nobody has this' },
    { voice_settings: '{"speed": ' },
  ]),
  {
    id: 'R1 higgs2p5 sampling',
    section,
    requires: 'sampling is taken as JSON text and as an object.',
    check: async (probe) => {
      const sampling = { temperature: 0.7, top_p: 0.9, top_k: 40 };
      await expectSpeech(await speakByForm(probe, 'higgs2p5', { sampling: JSON.stringify(sampling) }));
      await expectSpeech(await speakByJson(probe, 'higgs2p5', { sampling }));
    },
  },
  {
    id: 'R1 higgs2p5 voice_reference_file',
    section,
    tags: ['costly'],
    requires: 'A recording that comes with the text is spoken with.',
    check: async (probe) => {
      await expectSpeech(
        await speakByForm(probe, 'higgs2p5', { voice_reference_file: await recordingFile(probe) }),
      );
    },
  },
  {
    id: 'R1 higgs2p5 response_format',
    section,
    requires: 'higgs2p5 knows no response_format and speaks WAV all the same.',
    tags: ours,
    check: async (probe) => {
      await expectSpeech(await speakByJson(probe, 'higgs2p5', { response_format: 'mp3' }));
    },
  },
  ...commonRows('chatterbox'),
  refusalRow(
    'chatterbox language_id',
    'A language that chatterbox has not, and a negative exaggeration, are 400.',
    [{ language_id: 'xx' }, { exaggeration: -1 }],
  ),
  {
    id: 'R1 chatterbox parameters',
    section,
    requires: 'chatterbox takes each of its numbers, in JSON also as texts.',
    check: async (probe) => {
      const numbers = { exaggeration: 1.5, temperature: 0.8, diffusion_steps: 5, max_tokens: 3000, top_p: 1 };
      const others = { language_id: 'en', min_p: '0.05', repetition_penalty: '1.2', seed: null };
      await expectAccepted(probe, 'chatterbox', [numbers, others]);
    },
  },
  {
    id: 'R1 chatterbox seed',
    section,
    requires: 'The same seed twice gives the same bytes.',
    check: async (probe) => {
      const speak = () => speakByJson(probe, 'chatterbox', { seed: 42 });
      expectSame('the same speech', await speak(), await speak());
    },
  },
  {
    id: 'R1 chatterbox long text',
    section,
    tags: ['costly'],
    requires: 'A text of 1001 characters is spoken.',
    check: async (probe) => {
      expectStatus(
        await speakByJson(probe, 'chatterbox', { text: SENTENCE.repeat(23).slice(0, 1000) + '.' }),
        200,
      );
    },
  },
  {
    id: 'R1 chatterbox audio_prompt_file',
    section,
    requires: 'A recording of 31 s to speak after is 400.',
    tags: ours,
    check: async (probe) => {
      const file = new File([silence(31)], 'long.wav', { type: 'audio/wav' });
      expectRefusal(await speakByForm(probe, 'chatterbox', { audio_prompt_file: file }), 400);
    },
  },
  ...commonRows('qwen3-tts'),
  settingsRow('qwen3-tts'),
  {
    id: 'R1 qwen3-tts voice',
    section,
    requires: 'qwen3-tts takes its voices, languages and instructions.',
    check: async (probe) => {
      const asked = { voice: 'Serena', language: 'English', instructions: 'Gently.' };
      await expectAccepted(probe, 'qwen3-tts', [asked, { voice: 'Uncle_Fu', language: 'Auto' }]);
    },
  },
  refusalRow(
    'qwen3-tts exclusions',
    'A voice beside a voice_id or voice_url, and what nobody has, are 400.',
    [
      { voice: 'Serena', voice_id: '0'.repeat(32) },
      { voice: 'Serena', voice_url: 'https://example.com/a.wav' },
      { voice: 'Nobody' },
      { language: 'Klingon' },
      { response_format: 'gif' },
    ],
  ),
  {
    id: 'R1 qwen3-tts response_format',
    section,
    requires: 'Each response_format is what it is called.',
    check: async (probe) => {
      for (const [format, { type, container }] of Object.entries(FORMATS)) {
        const reply = await speakByJson(probe, 'qwen3-tts', {
          text: 'Hello there.',
          response_format: format,
        });
        expectStatus(reply, 200);
        expectHeader(reply, 'content-type', type);
        const sound = await expectSound(format, reply.bytes);
        expectThat(sound.container === container, container, sound);
      }
      const pcm = await speakByJson(probe, 'qwen3-tts', { text: 'Hello there.', response_format: 'pcm' });
      expectStatus(pcm, 200);
      await expectRawSound('PCM', { bytes: pcm.bytes, sampleRate: 24_000 });
    },
  },
];
