import type { Engine } from '../../src/core/engine.ts';

/** A language model that says the same thing to everybody. */
export function chatEngine(): Engine {
  return {
    id: 'chatter',
    concurrency: 4,
    models: [
      {
        id: 'chatter/small',
        name: 'Chatter',
        capability: 'chat',
        description: 'Says good evening, for tests',
        languages: 'any',
        licence: 'Apache-2.0',
        implements: ['a-language-model'],
      },
    ],
    chat: {
      complete: async () => ({
        kind: 'whole',
        completion: {
          id: 'chatcmpl-1',
          object: 'chat.completion',
          created: 1_800_000_000,
          model: 'a-language-model',
          choices: [
            { index: 0, message: { role: 'assistant', content: 'Good evening.' }, finish_reason: 'stop' },
          ],
          usage: { prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 },
        },
      }),
    },
  };
}
