import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { burstRecording, bursts, silence } from '../../../test/burst-recording.ts';
import {
  hearingEngine,
  type HearingEngine,
  type HearingEngineOptions,
} from '../../../test/hearing-engine.ts';
import { testApp } from '../../../test/support.ts';
import { toneEngine } from '../../../test/tone-engine.ts';

const PATH = '/v1/speech-to-text';
const RECORDING = burstRecording({ bursts: bursts(3) });

/** A part of a form: text, or a file with its name. */
type Part = readonly [name: string, value: string | Uint8Array, filename?: string];

interface House {
  readonly app: FastifyInstance;
  readonly engine: HearingEngine;
}

async function withEars(
  use: (house: House) => Promise<void>,
  options: HearingEngineOptions = {},
): Promise<void> {
  const engine = hearingEngine(options);
  const { app } = await testApp({ engines: [toneEngine(), engine] });
  try {
    await use({ app, engine });
    assert.equal(engine.open(), 0, 'a model was not given back');
  } finally {
    await app.close();
  }
}

async function post(
  app: FastifyInstance,
  parts: readonly Part[],
  url = PATH,
): Promise<LightMyRequestResponse> {
  const form = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([Uint8Array.from(value)]), filename ?? 'blob');
  }
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '', 'xi-api-key': 'any' };
  return app.inject({ method: 'POST', url, headers, payload: Buffer.from(await encoded.arrayBuffer()) });
}

function hear(app: FastifyInstance, parts: readonly Part[] = [], recording: Uint8Array = RECORDING) {
  return post(app, [['model_id', 'scribe_v1'], ['file', recording], ...parts]);
}

interface Answer {
  readonly language_code: string;
  readonly language_probability: number;
  readonly text: string;
  readonly words: readonly {
    readonly text: string;
    readonly type: string;
    readonly start?: number;
    readonly end?: number;
    readonly logprob: number;
    readonly speaker_id?: string;
    readonly characters?: readonly { readonly text: string; readonly start: number; readonly end: number }[];
  }[];
  readonly additional_formats?: readonly { readonly requested_format: string; readonly content: string }[];
  readonly transcription_id?: string;
  readonly audio_duration_secs: number;
}

function answerOf(response: LightMyRequestResponse): Answer {
  assert.equal(response.statusCode, 200, response.body.slice(0, 300));
  const answer: Answer = response.json();
  assert.equal(answer.words.map((word) => word.text).join(''), answer.text);
  for (const word of answer.words) assert.equal(typeof word.logprob, 'number');
  return answer;
}

function assertProblem(
  response: LightMyRequestResponse,
  facts: { status: number; code: string; param: string },
): void {
  assert.equal(response.statusCode, facts.status, response.body.slice(0, 300));
  const { detail, error } = response.json();
  assert.equal(detail.code, facts.code);
  assert.equal(detail.param, facts.param);
  assert.equal(error.message, detail.message);
}

function assertWrongField(response: LightMyRequestResponse, loc: readonly string[], type: string): void {
  assert.equal(response.statusCode, 422, response.body.slice(0, 300));
  const [first] = response.json().detail;
  assert.deepEqual(first.loc, loc);
  assert.equal(first.type, type);
}

test('E34: a recording becomes words with their times and the spaces between them', () =>
  withEars(async ({ app, engine }) => {
    const response = await hear(app);
    const answer = answerOf(response);
    assert.equal(answer.text, 'one two three.');
    assert.deepEqual([answer.language_code, answer.language_probability], ['eng', 0.97]);
    assert.deepEqual(
      answer.words.map(({ text, type }) => [text, type]),
      [
        ['one', 'word'],
        [' ', 'spacing'],
        ['two', 'word'],
        [' ', 'spacing'],
        ['three.', 'word'],
      ],
    );
    const [one, space] = answer.words;
    assert.ok(Math.abs(one?.start ?? 1) < 0.03 && Math.abs((one?.end ?? 0) - 0.4) < 0.03);
    assert.ok(space?.start === one?.end && Math.abs((space?.end ?? 0) - 0.6) < 0.03);
    assert.match(answer.transcription_id ?? '', /^[A-Za-z0-9]{20}$/);
    assert.equal(answer.audio_duration_secs, 2);
    assert.equal(response.headers['x-antiphon-model'], 'ear/ear');
    assert.equal(response.headers['x-antiphon-stand-in'], 'true');
    assert.equal(response.headers['x-antiphon-voice'], undefined);
    assert.equal(response.headers['maximum-concurrent-requests'], '36');
    assert.equal(engine.opened[0]?.wordTimes, true);
  }));

test('a model that gives neither times nor probabilities nor a language still gives words', () =>
  withEars(
    async ({ app }) => {
      const answer = answerOf(await hear(app));
      assert.equal(answer.text, 'one two three.');
      assert.equal(answer.language_probability, 0);
      let clock = 0;
      for (const word of answer.words) {
        assert.ok((word.start ?? -1) >= clock && (word.end ?? -1) >= (word.start ?? 0));
        clock = word.end ?? 0;
      }
      assert.ok(clock <= answer.audio_duration_secs);
      const named = answerOf(await hear(app, [['language_code', 'deu']]));
      assert.deepEqual([named.language_code, named.language_probability], ['deu', 1]);
    },
    { poor: true },
  ));

test('times are left out, given for each word or for each letter', () =>
  withEars(async ({ app, engine }) => {
    const none = answerOf(await hear(app, [['timestamps_granularity', 'none']]));
    assert.ok(none.words.every((word) => word.start === undefined && word.end === undefined));
    assert.equal(engine.opened[0]?.wordTimes, false);
    const letters = answerOf(await hear(app, [['timestamps_granularity', 'character']]));
    for (const word of letters.words) {
      assert.equal(word.characters?.map((letter) => letter.text).join(''), word.text);
      assert.equal(word.characters?.[0]?.start, word.start);
      assert.ok(Math.abs((word.characters?.at(-1)?.end ?? 0) - (word.end ?? 0)) < 0.001);
    }
  }));

/** A low voice, a high one, and the low one again, with pauses between them. */
const TALK = burstRecording({ bursts: [110, 0, 0, 3_000, 0, 0, 110] });

test('speakers are told apart when it is asked for', () =>
  withEars(
    async ({ app }) => {
      const speakers = (answer: Answer) =>
        answer.words.filter((word) => word.type === 'word').map((word) => word.speaker_id);
      const asked = await hear(app, [['diarize', 'true']], TALK);
      assert.deepEqual(speakers(answerOf(asked)), ['speaker_0', 'speaker_1', 'speaker_0']);
      assert.equal(asked.headers['x-antiphon-warnings'], undefined);
      const one = answerOf(
        await hear(
          app,
          [
            ['diarize', 'true'],
            ['num_speakers', '1'],
          ],
          TALK,
        ),
      );
      assert.deepEqual(new Set(speakers(one)), new Set(['speaker_0']));
      assert.deepEqual(speakers(answerOf(await hear(app, [], TALK))), [undefined, undefined, undefined]);
    },
    { speakers: true },
  ));

test('E36: of two wishes to tell speakers apart the last one counts', () =>
  withEars(
    async ({ app }) => {
      const answer = answerOf(
        await hear(
          app,
          [
            ['diarize', 'true'],
            ['diarize', 'false'],
          ],
          TALK,
        ),
      );
      assert.ok(answer.words.every((word) => word.speaker_id === undefined));
    },
    { speakers: true },
  ));

test('where nothing tells speakers apart, the caller is told so and the text comes all the same', () =>
  withEars(async ({ app }) => {
    const response = await hear(app, [['diarize', 'true']]);
    assert.equal(answerOf(response).text, 'one two three.');
    const [warning] = JSON.parse(String(response.headers['x-antiphon-warnings']));
    assert.deepEqual([warning.type, warning.setting], ['ignored', 'diarize']);
    const strict = await hear(app, [
      ['diarize', 'true'],
      ['strict', 'true'],
    ]);
    assertProblem(strict, { status: 400, code: 'feature_not_available', param: 'diarize' });
  }));

test('E35: subtitles are the same whichever way the format was asked for', () =>
  withEars(async ({ app }) => {
    const contents = [];
    for (const text of [
      '[{"format":"srt","maxCharactersPerLine":20,"maxSegmentChars":8}]',
      '[{"format": "srt", "max_characters_per_line": 20, "max_segment_chars": 8}]',
    ]) {
      const answer = answerOf(await hear(app, [['additional_formats', text]]));
      contents.push(answer.additional_formats?.[0]?.content);
    }
    assert.equal(contents[0], contents[1]);
    assert.match(String(contents[0]), /^1\n00:00:00,0\d\d --> 00:00:01,\d{3}\none two\n/);
  }));

test('every further format that is written here comes along', () =>
  withEars(async ({ app, engine }) => {
    const formats = ['srt', 'txt', 'segmented_json', 'html', 'docx'];
    const asked = JSON.stringify(formats.map((format) => ({ format })));
    const parts: Part[] = [
      ['additional_formats', asked],
      ['timestamps_granularity', 'none'],
    ];
    const answer = answerOf(await hear(app, parts));
    assert.deepEqual(
      answer.additional_formats?.map((made) => made.requested_format),
      formats,
    );
    assert.ok(answer.additional_formats?.slice(0, 4).every((made) => made.content.includes('three.')));
    // Subtitles need the times that the words do not show.
    assert.equal(engine.opened[0]?.wordTimes, true);
  }));

test('raw samples are heard as they are', () =>
  withEars(async ({ app }) => {
    const raw = burstRecording({ bursts: bursts(2) }).subarray(44);
    const answer = answerOf(await hear(app, [['file_format', 'pcm_s16le_16']], raw));
    assert.equal(answer.text, 'one two.');
    assert.equal((await hear(app, [], raw)).statusCode, 415);
  }));

test('language, key terms, temperature and seed reach the model or are named in a warning', () =>
  withEars(async ({ app, engine }) => {
    const parts: Part[] = [
      ['language_code', 'fra'],
      ['keyterms', 'Antiphon'],
      ['keyterms', '["plain song"]'],
      ['temperature', '1.5'],
      ['seed', '7'],
      ['tag_audio_events', 'true'],
      ['no_verbatim', 'true'],
    ];
    const response = await post(app, [['model_id', 'scribe_v2'], ['file', RECORDING], ...parts]);
    assert.equal(answerOf(response).language_code, 'fra');
    assert.equal(engine.opened[0]?.language, 'fr');
    assert.equal(engine.opened[0]?.temperature, 1);
    assert.match(engine.heard[0]?.prompt ?? '', /Antiphon, plain song/);
    const warnings: { type: string; setting: string }[] = JSON.parse(
      String(response.headers['x-antiphon-warnings']),
    );
    assert.deepEqual(warnings.map(({ type, setting }) => `${type} ${setting}`).sort(), [
      'adjusted temperature',
      'ignored no_verbatim',
      'ignored seed',
      'ignored tag_audio_events',
    ]);
  }));

test('a thousand key terms, each in a part of its own, are not too many parts', () =>
  withEars(async ({ app }) => {
    const terms = Array.from({ length: 1_000 }, (_, index): Part => ['keyterms', `term ${index}`]);
    answerOf(await post(app, [['model_id', 'scribe_v2'], ['file', RECORDING], ...terms]));
  }));

test('E37: neither a file nor an address, or both, is one wrong field', () =>
  withEars(async ({ app, engine }) => {
    const url: Part = ['source_url', 'https://example.org/a.mp3'];
    assertWrongField(await post(app, [['model_id', 'scribe_v1']]), ['body', 'file'], 'missing');
    assertWrongField(await hear(app, [url]), ['body', 'source_url'], 'value_error');
    assertWrongField(await post(app, [['file', RECORDING]]), ['body', 'model_id'], 'missing');
    // Neither as a part of a form nor in JSON is an address of this machine fetched.
    const inside = 'http://127.0.0.1:9/a.mp3';
    const alone = await post(app, [
      ['model_id', 'scribe_v1'],
      ['source_url', inside],
    ]);
    const json = await app.inject({
      method: 'POST',
      url: PATH,
      payload: { model_id: 'scribe_v1', cloud_storage_url: inside },
    });
    for (const [refused, param] of [
      [alone, 'source_url'],
      [json, 'cloud_storage_url'],
    ] as const) {
      assert.equal(refused.statusCode, 400);
      assert.match(refused.body, /not on the public internet/);
      assert.ok(refused.body.includes(param), refused.body);
    }
    assertWrongField(await app.inject({ method: 'POST', url: PATH }), ['body', 'model_id'], 'missing');
    assert.equal(engine.opened.length, 0);
  }));

test('E38: the parts that one client always sends mean nothing when they say null', () =>
  withEars(async ({ app }) => {
    const nulls: Part[] = [
      ['webhook_metadata', 'null'],
      ['entity_detection', 'null'],
      ['entity_redaction', 'null'],
    ];
    const response = await hear(app, nulls);
    assert.equal(answerOf(response).text, 'one two three.');
    assert.equal(response.headers['x-antiphon-warnings'], undefined);
  }));

test('E34, E35: a part that says it is JSON and a file that says it is nothing in particular are read', () =>
  withEars(async ({ app }) => {
    const boundary = 'a-boundary';
    const part = (headers: string, content: Buffer | string) =>
      Buffer.concat([
        Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
        Buffer.from(content),
        Buffer.from('\r\n'),
      ]);
    const payload = Buffer.concat([
      part('Content-Disposition: form-data; name="model_id"', 'scribe_v1'),
      part(
        'Content-Disposition: form-data; name="additional_formats"\r\nContent-Type: application/json',
        '[{"format": "txt", "include_timestamps": false}]',
      ),
      part(
        'Content-Disposition: form-data; name="file"; filename="upload"\r\nContent-Type: application/octet-stream',
        RECORDING,
      ),
      Buffer.from(`--${boundary}--\r\n`),
    ]);
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const answer = answerOf(await app.inject({ method: 'POST', url: PATH, headers, payload }));
    assert.equal(answer.additional_formats?.[0]?.content, 'one two three.\n');
  }));

test('what cannot be done is refused by name before anything is heard', () =>
  withEars(async ({ app, engine }) => {
    for (const [param, value] of [
      ['webhook', 'true'],
      ['use_multi_channel', 'true'],
      ['entity_redaction', 'all'],
      ['additional_formats', '[{"format":"pdf"}]'],
    ] as const) {
      const response = await hear(app, [[param, value]]);
      assertProblem(response, { status: 400, code: 'feature_not_available', param });
    }
    assertProblem(await hear(app, [['keyterms', 'a']]), {
      status: 400,
      code: 'invalid_parameters',
      param: 'keyterms',
    });
    assertWrongField(await hear(app, [['num_speakers', '33']]), ['body', 'num_speakers'], 'less_than_equal');
    assertWrongField(await hear(app, [['language_code', 'xx']]), ['body', 'language_code'], 'value_error');
    assertWrongField(
      await hear(app, [['additional_formats', '{']]),
      ['body', 'additional_formats'],
      'value_error',
    );
    const query = await post(
      app,
      [
        ['model_id', 'scribe_v1'],
        ['file', RECORDING],
      ],
      `${PATH}?enable_logging=perhaps`,
    );
    assertWrongField(query, ['query', 'enable_logging'], 'bool_parsing');
    assert.equal(engine.opened.length, 0);
  }));

test('bad recordings are refused by name: empty, too short, no sound file at all', () =>
  withEars(async ({ app }) => {
    const statusOf = async (file: Uint8Array) => {
      const response = await hear(app, [], file);
      assert.equal(response.json().detail.param, 'file', response.body);
      return response.statusCode;
    };
    assert.ok([400, 415].includes(await statusOf(new Uint8Array())));
    assert.equal(await statusOf(Buffer.from('This is a text that calls itself an MP3.'.repeat(50))), 415);
    assert.equal(await statusOf(silence(0.05)), 400);
  }));

test('silence is an answer without words', () =>
  withEars(async ({ app }) => {
    const answer = answerOf(await hear(app, [], silence(1)));
    assert.deepEqual([answer.text, answer.words], ['', []]);
  }));

test('unknown models, those that speak, and a house without ears are told apart', async () => {
  await withEars(async ({ app }) => {
    const ask = (model: string) =>
      post(app, [
        ['model_id', model],
        ['file', RECORDING],
      ]);
    assertProblem(await ask('scribe_v9'), { status: 404, code: 'model_not_found', param: 'model_id' });
    assertProblem(await ask('eleven_v3'), { status: 400, code: 'unsupported_model', param: 'model_id' });
    assert.equal(answerOf(await ask('ear/ear')).text, 'one two three.');
  });
  const { app } = await testApp();
  const deaf = await hear(app);
  assertProblem(deaf, { status: 400, code: 'feature_not_available', param: 'model_id' });
  assert.match(deaf.json().detail.message, /antiphon models pull/);
  await app.close();
});

test('a language that no installed model hears is refused by name', async () => {
  const engine = hearingEngine();
  const [card] = engine.models;
  assert.ok(card);
  const { app } = await testApp({ engines: [{ ...engine, models: [{ ...card, languages: ['en', 'de'] }] }] });
  const response = await hear(app, [['language_code', 'fra']]);
  assertProblem(response, { status: 400, code: 'feature_not_available', param: 'language_code' });
  assert.match(response.json().detail.message, /en, de/);
  assert.equal(answerOf(await hear(app, [['language_code', 'deu']])).language_code, 'deu');
  await app.close();
});

test('an engine that breaks is an error with the engine’s status and no transcript', () =>
  withEars(
    async ({ app }) => {
      const response = await hear(app);
      assert.equal(response.statusCode, 500);
      assert.equal(typeof response.json().detail.message, 'string');
    },
    { failInWindow: 0 },
  ));

test('without logging a transcript has no id, and no transcript is kept in any case', () =>
  withEars(async ({ app }) => {
    const parts: Part[] = [
      ['model_id', 'scribe_v1'],
      ['file', RECORDING],
    ];
    const unlogged = answerOf(await post(app, parts, `${PATH}?enable_logging=false`));
    assert.equal(unlogged.transcription_id, undefined);
    const { transcription_id: id } = answerOf(
      await post(app, parts, `/elevenlabs${PATH}?enable_logging=true`),
    );
    for (const method of ['GET', 'DELETE'] as const) {
      const kept = await app.inject({
        method,
        url: `${PATH}/transcripts/${id}`,
        headers: { 'xi-api-key': 'any' },
      });
      assertProblem(kept, { status: 404, code: 'transcript_not_found', param: 'transcription_id' });
      assert.match(kept.json().detail.message, new RegExp(String(id)));
    }
  }));
