import { z } from 'zod';
import { expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import type { KitRow, Probe } from '../kit-row.ts';
import type { Reply } from '../kit-asking.ts';
import { expectSchemaRefusal } from './elevenlabs-judging.ts';

const section = 'transcription';

const WORD = z.object({
  text: z.string(),
  type: z.enum(['word', 'spacing', 'audio_event']),
  logprob: z.number(),
  start: z.number().nullish(),
  end: z.number().nullish(),
  speaker_id: z.string().nullish(),
});
const HEARD = z.object({
  language_code: z.string(),
  language_probability: z.number(),
  text: z.string(),
  words: z.array(WORD),
});
const FORMATS = z.object({
  additional_formats: z
    .array(
      z.object({
        requested_format: z.string(),
        file_extension: z.string(),
        content_type: z.string(),
        is_base64_encoded: z.boolean(),
        content: z.string(),
      }),
    )
    .length(1),
});

/** Parts in their order; a name may come twice. */
type Parts = readonly (readonly [string, string | File])[];

async function hear(probe: Probe, parts: Parts = [], withFile = true): Promise<Reply> {
  const form = new FormData();
  form.append('model_id', probe.model('transcription'));
  if (withFile)
    form.append('file', new File([await probe.recording()], 'blob', { type: 'application/octet-stream' }));
  for (const [name, part] of parts) {
    if (typeof part === 'string') form.append(name, part);
    else form.append(name, part, part.name);
  }
  const reply = await probe.ask({ path: '/v1/speech-to-text', form });
  const id = idIn(reply.json);
  if (id !== undefined) probe.later({ method: 'DELETE', path: `/v1/speech-to-text/transcripts/${id}` });
  return reply;
}

function idIn(json: unknown): string | undefined {
  return z.object({ transcription_id: z.string() }).safeParse(json).data?.transcription_id;
}

/** `POST /v1/speech-to-text`. */
export const ELEVENLABS_TRANSCRIPTION_ROWS: readonly KitRow[] = [
  {
    id: 'E34',
    section,
    requires: 'Words carry logprob, and all of them joined are the text.',
    check: async (probe) => {
      const reply = await hear(probe);
      expectStatus(reply, 200);
      const { text, words } = expectShape(reply, HEARD);
      expectThat(
        words.map((word) => word.text).join('') === text,
        text,
        words.map((word) => word.text).join(''),
      );
    },
  },
  {
    id: 'E35',
    section,
    requires: 'SRT beside the words is the same whether it is asked for in camelCase or in snake_case.',
    check: async (probe) => {
      const contents: string[] = [];
      for (const part of [
        JSON.stringify([{ format: 'srt', maxCharactersPerLine: 30 }]),
        JSON.stringify([{ format: 'srt', max_characters_per_line: 30 }]),
      ]) {
        const reply = await hear(probe, [['additional_formats', part]]);
        expectStatus(reply, 200);
        contents.push(expectShape(reply, FORMATS).additional_formats[0]?.content ?? '');
      }
      expectThat(
        contents[0] === contents[1] && /-->/.test(contents[0] ?? ''),
        'the same SRT twice',
        contents,
      );
    },
  },
  {
    id: 'E36',
    section,
    requires: 'Of two parts diarize, true and false, the last one counts.',
    tags: ['ours'],
    check: async (probe) => {
      const reply = await hear(probe, [
        ['diarize', 'true'],
        ['diarize', 'false'],
      ]);
      expectStatus(reply, 200);
      const told = expectShape(reply, HEARD).words.find(
        ({ speaker_id: speaker }) => typeof speaker === 'string' && speaker !== '',
      );
      expectThat(told === undefined, 'no speakers', told);
    },
  },
  {
    id: 'E37',
    section,
    requires: 'Neither a file nor an address, and both of them, are 422.',
    check: async (probe) => {
      expectSchemaRefusal(await hear(probe, [], false));
      expectSchemaRefusal(await hear(probe, [['cloud_storage_url', 'https://example.com/a.wav']]));
    },
  },
  {
    id: 'E38',
    section,
    requires: 'Parts with the text null count as absent.',
    check: async (probe) => {
      const names = ['webhook_metadata', 'entity_detection', 'entity_redaction'];
      expectStatus(
        await hear(
          probe,
          names.map((name) => [name, 'null'] as const),
        ),
        200,
      );
    },
  },
];
