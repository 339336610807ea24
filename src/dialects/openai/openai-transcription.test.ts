import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fastify from 'fastify';
import { burstRecording, bursts, silence } from '../../../test/burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from '../../../test/hearing-engine.ts';
import { filePart, rawForm, textPart, type RawForm, type RawPart } from '../../../test/raw-form.ts';
import { testApp, testContext } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';
import { acceptForms } from '../accept-forms.ts';
import { MAX_UPLOAD_BYTES } from './openai-transcription-form.ts';
import { transcriptionRoutes } from './openai-transcription.ts';

const SEVEN = burstRecording({ bursts: bursts(7) });
const TEXT = 'one two three four five. six seven.';
/** Two voices, a low and a high one. */
const DIALOGUE = burstRecording({ bursts: [...bursts(5), 0, 0, ...bursts(5, 2_300)] });

/** A server for each kind of ear that is asked for. */
const ears = new Map<string, ReturnType<typeof openEar>>();
after(async () => {
  for (const { server } of ears.values()) await (await server).app.close();
});

function openEar(options: HearingEngineOptions) {
  const engine = hearingEngine(options);
  return { engine, server: testApp({ engines: [toneEngine(), engine] }) };
}

function earFor(options: HearingEngineOptions) {
  const kind = JSON.stringify(options);
  const ear = ears.get(kind) ?? openEar(options);
  ears.set(kind, ear);
  return ear;
}

async function ask(request: RawForm, path = '/v1/audio/transcriptions', options: HearingEngineOptions = {}) {
  const { server, engine } = earFor(options);
  const { app } = await server;
  // Of earlier requests nothing is to be seen.
  engine.opened.length = 0;
  engine.heard.length = 0;
  const response = await app.inject({ method: 'POST', url: path, ...request });
  return { response, engine };
}

type Fields = readonly (readonly [name: string, text: string])[];

function form(fields: Fields = [], file: Uint8Array = SEVEN): RawForm {
  return rawForm([
    textPart('model', 'whisper-1'),
    ...fields.map(([name, text]) => textPart(name, text)),
    filePart(file),
  ]);
}

const field = (value: string): RawPart[0] => [
  'Content-Type: text/plain; charset=utf-8',
  `Content-Disposition: form-data; name=${value}`,
];

const SHAPES: Readonly<Record<string, RawForm>> = {
  'the file first': rawForm([
    filePart(SEVEN),
    textPart('model', 'whisper-1'),
    textPart('response_format', 'verbose_json'),
    textPart('timestamp_granularities[]', 'word'),
    textPart('timestamp_granularities[]', 'segment'),
  ]),
  'the file last': rawForm([
    textPart('model', 'whisper-1'),
    textPart('response_format', 'verbose_json'),
    textPart('timestamp_granularities[]', 'word'),
    textPart('timestamp_granularities[]', 'segment'),
    filePart(SEVEN),
  ]),
  'the file second and numbers in the brackets': rawForm([
    textPart('model', 'whisper-1'),
    filePart(SEVEN, 'audio.wav'),
    textPart('timestamp_granularities[0]', 'word'),
    textPart('timestamp_granularities[1]', 'segment'),
    textPart('response_format', 'verbose_json'),
  ]),
  'repeated parts without brackets': rawForm([
    textPart('model', 'whisper-1'),
    filePart(SEVEN, 'blob'),
    textPart('timestamp_granularities', 'word'),
    textPart('timestamp_granularities', 'segment'),
    textPart('response_format', 'verbose_json'),
  ]),
  'unquoted names, a quoted boundary, a bare file part and two file names': rawForm(
    [
      [
        [
          String.raw`Content-Disposition: form-data; name=file; filename=Assets\audio.wav; filename*=utf-8''Assets%5Caudio.wav`,
        ],
        SEVEN,
      ],
      [field('model'), 'whisper-1'],
      [field('response_format'), 'verbose_json'],
      [field('"timestamp_granularities[]"'), 'word'],
      [field('"timestamp_granularities[]"'), 'segment'],
    ],
    { quoted: true },
  ),
};

for (const [shape, request] of Object.entries(SHAPES)) {
  for (const mount of ['/v1', '/api/v1', '/openai/v1']) {
    test(`T2: ${mount} understands a form with ${shape}`, async () => {
      const { response } = await ask(request, `${mount}/audio/transcriptions`);
      assert.equal(response.statusCode, 200, response.body);
      const { text, segments, words } = response.json();
      assert.deepEqual([text, segments.length, words.length], [TEXT, 2, 7]);
    });
  }
}

for (const filename of ['unknown_file', 'upload', 'blob', 'ré%22su%mé.mp3', 'letter.txt']) {
  test(`T4: a file called ${filename} is judged by its bytes`, async () => {
    const { response } = await ask(rawForm([filePart(SEVEN, filename), textPart('model', 'whisper-1')]));
    assert.deepEqual([response.statusCode, response.json().text], [200, TEXT]);
  });
}

for (const [format, body] of [
  ['text', `${TEXT}\n`],
  [
    'srt',
    '1\n00:00:00,001 --> 00:00:02,800\none two three four five.\n\n2\n00:00:03,001 --> 00:00:04,000\nsix seven.\n\n\n',
  ],
  [
    'vtt',
    'WEBVTT\n\n00:00:00.001 --> 00:00:02.800\none two three four five.\n\n00:00:03.001 --> 00:00:04.000\nsix seven.\n\n',
  ],
] as const) {
  test(`T6: ${format} is plain text for every model`, async () => {
    for (const model of ['whisper-1', 'gpt-4o-transcribe', 'gpt-transcribe']) {
      const fields: Fields = [
        ['model', model],
        ['response_format', format],
      ];
      const { response } = await ask(form(fields));
      assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8');
      assert.equal(response.body, body);
    }
  });
}

test('the answer says who heard, and whether it only stands in', async () => {
  const { response } = await ask(form());
  assert.equal(response.headers['x-antiphon-model'], 'ear/ear');
  assert.equal(response.headers['x-antiphon-stand-in'], 'true');
  assert.equal(response.headers['x-antiphon-voice'], undefined);
  const { response: real } = await ask(form(), undefined, { implements: ['whisper-1'] });
  assert.equal(real.headers['x-antiphon-stand-in'], undefined);
});

test('T8: log probabilities reach the engine and come back', async () => {
  const { response, engine } = await ask(form([['include[]', 'logprobs']]));
  assert.equal(engine.opened[0]?.logprobs, true);
  const { logprobs } = response.json();
  assert.equal(logprobs.length, 7);
  assert.deepEqual(logprobs[0], { token: 'one', logprob: -0.1, bytes: [111, 110, 101] });
});

for (const [what, fields] of [
  ['auto', [['chunking_strategy', 'auto']]],
  [
    'brackets',
    [
      ['chunking_strategy[type]', 'server_vad'],
      ['chunking_strategy[threshold]', '0.4'],
    ],
  ],
  ['JSON text', [['chunking_strategy', '{"type":"server_vad","silence_duration_ms":150}']]],
] as const) {
  test(`T9: a chunking strategy as ${what} is taken`, async () => {
    const { response } = await ask(form(fields));
    assert.deepEqual([response.statusCode, response.json().text], [200, TEXT]);
    assert.equal(response.headers['x-antiphon-warnings'], undefined);
  });
}

const LOW = `data:audio/wav;base64,${burstRecording({ bursts: bursts(4) }).toString('base64')}`;
const HIGH = `data:audio/wav;base64,${burstRecording({ bursts: bursts(4, 2_300) }).toString('base64')}`;

for (const prefix of ['known_speaker', 'extra_body[known_speaker']) {
  const spell = (rest: string) => (prefix.includes('[') ? `${prefix}${rest}][]` : `${prefix}${rest}[]`);
  test(`T10: speakers made known as ${spell('_names')} get their names`, async () => {
    const { response } = await ask(
      form(
        [
          ['response_format', 'diarized_json'],
          [spell('_names'), 'agent'],
          [spell('_names'), 'caller'],
          [spell('_references'), LOW],
          [spell('_references'), HIGH],
        ],
        DIALOGUE,
      ),
      undefined,
      { speakers: true },
    );
    assert.equal(response.statusCode, 200, response.body);
    const { segments } = response.json();
    assert.deepEqual(
      segments.map(({ id, speaker }: { id: string; speaker: string }) => [id, speaker]),
      [
        ['seg_0', 'agent'],
        ['seg_1', 'caller'],
      ],
    );
  });
}

test('T10: a clip of several megabytes is no text too long', async () => {
  const long = burstRecording({ bursts: bursts(4), silenceSeconds: 24 });
  const stereoLike = Buffer.concat([long, Buffer.alloc(2_000_000)]);
  const { response } = await ask(
    form(
      [
        ['response_format', 'diarized_json'],
        ['known_speaker_names[]', 'agent'],
        ['known_speaker_references[]', `data:audio/wav;base64,${stereoLike.toString('base64')}`],
      ],
      DIALOGUE,
    ),
    undefined,
    { speakers: true },
  );
  assert.equal(response.statusCode, 200, response.body);
});

test('T11: unknown speakers are A and B; without a speaker model the request is refused', async () => {
  const request = form(
    [
      ['model', 'gpt-4o-transcribe-diarize'],
      ['response_format', 'diarized_json'],
    ],
    DIALOGUE,
  );
  const { response } = await ask(request, undefined, { speakers: true });
  const { segments, usage } = response.json();
  assert.deepEqual(
    segments.map(({ speaker }: { speaker: string }) => speaker),
    ['A', 'B'],
  );
  assert.equal(usage.input_token_details.audio_tokens, 74);
  const { response: refused } = await ask(request);
  assert.equal(refused.statusCode, 404);
  assert.match(refused.json().error.message, /antiphon models pull/);
});

test('T12: a stream is framed as the vendor frames it', async () => {
  const { response } = await ask(form([['stream', 'true']]));
  assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(response.headers['cache-control'], 'no-store');
  assert.equal(
    response.body,
    'data: {"type":"transcript.text.delta","delta":"one two three four five."}\r\n\r\n' +
      'data: {"type":"transcript.text.delta","delta":" six seven."}\r\n\r\n' +
      `data: {"type":"transcript.text.done","text":"${TEXT}","usage":{"type":"tokens","total_tokens":53,"input_tokens":44,"input_token_details":{"text_tokens":0,"audio_tokens":44},"output_tokens":9}}\r\n\r\n` +
      'data: [DONE]\r\n\r\n',
  );
});

test('T12: while nothing is ready the stream says that it lives', async () => {
  const gate = Promise.withResolvers<void>();
  const { core } = await testApp({ engines: [hearingEngine({ gate: gate.promise })] });
  const app = fastify();
  await acceptForms(app, core);
  app.addHook('onRequest', async (request) => {
    request.antiphon = testContext();
  });
  transcriptionRoutes(app, core, { everyMs: 5 });
  const { payload, headers } = form([['stream', 'true']]);
  const response = await app.inject({
    method: 'POST',
    url: '/audio/transcriptions',
    payload,
    headers,
    payloadAsStream: true,
  });
  let body = '';
  for await (const chunk of response.stream()) {
    body += String(chunk);
    if (body.split(': keepalive').length > 3) gate.resolve();
  }
  assert.match(body, /^(: keepalive\r\n\r\n){3,}data: \{"type":"transcript\.text\.delta"/);
  assert.match(body, /data: \[DONE\]\r\n\r\n$/);
});

test('T13: when the engine breaks in the middle the stream ends with an error', async () => {
  const long = burstRecording({ bursts: bursts(60) });
  const { response, engine } = await ask(form([['stream', 'true']], long), undefined, { failInWindow: 1 });
  assert.equal(response.statusCode, 200);
  const last = response.body.trimEnd().split('\r\n\r\n').at(-1) ?? '';
  const { error } = JSON.parse(last.slice('data: '.length));
  assert.deepEqual([error.type, error.code, error.param], ['server_error', null, null]);
  assert.match(response.body, /^data: \{"type":"transcript\.text\.delta"/);
  assert.doesNotMatch(response.body, /text\.done|\[DONE\]/);
  assert.equal(engine.open(), 0);
});

test('T13: when the engine breaks at once there is a status, streamed or not', async () => {
  for (const stream of ['true', 'false']) {
    const { response } = await ask(form([['stream', stream]]), undefined, { failInWindow: 0 });
    assert.deepEqual([response.statusCode, response.json().error.type], [500, 'server_error']);
  }
});

test('T14: a file of one byte too many is refused, and one of exactly the limit is not too large', async () => {
  const { response } = await ask(form([], Buffer.alloc(MAX_UPLOAD_BYTES + 1)));
  assert.equal(response.statusCode, 413);
  const { error } = response.json();
  assert.deepEqual([error.type, error.param, error.code], ['server_error', 'file', null]);
  assert.match(error.message, /26214400/);
  const { response: fits } = await ask(form([], Buffer.alloc(MAX_UPLOAD_BYTES)));
  assert.equal(fits.statusCode, 400);
});

for (const [what, file, code] of [
  ['a text', Buffer.from('This is no sound. '.repeat(100)), null],
  ['an empty file', Buffer.alloc(0), null],
  ['0.05 s', silence(0.05), 'audio_too_short'],
  ['a header without sound', silence(0), null],
] as const) {
  test(`T15: ${what} is refused`, async () => {
    for (const stream of ['true', 'false']) {
      const { response } = await ask(form([['stream', stream]], file));
      const { error } = response.json();
      assert.deepEqual([response.statusCode, error.type, error.code], [400, 'invalid_request_error', code]);
      assert.equal(error.param, 'file');
      assert.equal(response.headers['x-should-retry'], 'false');
    }
  });
}

test('T16: silence has no text, and every format says so in its way', async () => {
  for (const [format, body] of [
    ['text', '\n'],
    ['srt', '\n'],
    ['vtt', 'WEBVTT\n\n'],
    ['json', '{"text":"","usage":{"type":"duration","seconds":2}}'],
  ] as const) {
    const { response, engine } = await ask(form([['response_format', format]], silence(2)));
    assert.deepEqual([response.statusCode, response.body], [200, body]);
    assert.equal(engine.heard.length, 0, 'the model was made to hear silence');
  }
});

test('T17: granularities beside the format json are no error', async () => {
  const { response } = await ask(
    form([
      ['response_format', 'json'],
      ['timestamp_granularities[]', 'segment'],
    ]),
  );
  assert.equal(response.statusCode, 200);
  assert.deepEqual(Object.keys(response.json()), ['text', 'usage']);
  assert.equal(response.headers['x-antiphon-warnings'], undefined);
});

test('T18: the text false is not true', async () => {
  const { response } = await ask(form([['stream', 'false']]));
  assert.match(String(response.headers['content-type']), /^application\/json/);
});

test('T19: the engine sees the line ends that were typed', async () => {
  const { engine } = await ask(form([['prompt', 'one\r\ntwo']]));
  assert.equal(engine.heard[0]?.prompt, 'one\ntwo');
});

test('what has no place in the answer is a warning, and under strict an error', async () => {
  const fields: Fields = [['timestamp_granularities[]', 'word']];
  const { response } = await ask(form(fields));
  const [warning] = JSON.parse(String(response.headers['x-antiphon-warnings']));
  assert.deepEqual([warning.type, warning.setting], ['ignored', 'timestamp_granularities']);
  const { response: refused } = await ask(form([...fields, ['strict', 'true']]));
  assert.equal(refused.statusCode, 400);
  const { error } = refused.json();
  assert.deepEqual([error.param, error.code], ['timestamp_granularities', 'unsupported_parameter']);
});

test('without an installed model the answer names the command that installs one', async () => {
  const { app } = await testApp();
  for (const path of ['/v1/audio/transcriptions', '/v1/audio/translations']) {
    const response = await app.inject({ method: 'POST', url: path, ...form() });
    const { error } = response.json();
    assert.deepEqual([response.statusCode, error.code, error.param], [404, 'model_not_found', 'model']);
    assert.match(error.message, /antiphon models pull/);
    assert.equal(response.headers['x-should-retry'], 'false');
  }
});

for (const [what, request, param] of [
  ['no file', rawForm([textPart('model', 'whisper-1')]), 'file'],
  ['a file without a name', rawForm([textPart('model', 'whisper-1'), textPart('file', 'RIFF')]), 'file'],
  ['no model', rawForm([filePart(SEVEN)]), 'model'],
  ['an empty model', rawForm([filePart(SEVEN), textPart('model', '')]), 'model'],
  ['a wrong format', form([['response_format', 'docx']]), 'response_format'],
  ['a wrong language', form([['language', 'xx']]), 'language'],
  [
    'JSON',
    { payload: Buffer.from('{"model":"whisper-1"}'), headers: { 'content-type': 'application/json' } },
    null,
  ],
  ['a form that breaks off', { ...form(), payload: form().payload.subarray(0, 300) }, null],
] as const) {
  test(`${what} is refused before anything is heard`, async () => {
    const { response, engine } = await ask(request);
    assert.equal(response.statusCode, 400, response.body);
    const { error } = response.json();
    assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code']);
    assert.deepEqual([error.type, error.param], ['invalid_request_error', param]);
    if (param === 'language') assert.equal(error.code, 'invalid_language_format');
    assert.equal(engine.opened.length, 0);
  });
}

for (const mount of ['/v1', '/api/v1', '/openai/v1']) {
  test(`L1: ${mount} translates`, async () => {
    const path = `${mount}/audio/translations`;
    const { response, engine } = await ask(form([['language', 'nothing of the sort']]), path);
    assert.deepEqual(response.json(), { text: TEXT });
    assert.equal(engine.opened[0]?.task, 'translate');
    const verbose = await ask(form([['response_format', 'verbose_json']]), path);
    const { task, language, segments } = verbose.response.json();
    assert.deepEqual([task, language, segments.length], ['translate', 'english', 2]);
    assert.equal(Object.keys(segments[0]).length, 10);
    const text = await ask(form([['response_format', 'text']]), path);
    assert.equal(text.response.body, `${TEXT}\n`);
    const wrong = await ask(form([['response_format', 'diarized_json']]), path);
    assert.deepEqual(
      [wrong.response.statusCode, wrong.response.json().error.param],
      [400, 'response_format'],
    );
  });
}
