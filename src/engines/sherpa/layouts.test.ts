import assert from 'node:assert/strict';
import { basename, relative } from 'node:path';
import { test, type TestContext } from 'node:test';
import { emptyFolder, fill, onnxOutline } from '../../../test/sherpa-support.ts';
import { readHearingLayout } from './hearing-layouts.ts';
import { readSpeakingLayout } from './speaking-layouts.ts';
import { readWeightsFolder } from './weights-folder.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const NETWORK = onnxOutline();
const TOKENS = '<blk> 0\n▁the 1\n';
const ESPEAK: Files = {
  'espeak-ng-data/phontab': 'x',
  'espeak-ng-data/phonindex': 'x',
  'espeak-ng-data/phondata': 'x',
  'espeak-ng-data/intonations': 'x',
};
const WHISPER_NUMBERS =
  'n_mels n_text_layer n_text_ctx n_text_state n_vocab sot eot blank_id translate transcribe no_timestamps no_speech sot_sequence';
const whisperEncoder = (more: Record<string, string | number> = {}) =>
  onnxOutline({
    model_type: 'whisper-tiny',
    ...Object.fromEntries(WHISPER_NUMBERS.split(' ').map((key) => [key, 1])),
    is_multilingual: 1,
    all_language_codes: 'en,zh,de',
    ...more,
  });

async function hearing(t: TestContext, files: Files) {
  const folder = fill(emptyFolder(t), files);
  const layout = await readHearingLayout(await readWeightsFolder(folder));
  return layout && { ...layout, ...nakedPaths(layout, folder) };
}

async function speaking(t: TestContext, files: Files) {
  const folder = fill(emptyFolder(t), files);
  const layout = await readSpeakingLayout(await readWeightsFolder(folder));
  return layout && { ...layout, ...nakedPaths(layout, folder) };
}

/** The files as JSON, with their names instead of their paths. */
function nakedPaths(layout: { readonly files: object }, folder: string) {
  const files: unknown = JSON.parse(JSON.stringify(layout.files), (_, value: unknown) =>
    typeof value === 'string' && value.includes(folder)
      ? value
          .split(',')
          .map((path) => relative(folder, path))
          .join(',')
      : value,
  );
  return { files };
}

test("knows Whisper's export, prefers its 8-bit files, and reads its languages", async (t) => {
  const found = await hearing(t, {
    'tiny-encoder.onnx': whisperEncoder(),
    'tiny-encoder.int8.onnx': whisperEncoder({ n_alignment_heads: 6 }),
    'tiny-decoder.onnx': NETWORK,
    'tiny-decoder.int8.onnx': NETWORK,
    'tiny-tokens.txt': 'IQ== 0\nIg== 1\n',
  });
  assert.deepEqual(found?.files, {
    whisper: { encoder: 'tiny-encoder.int8.onnx', decoder: 'tiny-decoder.int8.onnx' },
  });
  assert.deepEqual(found?.languages, ['en', 'zh', 'de']);
  assert.equal(found?.translates, true);
  assert.equal(found?.tokenTimes, true);
});

test("knows an English Whisper, which cannot translate and here has no words' times", async (t) => {
  const found = await hearing(t, {
    'tiny.en-encoder.onnx': whisperEncoder({ is_multilingual: 0 }),
    'tiny.en-decoder.onnx': NETWORK,
    'tiny.en-tokens.txt': 'IQ== 0\n',
  });
  assert.deepEqual(found?.languages, ['en']);
  assert.equal(found?.translates, false);
  assert.equal(found?.tokenTimes, false);
});

test('knows both generations of Moonshine', async (t) => {
  const first = await hearing(t, {
    'preprocess.onnx': NETWORK,
    'encode.int8.onnx': NETWORK,
    'uncached_decode.int8.onnx': NETWORK,
    'cached_decode.int8.onnx': NETWORK,
    'tokens.txt': TOKENS,
  });
  assert.deepEqual(first?.files, {
    moonshine: {
      preprocessor: 'preprocess.onnx',
      encoder: 'encode.int8.onnx',
      uncachedDecoder: 'uncached_decode.int8.onnx',
      cachedDecoder: 'cached_decode.int8.onnx',
    },
  });
  const ort = Buffer.from('\x1c\0\0\0ORTM', 'latin1');
  const second = await hearing(t, {
    'encoder_model.ort': ort,
    'decoder_model_merged.ort': ort,
    'tokens.txt': TOKENS,
  });
  assert.deepEqual(second?.files, {
    moonshine: { encoder: 'encoder_model.ort', mergedDecoder: 'decoder_model_merged.ort' },
  });
});

test('tells the transducers of NeMo from those of icefall by what the encoder says', async (t) => {
  const files = (model_type: string) => ({
    'encoder.int8.onnx': onnxOutline({ model_type }),
    'decoder.int8.onnx': NETWORK,
    'joiner.int8.onnx': NETWORK,
    'tokens.txt': TOKENS,
  });
  const parakeet = await hearing(t, files('EncDecRNNTBPEModel'));
  assert.deepEqual(parakeet?.files, {
    transducer: {
      encoder: 'encoder.int8.onnx',
      decoder: 'decoder.int8.onnx',
      joiner: 'joiner.int8.onnx',
    },
    modelType: 'nemo_transducer',
  });
  const zipformer = await hearing(t, {
    'encoder-epoch-99-avg-1.onnx': onnxOutline({ model_type: 'zipformer2' }),
    'decoder-epoch-99-avg-1.onnx': NETWORK,
    'joiner-epoch-99-avg-1.onnx': NETWORK,
    'tokens.txt': TOKENS,
  });
  assert.match(JSON.stringify(zipformer?.files), /"modelType":"transducer"/);
  await assert.rejects(hearing(t, files('tone_ctc')), /'tone_ctc', which is not known/);
});

test('knows SenseVoice, and the languages that it may be told', async (t) => {
  const keys =
    'vocab_size lfr_window_size lfr_window_shift normalize_samples with_itn without_itn neg_mean inv_stddev lang_auto lang_zh lang_en lang_yue';
  const found = await hearing(t, {
    'model.int8.onnx': onnxOutline(Object.fromEntries(keys.split(' ').map((key) => [key, 1]))),
    'tokens.txt': TOKENS,
  });
  assert.deepEqual(found?.files, {
    senseVoice: { model: 'model.int8.onnx', useInverseTextNormalization: 1 },
  });
  assert.deepEqual(found?.languages, ['zh', 'en', 'yue']);
  assert.equal(found?.languageAtStart, true);
});

test('says which file of a recogniser is missing, broken or not its own', async (t) => {
  const whole: Files = {
    'tiny-encoder.onnx': whisperEncoder(),
    'tiny-decoder.onnx': NETWORK,
    'tiny-tokens.txt': 'IQ== 0\n',
  };
  const cases: readonly (readonly [Files, RegExp])[] = [
    [{ 'tiny-encoder.onnx': whisperEncoder().subarray(0, -5) }, /tiny-encoder\.onnx is cut off/],
    [{ 'tiny-decoder.onnx': 'Not found' }, /tiny-decoder\.onnx is not an ONNX file/],
    [{ 'tiny-encoder.onnx': NETWORK }, /lacks the metadata model_type, n_mels/],
    [{ 'tiny-encoder.onnx': whisperEncoder({ model_type: 'canary' }) }, /'canary', which is not known/],
    [{ 'tiny-encoder.onnx': whisperEncoder({ all_language_codes: '' }) }, /all_language_codes/],
    [{ 'tiny-tokens.txt': '' }, /tiny-tokens\.txt is empty/],
    [{ 'tiny-tokens.txt': TOKENS }, /is not Whisper's vocabulary/],
    [{ 'tiny-tokens.txt': Buffer.alloc(100) }, /tiny-tokens\.txt is not a text file/],
  ];
  for (const [change, what] of cases) await assert.rejects(hearing(t, { ...whole, ...change }), what);
  assert.equal(await hearing(t, { 'README.md': 'nothing here' }), undefined);
});

const vits = (more: Record<string, string | number> = {}) =>
  onnxOutline({ model_type: 'vits', sample_rate: 22_050, n_speakers: 1, ...more });

test('knows Piper, which needs the rules of eSpeak', async (t) => {
  const piper: Files = {
    'en_US-ljspeech-medium.onnx': vits({ comment: 'piper', has_espeak: 1 }),
    'tokens.txt': '_ 0\n',
  };
  const found = await speaking(t, { ...piper, ...ESPEAK });
  assert.deepEqual(found?.files, {
    vits: { model: 'en_US-ljspeech-medium.onnx', tokens: 'tokens.txt', dataDir: 'espeak-ng-data' },
  });
  assert.equal(found?.sampleRate, 22_050);
  assert.deepEqual(found?.speakers, ['0']);
  await assert.rejects(speaking(t, piper), /espeak-ng-data is missing/);
  const { 'espeak-ng-data/phondata': _, ...incomplete } = ESPEAK;
  await assert.rejects(speaking(t, { ...piper, ...incomplete }), /phondata is missing/);
});

test('knows a VITS with a lexicon, its rules for numbers in their order, and its speakers', async (t) => {
  const found = await speaking(t, {
    'model.onnx': vits({ n_speakers: 3 }),
    'tokens.txt': '_ 0\n',
    'lexicon.txt': 'a a\n',
    'date.fst': 'x',
    'number.fst': 'x',
    'phone.fst': 'x',
  });
  assert.deepEqual(found?.files, {
    vits: { model: 'model.onnx', tokens: 'tokens.txt', lexicon: 'lexicon.txt' },
  });
  assert.deepEqual(found?.speakers, ['0', '1', '2']);
  assert.deepEqual(
    found?.ruleFsts.split(',').map((path) => path.replace(/.*\//, '')),
    ['phone.fst', 'date.fst', 'number.fst'],
  );
});

const styled = (more: Record<string, string | number>) =>
  onnxOutline({ sample_rate: 24_000, n_speakers: 2, style_dim: '10,1,4', ...more });

test('knows Kokoro, its speakers by name, and the lexicons of its second version', async (t) => {
  const kokoro: Files = {
    'model.onnx': styled({ model_type: 'kokoro', version: 2, speaker_names: 'af_heart,zm_yunxi' }),
    'voices.bin': Buffer.alloc(2 * 10 * 4 * 4),
    'tokens.txt': 'a 0\n',
    ...ESPEAK,
  };
  const lexicons = {
    'lexicon-gb-en.txt': 'a a\n',
    'lexicon-us-en.txt': 'a a\n',
    'lexicon-zh.txt': 'a a\n',
  };
  const found = await speaking(t, { ...kokoro, ...lexicons });
  assert.deepEqual(found?.files, {
    kokoro: {
      model: 'model.onnx',
      voices: 'voices.bin',
      tokens: 'tokens.txt',
      dataDir: 'espeak-ng-data',
      lexicon: 'lexicon-us-en.txt,lexicon-zh.txt',
    },
  });
  assert.deepEqual(found?.speakers, ['af_heart', 'zm_yunxi']);
  const british = found?.britishLexicon?.split(',').map((path) => basename(path));
  assert.deepEqual(british, ['lexicon-gb-en.txt', 'lexicon-zh.txt']);
  await assert.rejects(speaking(t, kokoro), /lexicon-us-en\.txt is missing/);
  await assert.rejects(
    speaking(t, { ...kokoro, ...lexicons, 'voices.bin': Buffer.alloc(100) }),
    /voices\.bin has 100 bytes and should have 320/,
  );
});

test('knows Kitten', async (t) => {
  const found = await speaking(t, {
    'model.fp16.onnx': styled({
      model_type: 'kitten-tts',
      style_dim: '1,4',
      speaker_names: 'expr-voice-2-m,expr-voice-2-f',
    }),
    'voices.bin': Buffer.alloc(2 * 4 * 4),
    'tokens.txt': 'a 0\n',
    ...ESPEAK,
  });
  assert.equal(found?.family, 'kitten');
  assert.deepEqual(found?.speakers, ['expr-voice-2-m', 'expr-voice-2-f']);
});

test('knows Matcha, which needs a vocoder', async (t) => {
  const matcha: Files = {
    'model-steps-3.onnx': onnxOutline({ sample_rate: 22_050, n_speakers: 1, has_espeak: 1 }),
    'tokens.txt': 'a 0\n',
    ...ESPEAK,
  };
  const found = await speaking(t, { ...matcha, 'vocos-22khz-univ.onnx': NETWORK });
  assert.deepEqual(found?.files, {
    matcha: {
      acousticModel: 'model-steps-3.onnx',
      vocoder: 'vocos-22khz-univ.onnx',
      tokens: 'tokens.txt',
      dataDir: 'espeak-ng-data',
    },
  });
  await assert.rejects(speaking(t, matcha), /the vocoder is missing/);
});

/** Two tables with a row of two and one numbers for each speaker. */
function supertonicVoices(speakers: number): Buffer {
  const shape = [speakers, 1, 2, speakers, 1, 1];
  const head = Buffer.concat(
    shape.map((side) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(side));
      return bytes;
    }),
  );
  return Buffer.concat([head, Buffer.alloc(speakers * 3 * 4)]);
}

test('knows Supertonic, and counts its speakers in their file', async (t) => {
  const supertonic: Files = {
    'duration_predictor.int8.onnx': NETWORK,
    'text_encoder.int8.onnx': NETWORK,
    'vector_estimator.int8.onnx': NETWORK,
    'vocoder.int8.onnx': NETWORK,
    'tts.json': JSON.stringify({ ae: { sample_rate: 44_100 } }),
    'unicode_indexer.bin': 'x',
    'voice.bin': supertonicVoices(10),
  };
  const found = await speaking(t, supertonic);
  assert.equal(found?.family, 'supertonic');
  assert.equal(found?.sampleRate, 44_100);
  assert.equal(found?.speakers.length, 10);
  await assert.rejects(
    speaking(t, { ...supertonic, 'voice.bin': supertonicVoices(10).subarray(0, -4) }),
    /voice\.bin is not a file of voices/,
  );
  await assert.rejects(speaking(t, { ...supertonic, 'tts.json': '{' }), /tts\.json is not JSON/);
});

test('knows the two that speak with the voice of a sample, one with its transcript', async (t) => {
  const pocket = await speaking(t, {
    'lm_main.int8.onnx': NETWORK,
    'lm_flow.int8.onnx': NETWORK,
    'encoder.onnx': NETWORK,
    'decoder.int8.onnx': NETWORK,
    'text_conditioner.onnx': NETWORK,
    'vocab.json': '{}',
    'token_scores.json': '{}',
  });
  assert.deepEqual([pocket?.family, pocket?.speakers, pocket?.needsTranscript], ['pocket', [], false]);
  const zipvoice = await speaking(t, {
    'encoder.int8.onnx': onnxOutline({ sample_rate: 24_000 }),
    'decoder.int8.onnx': NETWORK,
    'vocos_24khz.onnx': NETWORK,
    'lexicon.txt': 'a a\n',
    'tokens.txt': 'a 0\n',
    ...ESPEAK,
  });
  assert.deepEqual([zipvoice?.family, zipvoice?.speakers, zipvoice?.needsTranscript], ['zipvoice', [], true]);
});
