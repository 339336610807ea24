import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import type { InstalledWeights } from '../../core/engine.ts';
import { emptyFolder, fill, onnxOutline, startSherpa, weightsIn } from '../../../test/sherpa-support.ts';

const NETWORK = onnxOutline();
const TOKENS = '<blk> 0\n▁the 1\n';

type Facts = Partial<InstalledWeights> & Pick<InstalledWeights, 'id'>;

test('says of each model what it obeys and whether it translates, not what some model of the engine does', async (t) => {
  const weights = (facts: Facts, files: Readonly<Record<string, string | Buffer>>) =>
    weightsIn(fill(emptyFolder(t), files), { kind: 'transcription', ...facts });
  const parakeet = (facts: Facts) =>
    weights(facts, {
      'encoder.int8.onnx': onnxOutline({ model_type: 'EncDecRNNTBPEModel' }),
      'decoder.int8.onnx': NETWORK,
      'joiner.int8.onnx': NETWORK,
      'tokens.txt': TOKENS,
    });
  const engine = await startSherpa(t, [
    weights(
      { id: 'sherpa/moonshine', languages: ['en'] },
      {
        'preprocess.onnx': NETWORK,
        'encode.int8.onnx': NETWORK,
        'uncached_decode.int8.onnx': NETWORK,
        'cached_decode.int8.onnx': NETWORK,
        'tokens.txt': TOKENS,
      },
    ),
    parakeet({ id: 'sherpa/parakeet', languages: ['en'] }),
    parakeet({ id: 'sherpa/parakeet-many', languages: ['en', 'fr', 'de'] }),
  ]);
  const ear = present(engine.transcription, 'an ear');
  assert.deepEqual(ear.settings, { language: 'any', word_times: 'any', logprobs: 'any' });
  assert.deepEqual(ear.settingsOf?.('sherpa/moonshine'), { language: 'any' });
  assert.deepEqual(ear.settingsOf?.('sherpa/parakeet'), {
    language: 'any',
    word_times: 'any',
    logprobs: 'any',
  });
  // It finds the language out by itself, whatever it is told.
  assert.deepEqual(ear.settingsOf?.('sherpa/parakeet-many'), { word_times: 'any', logprobs: 'any' });
  assert.deepEqual(
    engine.models.map(({ id, tasks }) => [id, tasks]),
    ['moonshine', 'parakeet', 'parakeet-many'].map((name) => [`sherpa/${name}`, ['transcribe']]),
  );
});
