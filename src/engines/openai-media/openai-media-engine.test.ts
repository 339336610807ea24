import { describeEngineContract } from '../../../test/contracts/engine-contract.ts';
import { startFake } from '../../../test/fakes/fake-server.ts';
import { fakeOf } from '../../../test/fakes/index.ts';
import { CUSTOM_VOICE, remoteEngine } from '../../../test/media-remotes.ts';
import { openaiMediaEngine } from './openai-media-engine.ts';

describeEngineContract(
  {
    ...openaiMediaEngine,
    id: CUSTOM_VOICE.id,
    create: async () => {
      const fake = await startFake(fakeOf('vllm-omni-speech'));
      const engine = remoteEngine(CUSTOM_VOICE, fake.origin);
      const stop = async () => {
        await engine.stop?.();
        await fake.stop();
      };
      return { ...engine, stop };
    },
  },
  { voice: 'qwen-cv/Vivian', sentence: () => 'The quick brown fox jumps over the lazy dog.' },
);
