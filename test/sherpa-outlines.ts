import { onnxOutline } from './sherpa-support.ts';

/** For each layout the files of a folder whose networks no runtime takes. */
export function layoutOutlines(): Readonly<Record<string, Readonly<Record<string, string | Buffer>>>> {
  const network = onnxOutline();
  const tokens = { 'tokens.txt': 'a 0\n' };
  const espeak = Object.fromEntries(
    ['phontab', 'phonindex', 'phondata', 'intonations'].map((name) => [`espeak-ng-data/${name}`, 'x']),
  );
  const vits = { sample_rate: 22_050, n_speakers: 1 };
  const styled = { ...vits, n_speakers: 2, style_dim: '1,4' };
  const styles = { 'voices.bin': Buffer.alloc(32), ...tokens, ...espeak };
  const senseVoice = 'vocab_size lfr_window_size lfr_window_shift normalize_samples with_itn without_itn';
  return {
    moonshine: {
      'preprocess.onnx': network,
      'encode.int8.onnx': network,
      'uncached_decode.int8.onnx': network,
      'cached_decode.int8.onnx': network,
      ...tokens,
    },
    'moonshine v2': {
      'encoder_model.onnx': network,
      'decoder_model_merged.onnx': network,
      ...tokens,
    },
    parakeet: {
      'encoder.int8.onnx': onnxOutline({ model_type: 'EncDecRNNTBPEModel' }),
      'decoder.int8.onnx': network,
      'joiner.int8.onnx': network,
      ...tokens,
    },
    'sense voice': {
      'model.int8.onnx': onnxOutline({
        ...Object.fromEntries(senseVoice.split(' ').map((key) => [key, 1])),
        neg_mean: 0,
        inv_stddev: 1,
        lang_en: 4,
      }),
      ...tokens,
    },
    piper: {
      'en_US-x-low.onnx': onnxOutline({ model_type: 'vits', comment: 'piper', ...vits }),
      ...tokens,
      ...espeak,
    },
    matcha: {
      'model-steps-3.onnx': onnxOutline({ ...vits, has_espeak: 1 }),
      'vocos-22khz-univ.onnx': network,
      ...tokens,
      ...espeak,
    },
    'kokoro in English': {
      'model.onnx': onnxOutline({ model_type: 'kokoro', version: 2, speaker_names: 'af_a,ef_b', ...styled }),
      'lexicon-us-en.txt': 'a a\n',
      'date-zh.fst': 'x',
      ...styles,
    },
    'kokoro in Spanish': {
      'model.onnx': onnxOutline({ model_type: 'kokoro', version: 2, speaker_names: 'ef_b,zf_c', ...styled }),
      'lexicon-us-en.txt': 'a a\n',
      ...styles,
    },
    kitten: { 'model.fp16.onnx': onnxOutline({ model_type: 'kitten-tts', ...styled }), ...styles },
    zipvoice: {
      'encoder.int8.onnx': onnxOutline({ sample_rate: 24_000 }),
      'decoder.int8.onnx': network,
      'vocos_24khz.onnx': network,
      'lexicon.txt': 'a a\n',
      ...tokens,
      ...espeak,
    },
    pocket: {
      'lm_main.int8.onnx': network,
      'lm_flow.int8.onnx': network,
      'encoder.onnx': network,
      'decoder.int8.onnx': network,
      'text_conditioner.onnx': network,
      'vocab.json': '{}',
      'token_scores.json': '{}',
    },
    supertonic: {
      'duration_predictor.int8.onnx': network,
      'text_encoder.int8.onnx': network,
      'vector_estimator.int8.onnx': network,
      'vocoder.int8.onnx': network,
      'tts.json': JSON.stringify({
        ae: { sample_rate: 44_100, base_chunk_size: 512 },
        ttl: { chunk_compress_factor: 6, latent_dim: 24 },
      }),
      'unicode_indexer.bin': Buffer.alloc(16),
      'voice.bin': Buffer.concat([
        Buffer.from(new BigInt64Array([1n, 1n, 1n, 1n, 1n, 1n]).buffer),
        Buffer.alloc(8),
      ]),
    },
  };
}
