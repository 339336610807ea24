import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { burstRecording, bursts, silence } from '../../../test/burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from '../../../test/hearing-engine.ts';
import {
  openAccess,
  recordingLogger,
  testClock,
  testContext,
  testMeter,
  testOpener,
} from '../../../test/support.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import type { HeardSegment } from '../engine.ts';
import { createEngineRunner } from '../models/engine-runner.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import { createTranscriptionService } from './transcription-service.ts';
import type { Transcript, TranscriptionEvent, TranscriptionRequest } from './transcription.ts';

after(() => stopDecodePool());

function service(options: HearingEngineOptions = {}) {
  const engine = hearingEngine(options);
  const runner = createEngineRunner(testClock);
  const usage = testMeter();
  const models = createModelCatalog({
    engines: [engine],
    publicModels: [
      { name: 'whisper-1', dialect: 'vendor', capability: 'transcription', title: '', description: '' },
    ],
    bindings: {},
    strictModels: false,
  });
  const hearing = createTranscriptionService({
    models,
    runner,
    usage,
    access: openAccess,
    clock: testClock,
    engines: [engine],
    maxSeconds: 3600,
    opener: testOpener(),
  });
  return { hearing, engine, runner, usage };
}

function request(recording: Uint8Array, overrides: Partial<TranscriptionRequest> = {}): TranscriptionRequest {
  return {
    model: 'whisper-1',
    audio: { kind: 'bytes', bytes: recording },
    task: 'transcribe',
    wordTimes: true,
    logprobs: false,
    diarize: false,
    knownSpeakers: [],
    asked: [],
    spelling: { audio: 'file', model: 'model', language: 'language' },
    ...overrides,
  };
}

async function collect(events: AsyncIterable<TranscriptionEvent>) {
  const all: TranscriptionEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function transcriptOf(events: AsyncIterable<TranscriptionEvent>): Promise<Transcript> {
  const last = (await collect(events)).at(-1);
  assert(last?.type === 'transcript-end');
  return last.transcript;
}

/** Times never run backwards and never pass the end. */
function assertOrdered(transcript: Transcript): void {
  let clock = 0;
  for (const segment of transcript.segments) {
    assert.ok(segment.startSeconds >= clock && segment.endSeconds >= segment.startSeconds);
    clock = segment.endSeconds;
    let wordClock = segment.startSeconds;
    for (const word of segment.words) {
      assert.ok(word.startSeconds >= wordClock && word.endSeconds <= segment.endSeconds);
      wordClock = word.endSeconds;
    }
  }
  assert.ok(clock <= transcript.durationSeconds + 0.001);
}

test('hears a short recording in one go, gives back slot and session, and writes one log line without the words', async () => {
  const { hearing, engine, runner, usage } = service();
  const log = recordingLogger();
  const result = await hearing.transcribe(
    request(burstRecording({ bursts: bursts(7) })),
    testContext({ log }),
  );
  const events = await collect(result.events);
  const last = events.at(-1);
  assert(last?.type === 'transcript-end');
  assert.equal(last.transcript.text, 'one two three four five. six seven.');
  assert.equal(last.transcript.language, 'en');
  assert.equal(last.transcript.languageProbability, 0.97);
  assertOrdered(last.transcript);
  const deltas = events.flatMap((event) => (event.type === 'text-delta' ? event.text : []));
  assert.equal(deltas.join(''), last.transcript.text);
  assert.deepEqual([engine.open(), runner.load(engine).running, engine.heard.length], [0, 0, 1]);
  assert.ok(usage.totalFor('anonymous').audioSeconds > 4);
  assert.deepEqual(
    log.entries.map((entry) => entry.event),
    ['transcription-end'],
  );
  assert.doesNotMatch(JSON.stringify(log.entries), /three/);
});

test('a long recording is heard in windows that are cut in silence; no word is lost, doubled or moved', async () => {
  const { hearing, engine } = service();
  const result = await hearing.transcribe(request(burstRecording({ bursts: bursts(120) })), testContext());
  const transcript = await transcriptOf(result.events);
  assert.ok(engine.heard.length >= 3, `${engine.heard.length} windows`);
  const words = transcript.segments.flatMap((segment) => segment.words);
  assert.equal(words.length, 120);
  assertOrdered(transcript);
  words.forEach((word, index) =>
    assert.ok(Math.abs(word.startSeconds - index * 0.6) < 0.05, `word ${index} at ${word.startSeconds}`),
  );
  assert.ok(engine.heard.every((window) => window.samples.length <= 30 * 16_000));
  assert.match(engine.heard[1]?.prompt ?? '', /five/, 'a window knows what was said before it');
});

test('silence is never shown to the model, and has no words', async () => {
  const { hearing, engine } = service();
  const result = await hearing.transcribe(request(silence(40)), testContext());
  const transcript = await transcriptOf(result.events);
  assert.equal(transcript.text, '');
  assert.equal(transcript.durationSeconds, 40);
  assert.equal(engine.heard.length, 0);
});

test('text that a model makes up over silence, or in a loop, is dropped and logged without its words', async () => {
  const invented: HeardSegment[] = [
    { startSeconds: 0, endSeconds: 1, text: ' True words.' },
    { startSeconds: 5, endSeconds: 9, text: ' Thanks for watching!' },
    { startSeconds: 1, endSeconds: 2, text: ' and again'.repeat(30) },
    {
      startSeconds: 1,
      endSeconds: 2,
      text: ' Hardly heard.',
      noSpeechProbability: 0.9,
      averageLogprob: -1.5,
    },
  ];
  const { hearing } = service({ says: invented });
  const log = recordingLogger();
  const recording = burstRecording({ bursts: bursts(4), silenceSeconds: 8 });
  const transcript = await transcriptOf(
    (await hearing.transcribe(request(recording), testContext({ log }))).events,
  );
  assert.equal(transcript.text, 'True words.');
  assert.deepEqual(
    log.entries.filter((entry) => entry.event === 'segment-dropped').map((entry) => entry.fields['doubt']),
    ['silence', 'loop', 'silence'],
  );
  assert.doesNotMatch(JSON.stringify(log.entries), /watching/);
});

test('times that a model gives out of order or past the end are put right', async () => {
  const { hearing } = service({
    says: [
      {
        startSeconds: -1,
        endSeconds: 1,
        text: ' One.',
        words: [{ text: 'One.', startSeconds: 2, endSeconds: 0.5 }],
      },
      { startSeconds: 0.5, endSeconds: 400, text: ' Two.' },
    ],
  });
  const transcript = await transcriptOf(
    (await hearing.transcribe(request(burstRecording({ bursts: bursts(4) })), testContext())).events,
  );
  assertOrdered(transcript);
  assert.equal(transcript.text, 'One. Two.');
});

test('speakers are told apart by their voices, known ones by name', async () => {
  const { hearing } = service({ speakers: true });
  const recording = burstRecording({ bursts: [120, 120, 120, 120, 300, 300, 300, 300, 120, 120, 120, 120] });
  const known = [
    { name: 'agent', audio: { kind: 'bytes', bytes: burstRecording({ bursts: bursts(4, 300) }) } },
  ] as const;
  const options = {
    diarize: true,
    knownSpeakers: known,
    voiceActivity: { prefixPaddingMs: 0, silenceDurationMs: 100 },
  };
  const transcript = await transcriptOf(
    (await hearing.transcribe(request(recording, options), testContext())).events,
  );
  const speakers = transcript.segments.flatMap((segment) => segment.words.map((word) => word.speaker));
  assert.deepEqual([...new Set(speakers)], ['A', 'agent']);
  assert.equal(speakers[0], 'A');
  assert.equal(speakers[5], 'agent');
  assert.equal(speakers.at(-1), 'A');
  assert.ok(
    transcript.segments.every((segment) => new Set(segment.words.map((word) => word.speaker)).size === 1),
  );
  assert.deepEqual(
    transcript.segments.map((segment) => segment.id),
    transcript.segments.map((_, index) => index),
  );
});

test('the text is the same, sign by sign, whether speakers are told apart or not', async () => {
  const { hearing } = service({ speakers: true });
  const recording = burstRecording({ bursts: [120, 120, 300, 300, 300, 120, 120, 300, 300] });
  const plain = await transcriptOf((await hearing.transcribe(request(recording), testContext())).events);
  const options = { diarize: true };
  const apart = await transcriptOf(
    (await hearing.transcribe(request(recording, options), testContext())).events,
  );
  assert.match(plain.text, /five\. six/);
  assert.equal(apart.text, plain.text);
  assert.deepEqual(
    apart.segments.map(({ id, speaker, text }) => [id, speaker, text]),
    [
      [0, 'A', ' one two'],
      [1, 'B', ' three four five.'],
      [2, 'A', ' six seven'],
      [3, 'B', ' eight nine.'],
    ],
  );
});

test('without a speaker model telling speakers apart is refused with what to install', async () => {
  const { hearing } = service();
  await assert.rejects(
    hearing.transcribe(request(burstRecording({ bursts: bursts(3) }), { diarize: true }), testContext()),
    {
      code: 'unsupported_feature',
      reason: 'not_installed',
      message: /antiphon models pull/,
    },
  );
});

test('what cannot be heard is refused before the first event, naming the field', async () => {
  const { hearing, engine } = service();
  const hear = (bytes: Uint8Array) => hearing.transcribe(request(bytes), testContext());
  await assert.rejects(hear(new Uint8Array(0)), {
    code: 'unsupported_media',
    param: 'file',
    reason: 'empty',
  });
  await assert.rejects(hear(Buffer.from('this is no sound at all, only text in a file')), {
    code: 'unsupported_media',
    param: 'file',
  });
  await assert.rejects(hear(silence(0.05)), { reason: 'audio_too_short', param: 'file' });
  assert.equal(engine.open(), 0);
});

test('an engine that breaks in the first window is an error; in a later one it breaks the stream; the slot comes back', async () => {
  const first = service({ failInWindow: 0 });
  await assert.rejects(
    first.hearing.transcribe(request(burstRecording({ bursts: bursts(3) })), testContext()),
    /ear broke/,
  );
  assert.deepEqual([first.engine.open(), first.runner.load(first.engine).running], [0, 0]);
  const later = service({ failInWindow: 1 });
  const result = await later.hearing.transcribe(
    request(burstRecording({ bursts: bursts(80) })),
    testContext(),
  );
  await assert.rejects(collect(result.events), /ear broke/);
  assert.deepEqual([later.engine.open(), later.runner.load(later.engine).running], [0, 0]);
});

test('a caller who leaves ends the work and gives everything back', async () => {
  const { hearing, engine, runner } = service();
  const hangUp = new AbortController();
  const result = await hearing.transcribe(
    request(burstRecording({ bursts: bursts(120) })),
    testContext({ signal: hangUp.signal }),
  );
  hangUp.abort();
  await collect(result.events).catch(() => undefined);
  assert.deepEqual([engine.open(), runner.load(engine).running], [0, 0]);
  assert.ok(engine.heard.length < 3);
});

test('a poorer model gives what it has and nothing is invented for it', async () => {
  const { hearing } = service({ poor: true });
  const transcript = await transcriptOf(
    (await hearing.transcribe(request(burstRecording({ bursts: bursts(3) })), testContext())).events,
  );
  const [segment] = transcript.segments;
  assert.deepEqual(
    [segment?.words, segment?.averageLogprob, transcript.languageProbability],
    [[], undefined, undefined],
  );
});
