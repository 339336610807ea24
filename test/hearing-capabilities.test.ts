/** The published table of capabilities against what really becomes of each parameter of a transcription. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { present } from '../src/base/assert.ts';
import type {
  HearingParameterFate,
  TranscriptionCapability,
} from '../src/core/transcription/transcription-capabilities.ts';
import type { MediaFetcher } from '../src/core/ports/media-fetcher.ts';
import type { Warning } from '../src/core/warning.ts';
import { dialects } from '../src/dialects/index.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { burstRecording, bursts } from './burst-recording.ts';
import { hearingEngine, type HearingEngine } from './hearing-engine.ts';
import { testApp } from './support.ts';

const RECORDING = burstRecording({ bursts: bursts(3) });
const CLIP = `data:audio/wav;base64,${burstRecording({ bursts: bursts(4) }).toString('base64')}`;

after(() => stopDecodePool());

type Fields = readonly (readonly [name: string, value: string])[];

/** How a parameter is sent, and what of it must then reach the engine. */
interface Probe {
  readonly send: Fields;
  readonly arrives?: (engine: HearingEngine) => boolean;
  /** The fields with another value of the parameter. */
  readonly with?: (value: string) => Fields;
}

interface Way {
  readonly model: string;
  readonly url: string;
  readonly field: string;
  readonly probes: Readonly<Record<string, Probe>>;
}

const last = (engine: HearingEngine) => present(engine.opened.at(-1), 'an opened session');
const VERBOSE = [['response_format', 'verbose_json']] as const;
const DIARIZED = [['response_format', 'diarized_json']] as const;
const KNOWN = [...DIARIZED, ['known_speaker_names[]', 'Ann'], ['known_speaker_references[]', CLIP]] as const;
const VAD = [['chunking_strategy[type]', 'server_vad']] as const;

const openai: Way = {
  model: 'gpt-4o-transcribe',
  url: '/v1/audio/transcriptions',
  field: 'model',
  probes: {
    language: { send: [['language', 'de']], arrives: (engine) => last(engine).language === 'de' },
    languages: { send: [['languages[]', 'de']], arrives: (engine) => last(engine).language === 'de' },
    prompt: { send: [['prompt', 'Zaphod']], arrives: (engine) => heardPrompt(engine).includes('Zaphod') },
    keywords: {
      send: [['keywords[]', 'Trillian']],
      arrives: (engine) => heardPrompt(engine).includes('Trillian'),
    },
    temperature: {
      send: [['temperature', '0.5']],
      arrives: (engine) => last(engine).temperature === 0.5,
      with: (value) => [['temperature', value]],
    },
    timestamp_granularities: {
      send: [...VERBOSE, ['timestamp_granularities[]', 'word']],
      arrives: (engine) => last(engine).wordTimes,
    },
    include: { send: [['include[]', 'logprobs']], arrives: (engine) => last(engine).logprobs },
    chunking_strategy: { send: [['chunking_strategy', 'auto']] },
    'chunking_strategy.threshold': {
      send: [...VAD, ['chunking_strategy[threshold]', '0.4']],
      with: (value) => [...VAD, ['chunking_strategy[threshold]', value]],
    },
    'response_format=diarized_json': { send: DIARIZED },
    known_speaker_names: { send: KNOWN },
    known_speaker_references: { send: KNOWN },
  },
};

const DIARIZE = [['diarize', 'true']] as const;

const elevenlabs: Way = {
  model: 'scribe_v2',
  url: '/v1/speech-to-text',
  field: 'model_id',
  probes: {
    language_code: { send: [['language_code', 'deu']], arrives: (engine) => last(engine).language === 'de' },
    keyterms: { send: [['keyterms', 'Ford']], arrives: (engine) => heardPrompt(engine).includes('Ford') },
    temperature: {
      send: [['temperature', '0.5']],
      arrives: (engine) => last(engine).temperature === 0.5,
      with: (value) => [['temperature', value]],
    },
    seed: { send: [['seed', '42']], with: (value) => [['seed', value]] },
    timestamps_granularity: {
      send: [['timestamps_granularity', 'word']],
      arrives: (engine) => last(engine).wordTimes,
    },
    diarize: { send: DIARIZE },
    num_speakers: {
      send: [...DIARIZE, ['num_speakers', '2']],
      with: (value) => [...DIARIZE, ['num_speakers', value]],
    },
    diarization_threshold: {
      send: [...DIARIZE, ['diarization_threshold', '0.3']],
      with: (value) => [...DIARIZE, ['diarization_threshold', value]],
    },
    tag_audio_events: { send: [['tag_audio_events', 'true']] },
    entity_detection: { send: [['entity_detection', 'all']] },
    no_verbatim: { send: [['no_verbatim', 'true']] },
    detect_speaker_roles: { send: [...DIARIZE, ['detect_speaker_roles', 'true']] },
    use_speaker_library: { send: [['use_speaker_library', 'true']] },
    transcript_edit: { send: [['transcript_edit', 'Make it short.']] },
    use_multi_channel: { send: [['use_multi_channel', 'true']] },
    entity_redaction: { send: [['entity_redaction', 'all']] },
    webhook: { send: [['webhook', 'true']] },
    cloud_storage_url: { send: [['cloud_storage_url', 'https://example.com/a.mp3']] },
    source_url: { send: [['source_url', 'https://example.com/a.mp3']] },
  },
};

const eigen: Way = {
  model: 'higgs_asr_3',
  url: '/api/v1/generate',
  field: 'model',
  probes: {
    language: { send: [['language', 'German']], arrives: (engine) => last(engine).language === 'de' },
  },
};

const WAYS: Readonly<Record<string, Way>> = { openai, elevenlabs, eigen };

function heardPrompt(engine: HearingEngine): string {
  return engine.heard.at(-1)?.prompt ?? '';
}

/** Whatever the address, the recording is there. */
const RECORDINGS: MediaFetcher = {
  fetch: async () => ({ bytes: RECORDING, mediaType: 'audio/wav', filename: 'a.wav' }),
};

async function hear(app: FastifyInstance, { url, field, model }: Way, fields: Fields) {
  const form = new FormData();
  form.append(field, model);
  for (const [name, value] of fields) form.append(name, value);
  const isElsewhere = fields.some(([name]) => name.endsWith('_url'));
  if (!isElsewhere) form.append('file', new Blob([Uint8Array.from(RECORDING)]), 'talk.wav');
  const encoded = new Response(form);
  const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
  const payload = Buffer.from(await encoded.arrayBuffer());
  const response = await app.inject({ method: 'POST', url, headers, payload });
  const warnings: readonly Warning[] = JSON.parse(String(response.headers['x-antiphon-warnings'] ?? '[]'));
  return { refused: response.statusCode >= 400, status: response.statusCode, body: response.body, warnings };
}

/** A caller's name for a part of a parameter is that of the whole. */
function isAbout(warning: Warning, parameter: string): boolean {
  return warning.setting === parameter || parameter.startsWith(`${warning.setting}.`);
}

interface Hearing {
  readonly app: FastifyInstance;
  readonly engine: HearingEngine;
  readonly way: Way;
}

async function fateOf({ app, way }: Hearing, parameter: string, fields: Fields): Promise<string> {
  const { refused, status, body, warnings } = await hear(app, way, fields);
  if (refused) {
    assert.ok(status < 500, body);
    return 'refused';
  }
  return warnings.find((warning) => isAbout(warning, parameter))?.type ?? 'honoured';
}

/** Just outside and at the ends of the range, and what becomes of it there. */
async function checkRange(hearing: Hearing, parameter: string, fate: HearingParameterFate): Promise<void> {
  const { minimum, maximum, outside } = fate;
  if (minimum === undefined || maximum === undefined) return;
  const probe = present(hearing.way.probes[parameter]?.with, `a way to send another ${parameter}`);
  assert.equal(
    await fateOf(hearing, parameter, probe(String(minimum))),
    'honoured',
    `${parameter} ${minimum}`,
  );
  assert.equal(
    await fateOf(hearing, parameter, probe(String(maximum))),
    'honoured',
    `${parameter} ${maximum}`,
  );
  const step = Number.isInteger(maximum) && maximum > 2 ? 1 : 0.25;
  assert.equal(
    await fateOf(hearing, parameter, probe(String(maximum + step))),
    outside,
    `${parameter} too high`,
  );
}

const VARIANTS: readonly (readonly [title: string, make: () => HearingEngine])[] = [
  ['a model that obeys much, and speakers told apart', () => hearingEngine({ speakers: true })],
  ['a model that obeys much', () => hearingEngine()],
  ['a model that obeys nothing', () => obeying({}, hearingEngine({ poor: true }))],
  [
    'a model that obeys less than its engine',
    () => {
      const engine = hearingEngine();
      const transcription = present(engine.transcription, 'its ear');
      return { ...engine, transcription: { ...transcription, settingsOf: () => ({ language: 'any' }) } };
    },
  ],
];

function obeying(settings: object, engine: HearingEngine): HearingEngine {
  const transcription = present(engine.transcription, 'its ear');
  return { ...engine, transcription: { ...transcription, settings } };
}

async function tableOf(app: FastifyInstance, way: Way): Promise<TranscriptionCapability> {
  const { transcription }: { transcription: readonly TranscriptionCapability[] } = (
    await app.inject(`/antiphon/v1/capabilities?model=${way.model}`)
  ).json();
  assert.equal(transcription.length, 1);
  return present(transcription[0], `a row of ${way.model}`);
}

for (const [title, make] of VARIANTS) {
  describe(title, () => {
    for (const [dialect, way] of Object.entries(WAYS)) {
      test(`${dialect}: the table tells what becomes of each parameter`, async () => {
        const engine = make();
        const { app } = await testApp({ engines: [engine], fetcher: RECORDINGS });
        try {
          const row = await tableOf(app, way);
          assert.equal(row.dialect, dialect);
          assert.deepEqual(Object.keys(row.parameters).sort(), Object.keys(way.probes).sort());
          for (const [parameter, fate] of Object.entries(row.parameters)) {
            const probe = present(way.probes[parameter], parameter);
            const found = await fateOf({ app, engine, way }, parameter, probe.send);
            assert.equal(found, fate.fate, `${parameter} with ${title}`);
            if (found === 'honoured') assert.ok(probe.arrives?.(engine) ?? true, `${parameter} got lost`);
            if (found === 'honoured') await checkRange({ app, engine, way }, parameter, fate);
          }
        } finally {
          await app.close();
        }
      });
    }
  });
}

test('every dialect that has a model that hears publishes what becomes of its parameters', async () => {
  const { app } = await testApp({ engines: [hearingEngine()] });
  const { transcription }: { transcription: readonly TranscriptionCapability[] } = (
    await app.inject('/antiphon/v1/capabilities')
  ).json();
  const hearing = dialects.flatMap(({ models }) =>
    models.filter(({ capability }) => capability === 'transcription').map(({ name }) => name),
  );
  assert.deepEqual(
    transcription.map((row) => row.model),
    hearing,
  );
  for (const row of transcription) assert.ok(Object.keys(row.parameters).length > 0, row.model);
  await app.close();
});
