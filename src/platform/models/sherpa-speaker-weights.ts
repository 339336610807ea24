import type { WeightsEntry } from '../../core/models/weights.ts';

/** A commit of `csukuangfj/speaker-embedding-models`. */
const SPEAKER_REVISION = '0743f301363dec56491a490f6d6cbc9d67f9a3bf';

/** What sherpa-onnx tells speakers apart with. */
export const sherpaSpeakerWeights: readonly WeightsEntry[] = [
  {
    id: 'sherpa/pyannote-segmentation-3.0',
    engine: 'sherpa',
    kind: 'speaker_segmentation',
    title: 'pyannote segmentation 3.0',
    description: 'Finds where speakers change and where several speak at once.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/sherpa-onnx-pyannote-segmentation-3-0',
      revision: '9403a6902bb58e3d5ae8c7e77c3422de279db2e0',
    },
    files: [
      {
        path: 'model.onnx',
        bytes: 5_992_913,
        sha256: '220ad67ca923bef2fa91f2390c786097bf305bceb5e261d4af67b38e938e1079',
      },
    ],
    licence: 'MIT',
    commercialUse: true,
    languages: 'any',
    memoryBytes: 60_000_000,
  },
  speakerEmbedding({
    name: '3dspeaker-campplus-zh-en',
    title: '3D-Speaker CAM++ (Chinese and English)',
    languages: ['zh', 'en'],
    file: {
      path: '3dspeaker_speech_campplus_sv_zh_en_16k-common_advanced.onnx',
      bytes: 28_281_164,
      sha256: 'aa3cfc16963a10586a9393f5035d6d6b57e98d358b347f80c2a30bf4f00ceba2',
    },
    licence: 'Apache-2.0',
  }),
  speakerEmbedding({
    name: 'wespeaker-en-resnet34-lm',
    title: 'WeSpeaker ResNet34-LM (VoxCeleb)',
    languages: ['en'],
    // The same file lies in two places; only the other one's checksum is established.
    revision: 'main',
    file: { path: 'wespeaker_en_voxceleb_resnet34_LM.onnx' },
    licence: 'CC-BY-4.0',
  }),
  speakerEmbedding({
    name: 'nemo-titanet-small-en',
    title: 'NVIDIA NeMo TitaNet small',
    languages: ['en'],
    file: {
      path: 'nemo_en_titanet_small.onnx',
      bytes: 40_257_283,
      sha256: 'ad4a1802485d8b34c722d2a9d04249662f2ece5d28a7a039063ca22f515a789e',
    },
    licence: 'CC-BY-4.0',
  }),
];
function speakerEmbedding(facts: {
  readonly name: string;
  readonly title: string;
  readonly languages: readonly string[];
  readonly revision?: string;
  readonly file: WeightsEntry['files'][number];
  readonly licence: string;
}): WeightsEntry {
  return {
    id: `sherpa/${facts.name}`,
    engine: 'sherpa',
    kind: 'speaker_embedding',
    title: facts.title,
    description: 'Turns a stretch of speech into numbers that are close for one person and far for two.',
    source: {
      kind: 'hub',
      repository: 'csukuangfj/speaker-embedding-models',
      revision: facts.revision ?? SPEAKER_REVISION,
    },
    files: [facts.file],
    licence: facts.licence,
    commercialUse: true,
    languages: facts.languages,
    memoryBytes: 150_000_000,
  };
}
