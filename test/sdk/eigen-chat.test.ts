/** Chat over Eigen AI's routes and OpenAI's, passed on to a language model that runs elsewhere. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { createGuardedFetcher } from '../../src/platform/guarded-fetcher.ts';
import { plainPng } from '../fakes/fake-media.ts';
import { eventReply } from '../fakes/fake-server.ts';
import { inject, remoteOf, withRemote } from '../media-remotes.ts';
import { listening, testApp } from '../support.ts';

const CHAT = remoteOf('vllm', {
  capability: 'chat',
  upstream: 'openai/gpt-oss-120b',
  implements: ['gpt-oss-120b', 'llama31-8b'],
});
const ANSWER = 'Good evening, dear listeners.';
const MESSAGES = [{ role: 'user', content: 'Say good evening.' }] as const;

for (const base of ['/api/v1', '/eigen/api/v1', '/v1']) {
  test(`R6: the official OpenAI client chats at ${base}, whole and streamed, with the usage last`, async () => {
    await withRemote('vllm-chat', CHAT, async ({ fake, engine }) => {
      await listening({ engines: [engine], keys: ['mine'] }, async ({ origin }) => {
        const client = new OpenAI({ baseURL: origin + base, apiKey: 'mine', maxRetries: 0 });
        const asked = { model: 'gpt-oss-120b', messages: [...MESSAGES], temperature: 0.5, max_tokens: 20 };
        const whole = await client.chat.completions.create(asked);
        assert.equal(whole.choices[0]?.message.content, ANSWER);
        assert.equal(whole.usage?.completion_tokens, 6);
        assert.deepEqual(fake.last().fields, { ...asked, model: 'openai/gpt-oss-120b', stream: false });

        const stream = await client.chat.completions.create({
          ...asked,
          stream: true,
          stream_options: { include_usage: true },
        });
        let text = '';
        let usage;
        let pieces = 0;
        for await (const chunk of stream) {
          pieces += 1;
          text += chunk.choices[0]?.delta.content ?? '';
          usage = chunk.usage ?? usage;
        }
        assert.equal(text, ANSWER);
        assert.equal(usage?.total_tokens, 15);
        assert.ok(pieces >= 8);
      });
    });
  });
}

test('R6: what is missing or out of range is refused by name, before anything is asked of the model', async () => {
  await withRemote('vllm-chat', CHAT, async ({ fake, engine }) => {
    const { app } = await testApp({ engines: [engine] });
    const wrong = [
      [{ model: 'gpt-oss-120b' }, 'messages'],
      [{ model: 'gpt-oss-120b', messages: [] }, 'messages'],
      [{ messages: MESSAGES }, 'model'],
      [{ model: 'gpt-oss-120b', messages: MESSAGES, temperature: 2.1 }, 'temperature'],
      [{ model: 'gpt-oss-120b', messages: MESSAGES, temperature: -0.1 }, 'temperature'],
      [{ model: 'gpt-oss-120b', messages: MESSAGES, max_tokens: 0 }, 'max_tokens'],
      [
        {
          model: 'gpt-oss-120b',
          messages: [{ role: 'user', content: [{ type: 'file', path: '/etc/passwd' }] }],
        },
        'type',
      ],
    ] as const;
    try {
      for (const path of ['/api/v1/chat/completions', '/eigen/api/v1/chat/completions']) {
        for (const [body, param] of wrong) {
          const reply = await inject(app, path, body);
          assert.equal(reply.statusCode, 400, `${path} ${reply.body}`);
          assert.equal(typeof reply.json().error.message, 'string');
          assert.match(String(reply.json().error.param), new RegExp(param));
        }
      }
      assert.equal(fake.requests.length, 0);
      const none = await inject(app, '/api/v1/chat/completions', { model: 'nobody', messages: MESSAGES });
      assert.equal(none.statusCode, 404, none.body);
    } finally {
      await app.close();
    }
  });
});

test('R6: without a language model the refusal says so, and no chat model is listed', async () => {
  const { app } = await testApp();
  try {
    for (const path of ['/v1/chat/completions', '/eigen/api/v1/chat/completions', '/api/llama31-8b']) {
      const reply = await inject(app, path, { model: 'gpt-oss-120b', messages: MESSAGES });
      assert.equal(reply.statusCode, 400, reply.body);
      assert.match(reply.json().error.message, /no language model/);
    }
    const listed = (await app.inject('/eigen/api/v1/models')).json();
    assert.ok(!listed.data.some(({ id }: { id: string }) => id === 'gpt-oss-120b'));
  } finally {
    await app.close();
  }
});

test('L7: the oldest path names the model, which is listed as long as something is it', async () => {
  await withRemote('vllm-chat', CHAT, async ({ fake, engine }) => {
    const { app } = await testApp({ engines: [engine] });
    try {
      const reply = await inject(app, '/api/llama31-8b', { messages: MESSAGES, top_k: 5 });
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(reply.json().choices[0].message.content, ANSWER);
      assert.equal(reply.headers['x-antiphon-model'], 'far/model');
      assert.equal(fake.last().fields['top_k'], 5);
      for (const path of ['/eigen/api/v1/models', '/v1/models']) {
        const { data } = (await app.inject(path)).json();
        assert.ok(
          data.some(({ id }: { id: string }) => id === 'llama31-8b'),
          path,
        );
      }
      const refused = await inject(app, '/api/llama31-8b', { messages: [] });
      assert.equal(refused.statusCode, 400);
      assert.equal(refused.json().error.param, 'messages');
    } finally {
      await app.close();
    }
  });
});

test('R6 vision: a picture at an address is fetched here and goes along as its bytes, and no other address is opened', async () => {
  const pictures = createServer((_, reply) => reply.end(plainPng(8, 8)));
  await new Promise<void>((resolve) => {
    pictures.listen(0, '127.0.0.1', resolve);
  });
  const { port } = pictures.address() as AddressInfo; // A TCP server that listens has one.
  const part = (url: string) => ({
    model: 'gpt-oss-120b',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url, detail: 'low' } },
        ],
      },
    ],
  });
  try {
    await withRemote('vllm-chat', CHAT, async ({ fake, engine }) => {
      const fetcher = createGuardedFetcher({ allowedNetworks: ['127.0.0.0/8'] });
      const { app } = await testApp({ engines: [engine], fetcher });
      const guarded = await testApp({ engines: [engine] });
      try {
        const reply = await inject(app, '/api/v1/chat/completions', part(`http://127.0.0.1:${port}/a.png`));
        assert.equal(reply.statusCode, 200, reply.body);
        const sent = JSON.stringify(fake.last().fields);
        assert.match(sent, /"url":"data:image\/png;base64,iVBOR/);
        assert.match(sent, /"detail":"low"/);
        for (const url of [
          `http://127.0.0.1:${port}/a.png`,
          'file:///etc/passwd',
          'http://169.254.169.254/',
        ]) {
          const refused = await inject(guarded.app, '/api/v1/chat/completions', part(url));
          assert.equal(refused.statusCode, 400, `${url} ${refused.body}`);
        }
        assert.equal(fake.requests.length, 1);
      } finally {
        await app.close();
        await guarded.app.close();
      }
    });
  } finally {
    pictures.close();
  }
});

test('R6: a model that breaks in the middle ends the stream with an error and without [DONE]', async () => {
  const broken = eventReply([
    { id: 'c', choices: [{ index: 0, delta: { content: 'Good' } }] },
    { error: { message: 'out of memory', code: 500 } },
  ]);
  await withRemote(
    'vllm-chat',
    CHAT,
    async ({ engine }) => {
      const { app } = await testApp({ engines: [engine] });
      try {
        const reply = await inject(app, '/v1/chat/completions', {
          model: 'gpt-oss-120b',
          messages: MESSAGES,
          stream: true,
        });
        assert.match(reply.body, /"content":"Good"/);
        assert.match(reply.body, /"error":\{"message":"[^"]*out of memory/);
        assert.doesNotMatch(reply.body, /\[DONE\]/);
      } finally {
        await app.close();
      }
    },
    { faults: { instead: broken } },
  );
});
