import { eventReply, jsonReply, type FakeProfile } from './fake-server.ts';

const WORDS = ['Good', ' evening', ',', ' dear', ' listeners', '.'];
const USAGE = { prompt_tokens: 9, completion_tokens: WORDS.length, total_tokens: 9 + WORDS.length };

/** vLLM with a language model. */
const vllmChat: FakeProfile = {
  id: 'vllm-chat',
  title: 'vLLM with a language model',
  answer: ({ path, fields }) => {
    if (path === '/health' || path === '/v1/models') return jsonReply({ data: [] });
    if (path !== '/v1/chat/completions') return jsonReply({ detail: 'Not Found' }, 404);
    const common = { id: 'chatcmpl-1', created: 1_700_000_000, model: fields['model'] };
    if (fields['stream'] !== true) {
      const message = { role: 'assistant', content: WORDS.join('') };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      return jsonReply({ ...common, object: 'chat.completion', choices, usage: USAGE });
    }
    const object = 'chat.completion.chunk';
    const chunks = WORDS.map((content) => ({
      ...common,
      object,
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    }));
    const last = { ...common, object, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
    const wantsUsage = JSON.stringify(fields['stream_options'] ?? {}).includes('"include_usage":true');
    const usage = wantsUsage ? [{ ...common, object, choices: [], usage: USAGE }] : [];
    return eventReply([...chunks, last, ...usage, '[DONE]']);
  },
};

/** Servers that answer messages. */
export const chatFakes: readonly FakeProfile[] = [vllmChat];
