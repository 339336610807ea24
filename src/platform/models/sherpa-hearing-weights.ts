import type { WeightsEntry } from '../../core/models/weights.ts';

/** The 25 languages of Parakeet TDT 0.6B v3, as its model card names them. */
const PARAKEET_LANGUAGES = 'bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro sk sl es sv ru uk'.split(
  ' ',
);

/** The recognisers of sherpa-onnx and its voice activity model. */
export const sherpaHearingWeights: readonly WeightsEntry[] = [
  {
    id: 'sherpa/moonshine-tiny-en',
    engine: 'sherpa',
    kind: 'transcription',
    title: 'Moonshine tiny (English, int8)',
    description: 'Small and quick English recogniser for short utterances.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/sherpa-onnx-moonshine-tiny-en-int8',
      revision: 'bf2b762c076d8ea61e2af0b3851c9564fb77552e',
    },
    files: [
      {
        path: 'preprocess.onnx',
        bytes: 6_800_738,
        sha256: 'f33addce61a143460fe753b5ee5b7db255e5140b5b779c065b94f6c83ff0bf4e',
      },
      {
        path: 'encode.int8.onnx',
        bytes: 18_249_187,
        sha256: '8774dfba578de027ec6595c2c654a0836434489bc963a0db124a7f181f571acb',
      },
      {
        path: 'uncached_decode.int8.onnx',
        bytes: 53_216_096,
        sha256: '216737000dd5881a17aa043f6bbd286add33e4c3b0ae257153e2ec15438bdc41',
      },
      {
        path: 'cached_decode.int8.onnx',
        bytes: 45_264_830,
        sha256: '2aff28bba6a03d8dcf5c9feac45462629bae37317442299f28115ad09da773f6',
      },
      {
        path: 'tokens.txt',
        bytes: 436_688,
        sha256: '1165c2aeb9f72f457a83be2d459a09054f27490acd9b41bd43794dfd25e296ea',
      },
    ],
    licence: 'MIT',
    commercialUse: true,
    languages: ['en'],
    memoryBytes: 300_000_000,
    needs: ['sherpa/silero-vad'],
  },
  {
    id: 'sherpa/moonshine-base-en',
    engine: 'sherpa',
    kind: 'transcription',
    title: 'Moonshine base (English, int8)',
    description: 'English recogniser for short utterances, more exact than tiny.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/sherpa-onnx-moonshine-base-en-int8',
      revision: '052b0798ad1bf046a140fdd4efcd9426530fa3f5',
    },
    files: [
      {
        path: 'preprocess.onnx',
        bytes: 14_077_290,
        sha256: 'ffa630d395c5ccf76f5d4954be5b882df76aaf6491519ec01fd82ea7a3819fb2',
      },
      {
        path: 'encode.int8.onnx',
        bytes: 50_311_494,
        sha256: '7e38770f776f2e5583a53b052936005df2ba5c833d7e09c2a5fd796b94bf73e2',
      },
      {
        path: 'uncached_decode.int8.onnx',
        bytes: 122_120_451,
        sha256: 'c01f4b35093bcac20d352d23a75a539e772964579f9d024a90e5e6f09cae9987',
      },
      {
        path: 'cached_decode.int8.onnx',
        bytes: 99_983_837,
        sha256: '2db74e51cedf64a8b1be3c8192e0bb5e4923af0e90bd9e87f8e8771873f8ea03',
      },
      {
        path: 'tokens.txt',
        bytes: 436_688,
        sha256: '1165c2aeb9f72f457a83be2d459a09054f27490acd9b41bd43794dfd25e296ea',
      },
    ],
    licence: 'MIT',
    commercialUse: true,
    languages: ['en'],
    memoryBytes: 550_000_000,
    needs: ['sherpa/silero-vad'],
  },
  {
    id: 'sherpa/parakeet-tdt-0.6b-v2',
    engine: 'sherpa',
    kind: 'transcription',
    title: 'NVIDIA Parakeet TDT 0.6B v2 (English, int8)',
    description: 'Exact English recogniser with punctuation and word times.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v2-int8',
      revision: '1ab9323565ddb038682214b292f588070a538ce2',
    },
    files: [
      {
        path: 'encoder.int8.onnx',
        bytes: 652_184_296,
        sha256: 'a32b12d17bbbc309d0686fbbcc2987b5e9b8333a7da83fa6b089f0a2acd651ab',
      },
      {
        path: 'decoder.int8.onnx',
        bytes: 7_257_753,
        sha256: 'b6bb64963457237b900e496ee9994b59294526439fbcc1fecf705b31a15c6b4e',
      },
      {
        path: 'joiner.int8.onnx',
        bytes: 1_739_080,
        sha256: '7946164367946e7f9f29a122407c3252b680dbae9a51343eb2488d057c3c43d2',
      },
      {
        path: 'tokens.txt',
        bytes: 9_384,
        sha256: 'ec182b70dd42113aff6c5372c75cac58c952443eb22322f57bbd7f53977d497d',
      },
    ],
    licence: 'CC-BY-4.0',
    commercialUse: true,
    languages: ['en'],
    memoryBytes: 1_300_000_000,
    needs: ['sherpa/silero-vad'],
  },
  {
    id: 'sherpa/parakeet-tdt-0.6b-v3',
    engine: 'sherpa',
    kind: 'transcription',
    title: 'NVIDIA Parakeet TDT 0.6B v3 (25 languages, int8)',
    description:
      'Recogniser for 25 European languages that finds the language itself; punctuation and word times.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8',
      revision: '2bda32ec70b097a55adaa07d9a7173915b43cc78',
    },
    files: [
      {
        path: 'encoder.int8.onnx',
        bytes: 652_184_281,
        sha256: 'acfc2b4456377e15d04f0243af540b7fe7c992f8d898d751cf134c3a55fd2247',
      },
      {
        path: 'decoder.int8.onnx',
        bytes: 11_845_275,
        sha256: '179e50c43d1a9de79c8a24149a2f9bac6eb5981823f2a2ed88d655b24248db4e',
      },
      {
        path: 'joiner.int8.onnx',
        bytes: 6_355_277,
        sha256: '3164c13fc2821009440d20fcb5fdc78bff28b4db2f8d0f0b329101719c0948b3',
      },
      {
        path: 'tokens.txt',
        bytes: 93_939,
        sha256: 'd58544679ea4bc6ac563d1f545eb7d474bd6cfa467f0a6e2c1dc1c7d37e3c35d',
      },
    ],
    licence: 'CC-BY-4.0',
    commercialUse: true,
    languages: PARAKEET_LANGUAGES,
    memoryBytes: 1_300_000_000,
    needs: ['sherpa/silero-vad'],
  },
  {
    id: 'sherpa/sense-voice-small',
    engine: 'sherpa',
    kind: 'transcription',
    title: 'SenseVoice small (int8)',
    description:
      'Recogniser for Chinese, Cantonese, English, Japanese and Korean that also tells mood and sounds.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17',
      revision: '2365baeacb507f821a0c8120fcee3d484dba7a07',
    },
    files: [
      {
        path: 'model.int8.onnx',
        bytes: 239_233_841,
        sha256: 'c71f0ce00bec95b07744e116345e33d8cbbe08cef896382cf907bf4b51a2cd51',
      },
      {
        path: 'tokens.txt',
        bytes: 315_894,
        sha256: 'f449eb28dc567533d7fa59be34e2abca8784f771850c78a47fb731a31429a1dc',
      },
    ],
    licence: 'FunASR-Model-License',
    commercialUse: true,
    languages: ['zh', 'yue', 'en', 'ja', 'ko'],
    memoryBytes: 500_000_000,
    needs: ['sherpa/silero-vad'],
  },
  {
    id: 'sherpa/silero-vad',
    engine: 'sherpa',
    kind: 'vad',
    title: 'Silero VAD (onnx)',
    description: 'Tells speech from silence and cuts long recordings between utterances.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/vad',
      revision: 'fba88cd2e921609e7675c3aaf51e0b9b295da4bc',
    },
    files: [
      {
        path: 'silero_vad.onnx',
        bytes: 1_807_522,
        sha256: 'a35ebf52fd3ce5f1469b2a36158dba761bc47b973ea3382b3186ca15b1f5af28',
      },
    ],
    licence: 'MIT',
    commercialUse: true,
    languages: 'any',
    memoryBytes: 20_000_000,
  },
];
