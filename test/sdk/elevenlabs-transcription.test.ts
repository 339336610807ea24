import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElevenLabs, ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { burstRecording, bursts } from '../burst-recording.ts';
import { hearingEngine, type HearingEngine, type HearingEngineOptions } from '../hearing-engine.ts';
import { listening } from '../support.ts';

const RECORDING = burstRecording({ bursts: bursts(7) });
const TEXT = 'one two three four five. six seven.';

interface Caller {
  readonly client: ElevenLabsClient;
  readonly engine: HearingEngine;
  /** Requests that have left the client. */
  readonly sent: () => number;
}

async function calling(
  use: (caller: Caller) => Promise<void>,
  options: HearingEngineOptions = {},
): Promise<void> {
  const engine = hearingEngine(options);
  await listening({ engines: [engine] }, async ({ origin }) => {
    let sent = 0;
    const client = new ElevenLabsClient({
      apiKey: 'any',
      baseUrl: origin,
      fetch: (input, init) => {
        sent += 1;
        return fetch(input, init);
      },
    });
    await use({ client, engine, sent: () => sent });
    assert.equal(engine.open(), 0, 'a model was not given back');
  });
}

type Request = ElevenLabs.BodySpeechToTextV1SpeechToTextPost;

/** The only one of the client's three kinds of answer that is given here. */
async function convert(client: ElevenLabsClient, request: Omit<Request, 'modelId'> & { modelId?: string }) {
  const answer = await client.speechToText.convert({ modelId: 'scribe_v2', file: RECORDING, ...request });
  assert.ok('words' in answer, JSON.stringify(answer));
  assert.equal(answer.words.map((word) => word.text).join(''), answer.text);
  return answer;
}

async function failure(call: () => Promise<unknown>): Promise<ElevenLabsError> {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ElevenLabsError, `got ${String(error)}`);
  return error;
}

for (const [how, file] of [
  ['a buffer', RECORDING],
  ['a file', new File([Uint8Array.from(RECORDING)], 'talk.mp3', { type: 'audio/mpeg' })],
  ['a blob', new Blob([Uint8Array.from(RECORDING)])],
] as const) {
  test(`E34: the client reads every word of ${how}`, () =>
    calling(async ({ client, sent }) => {
      const answer = await convert(client, { file });
      assert.equal(answer.text, TEXT);
      assert.equal(answer.languageCode, 'eng');
      assert.equal(answer.languageProbability, 0.97);
      const words = answer.words.filter((word) => word.type === 'word');
      assert.equal(words.length, 7);
      words.forEach((word, index) => {
        assert.ok(Math.abs((word.start ?? -1) - index * 0.6) < 0.05, `${word.text} starts at ${word.start}`);
        assert.ok(Math.abs((word.end ?? -1) - (word.start ?? 0) - 0.4) < 0.05);
        assert.equal(word.logprob, -0.1);
      });
      assert.ok(answer.words.every((word) => ['word', 'spacing'].includes(word.type)));
      assert.equal(sent(), 1);
    }));
}

test('every field of the client is taken, and what it cannot have here is told', () =>
  calling(
    async ({ client, engine }) => {
      const { data, rawResponse } = await client.speechToText
        .convert({
          modelId: 'scribe_v2',
          file: RECORDING,
          enableLogging: true,
          languageCode: 'eng',
          tagAudioEvents: true,
          numSpeakers: 2,
          timestampsGranularity: 'character',
          diarize: true,
          additionalFormats: [{ format: 'srt' }, { format: 'segmented_json', includeTimestamps: false }],
          fileFormat: 'other',
          webhook: false,
          webhookMetadata: { order: 1 },
          temperature: 0.2,
          seed: 12_345,
          useMultiChannel: false,
          multichannelOutputStyle: 'separate',
          entityDetection: ['pii', 'phi'],
          noVerbatim: true,
          useSpeakerLibrary: true,
          detectSpeakerRoles: true,
          keyterms: ['Antiphon', 'plain song'],
        })
        .withRawResponse();
      assert.ok('words' in data);
      assert.equal(data.words[0]?.speakerId, 'speaker_0');
      assert.equal(data.words[0]?.characters?.map((one) => one.text).join(''), 'one');
      assert.deepEqual(
        data.additionalFormats?.map((made) => [made?.requestedFormat, made?.isBase64Encoded]),
        [
          ['srt', false],
          ['segmented_json', false],
        ],
      );
      assert.equal(engine.opened[0]?.language, 'en');
      assert.equal(engine.opened[0]?.temperature, 0.2);
      assert.match(engine.heard[0]?.prompt ?? '', /Antiphon, plain song/);
      const warnings: { setting: string }[] = JSON.parse(
        rawResponse.headers.get('x-antiphon-warnings') ?? '[]',
      );
      assert.deepEqual(warnings.map((warning) => warning.setting).sort(), [
        'detect_speaker_roles',
        'entity_detection',
        'no_verbatim',
        'seed',
        'tag_audio_events',
        'use_speaker_library',
      ]);
    },
    { speakers: true },
  ));

test('E35: the client’s own spelling of a format’s options is understood', () =>
  calling(async ({ client }) => {
    const answer = await convert(client, {
      additionalFormats: [{ format: 'srt', maxCharactersPerLine: 8, maxSegmentChars: 16 }],
    });
    const srt = answer.additionalFormats?.[0];
    assert.equal(srt?.fileExtension, 'srt');
    const blocks = (srt?.content ?? '').trim().split('\n\n');
    const lines = blocks.flatMap((block) => block.split('\n').slice(2));
    assert.ok(lines.every((line) => line.length <= 8) && blocks.length > 2, srt?.content);
    assert.equal(lines.join(' '), TEXT);
  }));

test('E37: a call without a recording is the client’s own kind of error for wrong fields, asked once', () =>
  calling(async ({ client, sent }) => {
    const nothing = await failure(() => client.speechToText.convert({ modelId: 'scribe_v1' }));
    assert.ok(nothing instanceof ElevenLabs.UnprocessableEntityError);
    const both = await failure(() => convert(client, { sourceUrl: 'https://example.org/a.mp3' }));
    assert.ok(both instanceof ElevenLabs.UnprocessableEntityError);
    assert.equal(sent(), 2);
  }));

test('E24: what is not done here is a refusal with a reason, asked once', () =>
  calling(async ({ client, sent }) => {
    const detailOf = (error: ElevenLabsError) => (error.body as { detail: Record<string, unknown> }).detail; // What is then checked.
    for (const [param, request] of [
      ['webhook', { webhook: true }],
      ['use_multi_channel', { useMultiChannel: true }],
      ['additional_formats', { additionalFormats: [{ format: 'pdf' }] }],
    ] as const satisfies readonly (readonly [string, Partial<Request>])[]) {
      const before = sent();
      const error = await failure(() => convert(client, request));
      assert.equal(error.statusCode, 400);
      assert.equal(detailOf(error)['param'], param);
      assert.equal(sent(), before + 1);
    }
  }));

test('a kept transcript is the client’s own kind of missing thing', () =>
  calling(async ({ client }) => {
    const { transcriptionId } = await convert(client, {});
    assert.ok(transcriptionId);
    const { transcripts } = client.speechToText;
    const missing = await failure(() => transcripts.get(transcriptionId));
    assert.ok(missing instanceof ElevenLabs.NotFoundError, missing.message);
    assert.equal((await failure(() => transcripts.delete(transcriptionId))).statusCode, 404);
  }));

test('raw samples are heard through the client', () =>
  calling(async ({ client }) => {
    const answer = await convert(client, { file: RECORDING.subarray(44), fileFormat: 'pcm_s16le_16' });
    assert.equal(answer.text, TEXT);
  }));
