import type { WeightsEntry, WeightsFile, WeightsSource } from '../../core/models/weights.ts';

/** Pronunciation rules that most of these models read text with. They are GPL-3.0-or-later, whatever the model's own licence. */
const ESPEAK_DATA = 'espeak-ng-data';

/** The voices of sherpa-onnx. */
export const sherpaVoiceWeights: readonly WeightsEntry[] = [
  voice({
    name: 'kokoro-multi',
    title: 'Kokoro 82M v1.0 (53 voices)',
    description:
      'Natural voices for English and Chinese, and by way of espeak for Spanish, French, Hindi, Italian and Portuguese.',
    source: hub('csukuangfj/kokoro-multi-lang-v1_0', 'f7b96bb6bef5c5da4d3aa4f4e0498fbbf62dc78b'),
    files: [
      {
        path: 'model.onnx',
        bytes: 325_560_556,
        sha256: 'b40f62b166ac8164b0627ef48a0b358eda0985e272fb03ef5252e7206305da11',
      },
      {
        path: 'voices.bin',
        bytes: 28_200_960,
        sha256: '1c5a5b983d3d50d8586d437a51f3faa2da7919ce76a013c081e65671a3447c29',
      },
      {
        path: 'tokens.txt',
        bytes: 687,
        sha256: '6ebb6bb288f20f3ae8d004d3c2ca27697da27c037d75e81a60e2a6a663f95425',
      },
      {
        path: 'lexicon-us-en.txt',
        bytes: 5_956_885,
        sha256: '7daaab53a181be9885b853a8582bf1838186317e5dadacbcef9c426d6fa0da14',
      },
      {
        path: 'lexicon-gb-en.txt',
        bytes: 6_366_635,
        sha256: 'c4cbb37316f62210dff52718a7afcaae24f50c032cc75ab47ae67b831d1049e7',
      },
      { path: 'lexicon-zh.txt' },
      { path: 'date-zh.fst' },
      { path: 'number-zh.fst' },
      { path: 'phone-zh.fst' },
    ],
    folders: [ESPEAK_DATA, 'dict'],
    licence: 'Apache-2.0',
    languages: ['en', 'zh', 'es', 'fr', 'hi', 'it', 'pt'],
    memoryBytes: 800_000_000,
  }),
  voice({
    name: 'kokoro-en',
    title: 'Kokoro v0.19 (English, 11 voices)',
    description: 'Natural American and British voices.',
    source: hub('csukuangfj/kokoro-en-v0_19', '92805c485745946a0d945562d3aba19e7cbb2104'),
    files: [
      {
        path: 'model.onnx',
        bytes: 345_555_491,
        sha256: '10ff414106a038ce7e9e0126c6461e4dc8a86efaa89dc91d2009d69fe635e339',
      },
      {
        path: 'voices.bin',
        bytes: 5_755_904,
        sha256: 'a372c67b056ef0b695c375d39b99630d23fb07ad4c8d87aa32a19a62fca523ad',
      },
      {
        path: 'tokens.txt',
        bytes: 1_078,
        sha256: '4f31c71282d14af4e926cd12462078fe9d20d00c589e63fe2750a8f56d6d7f7b',
      },
    ],
    folders: [ESPEAK_DATA],
    licence: 'Apache-2.0',
    languages: ['en'],
    memoryBytes: 800_000_000,
  }),
  voice({
    name: 'kitten-nano-en',
    title: 'Kitten nano v0.2 (English, 8 voices)',
    description: 'Very small English voices for weak machines.',
    source: hub('csukuangfj/kitten-nano-en-v0_2-fp16', 'main'),
    files: [{ path: 'model.fp16.onnx' }, { path: 'voices.bin' }, { path: 'tokens.txt' }],
    folders: [ESPEAK_DATA],
    licence: 'Apache-2.0',
    languages: ['en'],
    memoryBytes: 150_000_000,
  }),
  voice({
    name: 'supertonic-3',
    title: 'Supertonic 3 (31 languages, 10 voices, int8)',
    description:
      'Quick multilingual voices that read text without espeak. The licence forbids some uses, not commerce.',
    source: hub(
      'csukuangfj2/sherpa-onnx-supertonic-3-tts-int8-2026-05-11',
      'cca5a0e6c96e1d2c720986bf7e75fcc81dee3ae4',
    ),
    files: [
      {
        path: 'duration_predictor.int8.onnx',
        bytes: 3_700_147,
        sha256: 'c3eb91414d5ff8a7a239b7fe9e34e7e2bf8a8140d8375ffb14718b1c639325db',
      },
      {
        path: 'text_encoder.int8.onnx',
        bytes: 36_416_150,
        sha256: 'c7befd5ea8c3119769e8a6c1486c4edc6a3bc8365c67621c881bbb774b9902ff',
      },
      {
        path: 'vector_estimator.int8.onnx',
        bytes: 78_400_833,
        sha256: '20cd86fa5c6effedfda0e7cffe5b0569ca401c440a0c3a1d72bf39286c0db3fd',
      },
      {
        path: 'vocoder.int8.onnx',
        bytes: 25_991_073,
        sha256: 'e923d60f53f95eb1ce235f1dc33ec56d9c057823c96fa6f8acf98f32b0da6152',
      },
      {
        path: 'tts.json',
        bytes: 8_253,
        sha256: '42078d3aef1cd43ab43021f3c54f47d2d75ceb4e75f627f118890128b06a0d09',
      },
      {
        path: 'unicode_indexer.bin',
        bytes: 262_144,
        sha256: '8402ca48e5189a8950138580b0fff64db6f072f24ac07cd54ba8b2fbb9883b30',
      },
      {
        path: 'voice.bin',
        bytes: 517_168,
        sha256: '67d5209b0ee8ce6c74105ffbe12fe6a7628aea3b4ba2fcb308a4a67938a93ce8',
      },
    ],
    licence: 'OpenRAIL-M',
    languages: 'any',
    memoryBytes: 400_000_000,
  }),
  voice({
    name: 'pocket-en',
    title: 'Kyutai Pocket TTS (English, int8)',
    description: 'Speaks with the voice of a reference clip.',
    source: hub(
      'csukuangfj2/sherpa-onnx-pocket-tts-int8-2026-01-26',
      'e715955cf50d18d919d37231513c0e914b83661a',
    ),
    files: [
      {
        path: 'lm_main.int8.onnx',
        bytes: 76_341_079,
        sha256: 'bfc0c7e7e3d72864fa3bb2ee499f62f21ddc1474b885f5f3ca570f8be73e787e',
      },
      {
        path: 'lm_flow.int8.onnx',
        bytes: 9_962_530,
        sha256: '8d627d235c44a597da908e1085ebe241cbbe358964c502c5a5063d18851a5529',
      },
      {
        path: 'encoder.onnx',
        bytes: 72_713_165,
        sha256: 'e8f2f6d301ffb96e398b138a7dc6d3038622d236044636b73d920bab85890260',
      },
      {
        path: 'decoder.int8.onnx',
        bytes: 22_693_618,
        sha256: '12b0857402d31aead94df19d6783b4350d1f740e811f3a3202c70ad89ae11eea',
      },
      {
        path: 'text_conditioner.onnx',
        bytes: 16_388_343,
        sha256: '0b84e837d7bfaf2c896627b03e3f080320309f37f4fc7df7698c644f7ba5e6b1',
      },
      {
        path: 'vocab.json',
        bytes: 69_478,
        sha256: '6fb646346cf931016f70c4921aab0900ce7a304b893cb02135c74e294abfea01',
      },
      {
        path: 'token_scores.json',
        bytes: 123_616,
        sha256: '5be2f278caf9b9800741f0fd82bff677f4943ec764c356f907213434b622d958',
      },
    ],
    licence: 'CC-BY-4.0',
    languages: ['en'],
    memoryBytes: 500_000_000,
  }),
  voice({
    name: 'matcha-en',
    title: 'Matcha LJSpeech (English)',
    description:
      'One English voice. The acoustic model and the vocoder lie in two archives, so it is placed by hand.',
    source: {
      kind: 'by_hand',
      page: 'https://k2-fsa.github.io/sherpa/onnx/tts/pretrained_models/matcha.html',
    },
    files: [{ path: 'model-steps-3.onnx' }, { path: 'vocos-22khz-univ.onnx' }, { path: 'tokens.txt' }],
    folders: [ESPEAK_DATA],
    licence: 'Apache-2.0',
    languages: ['en'],
    memoryBytes: 300_000_000,
  }),
  voice({
    name: 'zipvoice-zh-en',
    title: 'ZipVoice distilled (Chinese and English, int8)',
    description:
      'Speaks with the voice of a reference clip and its transcript. It lies in two archives, so it is placed by hand.',
    source: { kind: 'by_hand', page: 'https://k2-fsa.github.io/sherpa/onnx/tts/zipvoice.html' },
    files: [
      { path: 'encoder.int8.onnx' },
      { path: 'decoder.int8.onnx' },
      { path: 'lexicon.txt' },
      { path: 'tokens.txt' },
      { path: 'vocos_24khz.onnx' },
    ],
    folders: [ESPEAK_DATA],
    licence: 'Apache-2.0',
    languages: ['zh', 'en'],
    memoryBytes: 600_000_000,
  }),
  piper({
    name: 'en_US-ljspeech-medium',
    language: 'en',
    licence: 'public domain',
    commercialUse: true,
    pin: { bytes: 63_531_507, sha256: '8ceba58a4b540d4e7e7e24ad079cf0d92762a4fd334e059f12940787c6c37b3d' },
  }),
  piper({ name: 'en_US-lessac-medium', language: 'en', licence: 'Blizzard-2013 (research only)' }),
  piper({ name: 'de_DE-thorsten-medium', language: 'de', licence: 'CC0-1.0 recordings, unclear base' }),
  piper({ name: 'fr_FR-siwis-medium', language: 'fr', licence: 'CC-BY-4.0 recordings, unclear base' }),
  piper({ name: 'es_ES-davefx-medium', language: 'es', licence: 'unclear' }),
  piper({ name: 'it_IT-paola-medium', language: 'it', licence: 'unclear' }),
  piper({ name: 'pt_BR-faber-medium', language: 'pt', licence: 'unclear' }),
  piper({ name: 'nl_BE-nathalie-medium', language: 'nl', licence: 'unclear' }),
  piper({ name: 'pl_PL-darkman-medium', language: 'pl', licence: 'unclear' }),
  piper({
    name: 'ru_RU-denis-medium',
    language: 'ru',
    licence: 'CC0-1.0 recordings, research-only base',
    revision: '1e2f78fc13100abc60bf56264dc2ee254b4c5f8e',
    pin: { bytes: 63_201_422, sha256: 'f0129d8cbd0fef7df16a101d0cd302b25a8fd8bbda7b11af885b1e9f3e974dcf' },
  }),
  piper({ name: 'zh_CN-huayan-medium', language: 'zh', licence: 'unclear' }),
];

type VoiceFacts = Omit<WeightsEntry, 'id' | 'engine' | 'kind' | 'commercialUse'> & {
  readonly name: string;
  readonly commercialUse?: boolean;
};

function voice({ name, commercialUse = true, ...facts }: VoiceFacts): WeightsEntry {
  return { id: `sherpa/${name}`, engine: 'sherpa', kind: 'speech', commercialUse, ...facts };
}

interface PiperFacts {
  /** As the Piper project names it: `<locale>-<speaker>-<quality>`. */
  readonly name: string;
  readonly language: string;
  readonly licence: string;
  /** Most Piper voices were tuned from one whose recordings are for research only: no, unless the whole line is known. */
  readonly commercialUse?: boolean;
  readonly revision?: string;
  readonly pin?: Pick<WeightsFile, 'bytes' | 'sha256'>;
}

function piper({
  name,
  language,
  licence,
  commercialUse = false,
  revision = 'main',
  pin,
}: PiperFacts): WeightsEntry {
  const [locale = name, speaker = name] = name.split('-');
  return voice({
    name: `piper-${name}`,
    title: `Piper ${speaker} (${locale})`,
    description: 'One small and quick voice.',
    source: hub(`csukuangfj/vits-piper-${name}`, revision),
    files: [{ path: `${name}.onnx`, ...pin }, { path: 'tokens.txt' }],
    folders: [ESPEAK_DATA],
    licence,
    commercialUse,
    languages: [language],
    memoryBytes: 200_000_000,
  });
}

function hub(repository: string, revision: string): WeightsSource {
  return { kind: 'hub', repository, revision };
}
