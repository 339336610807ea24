import { expectEvents, objectsIn } from '../kit-events.ts';
import { expectHeader, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow } from '../kit-row.ts';
import { silence } from '../kit-sound.ts';
import { expectRefusal, formOf, transcribe } from './openai-judging.ts';

import { DIARIZED, expectText, NEWER, SPEAKERS, VERBOSE, WORDS } from './openai-hearing-judging.ts';

const section = 'transcription';

/** `POST /audio/transcriptions`: streams, odd files and odd fields. */
export const OPENAI_HEARING_EDGE_ROWS: readonly KitRow[] = [
  {
    id: 'T11',
    section,
    requires: 'Segments name their speakers, whole and streamed; the stream ends with done and [DONE].',
    check: async (probe) => {
      const asked = { model: SPEAKERS, response_format: 'diarized_json', chunking_strategy: 'auto' };
      const whole = await transcribe(probe, asked);
      if (whole.status === 400)
        throw new Unchecked(`the server tells no speakers: ${whole.text.slice(0, 200)}`);
      expectStatus(whole, 200);
      expectShape(whole, DIARIZED);
      const streamed = await transcribe(probe, { ...asked, stream: 'true' });
      expectStatus(streamed, 200);
      const events = expectEvents(streamed);
      const kinds = objectsIn(events).map(({ type }) => type);
      expectThat(
        kinds.at(-1) === 'transcript.text.done' && events.at(-1)?.data === '[DONE]',
        'done and [DONE] at the end',
        kinds,
      );
    },
  },
  {
    id: 'T12',
    section,
    requires: 'Streamed, the deltas joined are the text of the one done event.',
    check: async (probe) => {
      const reply = await transcribe(probe, { model: NEWER, stream: 'true' });
      expectStatus(reply, 200);
      const objects = objectsIn(expectEvents(reply));
      const ends = objects.filter(({ type }) => type === 'transcript.text.done');
      const deltas = objects.flatMap(({ type, delta }) =>
        type === 'transcript.text.delta' ? [String(delta)] : [],
      );
      expectThat(ends.length === 1 && deltas.length > 0, 'at least one delta and exactly one done', objects);
      expectThat(
        deltas.join('') === ends[0]?.['text'],
        `deltas that make '${String(ends[0]?.['text'])}'`,
        deltas.join(''),
      );
    },
  },
  {
    id: 'T13',
    section,
    requires: 'An engine that dies in a stream is told as an error event, not as a connection that breaks.',
    why: 'needs a hand inside the server that breaks its engine',
  },
  {
    id: 'T14',
    section,
    requires:
      'A file above 25 MiB that comes in chunks is refused with 413 in the envelope, readable by the caller.',
    tags: ['costly'],
    check: async (probe) => {
      const file = new File([new Uint8Array(26_214_401)], 'long.wav');
      const form = new Response(formOf({ model: probe.model('transcription'), file }));
      if (!form.body) throw new Unchecked('this Node.js gives no stream of a form');
      const headers = { 'content-type': form.headers.get('content-type') ?? '' };
      expectRefusal(await probe.ask({ path: '/audio/transcriptions', body: form.body, headers }), 413);
    },
  },
  {
    id: 'T15',
    section,
    requires: 'A file that is no sound, an empty one and one of 0.05 s are refused with 400.',
    check: async (probe) => {
      for (const bytes of [new Uint8Array(5000).fill(97), new Uint8Array(), silence(0.05)]) {
        const reply = await transcribe(probe, { file: new File([bytes], 'speech.wav') });
        expectRefusal(reply, 400, { type: 'invalid_request_error' });
      }
    },
  },
  {
    id: 'T16',
    section,
    requires: 'Silence is answered with 200 and a text, which may be empty.',
    check: async (probe) => {
      expectText(await transcribe(probe, { file: new File([silence(2)], 'silence.wav') }));
    },
  },
  {
    id: 'T17',
    section,
    requires: 'Granularities beside the format json, which older clients send, are no error.',
    check: async (probe) => {
      expectText(await transcribe(probe, { response_format: 'json', [WORDS]: 'segment' }));
    },
  },
  {
    id: 'T18',
    section,
    requires: 'stream=false is not taken for true.',
    check: async (probe) => {
      expectText(await transcribe(probe, { stream: 'false' }));
    },
  },
  {
    id: 'T19',
    section,
    requires: 'Line feeds of a prompt reach the engine as line feeds.',
    why: 'needs a hand inside the server that sees what the engine is told',
  },
];

const translation = 'translation';

/** `POST /audio/translations`. */
export const OPENAI_TRANSLATION_ROWS: readonly KitRow[] = [
  {
    id: 'L1',
    section: translation,
    requires: 'A translation comes as json, verbose_json in English, and text.',
    check: async (probe) => {
      const path = '/audio/translations';
      expectText(await transcribe(probe, {}, path));
      const verboseReply = await transcribe(probe, { response_format: 'verbose_json' }, path);
      expectStatus(verboseReply, 200);
      const { language } = expectShape(verboseReply, VERBOSE);
      expectThat(language === 'english', 'the language english', language);
      const text = await transcribe(probe, { response_format: 'text' }, path);
      expectStatus(text, 200);
      expectHeader(text, 'content-type', /^text\/plain/);
    },
  },
];
