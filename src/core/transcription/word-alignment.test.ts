import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { burstRecording, bursts } from '../../../test/burst-recording.ts';
import { hearingEngine, type HearingEngineOptions } from '../../../test/hearing-engine.ts';
import {
  openAccess,
  recordingLogger,
  testClock,
  testContext,
  testMeter,
  testOpener,
} from '../../../test/support.ts';
import { cancelledError } from '../../base/errors.ts';
import { present } from '../../base/assert.ts';
import { stopDecodePool } from '../../media/decoders/decode-pool.ts';
import type { AlignmentRequest, Engine, HeardSegment } from '../engine.ts';
import { createEngineRunner } from '../models/engine-runner.ts';
import { createModelCatalog } from '../models/model-catalog.ts';
import type { RequestContext } from '../context.ts';
import { transcriptionCapabilities } from './transcription-capabilities.ts';
import { createTranscriptionService } from './transcription-service.ts';
import type { Transcript, TranscriptionRequest } from './transcription.ts';

after(() => stopDecodePool());

const PUBLIC = [
  { name: 'whisper-1', dialect: 'vendor', capability: 'transcription', title: '', description: '' },
] as const;

interface Rules {
  /** What becomes of a request; by default every word gets the same share of the samples. */
  readonly answer?: (request: AlignmentRequest, context: RequestContext) => 'fits' | 'does not fit';
}

/** An engine that finds words wherever it is told to. */
function findingEngine({ answer = () => 'fits' }: Rules = {}): Engine & {
  readonly asked: AlignmentRequest[];
} {
  const asked: AlignmentRequest[] = [];
  return {
    id: 'finder',
    asked,
    concurrency: 1,
    models: [],
    alignment: {
      languages: ['en', 'fr'],
      align: async (request, context) => {
        asked.push(request);
        if (answer(request, context) === 'does not fit') return undefined;
        const each = request.samples.length / 16_000 / request.words.length;
        return request.words.map((_, index) => ({
          startSeconds: index * each,
          endSeconds: (index + 1) * each,
        }));
      },
    },
  };
}

function service(heard: HearingEngineOptions, finder: Engine, { knowsTimes = false } = {}) {
  const ear = hearingEngine(heard);
  const transcription = present(ear.transcription, 'The hearing of the ear');
  const { word_times: wordTimes, ...settings } = transcription.settings;
  const engine: Engine = {
    ...ear,
    transcription: { ...transcription, settings: knowsTimes ? { word_times: wordTimes ?? 'any' } : settings },
  };
  const runner = createEngineRunner(testClock);
  const engines = [engine, finder];
  const models = createModelCatalog({
    engines,
    publicModels: PUBLIC,
    bindings: {},
    strictModels: false,
  });
  const parts = {
    models,
    runner,
    usage: testMeter(),
    access: openAccess,
    clock: testClock,
    engines,
    maxSeconds: 3600,
    opener: testOpener(),
  };
  const hearing = createTranscriptionService(parts);
  return { hearing, ear, engine, isIdle: () => ear.open() === 0 && runner.load(engine).running === 0 };
}

function requestFor(overrides: Partial<TranscriptionRequest> = {}): TranscriptionRequest {
  return {
    model: 'whisper-1',
    audio: { kind: 'bytes', bytes: burstRecording({ bursts: bursts(6) }) },
    task: 'transcribe',
    language: 'en',
    wordTimes: true,
    logprobs: false,
    diarize: false,
    knownSpeakers: [],
    asked: [{ setting: 'word_times', parameter: 'granularities', value: 'word' }],
    spelling: { audio: 'file', model: 'model', language: 'language' },
    ...overrides,
  };
}

async function transcriptOf({ events }: Awaited<ReturnType<typeof asRequested>>): Promise<Transcript> {
  let transcript: Transcript | undefined;
  for await (const event of events) if (event.type === 'transcript-end') transcript = event.transcript;
  return present(transcript, 'The transcript');
}

function asRequested(
  { hearing }: ReturnType<typeof service>,
  asked: Partial<TranscriptionRequest> = {},
  context: Partial<RequestContext> = {},
) {
  return hearing.transcribe(requestFor(asked), testContext(context));
}

const SAYS: readonly HeardSegment[] = [
  { startSeconds: 0, endSeconds: 1, text: ' — Hello, big' },
  { startSeconds: 1.2, endSeconds: 2, text: ' world !' },
];

describe('words that a model gives no times', () => {
  test('are looked for in the time of their segment and never leave it', async () => {
    const finder = findingEngine();
    const log = recordingLogger();
    const served = await asRequested(service({ says: SAYS }, finder), {}, { log });
    const { segments } = await transcriptOf(served);
    assert.deepEqual(
      finder.asked.map(({ words, language, samples }) => [words, language, samples.length / 16_000]),
      [
        [['— Hello,', 'big'], 'en', 1.1],
        [['world !'], 'en', 1],
      ],
    );
    assert.deepEqual(
      segments.map(({ words }) => words),
      [
        [
          { text: '— Hello,', startSeconds: 0, endSeconds: 0.55 },
          { text: 'big', startSeconds: 0.55, endSeconds: 1 },
        ],
        [{ text: 'world !', startSeconds: 1.2, endSeconds: 2 }],
      ],
    );
    assert.deepEqual(served.warnings, []);
    const end = log.entries.find(({ event }) => event === 'transcription-end')?.fields;
    assert.deepEqual([end?.['alignedBy'], end?.['aligned'], end?.['missed']], ['finder', 2, 0]);
  });

  test('are looked for to tell speakers apart, too', async () => {
    const finder = findingEngine();
    const asked = { wordTimes: false, diarize: true, asked: [] } as const;
    const { segments } = await transcriptOf(
      await asRequested(service({ says: SAYS, speakers: true }, finder), asked),
    );
    assert.equal(finder.asked.length, 2);
    assert.deepEqual(
      segments.flatMap(({ words }) => words.map(({ text, speaker }) => `${text} ${speaker}`)),
      ['— Hello, A', 'big A', 'world ! A'],
    );
  });

  test('are not looked for where nobody asked, where the model knows, or where they are not what was said', async () => {
    const finder = findingEngine();
    const untold = { wordTimes: false, asked: [] } as const;
    await transcriptOf(await asRequested(service({ says: SAYS }, finder), untold));
    const knowing = await asRequested(service({}, finder, { knowsTimes: true }));
    assert.equal((await transcriptOf(knowing)).segments[0]?.words[0]?.text, 'one');
    const translated = await asRequested(service({ says: SAYS }, finder), { task: 'translate' });
    assert.deepEqual((await transcriptOf(translated)).segments[0]?.words, []);
    const invented: HeardSegment[] = [{ startSeconds: 1, endSeconds: 2, text: ' and again'.repeat(30) }];
    await transcriptOf(await asRequested(service({ says: invented }, finder)));
    assert.equal(finder.asked.length, 0);
  });

  test('are looked for in the language that their text shows when nobody tells it', async () => {
    const finder = findingEngine();
    const text = ' Sous le consulat il devient conservateur des eaux et forêts et conseiller général.';
    const french = service({ says: [{ startSeconds: 0, endSeconds: 3, text }] }, finder);
    const { language: _, ...untold } = requestFor();
    const served = await french.hearing.transcribe(untold, testContext());
    assert.equal((await transcriptOf(served)).segments[0]?.words.length, 13);
    assert.equal(finder.asked[0]?.language, 'fr');
  });

  test('in a language that nobody knows stay without, and the caller is told', async () => {
    const finder = findingEngine();
    const named = await asRequested(service({ says: SAYS }, finder), { language: 'de' });
    assert.deepEqual((await transcriptOf(named)).segments[0]?.words, []);
    assert.deepEqual(
      named.warnings.map(({ type, setting }) => [type, setting]),
      [['ignored', 'granularities']],
    );
    const text = ' Ich möchte heute Abend mit meinen Freunden über die Straße gehen und nichts kaufen.';
    const german = service({ says: [{ startSeconds: 0, endSeconds: 3, text }] }, finder);
    const { language: _, ...untold } = requestFor();
    const found = await german.hearing.transcribe(untold, testContext());
    await transcriptOf(found);
    const [warning] = found.warnings;
    assert.match(warning?.type === 'ignored' ? warning.reason : '', /en and fr only, and this is de/);
    assert.equal(finder.asked.length, 0);
  });

  test('that do not fit the sound stay without; under strict this is a refusal that gives everything back', async () => {
    const finder = findingEngine({
      answer: ({ words }) => (words.includes('big') ? 'does not fit' : 'fits'),
    });
    const partly = await asRequested(service({ says: SAYS }, finder));
    const { segments } = await transcriptOf(partly);
    assert.deepEqual(
      segments.map(({ words }) => words.length),
      [0, 1],
    );
    assert.equal(segments[0]?.text, ' — Hello, big');
    assert.deepEqual(partly.warnings, []);

    const never = findingEngine({ answer: () => 'does not fit' });
    const unfit = await asRequested(service({ says: SAYS }, never));
    assert.equal((await transcriptOf(unfit)).text, '— Hello, big world !');
    assert.match(JSON.stringify(unfit.warnings), /could not be found/);
    const strict = service({ says: SAYS }, never);
    await assert.rejects(asRequested(strict, {}, { strict: true }), {
      code: 'unsupported_feature',
      reason: 'strict',
      param: 'granularities',
    });
    assert.ok(strict.isIdle());
  });

  test('cost nothing but their times when the engine breaks: one line in the log, and it is not asked again', async () => {
    const finder = findingEngine({
      answer: () => {
        throw new Error('The finder broke, as it was told to.');
      },
    });
    const log = recordingLogger();
    const served = await asRequested(service({ says: SAYS }, finder), {}, { log });
    assert.equal((await transcriptOf(served)).text, '— Hello, big world !');
    assert.equal(finder.asked.length, 1);
    assert.deepEqual(
      log.entries.map(({ level, event }) => [level, event]),
      [
        ['warn', 'alignment-failed'],
        ['debug', 'transcription-end'],
      ],
    );
    assert.match(JSON.stringify(served.warnings), /broke down/);
  });

  test('are promised in the table of capabilities only by models all of whose languages the engine knows', () => {
    const fateFor = (languages: readonly string[] | 'any') => {
      const { ear, engine } = service({}, findingEngine());
      const engines = [
        { ...engine, models: ear.models.map((card) => ({ ...card, languages })) },
        findingEngine(),
      ];
      const models = createModelCatalog({ engines, publicModels: PUBLIC, bindings: {}, strictModels: false });
      const parameters = { vendor: { times: 'word_times' } } as const;
      return transcriptionCapabilities({ models, parameters, engines })[0]?.parameters['times']?.fate;
    };
    assert.deepEqual(
      [['en'], ['fr', 'en'], ['en', 'de'], 'any' as const].map((languages) => fateFor(languages)),
      ['honoured', 'honoured', 'ignored', 'ignored'],
    );
  });

  test('are left at once when the caller leaves', async () => {
    const caller = new AbortController();
    const finder = findingEngine({
      answer: () => {
        caller.abort();
        throw cancelledError();
      },
    });
    const left = service({ says: SAYS }, finder);
    await assert.rejects(asRequested(left, {}, { signal: caller.signal }), { code: 'cancelled' });
    assert.ok(left.isIdle());
  });
});
