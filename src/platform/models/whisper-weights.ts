import type { WeightsEntry, WeightsFile } from '../../core/models/weights.ts';

interface WhisperFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The commit of `ggerganov/whisper.cpp` to which the lengths and checksums below belong. */
const GGML_REVISION = '5359861c739e955e79d9a303bcbc70fb988958b1';

const VOICE_ACTIVITY = 'whisper/silero-vad';

/** Names that vendors made known for the models that they run, whatever the quantisation. */
const KNOWN_AS: Readonly<Record<string, readonly string[]>> = {
  'large-v3': ['whisper-1'],
  'large-v2': ['whisper-1'],
  'large-v3-turbo': ['whisper_v3_turbo', 'asr'],
};

/** `name` is the file between `ggml-` and `.bin`; a `.en` model hears English only, `-q5_1` and the like are quantised. */
const GGML: readonly WhisperFile[] = [
  {
    name: 'tiny',
    bytes: 77_691_713,
    sha256: 'be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21',
  },
  {
    name: 'tiny-q5_1',
    bytes: 32_152_673,
    sha256: '818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7',
  },
  {
    name: 'tiny-q8_0',
    bytes: 43_537_433,
    sha256: 'c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca',
  },
  {
    name: 'tiny.en',
    bytes: 77_704_715,
    sha256: '921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f',
  },
  {
    name: 'tiny.en-q5_1',
    bytes: 32_166_155,
    sha256: 'c77c5766f1cef09b6b7d47f21b546cbddd4157886b3b5d6d4f709e91e66c7c2b',
  },
  {
    name: 'tiny.en-q8_0',
    bytes: 43_550_795,
    sha256: '5bc2b3860aa151a4c6e7bb095e1fcce7cf12c7b020ca08dcec0c6d018bb7dd94',
  },
  {
    name: 'base',
    bytes: 147_951_465,
    sha256: '60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe',
  },
  {
    name: 'base-q5_1',
    bytes: 59_707_625,
    sha256: '422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898',
  },
  {
    name: 'base-q8_0',
    bytes: 81_768_585,
    sha256: 'c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9',
  },
  {
    name: 'base.en',
    bytes: 147_964_211,
    sha256: 'a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002',
  },
  {
    name: 'base.en-q5_1',
    bytes: 59_721_011,
    sha256: '4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f',
  },
  {
    name: 'base.en-q8_0',
    bytes: 81_781_811,
    sha256: 'a4d4a0768075e13cfd7e19df3ae2dbc4a68d37d36a7dad45e8410c9a34f8c87e',
  },
  {
    name: 'small',
    bytes: 487_601_967,
    sha256: '1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b',
  },
  {
    name: 'small-q5_1',
    bytes: 190_085_487,
    sha256: 'ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb',
  },
  {
    name: 'small-q8_0',
    bytes: 264_464_607,
    sha256: '49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f',
  },
  {
    name: 'small.en',
    bytes: 487_614_201,
    sha256: 'c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d',
  },
  {
    name: 'small.en-q5_1',
    bytes: 190_098_681,
    sha256: 'bfdff4894dcb76bbf647d56263ea2a96645423f1669176f4844a1bf8e478ad30',
  },
  {
    name: 'small.en-q8_0',
    bytes: 264_477_561,
    sha256: '67a179f608ea6114bd3fdb9060e762b588a3fb3bd00c4387971be4d177958067',
  },
  {
    name: 'medium',
    bytes: 1_533_763_059,
    sha256: '6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208',
  },
  {
    name: 'medium-q5_0',
    bytes: 539_212_467,
    sha256: '19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f',
  },
  {
    name: 'medium-q8_0',
    bytes: 823_369_779,
    sha256: '42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502',
  },
  {
    name: 'medium.en',
    bytes: 1_533_774_781,
    sha256: 'cc37e93478338ec7700281a7ac30a10128929eb8f427dda2e865faa8f6da4356',
  },
  {
    name: 'medium.en-q5_0',
    bytes: 539_225_533,
    sha256: '76733e26ad8fe1c7a5bf7531a9d41917b2adc0f20f2e4f5531688a8c6cd88eb0',
  },
  {
    name: 'medium.en-q8_0',
    bytes: 823_382_461,
    sha256: '43fa2cd084de5a04399a896a9a7a786064e221365c01700cea4666005218f11c',
  },
  {
    name: 'large-v2',
    bytes: 3_094_623_691,
    sha256: '9a423fe4d40c82774b6af34115b8b935f34152246eb19e80e376071d3f999487',
  },
  {
    name: 'large-v2-q5_0',
    bytes: 1_080_732_091,
    sha256: '3a214837221e4530dbc1fe8d734f302af393eb30bd0ed046042ebf4baf70f6f2',
  },
  {
    name: 'large-v2-q8_0',
    bytes: 1_656_129_691,
    sha256: 'fef54e6d898246a65c8285bfa83bd1807e27fadf54d5d4e81754c47634737e8c',
  },
  {
    name: 'large-v3',
    bytes: 3_095_033_483,
    sha256: '64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2',
  },
  {
    name: 'large-v3-q5_0',
    bytes: 1_081_140_203,
    sha256: 'd75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1',
  },
  {
    name: 'large-v3-turbo',
    bytes: 1_624_555_275,
    sha256: '1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69',
  },
  {
    name: 'large-v3-turbo-q5_0',
    bytes: 574_041_195,
    sha256: '394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2',
  },
  {
    name: 'large-v3-turbo-q8_0',
    bytes: 874_188_075,
    sha256: '317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1',
  },
];

interface DistilledFile extends WhisperFile {
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
}

const DISTILLED: readonly DistilledFile[] = [
  {
    name: 'distil-small.en',
    repository: 'distil-whisper/distil-small.en',
    revision: '9e4a67ca4569c30be43a3fe7fba1621e504f0093',
    path: 'ggml-distil-small.en.bin',
    bytes: 336_191_657,
    sha256: '7691eb11167ab7aaf6b3e05d8266f2fd9ad89c550e433f86ac266ebdee6c970a',
  },
  {
    name: 'distil-medium.en',
    repository: 'distil-whisper/distil-medium.en',
    revision: '6e61418885eaf4d5cc9f64e508e80ac5b4c052b7',
    path: 'ggml-medium-32-2.en.bin',
    bytes: 794_018_180,
    sha256: 'ad53ccb618188b210550e98cc32bf5a13188d86635e395bb11115ed275d6e7aa',
  },
  {
    name: 'distil-large-v3',
    repository: 'distil-whisper/distil-large-v3-ggml',
    revision: '0d78dd96ed9fc152325f63b53788fec3b43de031',
    path: 'ggml-distil-large-v3.bin',
    bytes: 1_519_521_155,
    sha256: '2883a11b90fb10ed592d826edeaee7d2929bf1ab985109fe9e1e7b4d2b69a298',
  },
  {
    name: 'distil-large-v3.5',
    repository: 'distil-whisper/distil-large-v3.5-ggml',
    revision: '960ecb5c2ecfba3ebb9ebe485c1032ec266cf436',
    path: 'ggml-model.bin',
    bytes: 1_519_521_155,
    sha256: 'ec2498919b498c5f6b00041adb45650124b3cd9f26f545fffa8f5d11c28dcf26',
  },
];

/** The models of whisper.cpp: Whisper, Distil-Whisper and the voice activity model that guards them. */
export const whisperWeights: readonly WeightsEntry[] = [
  ...GGML.map(whisperEntry),
  ...DISTILLED.map(distilledEntry),
  {
    id: VOICE_ACTIVITY,
    engine: 'whisper',
    kind: 'vad',
    title: 'Silero VAD v6.2.0 (ggml)',
    description: 'Tells speech from silence, so that Whisper is never asked to hear words in silence.',
    source: {
      kind: 'hub',
      repository: 'ggml-org/whisper-vad',
      revision: '9ffd54a1e1ee413ddf265af9913beaf518d1639b',
    },
    files: [
      {
        path: 'ggml-silero-v6.2.0.bin',
        bytes: 885_098,
        sha256: '2aa269b785eeb53a82983a20501ddf7c1d9c48e33ab63a41391ac6c9f7fb6987',
      },
    ],
    licence: 'MIT',
    commercialUse: true,
    languages: 'any',
    memoryBytes: 8_000_000,
  },
];

function whisperEntry(file: WhisperFile): WeightsEntry {
  const { name, ...pin } = file;
  const english = name.includes('.en');
  const quantisation = /-(q\d_\d)$/.exec(name)?.[1];
  const languages = name.startsWith('large-v3') ? 100 : 99;
  // The fast one was never shown translations.
  const hears = `Hears ${languages} languages${name.includes('turbo') ? '' : ' and translates them into English'}.`;
  return transcriber(name, {
    title: `Whisper ${name}`,
    description: [
      english ? 'Hears English.' : hears,
      ...(quantisation ? [`Weights quantised to ${quantisation}: smaller and a little less exact.`] : []),
    ].join(' '),
    source: { kind: 'hub', repository: 'ggerganov/whisper.cpp', revision: GGML_REVISION },
    files: [{ path: `ggml-${name}.bin`, ...pin }],
    languages: english ? ['en'] : 'any',
    memoryBytes: estimatedMemory(pin.bytes),
  });
}

function distilledEntry(file: DistilledFile): WeightsEntry {
  const { name, repository, revision, path, ...pin } = file;
  const saved: WeightsFile = { path, saveAs: `ggml-${name}.bin`, ...pin };
  return transcriber(name, {
    title: `Distil-Whisper ${name.slice('distil-'.length)}`,
    description: 'Hears English, several times as fast as the Whisper model it was distilled from.',
    source: { kind: 'hub', repository, revision },
    files: [saved],
    languages: ['en'],
    memoryBytes: estimatedMemory(pin.bytes),
  });
}

function transcriber(
  name: string,
  facts: Pick<WeightsEntry, 'title' | 'description' | 'source' | 'files' | 'languages' | 'memoryBytes'>,
): WeightsEntry {
  const names = KNOWN_AS[name.replace(/-q\d_\d$/, '')];
  return {
    id: `whisper/${name}`,
    engine: 'whisper',
    kind: 'transcription',
    ...facts,
    ...(names ? { implements: names } : {}),
    licence: 'MIT',
    commercialUse: true,
    needs: [VOICE_ACTIVITY],
  };
}

/** whisper.cpp holds the weights as they are on disk, and the buffers of one decoder besides. */
function estimatedMemory(bytes: number): number {
  return Math.round(bytes * 1.2 + 150_000_000);
}
