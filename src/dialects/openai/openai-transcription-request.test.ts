import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import type { TranscriptionRequest } from '../../core/transcription/transcription.ts';
import { readTranscriptionBody, readTranslationBody } from './openai-transcription-body.ts';
import type { FormFile } from '../parse-form.ts';
import type { FormFields } from './openai-transcription-form.ts';
import {
  toTranscriptionRequest,
  toTranslationRequest,
  transcriptionFormWarnings,
} from './openai-transcription-request.ts';

const FILE: FormFile = {
  field: 'file',
  filename: 'speech.wav',
  mediaType: 'audio/wav',
  media: { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) },
  head: Uint8Array.of(1, 2, 3),
};
const CLIP = `data:audio/wav;base64,${Buffer.from('a clip').toString('base64')}`;

function request(fields: FormFields): TranscriptionRequest {
  return toTranscriptionRequest(readTranscriptionBody({ model: 'whisper-1', ...fields }), FILE);
}

const PLAIN: TranscriptionRequest = {
  model: 'whisper-1',
  audio: { ...FILE.media, filename: 'speech.wav' },
  task: 'transcribe',
  wordTimes: false,
  logprobs: false,
  diarize: false,
  knownSpeakers: [],
  asked: [],
  spelling: { audio: 'file', model: 'model', language: 'language' },
};

test('asks for nothing that was not asked for', () => {
  assert.deepEqual(request({}), PLAIN);
});

const CASES: readonly (readonly [what: string, fields: FormFields, part: Partial<TranscriptionRequest>])[] = [
  [
    'language by code',
    { language: 'EN' },
    { language: 'en', asked: [{ setting: 'language', parameter: 'language', value: 'en' }] },
  ],
  [
    'language by name',
    { language: 'German' },
    { language: 'de', asked: [{ setting: 'language', parameter: 'language', value: 'de' }] },
  ],
  [
    'one of languages',
    { languages: ['fr'] },
    { language: 'fr', asked: [{ setting: 'language', parameter: 'languages', value: 'fr' }] },
  ],
  ['several languages', { languages: ['fr', 'en'] }, {}],
  [
    'T19: prompt with line ends',
    { prompt: 'one\r\ntwo' },
    { prompt: 'one\ntwo', asked: [{ setting: 'prompt', parameter: 'prompt', value: 'one\ntwo' }] },
  ],
  [
    'keywords before the prompt',
    { keywords: ['Antiphon', 'Psalter'], prompt: 'A lecture.' },
    {
      prompt: 'Antiphon, Psalter\nA lecture.',
      asked: [
        { setting: 'prompt', parameter: 'prompt', value: 'A lecture.' },
        { setting: 'prompt', parameter: 'keywords', value: 'Antiphon, Psalter' },
      ],
    },
  ],
  [
    'temperature',
    { temperature: '0.2' },
    { temperature: 0.2, asked: [{ setting: 'temperature', parameter: 'temperature', value: 0.2 }] },
  ],
  [
    'words',
    { response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] },
    {
      wordTimes: true,
      asked: [
        {
          setting: 'word_times',
          parameter: 'timestamp_granularities',
          value: ['word', 'segment'],
        },
      ],
    },
  ],
  ['words where nobody would see them', { timestamp_granularities: ['word'] }, {}],
  [
    'log probabilities',
    { include: ['logprobs'] },
    { logprobs: true, asked: [{ setting: 'logprobs', parameter: 'include', value: ['logprobs'] }] },
  ],
  ['log probabilities in subtitles', { include: ['logprobs'], response_format: 'srt' }, {}],
  [
    'T9: chunking_strategy auto',
    { chunking_strategy: 'auto' },
    { asked: [{ setting: 'voice_activity', parameter: 'chunking_strategy', value: { type: 'auto' } }] },
  ],
  ['speakers by format', { response_format: 'diarized_json' }, { diarize: true }],
  [
    'speakers by model',
    { model: 'gpt-4o-transcribe-diarize' },
    { model: 'gpt-4o-transcribe-diarize', diarize: true },
  ],
  [
    'known speakers',
    {
      response_format: 'diarized_json',
      known_speaker_names: ['Ann'],
      known_speaker_references: [CLIP],
    },
    {
      diarize: true,
      knownSpeakers: [{ name: 'Ann', audio: { kind: 'bytes', bytes: Buffer.from('a clip') } }],
      asked: [{ setting: 'known_speakers', parameter: 'known_speaker_names', value: ['Ann'] }],
    },
  ],
];

for (const [what, fields, part] of CASES) {
  test(`turns ${what} into our words`, () => {
    assert.deepEqual(request(fields), { ...PLAIN, ...part });
  });
}

for (const [spelling, strategy] of [
  ['brackets', { type: 'server_vad', threshold: '0.3', prefix_padding_ms: '10', silence_duration_ms: '20' }],
  ['JSON text', '{"type":"server_vad","threshold":0.3,"prefix_padding_ms":10,"silence_duration_ms":20}'],
] as const) {
  test(`T9: turns a chunking strategy in ${spelling} into our words`, () => {
    assert.deepEqual(request({ chunking_strategy: strategy }).voiceActivity, {
      threshold: 0.3,
      prefixPaddingMs: 10,
      silenceDurationMs: 20,
    });
  });
}

test('turns a translation into our words', () => {
  const body = readTranslationBody({ model: 'whisper-1', prompt: 'a\r\nb', temperature: '1' });
  assert.deepEqual(toTranslationRequest(body, FILE), {
    ...PLAIN,
    task: 'translate',
    prompt: 'a\nb',
    temperature: 1,
    asked: [
      { setting: 'prompt', parameter: 'prompt', value: 'a\nb' },
      { setting: 'temperature', parameter: 'temperature', value: 1 },
    ],
  });
});

const WRONG: readonly (readonly [fields: FormFields, param: string])[] = [
  [{ model: undefined }, 'model'],
  [{ response_format: 'docx' }, 'response_format'],
  [{ temperature: 'warm' }, 'temperature'],
  [{ temperature: '1.01' }, 'temperature'],
  [{ temperature: '-0.1' }, 'temperature'],
  [{ stream: 'perhaps' }, 'stream'],
  [{ include: ['everything'] }, 'include[0]'],
  [{ timestamp_granularities: ['word', 'letter'] }, 'timestamp_granularities[1]'],
  [{ language: 'xx' }, 'language'],
  [{ language: 'xx-US' }, 'language'],
  [{ languages: ['en', 'klingon'] }, 'languages'],
  [{ chunking_strategy: 'manual' }, 'chunking_strategy.type'],
  [{ chunking_strategy: { type: 'client_vad' } }, 'chunking_strategy.type'],
  [{ chunking_strategy: { threshold: '0.5' } }, 'chunking_strategy.type'],
  [{ chunking_strategy: { type: 'server_vad', threshold: '2' } }, 'chunking_strategy.threshold'],
  [
    { chunking_strategy: '{"type":"server_vad","silence_duration_ms":-1}' },
    'chunking_strategy.silence_duration_ms',
  ],
  [{ known_speaker_names: ['Ann'] }, 'known_speaker_references'],
  [{ known_speaker_references: [CLIP] }, 'known_speaker_names'],
  [
    {
      known_speaker_names: ['a', 'b', 'c', 'd', 'e'],
      known_speaker_references: [CLIP, CLIP, CLIP, CLIP, CLIP],
    },
    'known_speaker_names',
  ],
  ...[
    'https://example.org/ann.wav',
    'data:audio/wav;base64,',
    'data:audio/wav;base64,!!',
    'data:,x',
    'x',
  ].map(
    (reference) =>
      [
        {
          response_format: 'diarized_json',
          known_speaker_names: ['Ann'],
          known_speaker_references: [reference],
        },
        'known_speaker_references[0]',
      ] as const,
  ),
];

for (const [fields, param] of WRONG) {
  test(`refuses ${JSON.stringify(fields).slice(0, 90)} and blames ${param}`, () => {
    assert.throws(
      () => request(fields),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.deepEqual([error.code, error.param], ['invalid_request', param]);
        return true;
      },
    );
  });
}

for (const [fields, setting] of [
  [{ timestamp_granularities: ['word'] }, 'timestamp_granularities'],
  [{ response_format: 'srt', include: ['logprobs'] }, 'include'],
  [{ known_speaker_names: ['Ann'], known_speaker_references: [CLIP] }, 'known_speaker_names'],
  [{ languages: ['en', 'fr'] }, 'languages'],
  [{ stream: 'true', response_format: 'srt' }, 'response_format'],
  [{ timestamp_granularities: ['segment'], response_format: 'json' }, undefined],
  [{ stream: 'true', include: ['logprobs'] }, undefined],
  [{ stream: 'true', response_format: 'diarized_json' }, undefined],
] as const) {
  test(`says that ${setting ?? 'nothing'} is of no use in ${JSON.stringify(fields).slice(0, 80)}`, () => {
    const warnings = transcriptionFormWarnings(readTranscriptionBody({ model: 'whisper-1', ...fields }));
    assert.deepEqual(
      warnings.map((warning) => warning.type !== 'deprecated' && warning.setting),
      setting === undefined ? [] : [setting],
    );
  });
}
