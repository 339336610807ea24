import sherpa, { type Recognizer, type RecognizerResult } from 'sherpa-onnx-node';
import type { RecognizedSpeech, RecognizedToken, SherpaCall, SherpaStart } from './sherpa-config.ts';
import { type LoadedModel, unexpectedCall } from './loaded-model.ts';
import { readWhisperVocabulary, type WhisperVocabulary } from './whisper-vocabulary.ts';

type RecognizerStart = Extract<SherpaStart, { kind: 'recognizer' }>;
type HearCall = Extract<SherpaCall, { kind: 'hear' }>;

const SAMPLE_RATE = 16_000;
/** sherpa ends the process over samples that make no frame; a second of silence is enough for every model. */
const FEWEST_SAMPLES = SAMPLE_RATE;

/** Loads a model that hears. */
export async function openRecognizer(start: RecognizerStart): Promise<LoadedModel> {
  const { recognizer, vocabulary, configure } = await create(start);
  return {
    call: async (call) => {
      if (call.kind !== 'hear') throw unexpectedCall(call);
      configure(call);
      const stream = recognizer.createStream();
      stream.acceptWaveform({ samples: padded(call.samples), sampleRate: SAMPLE_RATE });
      const result = await recognizer.decodeAsync(stream);
      return { kind: 'heard', speech: toSpeech(result, vocabulary) };
    },
  };
}

interface Opened {
  readonly recognizer: Recognizer;
  readonly vocabulary: WhisperVocabulary | undefined;
  /** Tells the recogniser what this call wants otherwise than the one before. */
  readonly configure: (call: HearCall) => void;
}

async function create(start: RecognizerStart): Promise<Opened> {
  const { files, tokens } = start;
  if (!('whisper' in files)) {
    const recognizer = await sherpa.OfflineRecognizer.createAsync(
      config(start, { files: withLanguage(files, start), tokens }),
    );
    return { recognizer, vocabulary: undefined, configure: () => undefined };
  }
  const vocabulary = await readWhisperVocabulary(tokens);
  const configFor = (whisper: HearCall['whisper']) => {
    const { language = '', task = 'transcribe', tokenTimes = false } = whisper ?? {};
    // Both switches are numbers; sherpa overlooks `true`. A small model that has to write times, too, was seen to fall
    // back into the language that is spoken, or to leave out the end, when it translates.
    const wishes = {
      language,
      task,
      enableSegmentTimestamps: task === 'transcribe' || tokenTimes ? 1 : 0,
      enableTokenTimestamps: tokenTimes ? 1 : 0,
    };
    return { whisper: { ...files.whisper, ...wishes } };
  };
  return vocabulary.withNumberedTokens(async (numbered) => {
    const recognizer = await sherpa.OfflineRecognizer.createAsync(
      config(start, { files: configFor(undefined), tokens: numbered }),
    );
    const configure = (call: HearCall) =>
      recognizer.setConfig(config(start, { files: configFor(call.whisper), tokens: numbered }));
    return { recognizer, vocabulary, configure };
  });
}

function config(start: RecognizerStart, { files, tokens }: { files: object; tokens: string }): object {
  return {
    featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
    modelConfig: { ...files, tokens, numThreads: start.threads, provider: 'cpu', debug: 0 },
    decodingMethod: 'greedy_search',
  };
}

/** SenseVoice takes the language once for all, when it is loaded. */
function withLanguage(files: object, { language }: RecognizerStart): object {
  if (language === undefined || !('senseVoice' in files)) return files;
  return { senseVoice: { ...Object(files.senseVoice), language } };
}

function padded(samples: Float32Array): Float32Array {
  if (samples.length >= FEWEST_SAMPLES) return samples;
  const longer = new Float32Array(FEWEST_SAMPLES);
  longer.set(samples);
  return longer;
}

function toSpeech(result: RecognizerResult, vocabulary: WhisperVocabulary | undefined): RecognizedSpeech {
  const tokens = vocabulary ? vocabulary.read(result.tokens.join('')) : result.tokens.map(toToken);
  const segments = (result.segment_texts ?? []).map((text, index) => ({
    startSeconds: result.segment_timestamps?.[index] ?? 0,
    durationSeconds: result.segment_durations?.[index] ?? 0,
    tokens: vocabulary?.read(text).length ?? 0,
  }));
  const text = vocabulary ? Buffer.concat(tokens.map(({ bytes }) => bytes)).toString('utf8') : result.text;
  return {
    language: result.lang,
    text: text.trimStart(),
    tokens,
    starts: result.timestamps,
    durations: result.durations ?? [],
    logprobs: result.ys_log_probs ?? [],
    segments,
  };
}

/** Vocabularies with single bytes in them spell these `<0xE4>`. */
function toToken(token: string): RecognizedToken {
  const [, digits] = /^<0x([0-9A-F]{2})>$/.exec(token) ?? [];
  if (digits !== undefined) return { bytes: Uint8Array.of(Number.parseInt(digits, 16)) };
  return { bytes: Buffer.from(token.replace(/^\u2581/, ' '), 'utf8') };
}
