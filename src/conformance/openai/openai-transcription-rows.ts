import { z } from 'zod';
import { expectHeader, expectNear, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import { Unchecked } from '../kit-mismatch.ts';
import type { KitRow } from '../kit-row.ts';
import { expectSound } from '../kit-sound.ts';
import { expectRefusal, formOf, recordingFile, transcribe } from './openai-judging.ts';

import {
  DURATION,
  expectText,
  LOGPROBS,
  NEWER,
  SPEAKERS,
  SRT,
  TOKENS,
  verbose,
  VTT,
} from './openai-hearing-judging.ts';

const section = 'transcription';

/** `POST /audio/transcriptions`: the form and the answers. */
export const OPENAI_TRANSCRIPTION_ROWS: readonly KitRow[] = [
  {
    id: 'T1',
    section,
    requires: 'Two granularities, one part each, give words and segments, and the length of the recording.',
    check: async (probe) => {
      const { words, segments, duration, text } = await verbose(probe, ['word', 'segment']);
      expectThat(words !== undefined && segments !== undefined, 'words and segments', { words, segments });
      const { seconds } = await expectSound('the recording', await probe.recording());
      expectNear('a duration', duration, { expected: seconds, within: 0.2 });
      expectThat(text === text.trim() && text !== '', 'a text without spaces at its ends', text);
      for (const { start, end } of [...words, ...segments])
        expectThat(start >= 0 && start <= end && end <= seconds + 0.5, 'times within the recording', {
          start,
          end,
        });
    },
  },
  {
    id: 'T2',
    section,
    requires:
      'A form as .NET writes it is read: quoted boundary, unquoted names, no type for the file, file last.',
    check: async (probe) => {
      const boundary = 'b0d1-e2f3';
      const opening = [
        `--${boundary}`,
        'Content-Type: text/plain; charset=utf-8',
        'Content-Disposition: form-data; name=model',
        '',
        probe.model('transcription'),
        `--${boundary}`,
        "Content-Disposition: form-data; name=file; filename=speech.wav; filename*=utf-8''speech.wav",
        '',
        '',
      ].join('\r\n');
      const parts = [Buffer.from(opening), await probe.recording(), Buffer.from(`\r\n--${boundary}--\r\n`)];
      const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
      expectText(
        await probe.ask({
          path: '/audio/transcriptions',
          body: Uint8Array.from(Buffer.concat(parts)),
          headers,
        }),
      );
    },
  },
  {
    id: 'T3',
    section,
    requires: 'A form that comes in chunks, without a length, its file an octet stream, is read.',
    check: async (probe) => {
      const file = new File([await probe.recording()], 'speech.wav', { type: 'application/octet-stream' });
      const form = new Response(formOf({ file, model: probe.model('transcription') }));
      if (!form.body) throw new Unchecked('this Node.js gives no stream of a form');
      const headers = { 'content-type': form.headers.get('content-type') ?? '' };
      expectText(await probe.ask({ path: '/audio/transcriptions', body: form.body, headers }));
    },
  },
  {
    id: 'T4',
    section,
    requires: 'Files without an ending in their name are judged by their bytes.',
    check: async (probe) => {
      for (const name of ['unknown_file', 'upload', 'blob'])
        expectText(await transcribe(probe, { file: await recordingFile(probe, name) }));
    },
  },
  {
    id: 'T5',
    section,
    requires: 'Words come when asked for; segments unless only words are.',
    check: async (probe) => {
      const cases = [
        [['word'], true, false],
        [['segment'], false, true],
        [['word', 'segment'], true, true],
        [[], false, true],
      ] as const;
      for (const [asked, words, segments] of cases) {
        const came = await verbose(probe, asked);
        const found = { words: came.words !== undefined, segments: came.segments !== undefined };
        expectThat(
          found.words === words && found.segments === segments,
          `for [${asked.join()}]: ${JSON.stringify({ words, segments })}`,
          found,
        );
      }
    },
  },
  {
    id: 'T6',
    section,
    requires: 'text, srt and vtt are plain text in UTF-8 and end with exactly one, three and two line feeds.',
    check: async (probe) => {
      for (const [format, pattern] of [
        ['text', /[^\n]\n$/],
        ['srt', SRT],
        ['vtt', VTT],
      ] as const) {
        const reply = await transcribe(probe, { response_format: format });
        expectStatus(reply, 200);
        expectHeader(reply, 'content-type', /^text\/plain; ?charset=utf-8$/i);
        expectThat(pattern.test(reply.text), `${format} that matches ${pattern}`, JSON.stringify(reply.text));
      }
    },
  },
  {
    id: 'T7',
    section,
    requires: 'Usage is a duration, rounded up, from whisper-1, and tokens from the newer models.',
    check: async (probe) => {
      const old = expectShape(await transcribe(probe, { model: 'whisper-1' }), z.object({ usage: DURATION }));
      const { seconds } = await expectSound('the recording', await probe.recording());
      expectThat(old.usage.seconds === Math.ceil(seconds), `${Math.ceil(seconds)} s of usage`, old.usage);
      const { usage } = expectShape(await transcribe(probe, { model: NEWER }), z.object({ usage: TOKENS }));
      expectThat(
        usage.total_tokens === usage.input_tokens + usage.output_tokens,
        'a total that is the sum',
        usage,
      );
    },
  },
  {
    id: 'T8',
    section,
    requires: 'Log probabilities come when asked for, each token with the bytes of its UTF-8.',
    check: async (probe) => {
      const reply = await transcribe(probe, { model: NEWER, 'include[]': 'logprobs' });
      expectStatus(reply, 200);
      const { logprobs } = expectShape(reply, z.object({ logprobs: z.array(z.unknown()).optional() }));
      if (logprobs === undefined) throw new Unchecked('the model tells no probabilities');
      for (const { token, bytes } of expectShape(reply, z.object({ logprobs: LOGPROBS })).logprobs)
        expectThat(Buffer.from(bytes).equals(Buffer.from(token)), `the bytes of '${token}'`, bytes);
    },
  },
  {
    id: 'T9',
    section,
    requires:
      'A chunking strategy is taken as auto, in brackets and as JSON; one of a type that does not exist is refused.',
    check: async (probe) => {
      const json = JSON.stringify({ type: 'server_vad', silence_duration_ms: 300 });
      expectText(await transcribe(probe, { chunking_strategy: 'auto' }));
      expectText(
        await transcribe(probe, {
          'chunking_strategy[type]': 'server_vad',
          'chunking_strategy[threshold]': '0.5',
        }),
      );
      expectText(await transcribe(probe, { chunking_strategy: json }));
      expectRefusal(await transcribe(probe, { 'chunking_strategy[type]': 'nobody_has_this' }), 400);
    },
  },
  {
    id: 'T10',
    section,
    requires: 'More than four known speakers, or names without references, are refused with 400.',
    check: async (probe) => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      const reference = `data:audio/wav;base64,${Buffer.from(await probe.recording()).toString('base64')}`;
      const asked = { model: SPEAKERS, response_format: 'diarized_json', chunking_strategy: 'auto' };
      const five = {
        'known_speaker_names[]': names,
        'known_speaker_references[]': names.map(() => reference),
      };
      expectRefusal(await transcribe(probe, { ...asked, ...five }), 400);
      const odd = { 'known_speaker_names[]': ['a', 'b'], 'known_speaker_references[]': [reference] };
      expectRefusal(await transcribe(probe, { ...asked, ...odd }), 400);
    },
  },
];
