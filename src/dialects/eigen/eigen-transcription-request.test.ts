import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { FormFile } from '../parse-form.ts';
import type { EigenBody } from './eigen-body.ts';
import { toTranscriptionTask } from './eigen-transcription-request.ts';

const FILE: FormFile = {
  field: 'file',
  filename: 'talk.webm',
  mediaType: 'video/webm',
  media: { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) },
  head: Uint8Array.of(1, 2, 3),
};

function task(model: string, fields: EigenBody['fields'] = {}, files: readonly FormFile[] = [FILE]) {
  return toTranscriptionTask({ model, body: { fields, files } });
}

for (const [model, fields, expected] of [
  ['whisper_v3_turbo', {}, { task: 'transcribe', language: 'en', format: 'json', asked: [] }],
  ['asr', {}, { task: 'transcribe', language: 'en', format: 'json', asked: [] }],
  ['higgs_asr_3', {}, { task: 'transcribe', language: undefined, format: 'json', asked: [] }],
  ['ear/ear', {}, { task: 'transcribe', language: undefined, format: 'json', asked: [] }],
  ['asr', { language: 'fr' }, { task: 'transcribe', language: 'fr', format: 'json', asked: ['language'] }],
  [
    'asr',
    { language: 'French' },
    { task: 'transcribe', language: 'fr', format: 'json', asked: ['language'] },
  ],
  ['asr', { language: 'Auto' }, { task: 'transcribe', language: undefined, format: 'json', asked: [] }],
  [
    'higgs_asr_3',
    { language: 'English', task: 'asr' },
    { task: 'transcribe', language: 'en', format: 'json', asked: ['language'] },
  ],
  ['higgs_asr_3', { task: 'ast' }, { task: 'translate', language: undefined, format: 'json', asked: [] }],
  [
    'higgs_asr_3',
    { task: 'AST', language: 'English', response_format: 'TEXT' },
    { task: 'translate', language: undefined, format: 'text', asked: [] },
  ],
  [
    'whisper_v3_turbo',
    { response_format: 'text', language: null },
    { task: 'transcribe', language: 'en', format: 'text', asked: [] },
  ],
] as const) {
  test(`${model} understands ${JSON.stringify(fields)}`, () => {
    const { request, format } = task(model, fields);
    assert.deepEqual(
      {
        task: request.task,
        language: request.language,
        format,
        asked: request.asked.map((one) => one.parameter),
      },
      expected,
    );
    assert.equal(request.model, model);
    assert.deepEqual(request.audio, { ...FILE.media, filename: 'talk.webm' });
  });
}

for (const [why, fields, files, param] of [
  ['no file', {}, [], 'file'],
  ['text for a file', { file: 'talk.mp3' }, [], 'file'],
  ['a file without a name', {}, [{ ...FILE, filename: '' }], 'file'],
  ['a file under another name', {}, [{ ...FILE, field: 'audio' }], 'file'],
  ['an unknown language', { language: 'Klingon' }, [FILE], 'language'],
  ['another format', { response_format: 'srt' }, [FILE], 'response_format'],
  ['another task', { task: 'translate' }, [FILE], 'task'],
] as const) {
  test(`refuses ${why} by name`, () => {
    assert.throws(
      () => task('asr', fields, files),
      (error) => error instanceof AppError && error.code === 'invalid_request' && error.param === param,
    );
  });
}

test('translates into English only, and says so', () => {
  assert.throws(
    () => task('higgs_asr_3', { task: 'ast', language: 'German' }),
    (error) =>
      error instanceof AppError && error.code === 'unsupported_feature' && error.param === 'language',
  );
});
