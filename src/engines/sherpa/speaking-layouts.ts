import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UnusableFile } from './onnx-file.ts';
import type { SpeakerFiles } from './sherpa-config.ts';
import {
  findEspeakData,
  findName,
  needEspeakData,
  needFile,
  needNetwork,
  needNumber,
  needTextFile,
  type CheckedNetwork,
  type WeightsFolder,
} from './weights-folder.ts';

/** A folder that holds a model that speaks. */
export interface SpeakingLayout {
  readonly family: 'vits' | 'matcha' | 'kokoro' | 'kitten' | 'supertonic' | 'zipvoice' | 'pocket';
  readonly files: SpeakerFiles;
  /** Hertz. */
  readonly sampleRate: number;
  /** What the files call their speakers, in the model's order. Empty: it speaks with the voice of a sample. */
  readonly speakers: readonly string[];
  /** Whether a sample needs its transcript beside it. */
  readonly needsTranscript: boolean;
  /** Rules that rewrite dates and numbers, joined by commas. */
  readonly ruleFsts: string;
  /** The lexicons for British speakers, where they differ from those in `files`. */
  readonly britishLexicon?: string;
}

/** The layouts under which voices are published, each known by its files. */
const LAYOUTS: readonly ((folder: WeightsFolder) => Promise<Unruled | undefined>)[] = [
  readSupertonic,
  readPocket,
  readZipvoice,
  readMatcha,
  readStyled,
  readVits,
];
type Unruled = Omit<SpeakingLayout, 'ruleFsts'>;

/** Tells what kind of voice lies in a folder. Throws `UnusableFile` for a known kind with a bad file. */
export async function readSpeakingLayout(folder: WeightsFolder): Promise<SpeakingLayout | undefined> {
  for (const layout of LAYOUTS) {
    const found = await layout(folder);
    if (found) return { ...found, ruleFsts: rulesIn(folder) };
  }
  return undefined;
}

/** The rules for telephone numbers come first: those for numbers would read them as one. */
const FIRST_RULES = ['phone', 'date', 'number'];

function rulesIn(folder: WeightsFolder): string {
  const rank = (name: string) => {
    const place = FIRST_RULES.findIndex((rule) => name.startsWith(rule));
    return place < 0 ? FIRST_RULES.length : place;
  };
  const names = folder.names.filter((name) => name.endsWith('.fst'));
  return names
    .toSorted((a, b) => rank(a) - rank(b))
    .map((name) => join(folder.path, name))
    .join(',');
}

async function readSupertonic(folder: WeightsFolder): Promise<Unruled | undefined> {
  const predictor = findName(folder, /^duration_predictor(?:\.int8)?\.onnx$/);
  if (predictor === undefined) return undefined;
  const voiceStyle = await needFile(folder, 'voice.bin');
  const ttsJson = await needTextFile(folder, 'tts.json');
  return {
    family: 'supertonic',
    files: {
      supertonic: {
        durationPredictor: (await needNetwork(folder, predictor)).path,
        textEncoder: await network(folder, 'text_encoder'),
        vectorEstimator: await network(folder, 'vector_estimator'),
        vocoder: await network(folder, 'vocoder'),
        ttsJson,
        unicodeIndexer: await needFile(folder, 'unicode_indexer.bin'),
        voiceStyle,
      },
    },
    sampleRate: await readSupertonicRate(ttsJson),
    speakers: await readSupertonicSpeakers(voiceStyle),
    needsTranscript: false,
  };
}

async function readSupertonicRate(path: string): Promise<number> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new UnusableFile(path, 'is not JSON');
  }
  const rate: unknown = Object(Object(parsed).ae).sample_rate;
  if (typeof rate === 'number' && Number.isInteger(rate) && rate > 0) return rate;
  throw new UnusableFile(path, 'names no sample rate');
}

/** Six 64-bit numbers, the shapes of two tables with a row for each speaker, and the tables as 32-bit floats. */
async function readSupertonicSpeakers(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  const shape = Array.from({ length: 6 }, (_, index) =>
    bytes.length < 48 ? 0 : Number(bytes.readBigInt64LE(index * 8)),
  );
  const [speakers = 0, rows = 0, columns = 0, again = 0, otherRows = 0, otherColumns = 0] = shape;
  const floats = speakers * rows * columns + again * otherRows * otherColumns;
  if (speakers < 1 || speakers !== again || bytes.length !== 48 + floats * 4) {
    throw new UnusableFile(path, 'is not a file of voices');
  }
  // The published file is made of F1.json to M5.json, in the order of their names.
  if (speakers === 10) return ['F1', 'F2', 'F3', 'F4', 'F5', 'M1', 'M2', 'M3', 'M4', 'M5'];
  return numbered(speakers);
}

async function readPocket(folder: WeightsFolder): Promise<Unruled | undefined> {
  const lmMain = findName(folder, /^lm_main(?:\.int8)?\.onnx$/);
  if (lmMain === undefined) return undefined;
  return {
    family: 'pocket',
    files: {
      pocket: {
        lmMain: (await needNetwork(folder, lmMain)).path,
        lmFlow: await network(folder, 'lm_flow'),
        encoder: await network(folder, 'encoder'),
        decoder: await network(folder, 'decoder'),
        textConditioner: await network(folder, 'text_conditioner'),
        vocabJson: await needTextFile(folder, 'vocab.json'),
        tokenScoresJson: await needTextFile(folder, 'token_scores.json'),
      },
    },
    sampleRate: 24_000,
    speakers: [],
    needsTranscript: false,
  };
}

const VOCODER = /^(?:vocos|hifigan|vocoder)[^/]*\.onnx$/;

async function readZipvoice(folder: WeightsFolder): Promise<Unruled | undefined> {
  const vocoder = findName(folder, VOCODER);
  const encoder = findName(folder, /^(?:text_)?encoder(?:\.int8)?\.onnx$/);
  const decoder = findName(folder, /^(?:fm_)?decoder(?:\.int8)?\.onnx$/);
  if (vocoder === undefined || encoder === undefined || decoder === undefined) return undefined;
  const networks = [await needNetwork(folder, encoder), await needNetwork(folder, decoder)];
  const described = networks.find(({ metadata }) => metadata.has('sample_rate'));
  return {
    family: 'zipvoice',
    files: {
      zipvoice: {
        encoder: join(folder.path, encoder),
        decoder: join(folder.path, decoder),
        vocoder: (await needNetwork(folder, vocoder)).path,
        tokens: await needTextFile(folder, 'tokens.txt'),
        lexicon: await needTextFile(folder, 'lexicon.txt'),
        dataDir: await needEspeakData(folder),
      },
    },
    sampleRate: described ? needNumber(described, 'sample_rate') : 24_000,
    speakers: [],
    needsTranscript: true,
  };
}

async function readMatcha(folder: WeightsFolder): Promise<Unruled | undefined> {
  const acoustic = findName(folder, /^model-steps-[^/]*\.onnx$/);
  if (acoustic === undefined) return undefined;
  const vocoder = findName(folder, VOCODER);
  if (vocoder === undefined) throw new UnusableFile(join(folder.path, 'the vocoder'), 'is missing');
  const model = await needNetwork(folder, acoustic, ['sample_rate', 'n_speakers']);
  return {
    family: 'matcha',
    files: {
      matcha: {
        acousticModel: model.path,
        vocoder: (await needNetwork(folder, vocoder)).path,
        tokens: await needTextFile(folder, 'tokens.txt'),
        ...(await frontEnd(folder, model)),
      },
    },
    sampleRate: needNumber(model, 'sample_rate'),
    speakers: speakersOf(model),
    needsTranscript: false,
  };
}

/** Kokoro and Kitten: a network and a file with a table for each speaker. */
async function readStyled(folder: WeightsFolder): Promise<Unruled | undefined> {
  const name = findName(folder, /^model(?:\.int8|\.fp16)?\.onnx$/);
  if (name === undefined || !folder.names.includes('voices.bin')) return undefined;
  const model = await needNetwork(folder, name, ['model_type', 'sample_rate', 'n_speakers', 'style_dim']);
  const files = {
    model: model.path,
    voices: await needStyles(folder, model),
    tokens: await needTextFile(folder, 'tokens.txt'),
    dataDir: await needEspeakData(folder),
  };
  const common = {
    sampleRate: needNumber(model, 'sample_rate'),
    speakers: speakersOf(model),
    needsTranscript: false,
  };
  const kind = model.metadata.get('model_type') ?? '';
  switch (kind) {
    case 'kitten-tts':
      return { family: 'kitten', files: { kitten: files }, ...common };
    case 'kokoro': {
      // One lexicon for each language: of the two English ones the American.
      const lexicon = pathsOf(folder, /^lexicon-(?!gb-).*\.txt$/);
      if (lexicon === '' && Number(model.metadata.get('version') ?? 1) >= 2) {
        throw new UnusableFile(join(folder.path, 'lexicon-us-en.txt'), 'is missing');
      }
      const british = folder.names.includes('lexicon-gb-en.txt')
        ? { britishLexicon: pathsOf(folder, /^lexicon-(?!us-).*\.txt$/) }
        : {};
      return {
        family: 'kokoro',
        files: { kokoro: { ...files, ...(lexicon === '' ? {} : { lexicon }) } },
        ...common,
        ...british,
      };
    }
    default:
      throw new UnusableFile(model.path, `is of the kind '${kind}', which is not known here`);
  }
}

/** A table of 32-bit floats for each speaker; of another length the process ends. */
async function needStyles(folder: WeightsFolder, model: CheckedNetwork): Promise<string> {
  const path = await needFile(folder, 'voices.bin');
  const shape = (model.metadata.get('style_dim') ?? '').split(',').map(Number);
  const floats = shape.reduce((product, side) => product * side, needNumber(model, 'n_speakers'));
  const { size } = await stat(path);
  if (size !== floats * 4) throw new UnusableFile(path, `has ${size} bytes and should have ${floats * 4}`);
  return path;
}

async function readVits(folder: WeightsFolder): Promise<Unruled | undefined> {
  const name = findName(folder, /\.onnx$/);
  if (name === undefined) return undefined;
  const model = await needNetwork(folder, name, ['model_type', 'sample_rate', 'n_speakers']);
  if (!model.metadata.get('model_type')?.endsWith('vits')) return undefined;
  return {
    family: 'vits',
    files: {
      vits: {
        model: model.path,
        tokens: await needTextFile(folder, 'tokens.txt'),
        ...(await frontEnd(folder, model)),
      },
    },
    sampleRate: needNumber(model, 'sample_rate'),
    speakers: speakersOf(model),
    needsTranscript: false,
  };
}

/** What turns text into sounds: eSpeak's rules, a lexicon, or nothing where the model reads letters. */
async function frontEnd(
  folder: WeightsFolder,
  model: CheckedNetwork,
): Promise<{ readonly lexicon?: string; readonly dataDir?: string }> {
  const needsEspeak = model.metadata.get('has_espeak') === '1' || model.metadata.get('comment') === 'piper';
  const dataDir = needsEspeak ? await needEspeakData(folder) : await findEspeakData(folder);
  const lexicon = folder.names.includes('lexicon.txt')
    ? await needTextFile(folder, 'lexicon.txt')
    : undefined;
  return {
    ...(lexicon === undefined ? {} : { lexicon }),
    // A model with a lexicon of its own does not look at eSpeak's rules.
    ...(dataDir === undefined || (lexicon !== undefined && !needsEspeak) ? {} : { dataDir }),
  };
}

function speakersOf(model: CheckedNetwork): string[] {
  const count = Math.max(1, needNumber(model, 'n_speakers'));
  const names = (model.metadata.get('speaker_names') ?? '').split(',').filter(Boolean);
  return names.length === count && new Set(names).size === count ? names : numbered(count);
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

async function network(folder: WeightsFolder, name: string): Promise<string> {
  const found = findName(folder, new RegExp(`^${name}(?:\\.int8|\\.fp16)?\\.onnx$`));
  return (await needNetwork(folder, found ?? `${name}.onnx`)).path;
}

function pathsOf(folder: WeightsFolder, pattern: RegExp): string {
  return folder.names
    .filter((name) => pattern.test(name))
    .map((name) => join(folder.path, name))
    .join(',');
}
