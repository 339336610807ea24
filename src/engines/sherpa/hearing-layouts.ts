import { join } from 'node:path';
import { checkOrtFile, UnusableFile } from './onnx-file.ts';
import type { RecognizerFiles } from './sherpa-config.ts';
import {
  findName,
  needNetwork,
  needTextFile,
  readBeginning,
  type CheckedNetwork,
  type WeightsFolder,
} from './weights-folder.ts';
import { looksLikeWhisperVocabulary } from './whisper-vocabulary.ts';

/** A folder that holds a model that hears. */
export interface HearingLayout {
  readonly files: RecognizerFiles;
  /** Path of the vocabulary. */
  readonly tokens: string;
  /** What the files themselves say: sherpa's codes of the languages it may be told. Empty: it cannot be told any. */
  readonly languages: readonly string[];
  /** Whether it can write English whatever is spoken. */
  readonly translates: boolean;
  /** Whether it tells when a token was said. */
  readonly tokenTimes: boolean;
  /** Whether it tells how probable a token is. */
  readonly logprobs: boolean;
  /** Whether the language is told when the model is loaded, and not with each window. */
  readonly languageAtStart: boolean;
}

/** The layouts under which recognisers are published, each known by its files. */
const LAYOUTS: readonly ((folder: WeightsFolder) => Promise<HearingLayout | undefined>)[] = [
  readTransducer,
  readMoonshine,
  readMoonshineV2,
  readWhisper,
  readSenseVoice,
];

/** Tells what kind of recogniser lies in a folder. Throws `UnusableFile` for a known kind with a bad file. */
export async function readHearingLayout(folder: WeightsFolder): Promise<HearingLayout | undefined> {
  for (const layout of LAYOUTS) {
    const found = await layout(folder);
    if (found) return found;
  }
  return undefined;
}

const ENCODER = /^(?:.+-)?encoder(?:-[^/]*)?(?:\.int8|\.fp16)?\.onnx$/;
const DECODER = /^(?:.+-)?decoder(?:-[^/]*)?(?:\.int8|\.fp16)?\.onnx$/;
const JOINER = /^(?:.+-)?joiner(?:-[^/]*)?(?:\.int8|\.fp16)?\.onnx$/;
const TOKENS = /^(?:.+-)?tokens\.txt$/;

/** `model_type` of the encoder, and sherpa's name for the kind. */
const TRANSDUCERS: Readonly<Record<string, 'transducer' | 'nemo_transducer'>> = {
  conformer: 'transducer',
  zipformer: 'transducer',
  zipformer2: 'transducer',
  EncDecRNNTBPEModel: 'nemo_transducer',
  EncDecHybridRNNTCTCBPEModel: 'nemo_transducer',
};

async function readTransducer(folder: WeightsFolder): Promise<HearingLayout | undefined> {
  const joiner = findName(folder, JOINER);
  if (joiner === undefined) return undefined;
  const encoder = await needNetwork(folder, findName(folder, ENCODER) ?? 'encoder.onnx', ['model_type']);
  const modelType = TRANSDUCERS[encoder.metadata.get('model_type') ?? ''];
  if (!modelType) throw unknownKind(encoder);
  const decoder = await needNetwork(folder, findName(folder, DECODER) ?? 'decoder.onnx');
  return {
    files: {
      transducer: {
        encoder: encoder.path,
        decoder: decoder.path,
        joiner: (await needNetwork(folder, joiner)).path,
      },
      modelType,
    },
    ...(await vocabulary(folder)),
    ...CANNOT_BE_TOLD,
    tokenTimes: true,
    logprobs: true,
  };
}

async function readMoonshine(folder: WeightsFolder): Promise<HearingLayout | undefined> {
  const preprocessor = findName(folder, /^preprocess(?:\.int8)?\.onnx$/);
  if (preprocessor === undefined) return undefined;
  const network = async (pattern: RegExp, usual: string) =>
    (await needNetwork(folder, findName(folder, pattern) ?? usual)).path;
  return {
    files: {
      moonshine: {
        preprocessor: (await needNetwork(folder, preprocessor)).path,
        encoder: await network(/^encode(?:\.int8)?\.onnx$/, 'encode.onnx'),
        uncachedDecoder: await network(/^uncached_decode(?:\.int8)?\.onnx$/, 'uncached_decode.onnx'),
        cachedDecoder: await network(/^cached_decode(?:\.int8)?\.onnx$/, 'cached_decode.onnx'),
      },
    },
    ...(await vocabulary(folder)),
    ...CANNOT_BE_TOLD,
    tokenTimes: false,
    logprobs: false,
  };
}

async function readMoonshineV2(folder: WeightsFolder): Promise<HearingLayout | undefined> {
  const mergedDecoder = findName(folder, /^decoder_model_merged\.(?:ort|onnx)$/);
  if (mergedDecoder === undefined) return undefined;
  const encoder = findName(folder, /^encoder_model\.(?:ort|onnx)$/) ?? 'encoder_model.ort';
  for (const name of [encoder, mergedDecoder]) {
    await (name.endsWith('.ort') ? checkOrtFile(join(folder.path, name)) : needNetwork(folder, name));
  }
  return {
    files: {
      moonshine: {
        encoder: join(folder.path, encoder),
        mergedDecoder: join(folder.path, mergedDecoder),
      },
    },
    ...(await vocabulary(folder)),
    ...CANNOT_BE_TOLD,
    tokenTimes: false,
    logprobs: false,
  };
}

/** Without one of these the process ends, without a word to us. */
const WHISPER_KEYS =
  'model_type n_mels n_text_layer n_text_ctx n_text_state n_vocab sot eot blank_id translate transcribe is_multilingual no_timestamps no_speech sot_sequence'.split(
    ' ',
  );

async function readWhisper(folder: WeightsFolder): Promise<HearingLayout | undefined> {
  const encoderName = findName(folder, ENCODER);
  const decoderName = findName(folder, DECODER);
  if (encoderName === undefined || decoderName === undefined) return undefined;
  const encoder = await needNetwork(folder, encoderName, WHISPER_KEYS);
  if (!encoder.metadata.get('model_type')?.startsWith('whisper')) throw unknownKind(encoder);
  const decoder = await needNetwork(folder, decoderName);
  const { tokens } = await vocabulary(folder);
  if (!looksLikeWhisperVocabulary((await readBeginning(tokens)).toString('latin1'))) {
    throw new UnusableFile(tokens, "is not Whisper's vocabulary");
  }
  const multilingual = encoder.metadata.get('is_multilingual') === '1';
  return {
    files: { whisper: { encoder: encoder.path, decoder: decoder.path } },
    tokens,
    languages: multilingual ? languagesOf(encoder) : ['en'],
    translates: multilingual,
    // Only decoders that were exported with their attention can tell; others warn with every window.
    tokenTimes: Number(encoder.metadata.get('n_alignment_heads') ?? 0) > 0,
    logprobs: false,
    languageAtStart: false,
  };
}

function languagesOf(encoder: CheckedNetwork): string[] {
  const codes = (encoder.metadata.get('all_language_codes') ?? '').split(',').filter(Boolean);
  if (codes.length === 0) throw new UnusableFile(encoder.path, 'lacks the metadata all_language_codes');
  return codes;
}

const SENSE_VOICE_KEYS =
  'vocab_size lfr_window_size lfr_window_shift normalize_samples with_itn without_itn neg_mean inv_stddev'.split(
    ' ',
  );

async function readSenseVoice(folder: WeightsFolder): Promise<HearingLayout | undefined> {
  const name = findName(folder, /^model(?:\.int8|\.fp16)?\.onnx$/);
  if (name === undefined) return undefined;
  const model = await needNetwork(folder, name, SENSE_VOICE_KEYS);
  const languages = Array.from(model.metadata.keys(), (key) => /^lang_(?!auto)(\w+)$/.exec(key)?.[1] ?? '');
  return {
    files: { senseVoice: { model: model.path, useInverseTextNormalization: 1 } },
    ...(await vocabulary(folder)),
    languages: languages.filter(Boolean),
    translates: false,
    tokenTimes: true,
    logprobs: false,
    languageAtStart: true,
  };
}

const CANNOT_BE_TOLD = { languages: [], translates: false, languageAtStart: false } as const;

async function vocabulary(folder: WeightsFolder): Promise<{ readonly tokens: string }> {
  return { tokens: await needTextFile(folder, findName(folder, TOKENS) ?? 'tokens.txt') };
}

function unknownKind({ path, metadata }: CheckedNetwork): UnusableFile {
  return new UnusableFile(path, `is of the kind '${metadata.get('model_type')}', which is not known here`);
}
