import { z } from 'zod';
import { expectHeader, expectShape, expectStatus, expectThat } from '../kit-judging.ts';
import type { Reply } from '../kit-asking.ts';
import type { CheckedRow, KitRow, Probe } from '../kit-row.ts';
import { expectRefusal, formOf, GENERATE, recordingFile, type Parts } from './eigen-judging.ts';

const section = 'transcription';

async function hear(probe: Probe, model: string, parts: Parts = {}): Promise<Reply> {
  return probe.ask({ path: GENERATE, form: formOf({ model, file: await recordingFile(probe), ...parts }) });
}

function expectText(reply: Reply, ...keys: readonly string[]): void {
  expectStatus(reply, 200);
  expectHeader(reply, 'content-type', /^application\/json/);
  const found = expectShape(reply, z.record(z.string(), z.unknown()));
  for (const key of keys) expectThat(typeof found[key] === 'string', `a text as ${key}`, reply.text);
}

function fileRow(model: string, ...keys: readonly string[]): CheckedRow {
  return {
    id: `R1 ${model} file`,
    section,
    requires: `${model} answers a recording with ${keys.join(' and ')}; no file is 400.`,
    check: async (probe) => {
      expectText(await hear(probe, model), ...keys);
      expectRefusal(await probe.ask({ path: GENERATE, form: formOf({ model }) }), 400);
    },
  };
}

/** `POST /api/v1/generate` with a model that hears. */
export const EIGEN_HEARING_ROWS: readonly KitRow[] = [
  fileRow('whisper_v3_turbo', 'text'),
  {
    id: 'R1 whisper_v3_turbo language',
    section,
    requires: 'A language is taken as a code and, by our choice, by its English name.',
    check: async (probe) => {
      for (const language of ['en', 'English'])
        expectText(await hear(probe, 'whisper_v3_turbo', { language }), 'text');
    },
  },
  {
    id: 'R1 whisper_v3_turbo response_format',
    section,
    requires: 'json has the text, text is plain text, anything else is 400.',
    check: async (probe) => {
      expectText(await hear(probe, 'whisper_v3_turbo', { response_format: 'json' }), 'text');
      const plain = await hear(probe, 'whisper_v3_turbo', { response_format: 'text' });
      expectStatus(plain, 200);
      expectHeader(plain, 'content-type', /^text\/plain/);
      expectRefusal(await hear(probe, 'whisper_v3_turbo', { response_format: 'srt' }), 400);
    },
  },
  fileRow('asr', 'text'),
  fileRow('higgs_asr_3', 'transcription', 'text'),
  {
    id: 'R1 higgs_asr_3 language',
    section,
    requires: 'A language is taken by its English name.',
    check: async (probe) =>
      expectText(await hear(probe, 'higgs_asr_3', { language: 'English' }), 'transcription'),
  },
  {
    id: 'R1 higgs_asr_3 task',
    section,
    requires: 'The task ast answers with a text.',
    check: async (probe) => {
      expectText(await hear(probe, 'higgs_asr_3', { task: 'ast', language: 'English' }), 'transcription');
    },
  },
];
