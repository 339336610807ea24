import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { collectBytes } from '../../base/stream.ts';
import type { TranscriptionRequest } from '../../core/transcription/transcription.ts';
import { parseBody } from '../parse-body.ts';
import type { FormFile } from '../parse-form.ts';
import { toTranscriptionTask, type TranscriptionTask } from './elevenlabs-transcription-request.ts';
import { transcriptionFields } from './elevenlabs-transcription-schema.ts';

const FILE: FormFile = {
  field: 'file',
  filename: 'blob',
  mediaType: 'application/octet-stream',
  media: { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3, 4, 5) },
  head: Uint8Array.of(1, 2, 3, 4, 5),
};

type Fields = Readonly<Record<string, unknown>>;

function task(
  fields: Fields,
  call: { file?: FormFile | undefined; knowsSpeakers?: boolean } = {},
): TranscriptionTask {
  const file = 'file' in call ? call.file : FILE;
  return toTranscriptionTask({
    fields: parseBody(transcriptionFields, { model_id: 'scribe_v2', ...fields }),
    file,
    knowsSpeakers: call.knowsSpeakers ?? true,
  });
}

function failure(fields: Fields, call: { file?: FormFile | undefined } = {}): AppError {
  try {
    task(fields, call);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  assert.fail('nothing was refused');
}

test('a file and a model are enough', () => {
  assert.deepEqual(task({}), {
    request: {
      model: 'scribe_v2',
      audio: { ...FILE.media, filename: 'blob' },
      task: 'transcribe',
      wordTimes: true,
      logprobs: true,
      diarize: false,
      knownSpeakers: [],
      asked: [],
      spelling: { audio: 'file', model: 'model_id', language: 'language_code' },
    },
    warnings: [],
  });
});

for (const [fields, expected, asked] of [
  [{ language_code: 'deu' }, { language: 'de' }, ['language_code']],
  [{ language_code: 'pt' }, { language: 'pt' }, ['language_code']],
  [{ keyterms: ['Antiphon', 'plain song'] }, { prompt: 'Antiphon, plain song' }, ['keyterms']],
  [{ keyterms: [] }, {}, []],
  [{ temperature: '0.5' }, { temperature: 0.5 }, ['temperature']],
  [{ seed: 0 }, {}, ['seed']],
  [{ diarize: 'true' }, { diarize: true }, ['diarize']],
  [{ diarize: 'true', num_speakers: '3' }, { diarize: true, speakerCount: 3 }, ['diarize', 'num_speakers']],
  [
    { diarize: 'true', diarization_threshold: '0.22' },
    { diarize: true, speakerLikeness: 0.5 },
    ['diarize', 'diarization_threshold'],
  ],
  [{ timestamps_granularity: 'none' }, { wordTimes: false, logprobs: false }, []],
  [{ timestamps_granularity: 'none', additional_formats: [{ format: 'srt' }] }, {}, []],
  [{ timestamps_granularity: 'character' }, {}, ['timestamps_granularity']],
  [{ tag_audio_events: false, diarize: 'no', webhook: false, use_multi_channel: 'false' }, {}, []],
  [{ tag_audio_events: true }, {}, ['tag_audio_events']],
  [{ entity_detection: 'all' }, {}, ['entity_detection']],
  [{ seed: null, language_code: null, keyterms: null, temperature: null }, {}, []],
] as const satisfies readonly (readonly [Fields, Partial<TranscriptionRequest>, readonly string[]])[]) {
  test(`understands ${JSON.stringify(fields)}`, () => {
    const { request, warnings } = task(fields);
    const { asked: told, ...rest } = request;
    const { asked: _, ...usual } = task({}).request;
    assert.deepEqual(rest, { ...usual, ...expected });
    assert.deepEqual(
      told.map((one) => one.parameter),
      asked,
    );
    assert.deepEqual(warnings, []);
  });
}

test('without anything that tells speakers apart the wish for it is kept as a wish', () => {
  const { request } = task({ diarize: true, num_speakers: 2 }, { knowsSpeakers: false });
  assert.equal(request.diarize, false);
  assert.equal(request.speakerCount, undefined);
  assert.deepEqual(
    request.asked.map((one) => one.setting),
    ['diarization', 'speaker_count'],
  );
});

test('the higher the threshold, the less alike two voices must be to be one', () => {
  const likeness = (threshold: number) =>
    task({ diarize: true, diarization_threshold: threshold }).request.speakerLikeness ?? 0;
  assert.ok(likeness(0.1) < 0.8 && likeness(0.1) > likeness(0.22));
  assert.ok(likeness(0.22) > likeness(0.4) && likeness(0.4) > 0.1);
});

test('raw samples are handed on as what they are', () => {
  const { audio } = task({ file_format: 'pcm_s16le_16' }).request;
  assert.ok(audio.kind === 'bytes');
  const wav = Buffer.from(audio.bytes);
  assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
  assert.equal(wav.readUInt32LE(24), 16_000);
  assert.equal(wav.readUInt16LE(22), 1);
  assert.equal(wav.readUInt32LE(40), 4);
  assert.deepEqual([...wav.subarray(44)], [1, 2, 3, 4]);
});

test('raw samples that lie on disk are handed on as the same, as often as they are read', async () => {
  async function* pieces() {
    yield Uint8Array.of(1, 2, 3);
    yield Uint8Array.of(4, 5);
  }
  const file: FormFile = { ...FILE, media: { kind: 'file', source: { byteLength: 5, read: pieces } } };
  const { audio } = task({ file_format: 'pcm_s16le_16' }, { file }).request;
  const inMemory = task({ file_format: 'pcm_s16le_16' }).request.audio;
  assert.ok(audio.kind === 'file' && inMemory.kind === 'bytes');
  assert.equal(audio.source.byteLength, 48);
  for (const time of ['first', 'second']) {
    assert.deepEqual(await collectBytes(audio.source.read()), inMemory.bytes, time);
  }
});

for (const fields of [
  { no_verbatim: true },
  { diarize: true, detect_speaker_roles: true },
  { use_speaker_library: true },
  { transcript_edit: 'Leave out the names.' },
  { num_speakers: 2 },
]) {
  const name = Object.keys(fields).at(-1);
  test(`tells that ${name} was ignored`, () => {
    assert.deepEqual(
      task(fields).warnings.map(({ type, setting }) => [type, setting]),
      [['ignored', name]],
    );
  });
}

for (const [fields, param] of [
  [{ model_id: 'scribe_v1', keyterms: ['a'] }, 'keyterms'],
  [{ diarization_threshold: 0.2 }, 'diarization_threshold'],
  [{ diarize: true, num_speakers: 2, diarization_threshold: 0.2 }, 'diarization_threshold'],
  [{ detect_speaker_roles: true }, 'detect_speaker_roles'],
] as const) {
  test(`refuses the contradiction in ${JSON.stringify(fields)}`, () => {
    const error = failure(fields);
    assert.deepEqual(
      [error.code, error.reason, error.param],
      ['invalid_request', 'invalid_parameters', param],
    );
  });
}

for (const [fields, param] of [
  [{ webhook: true }, 'webhook'],
  [{ use_multi_channel: true }, 'use_multi_channel'],
  [{ entity_detection: ['pii'], entity_redaction: ['pii'] }, 'entity_redaction'],
  [{ additional_formats: [{ format: 'txt' }, { format: 'pdf' }] }, 'additional_formats'],
] as const) {
  test(`says that there is no ${param} here`, () => {
    const error = failure(fields);
    assert.deepEqual([error.code, error.param], ['unsupported_feature', param]);
    if (param === 'additional_formats') assert.match(error.message, /'pdf'/);
  });
}

test('E37: exactly one recording: itself, or where it is', () => {
  const url = 'https://example.org/a.mp3';
  const blamed = (fields: Fields, file?: FormFile) => {
    const [issue] = failure(fields, { file }).issues;
    return [issue?.path[0], issue?.kind];
  };
  assert.deepEqual(blamed({}), ['file', 'missing']);
  assert.deepEqual(blamed({ source_url: url }, FILE), ['source_url', 'excluded']);
  assert.deepEqual(blamed({ cloud_storage_url: url }, FILE), ['cloud_storage_url', 'excluded']);
  assert.deepEqual(blamed({ cloud_storage_url: url, source_url: url }), ['source_url', 'excluded']);
  for (const name of ['source_url', 'cloud_storage_url']) {
    const { request } = task({ [name]: url }, { file: undefined });
    assert.deepEqual([request.audio, request.spelling.audio], [{ kind: 'url', url }, name]);
    const raw = failure({ [name]: url, file_format: 'pcm_s16le_16' }, { file: undefined });
    assert.deepEqual([raw.code, raw.param], ['invalid_request', 'file_format']);
  }
});

for (const [fields, param] of [
  [{ model_id: undefined }, 'model_id'],
  [{ language_code: 'klingon' }, 'language_code'],
  [{ tag_audio_events: 'perhaps' }, 'tag_audio_events'],
  [{ num_speakers: '0' }, 'num_speakers'],
  [{ num_speakers: '33' }, 'num_speakers'],
  [{ num_speakers: '1.5' }, 'num_speakers'],
  [{ timestamps_granularity: 'segment' }, 'timestamps_granularity'],
  [{ diarize: true, diarization_threshold: '0.05' }, 'diarization_threshold'],
  [{ diarize: true, diarization_threshold: '0.41' }, 'diarization_threshold'],
  [{ additional_formats: Array.from({ length: 11 }, () => ({ format: 'txt' })) }, 'additional_formats'],
  [{ additional_formats: [{ format: 'vtt' }] }, 'additional_formats[0].format'],
  [
    { additional_formats: [{ format: 'srt', max_characters_per_line: 0 }] },
    'additional_formats[0].max_characters_per_line',
  ],
  [{ file_format: 'pcm_16000' }, 'file_format'],
  [{ webhook: 'soon' }, 'webhook'],
  [{ webhook_metadata: { a: { b: { c: 1 } } } }, 'webhook_metadata'],
  [{ webhook_metadata: { a: 'x'.repeat(16_384) } }, 'webhook_metadata'],
  [{ temperature: '2.1' }, 'temperature'],
  [{ temperature: '-0.1' }, 'temperature'],
  [{ seed: '-1' }, 'seed'],
  [{ seed: '2147483648' }, 'seed'],
  [{ multichannel_output_style: 'both' }, 'multichannel_output_style'],
  [{ entity_redaction_mode: 'hidden' }, 'entity_redaction_mode'],
  [{ transcript_edit: 'x'.repeat(2_001) }, 'transcript_edit'],
  [{ keyterms: ['fine', 'x'.repeat(50)] }, 'keyterms[1]'],
  [{ keyterms: ['one two three four five six'] }, 'keyterms[0]'],
  [{ keyterms: ['a <b> c'] }, 'keyterms[0]'],
  [{ keyterms: Array.from({ length: 1_001 }, () => 'a') }, 'keyterms'],
] as const) {
  test(`blames ${param} in ${JSON.stringify(fields).slice(0, 90)}`, () => {
    const error = failure(fields);
    assert.equal(error.param, param);
    assert.ok(error.issues.length > 0);
  });
}
