import { z } from 'zod';
import { expectBase64, expectEvents, joined, objectsIn } from '../kit-events.ts';
import { expectHeader, expectNear, expectStatus, expectThat, expectValue } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow } from '../kit-row.ts';
import { expectRawSound, expectSound } from '../kit-sound.ts';
import { expectRefusal, SENTENCE, speak, speechBody } from './openai-judging.ts';

const section = 'speech';

/** What a format looks like: its type, its first bytes, and what the decoder finds in it. */
const FORMATS = {
  mp3: { type: /^audio\/mpeg/, magic: /^(ff(e|f)[0-9a-f]|494433)/, container: 'mp3' },
  opus: { type: /^audio\/(opus|ogg)/, magic: /^4f676753/, container: 'ogg' },
  aac: { type: /^audio\/aac/, magic: /^fff[019]/, container: 'aac' },
  flac: { type: /^audio\/flac/, magic: /^664c6143/, container: 'flac' },
  wav: { type: /^audio\/(x-)?wav/, magic: /^52494646.{8}57415645/, container: 'wav' },
} as const;

const USAGE = z.object({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() });

/** `POST /audio/speech`. */
export const OPENAI_SPEECH_ROWS: readonly KitRow[] = [
  {
    id: 'S1',
    section,
    requires: 'Speech without a format is an MP3 that decodes, mono, at 24 kHz.',
    check: async (probe) => {
      const reply = await speak(probe);
      expectStatus(reply, 200);
      expectHeader(reply, 'content-type', /^audio\/mpeg/);
      const sound = await expectSound('speech', reply.bytes);
      expectThat(sound.codec === 'mp3' || sound.container === 'mp3', 'MP3', sound);
      expectThat(sound.channels === 1 && sound.sampleRate === 24_000, 'mono at 24000 Hz', sound);
    },
  },
  {
    id: 'S1 api',
    section,
    requires: 'The same is answered below /api/v1.',
    tags: ['ours'],
    check: async (probe) => {
      if (!/^https?:\/\/[^/]+\/v1$/.test(probe.base))
        throw new Unchecked('the given address has a path of its own: nothing is known of its neighbours');
      const path = `${new URL(probe.base).origin}/api/v1/audio/speech`;
      const reply = await probe.ask({ path, json: speechBody(probe), key: probe.key ?? 'any' });
      expectStatus(reply, 200);
      expectHeader(reply, 'content-type', /^audio\/mpeg/);
    },
  },
  {
    id: 'S2',
    section,
    requires: 'Each format has its content type and its first bytes, and decodes to about the same length.',
    check: async (probe) => {
      const lengths: number[] = [];
      for (const [format, { type, magic, container }] of Object.entries(FORMATS)) {
        const reply = await speak(probe, { response_format: format });
        expectStatus(reply, 200);
        expectHeader(reply, 'content-type', type);
        const head = Buffer.from(reply.bytes.subarray(0, 16)).toString('hex');
        expectThat(magic.test(head), `${format} that begins with ${magic}`, head);
        const sound = await expectSound(format, reply.bytes);
        expectThat(sound.container === container, `a file of ${container} for ${format}`, sound);
        lengths.push(sound.seconds);
      }
      const middle = lengths.toSorted((one, other) => one - other)[2] ?? 0;
      for (const seconds of lengths)
        expectNear('a length', seconds, { expected: middle, within: 0.3 + middle / 4 });
    },
  },
  {
    id: 'S3',
    section,
    requires: 'PCM is 16-bit mono at 24 kHz without a header, as long as the same speech in WAV.',
    check: async (probe) => {
      const [pcm, wav] = [
        await speak(probe, { response_format: 'pcm' }),
        await speak(probe, { response_format: 'wav' }),
      ];
      expectStatus(pcm, 200);
      expectStatus(wav, 200);
      expectHeader(pcm, 'content-type', /^audio\/pcm/);
      const sound = await expectRawSound('PCM', { bytes: pcm.bytes, sampleRate: 24_000 });
      const { seconds } = await expectSound('WAV', wav.bytes);
      expectNear('seconds', sound.seconds, { expected: seconds, within: 0.1 + seconds / 5 });
    },
  },
  {
    id: 'S4',
    section,
    requires:
      'A voice is taken as a name or as an object with an id; one that nobody has is refused with 400.',
    check: async (probe) => {
      expectStatus(await speak(probe, { voice: 'nova' }), 200);
      expectRefusal(await speak(probe, { voice: { id: 'voice_nobody_has_this' } }), 400);
      expectRefusal(await speak(probe, { voice: 'nobody has this voice' }), 400);
    },
  },
  {
    id: 'S5',
    section,
    requires: 'A text of 5000 characters is refused with 400.',
    check: async (probe) => {
      expectRefusal(await speak(probe, { input: 'a '.repeat(2500) }), 400, { type: 'invalid_request_error' });
    },
  },
  {
    id: 'S5 longest',
    section,
    requires: 'A text of 4096 characters is spoken, counted in code points.',
    tags: ['costly'],
    check: async (probe) => {
      const text = SENTENCE.repeat(100).slice(0, 4086) + '🙂'.repeat(10);
      const reply = await speak(probe, { input: text, response_format: 'pcm' });
      expectStatus(reply, 200);
      const { seconds } = await expectRawSound('speech', { bytes: reply.bytes, sampleRate: 24_000 });
      expectThat(seconds > 60, 'more than a minute of speech', `${seconds} s`);
    },
  },
  {
    id: 'S6',
    section,
    requires: 'Speeds from 0.25 to 4 are taken, 0.24 and 4.01 refused with 400; faster speech is shorter.',
    check: async (probe) => {
      const seconds: number[] = [];
      for (const speed of [0.25, 4]) {
        const reply = await speak(probe, { speed, input: 'Hello there.', response_format: 'wav' });
        expectStatus(reply, 200);
        seconds.push((await expectSound(`speech at ${speed}`, reply.bytes)).seconds);
      }
      const [slow = 0, fast = 0] = seconds;
      expectThat(slow > fast * 2, 'speech that is much shorter at speed 4 than at 0.25', seconds);
      for (const speed of [0.24, 4.01]) expectRefusal(await speak(probe, { speed }), 400);
    },
  },
  {
    id: 'S7',
    section,
    requires: 'As events: deltas, one end with three counts of tokens, then [DONE]; the deltas are one file.',
    check: async (probe) => {
      // Events are not for tts-1 upstream, so the model is the one that has them.
      const model = probe.model('speech').replace(/^tts-1(-hd)?$/, 'gpt-4o-mini-tts');
      const reply = await speak(probe, { stream_format: 'sse', model });
      expectStatus(reply, 200);
      const events = expectEvents(reply);
      expectThat(events.at(-1)?.data === '[DONE]', '[DONE] as the last event', events.at(-1));
      const objects = objectsIn(events);
      const kinds = objects.map(({ type }) => type);
      expectThat(
        kinds.length > 1 && kinds.slice(0, -1).every((kind) => kind === 'speech.audio.delta'),
        'deltas before the end',
        kinds,
      );
      expectThat(kinds.at(-1) === 'speech.audio.done', 'speech.audio.done at the end', kinds);
      expectValue('usage', objects.at(-1)?.['usage'], USAGE);
      const sound = joined(objects.slice(0, -1).map(({ audio }) => expectBase64('audio', audio)));
      await expectSound('the joined deltas', sound);
    },
  },
  {
    id: 'S8',
    section,
    requires: 'What is missing, and a body that is no JSON, is refused with 400 in the envelope.',
    check: async (probe) => {
      for (const missing of ['voice', 'model', 'input'])
        expectRefusal(await speak(probe, { [missing]: undefined }), 400, { type: 'invalid_request_error' });
      const path = '/audio/speech';
      const json = { 'content-type': 'application/json' };
      expectRefusal(await probe.ask({ path, body: '{"model": ', headers: json }), 400);
      const plain = { 'content-type': 'text/plain' };
      expectRefusal(await probe.ask({ path, body: 'Hello', headers: plain }), 400);
    },
  },
  {
    id: 'S9',
    section,
    requires: 'A caller who hangs up in the middle does no harm: the next one is answered.',
    check: async (probe) => {
      const json = speechBody(probe, { input: SENTENCE.repeat(8), response_format: 'pcm' });
      const first = await probe.ask({ path: '/audio/speech', json, stopAfter: 1 });
      expectStatus(first, 200);
      expectStatus(await speak(probe, { input: 'Hello.' }), 200);
    },
  },
];
