/**
 * The way of a reference recording from a client's form to the addon, and what the addon is told of each layout. The
 * weights that take on a voice are not here, so a stand-in notes what reaches the addon and gives the recording back;
 * the names of all members are held to those for which the real addon looks.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine, InstalledWeights, SynthesisRequest } from '../src/core/engine.ts';
import { espeakEngine } from '../src/engines/espeak/espeak-engine.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { requestContext, speechRequest } from './contracts/engine-contract.ts';
import { decodeWav } from './contracts/decode-audio.ts';
import { decodeWhole, likeness, readTestFile } from './decode-support.ts';
import type { StandInNote } from './fixtures/sherpa-stand-in.ts';
import { layoutOutlines } from './sherpa-outlines.ts';
import {
  emptyFolder,
  fill,
  miniVoice,
  needsData,
  onnxOutline,
  startSherpa,
  waveFile,
  weightsIn,
} from './sherpa-support.ts';
import { listening } from './support.ts';

after(stopDecodePool);

const TEXT = 'The voice of a stranger says this.';
const CLIP = 'en/leopard_en.wav';

/** Runs the engine's children on the stand-in, and gives what it was told. */
function standIn(t: TestContext): () => StandInNote[] {
  const path = join(emptyFolder(t), 'notes');
  const hook = new URL(`fixtures/sherpa-stand-in-hook.ts?notes=${encodeURIComponent(path)}`, import.meta.url)
    .href;
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `${before ?? ''} --import ${hook}`;
  t.after(() => {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  });
  // The stand-in writes nothing else.
  return () => lines(readFileSync(path, 'utf8')).map((line) => JSON.parse(line) as StandInNote);
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

function cloning(t: TestContext, family: 'pocket' | 'zipvoice'): InstalledWeights {
  const folder = fill(emptyFolder(t), layoutOutlines()[family] ?? {});
  return weightsIn(folder, { id: `sherpa/${family}`, kind: 'speech', languages: ['en'] });
}

async function startEspeak(t: TestContext): Promise<Engine> {
  const engine = await espeakEngine.create({ workers: 1 });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  t.after(() => engine.stop?.());
  return engine;
}

/** What an Eigen client sends to speak like a recording. */
async function speakLike(
  origin: string,
  fields: Readonly<Record<string, string>>,
  sample?: Uint8Array,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ model: 'higgs2p5', text: TEXT, ...fields })) {
    form.append(name, value);
  }
  if (sample) form.append('voice_reference_file', new Blob([Uint8Array.from(sample)]), 'me.wav');
  return fetch(`${origin}/api/v1/generate`, { method: 'POST', body: form });
}

function spokenNotes(notes: readonly StandInNote[]) {
  return notes.flatMap((note) => (note.kind === 'spoken' ? [note] : []));
}

test('a recording that comes with a request reaches a model that takes on voices, mono and at its rate', async (t) => {
  if (!needsData(t, `audio/${CLIP}`)) return;
  const notes = standIn(t);
  const engines = [await startEspeak(t), await startSherpa(t, [cloning(t, 'pocket')])];
  await listening({ engines }, async ({ origin }) => {
    const bytes = await readTestFile(CLIP);
    const response = await speakLike(origin, {}, bytes);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-antiphon-model'), 'sherpa/pocket');
    assert.equal(response.headers.get('x-antiphon-voice'), 'sherpa/pocket/sample');
    assert.equal(response.headers.get('x-antiphon-warnings'), null);
    const [told] = spokenNotes(notes());
    assert.equal(told?.text, TEXT);
    const { samples } = await decodeWhole(bytes, { sampleRate: 24_000, mono: true });
    assert.deepEqual(told?.generationConfig, {
      sid: 0,
      speed: 1,
      silenceScale: 1,
      referenceAudio: samples.length,
      referenceSampleRate: 24_000,
      referenceText: '',
    });
    // The stand-in speaks by giving the recording back; only silence at its ends may be gone.
    const answer = await decodeWav(new Uint8Array(await response.arrayBuffer()), {
      sampleRate: 24_000,
      channels: 1,
    });
    assert(answer.samples);
    const sound = samples.findIndex((sample) => Math.abs(sample) > 0.002);
    const from = Math.max(0, sound - 480);
    assert(likeness(answer.samples, samples.subarray(from, from + 72_000), 40) > 0.99);
  });
});

test('a model that cannot take on voices plays them with the nearest of its own, and says so in the caller’s words', async (t) => {
  if (!needsData(t, `audio/${CLIP}`, 'mini-tts-test/model.onnx')) return;
  standIn(t);
  const engine = await startSherpa(t, [miniVoice, cloning(t, 'pocket')]);
  const bytes = await readTestFile(CLIP);
  const fetcher = { fetch: async () => ({ bytes, mediaType: undefined, filename: 'a.wav' }) };
  await listening({ engines: [engine], fetcher }, async ({ origin }) => {
    const plain = await speakLike(origin, { model: 'sherpa/mini-voice' }, bytes);
    assert.equal(plain.status, 200);
    assert.equal(plain.headers.get('x-antiphon-model'), 'sherpa/mini-voice');
    const [warning, ...others] = JSON.parse(plain.headers.get('x-antiphon-warnings') ?? '[]');
    assert.deepEqual(others, []);
    assert.deepEqual([warning.type, warning.setting], ['adjusted', 'voice_reference_file']);
    assert.match(warning.to, /^the nearest that is here: sherpa\/mini-voice\//);
    await plain.arrayBuffer();
    const strict = await speakLike(origin, { model: 'sherpa/mini-voice', strict: 'true' }, bytes);
    assert.equal(strict.status, 400);
    assert.match(await strict.text(), /Strict mode: voice_reference_file was changed/);
    const address = await speakLike(origin, { voice_url: 'https://example.com/a.wav' });
    assert.equal(address.headers.get('x-antiphon-model'), 'sherpa/pocket');
    assert.equal(address.headers.get('x-antiphon-warnings'), null);
    await address.arrayBuffer();
  });
});

test('a text in a language that the model does not speak is not given to it, whatever the recording', async (t) => {
  if (!needsData(t, `audio/${CLIP}`)) return;
  standIn(t);
  const engines = [await startSherpa(t, [cloning(t, 'pocket')]), await startEspeak(t)];
  await listening({ engines }, async ({ origin }) => {
    const text = 'Guten Abend, meine Damen und Herren, und herzlich willkommen in unserem Haus.';
    const response = await speakLike(origin, { text }, await readTestFile(CLIP));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('x-antiphon-model') ?? '', /^espeak\//);
    assert.match(response.headers.get('x-antiphon-warnings') ?? '', /voice_reference_file/);
    await response.arrayBuffer();
  });
});

test('what is wrong with a recording is said under the name of its field', async (t) => {
  if (!needsData(t, `audio/${CLIP}`)) return;
  standIn(t);
  const engine = await startSherpa(t, [cloning(t, 'pocket')]);
  await listening({ engines: [engine] }, async ({ origin }) => {
    const bytes = await readTestFile(CLIP);
    const short = await speakLike(origin, {}, bytes.subarray(0, 44 + 16_000));
    assert.equal(short.status, 400);
    assert.match(await short.text(), /needs a sample of at least 1 s/);
    const broken = await speakLike(origin, {}, Buffer.concat([Buffer.from('OggS'), Buffer.alloc(64)]));
    assert.equal(broken.status, 415);
    const none = await speakLike(origin, { model: 'sherpa/pocket' });
    assert.equal(none.status, 400);
    assert.match(await none.text(), /speaks with the voice of a sample, so it needs one/);
    const address = await speakLike(origin, {
      model: 'sherpa/pocket',
      voice_url: 'http://127.0.0.1:9/a.wav',
    });
    assert.equal(address.status, 400);
    assert.match(await address.text(), /voice_url: The host '127\.0\.0\.1' is not on the public internet/);
  });
});

/** A request as core gives it to the engine. */
function askedWith(sample: NonNullable<SynthesisRequest['sample']>, model: string): SynthesisRequest {
  return speechRequest({ model, voice: `${model}/sample`, text: TEXT, sample, alignment: false });
}

test('ZipVoice gets the words of the recording beside it, and is not chosen without them', async (t) => {
  if (!needsData(t, `audio/${CLIP}`)) return;
  const notes = standIn(t);
  const { speech } = await startSherpa(t, [cloning(t, 'zipvoice')]);
  assert(speech);
  const audio = { kind: 'bytes', bytes: await readTestFile(CLIP) } as const;
  const transcript = 'Mr. Quilter is the apostle of the middle classes.';
  assert.equal(speech.findSampleVoice?.('sherpa/zipvoice', { audio }), undefined);
  assert.equal(speech.findSampleVoice?.('sherpa/zipvoice', { audio, transcript: ' ' }), undefined);
  assert.equal(speech.findSampleVoice?.('sherpa/other', { audio, transcript }), undefined);
  const voice = speech.findSampleVoice?.('sherpa/zipvoice', { audio, transcript });
  assert.equal(voice?.id, 'sherpa/zipvoice/sample');
  const output = await speech.synthesize(
    askedWith({ audio, transcript }, 'sherpa/zipvoice'),
    requestContext(),
  );
  assert(output.kind === 'pcm');
  for await (const chunk of output.pcm.chunks) assert(chunk.length > 0);
  const [told] = spokenNotes(notes());
  assert.equal(told?.generationConfig['referenceText'], transcript);
});

test('no more of a recording is heard than is used, and that is said; a transcript of more is refused', async (t) => {
  if (!needsData(t, 'audio/en/two_cities_16k.wav')) return;
  const notes = standIn(t);
  const { speech } = await startSherpa(t, [cloning(t, 'pocket'), cloning(t, 'zipvoice')]);
  assert(speech);
  const audio = { kind: 'bytes', bytes: await readTestFile('en/two_cities_16k.wav') } as const;
  const output = await speech.synthesize(askedWith({ audio }, 'sherpa/pocket'), requestContext());
  assert(output.kind === 'pcm');
  for await (const chunk of output.pcm.chunks) assert(chunk.length > 0);
  assert.equal(spokenNotes(notes())[0]?.generationConfig['referenceAudio'], 12 * 24_000);
  assert.deepEqual(output.warnings, [
    { type: 'adjusted', setting: 'voice_sample', from: 'the whole sample', to: 'its first 12 s' },
  ]);
  const transcribed = askedWith({ audio, transcript: 'It was the best of times.' }, 'sherpa/zipvoice');
  await assert.rejects(speech.synthesize(transcribed, requestContext()), {
    code: 'invalid_request',
    message: /needs a sample of at most 12 s/,
  });
});

/** The paths of all members for which the real addon looks in a configuration. */
async function membersRead(kind: 'speaker' | 'recognizer' | 'generation', folder = ''): Promise<Set<string>> {
  const script = fileURLToPath(new URL('fixtures/sherpa-fields.ts', import.meta.url));
  const run = promisify(execFile)(process.execPath, [script, kind, folder]);
  // The addon may end the process over a configuration without paths; what it looked for is printed by then.
  const { stdout } = await run.catch((error: { readonly stdout: string }) => error);
  const members = new Set(lines(stdout));
  assert(members.size > 5, stdout);
  return members;
}

function pathsOf(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${prefix}${key}`,
    ...pathsOf(inner, `${prefix}${key}.`),
  ]);
}

const SPEAKING = ['piper', 'matcha', 'kokoro in English', 'kokoro in Spanish', 'kitten', 'supertonic'];

test('the addon reads every member that it is given, for each layout of a voice', async (t) => {
  const read = await membersRead('speaker');
  for (const family of [...SPEAKING, 'zipvoice', 'pocket']) {
    await t.test(family, async (inner) => {
      const notes = standIn(inner);
      const folder = fill(emptyFolder(inner), layoutOutlines()[family] ?? {});
      const weights = weightsIn(folder, { id: 'sherpa/outline', kind: 'speech', languages: ['en', 'es'] });
      const { speech } = await startSherpa(inner, [weights]);
      assert(speech);
      const audio = { kind: 'bytes', bytes: toneFile() } as const;
      const voice = speech.voices[0]?.id ?? 'sherpa/outline/sample';
      const request = { ...askedWith({ audio, transcript: 'Hi.' }, 'sherpa/outline'), voice };
      const output = await speech.synthesize(request, requestContext());
      assert(output.kind === 'pcm');
      for await (const chunk of output.pcm.chunks) assert(chunk.length > 0);
      const [loaded] = notes();
      assert(loaded?.kind === 'loaded');
      const given = pathsOf(loaded.config);
      assert(given.length > 6, given.join(' '));
      assert.deepEqual(
        given.filter((path) => !read.has(path)),
        [],
      );
    });
  }
});

/** Two seconds of a tone. */
function toneFile(): Buffer {
  const samples = Int16Array.from({ length: 48_000 }, (_, index) => 8000 * Math.sin(index / 20));
  return waveFile(samples, 24_000);
}

test('a speaker of Kokoro is started with the pronunciation of its own country', async (t) => {
  const notes = standIn(t);
  const files = layoutOutlines()['kokoro in English'] ?? {};
  const network = onnxOutline({
    model_type: 'kokoro',
    version: 2,
    sample_rate: 24_000,
    style_dim: '1,4',
    n_speakers: 4,
    speaker_names: 'af_heart,bf_emma,pf_dora,zf_xiaobei',
  });
  const folder = fill(emptyFolder(t), {
    ...files,
    'model.onnx': network,
    'voices.bin': Buffer.alloc(64),
    'lexicon-gb-en.txt': 'a a\n',
    'lexicon-zh.txt': 'a a\n',
  });
  const languages = ['en', 'pt', 'zh'];
  const { speech } = await startSherpa(t, [weightsIn(folder, { id: 'sherpa/k', kind: 'speech', languages })]);
  assert(speech);
  for (const { id, languages: own } of speech.voices) {
    const request = speechRequest({
      voice: id,
      text: TEXT,
      language: own[0]?.slice(0, 2) ?? '',
      alignment: false,
    });
    const output = await speech.synthesize(request, requestContext());
    assert(output.kind === 'pcm');
    for await (const chunk of output.pcm.chunks) assert(chunk.length > 0);
  }
  const told = notes().flatMap((note) => {
    if (note.kind !== 'loaded') return [];
    // The engine's own configuration, as the stand-in noted it.
    const { model, ruleFsts } = note.config as {
      model: { kokoro: { lexicon?: string; lang?: string } };
      ruleFsts: string;
    };
    const { lexicon = '', lang } = model.kokoro;
    return [[lexicon.split(',').map((path) => basename(path)), lang, basename(ruleFsts)]];
  });
  assert.deepEqual(told, [
    [['lexicon-us-en.txt', 'lexicon-zh.txt'], undefined, ''],
    [['lexicon-gb-en.txt', 'lexicon-zh.txt'], undefined, ''],
    [[''], 'pt-br', ''],
    [['lexicon-us-en.txt', 'lexicon-zh.txt'], undefined, 'date-zh.fst'],
  ]);
});

test('the addon reads every member that a single speech is given', async (t) => {
  if (!needsData(t, 'mini-tts-test/model.onnx')) return;
  const read = await membersRead('generation', miniVoice.folder);
  const given = 'sid speed silenceScale extra referenceAudio referenceSampleRate referenceText'.split(' ');
  assert.deepEqual(
    given.filter((member) => !read.has(member)),
    [],
  );
});

test('the addon reads every member that a layout of a recogniser has', async () => {
  const read = await membersRead('recognizer');
  const given = [
    ...['encoder', 'decoder', 'language', 'task', 'enableSegmentTimestamps', 'enableTokenTimestamps'].map(
      (member) => `whisper.${member}`,
    ),
    ...['preprocessor', 'encoder', 'uncachedDecoder', 'cachedDecoder', 'mergedDecoder'].map(
      (member) => `moonshine.${member}`,
    ),
    ...['encoder', 'decoder', 'joiner'].map((member) => `transducer.${member}`),
    ...['model', 'language', 'useInverseTextNormalization'].map((member) => `senseVoice.${member}`),
    'modelType',
    'tokens',
    'numThreads',
    'provider',
    'debug',
  ].map((member) => `modelConfig.${member}`);
  assert.deepEqual(
    [...given, 'featConfig.sampleRate', 'featConfig.featureDim', 'decodingMethod'].filter(
      (member) => !read.has(member),
    ),
    [],
  );
});
