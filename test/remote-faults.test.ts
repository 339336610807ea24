/** Servers elsewhere that are down, slow, busy, broken or lying: a refusal that says when to come again, never a wait without end. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { assemble } from '../src/assembly.ts';
import { AppError } from '../src/base/errors.ts';
import { silentLogger } from '../src/core/ports/logger.ts';
import { loadConfig } from '../src/platform/config.ts';
import type { Engine, SynthesisRequest } from '../src/core/engine.ts';
import { sharpEngine } from '../src/engines/sharp/sharp-engine.ts';
import { remotesSchema, toRemoteSettings } from '../src/platform/remotes-config.ts';
import { plainPng, tonePcm, toneWav } from './fakes/fake-media.ts';
import { jsonReply, type FakeReply } from './fakes/fake-server.ts';
import { fakeOf } from './fakes/index.ts';
import { omniEventsThatFail } from './fakes/speech-fakes.ts';
import { CUSTOM_VOICE, inject, post, remoteEngine, remoteOf, withRemote } from './media-remotes.ts';
import { testApp, testContext } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const TEXT = 'Good evening, dear listeners.';
const SPEECH = { model: 'qwen3-tts', voice: 'Vivian', input: TEXT, response_format: 'wav' } as const;
const REQUEST: SynthesisRequest = {
  model: 'qwen-cv/qwen3-tts',
  text: TEXT,
  voice: 'qwen-cv/Vivian',
  language: 'en',
  speed: 1,
  pitchSemitones: 0,
  alignment: false,
};
/** Nobody listens at the port of discard on this machine. */
const NOWHERE = 'http://127.0.0.1:9';

let sharp: Engine;
before(async () => {
  const engine = await sharpEngine.create({ workers: 1 });
  assert.ok(!('unavailable' in engine));
  sharp = engine;
});
after(() => sharp.stop?.());

async function speak(engine: Engine, context = testContext()): Promise<AsyncIterable<Float32Array>> {
  const output = await engine.speech?.synthesize(REQUEST, context);
  assert.ok(output?.kind === 'pcm');
  return output.pcm.chunks;
}

async function frames(chunks: AsyncIterable<Float32Array>): Promise<number> {
  let count = 0;
  for await (const chunk of chunks) count += chunk.length;
  return count;
}

function isFailure(code: string, reason?: string): (error: unknown) => boolean {
  return (error) => error instanceof AppError && error.code === code && (!reason || error.reason === reason);
}

test('a server that is down leaves the request to the next engine, and alone it is a 502 that says when to come again', async () => {
  const engine = remoteEngine(CUSTOM_VOICE, NOWHERE);
  const helped = await post([engine, toneEngine({ implements: ['qwen3-tts'] })], '/v1/audio/speech', SPEECH);
  assert.equal(helped.statusCode, 200, helped.body);
  assert.equal(helped.headers['x-antiphon-model'], 'tone/tone');
  const alone = await post([engine], '/v1/audio/speech', SPEECH);
  assert.equal(alone.statusCode, 502, alone.body);
  assert.ok(Number(alone.headers['retry-after'] ?? alone.headers['retry-after-ms']) > 0);
  assert.match(alone.json().error.message, /qwen-cv/);
  const health = engine.health?.();
  assert.equal(health?.state, 'unhealthy');
  assert.match(health?.reason ?? '', /cannot be reached/);
  await engine.stop?.();
});

test('a server that failed three times is not asked again for a while', async () => {
  const failure = jsonReply({ error: { message: 'died', type: 'server_error' } }, 500);
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ fake, engine }) => {
      for (let attempt = 0; attempt < 3; attempt += 1)
        await assert.rejects(speak(engine), isFailure('engine_failed', 'refused'));
      await assert.rejects(speak(engine), isFailure('engine_failed', 'circuit_open'));
      assert.equal(fake.requests.length, 3);
    },
    { faults: { failures: 99, failure } },
  );
});

test('a gateway that fails twice is asked a third time; nobody notices', async () => {
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ fake, engine }) => {
      const reply = await post([engine], '/v1/audio/speech', SPEECH);
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(fake.requests.length, 3);
      assert.equal(engine.health?.().state, 'healthy');
    },
    { faults: { failures: 2 } },
  );
});

test("a full queue's web page is a 503 that may be tried again, and nobody takes the page for sound", async () => {
  const full = await fakeOf('haproxy-503').answer(
    { method: 'POST', path: '/', headers: {}, fields: {}, files: [] },
    { faults: noFaults, requests: [], running: 0, most: 0, leftEarly: 0 },
  );
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ engine }) => {
      const reply = await post([engine], '/v1/audio/speech', SPEECH);
      assert.equal(reply.statusCode, 503, reply.body);
      assert.equal(reply.headers['x-should-retry'], 'true');
      assert.doesNotMatch(reply.body, /html/);
    },
    { faults: { instead: full } },
  );
});

const noFaults = {
  delayMs: 0,
  failures: 0,
  failure: jsonReply({}, 502),
  loading: false,
  dropAfterBytes: undefined,
  instead: undefined,
  gate: undefined,
};

test('a model that is being loaded is a 503 with the time that its server names, and is asked once', async () => {
  const model = {
    capability: 'speech',
    implements: ['qwen3-tts'],
    voices: [{ name: 'Vivian', gender: 'female' }],
  };
  await withRemote(
    'localai',
    remoteOf('localai', model),
    async ({ fake, engine }) => {
      const reply = await post([engine], '/api/v1/generate', {
        model: 'qwen3-tts',
        text: TEXT,
        voice: 'Vivian',
      });
      assert.equal(reply.statusCode, 503, reply.body);
      assert.equal(reply.headers['retry-after'], '12');
      assert.equal(fake.requests.length, 1);
    },
    { faults: { loading: true } },
  );
});

test('a connection that is dropped after the first sound breaks the sound off, and nothing is asked twice', async () => {
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ fake, engine }) => {
      const chunks = (await speak(engine))[Symbol.asyncIterator]();
      assert.ok(!(await chunks.next()).done);
      await assert.rejects(
        async () => {
          for (let next = await chunks.next(); !next.done; next = await chunks.next());
        },
        isFailure('engine_failed', 'broken_off'),
      );
      assert.equal(fake.requests.length, 1);
    },
    { faults: { dropAfterBytes: 9000 } },
  );
});

const whole = toneWav(1, 24_000);
const LIES: readonly (readonly [string, FakeReply, RegExp])[] = [
  [
    'a page under audio/wav',
    { type: 'audio/wav', body: '<!doctype html><html><body>Sign in to go on, please</body></html>' },
    /a web page/,
  ],
  [
    'JSON under audio/pcm',
    {
      type: 'audio/pcm',
      body: JSON.stringify({ status: 'ok', note: 'there is nothing to be heard in this' }),
    },
    /no sound/,
  ],
  ['JSON without sound', jsonReply({ status: 'queued' }), /without sound/],
  ['an error with the status 200', jsonReply({ error: { message: 'stage 0 crashed' } }), /stage 0 crashed/],
  ['a file that ends too early', { type: 'audio/wav', body: whole.subarray(0, 20_000) }, /too early/],
  ['events that end in an error', omniEventsThatFail(), /stage 1 died/],
];

for (const [name, instead, expected] of LIES) {
  test(`no sound is made of ${name}`, async () => {
    await withRemote(
      'vllm-omni-speech',
      CUSTOM_VOICE,
      async ({ engine }) => {
        await assert.rejects(
          async () => frames(await speak(engine)),
          (error) => isFailure('engine_failed')(error) && expected.test(String(error)),
        );
      },
      { faults: { instead } },
    );
  });
}

test('a WAV file under the wrong name, and one of another rate than expected, is heard for what it is', async () => {
  for (const type of ['application/octet-stream', 'text/html', 'application/json']) {
    await withRemote(
      'vllm-omni-speech',
      CUSTOM_VOICE,
      async ({ engine }) => {
        const output = await engine.speech?.synthesize(REQUEST, testContext());
        assert.ok(output?.kind === 'pcm');
        assert.equal(output.pcm.sampleRate, 22_050);
        assert.equal(await frames(output.pcm.chunks), 22_050);
      },
      { faults: { instead: { type, body: toneWav(1, 22_050) } } },
    );
  }
});

test('a server that says nothing in time, or falls silent in the middle, is given up', async () => {
  const never = new Promise<void>(() => undefined);
  const silent: FakeReply = {
    type: 'audio/pcm',
    body: (async function* () {
      yield tonePcm(0.1, 24_000);
      await never;
    })(),
  };
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ engine }) => {
      await assert.rejects(speak(engine), isFailure('engine_failed', 'too_slow'));
    },
    { faults: { gate: never }, timeouts: { head: 30 } },
  );
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ engine }) => {
      await assert.rejects(async () => frames(await speak(engine)), isFailure('engine_failed', 'too_slow'));
    },
    { faults: { instead: silent }, timeouts: { idle: 30 } },
  );
});

/** Lets others work until something has come about. */
async function until(isSo: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - startedAt < 5000, 'it never came about');
    await setImmediate();
  }
}

test('a caller who hangs up closes the connection to the server at once, before and within the sound', async () => {
  const never = new Promise<void>(() => undefined);
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ fake, engine }) => {
      const caller = new AbortController();
      const speaking = speak(engine, testContext({ signal: caller.signal }));
      await until(() => fake.running === 1);
      const leftAt = performance.now();
      caller.abort();
      await assert.rejects(speaking, isFailure('cancelled'));
      await until(() => fake.leftEarly === 1);
      assert.ok(performance.now() - leftAt < 500);
    },
    { faults: { gate: never } },
  );
  const endless: FakeReply = {
    type: 'audio/pcm',
    body: (async function* () {
      for (;;) yield tonePcm(0.1, 24_000);
    })(),
  };
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ fake, engine }) => {
      const caller = new AbortController();
      const chunks = (await speak(engine, testContext({ signal: caller.signal })))[Symbol.asyncIterator]();
      await chunks.next();
      caller.abort();
      await assert.rejects(async () => {
        for (;;) await chunks.next();
      }, isFailure('cancelled'));
      await until(() => fake.leftEarly === 1);
    },
    { faults: { instead: endless } },
  );
});

test('sound is taken from the server only as fast as it is heard', async () => {
  let sent = 0;
  const long: FakeReply = {
    type: 'audio/pcm',
    body: (async function* () {
      for (; sent < 2000; sent += 1) yield tonePcm(1, 24_000);
    })(),
  };
  await withRemote(
    'vllm-omni-speech',
    CUSTOM_VOICE,
    async ({ engine }) => {
      const chunks = (await speak(engine))[Symbol.asyncIterator]();
      await chunks.next();
      for (let turn = 0; turn < 500; turn += 1) await setImmediate();
      // 96 MB would be all; what lies in the buffers of two sockets is a few.
      assert.ok(sent < 500, `${sent} seconds were sent`);
      await chunks.return?.();
    },
    { faults: { instead: long } },
  );
});

test('no more is asked at the same time than the operator allows', async () => {
  await withRemote('vllm-omni-speech', { ...CUSTOM_VOICE, concurrency: 2 }, async ({ fake, engine }) => {
    const { app } = await testApp({ engines: [engine] });
    try {
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => inject(app, '/v1/audio/speech', SPEECH)),
      );
      assert.ok(replies.every(({ statusCode }) => statusCode === 200));
      assert.ok(fake.most <= 2, `${fake.most} at once`);
    } finally {
      await app.close();
    }
  });
});

test("what the server blames on the request is the caller's 400, in any of its shapes", async () => {
  const shapes = [
    jsonReply(
      { error: { message: 'too long for me', type: 'BadRequestError', param: 'input', code: 400 } },
      400,
    ),
    jsonReply({ detail: 'too long for me' }, 400),
    jsonReply({ detail: [{ loc: ['body', 'input'], msg: 'too long for me', type: 'x' }] }, 422),
    { status: 400, type: 'text/plain', body: 'too long for me' },
  ];
  for (const failure of shapes) {
    await withRemote(
      'vllm-omni-speech',
      CUSTOM_VOICE,
      async ({ fake, engine }) => {
        const reply = await post([engine], '/v1/audio/speech', SPEECH);
        assert.equal(reply.statusCode, 400, reply.body);
        assert.match(reply.json().error.message, /too long for me/);
        assert.equal(fake.requests.length, 1);
      },
      { faults: { failures: 1, failure } },
    );
  }
});

test('a model that the server has not, and a key that it does not take, are the fault of no caller', async () => {
  const wrongModel = { ...CUSTOM_VOICE.models[0], upstream: 'somebody/else' };
  await withRemote('vllm-omni-speech', { ...CUSTOM_VOICE, models: [wrongModel] }, async ({ engine }) => {
    assert.equal((await post([engine], '/v1/audio/speech', SPEECH)).statusCode, 502);
  });
  const failure = jsonReply({ error: { message: 'bad key' } }, 401);
  await withRemote(
    'vllm-omni-speech',
    { ...CUSTOM_VOICE, apiKey: 'secret' },
    async ({ fake, engine }) => {
      assert.equal((await post([engine], '/v1/audio/speech', SPEECH)).statusCode, 502);
      assert.equal(fake.last().headers['authorization'], 'Bearer secret');
    },
    { faults: { failures: 1, failure } },
  );
});

test('an address instead of a picture is never followed, and a page is no picture', async () => {
  const model = { capability: 'image', implements: ['gpt-image-1'] };
  const answers = [
    jsonReply({ data: [{ url: 'http://169.254.169.254/secret.png' }] }),
    { type: 'application/json', body: '<html>oops</html>' },
    jsonReply({ data: [{ b64_json: Buffer.from('this is no picture at all').toString('base64') }] }),
  ];
  for (const instead of answers) {
    await withRemote(
      'vllm-omni-image',
      remoteOf('vllm-omni', model),
      async ({ engine }) => {
        const body = { model: 'gpt-image-1', prompt: 'a kite' };
        const reply = await post([engine, sharp], '/v1/images/generations', body);
        assert.equal(reply.statusCode, 502, reply.body);
      },
      { faults: { instead } },
    );
  }
});

test('no film is made of what is none, and a film that the server refuses ends its job with the reason', async () => {
  const model = { capability: 'video', implements: ['wan2p2-i2v-14b-turbo'] };
  const page: FakeReply = { type: 'video/mp4', body: '<html>not a film</html>' };
  await withRemote('vllm-omni-video', remoteOf('vllm-omni', model), async ({ fake, engine }) => {
    fake.faults.instead = page;
    assert.ok(sharp.imageTools);
    const request = {
      model: 'far/model',
      prompt: 'it moves',
      size: { width: 64, height: 64 },
      durationSeconds: 1,
      framesPerSecond: 16,
      seed: 1,
      tools: sharp.imageTools,
    };
    await assert.rejects(
      async () => engine.video?.generate(request, testContext()),
      isFailure('engine_failed', 'no_film'),
    );
    fake.faults.instead = jsonReply({ detail: 'the prompt is not allowed' }, 400);
    const { app } = await testApp({ engines: [engine, sharp] });
    await app.ready();
    try {
      const form = new FormData();
      form.set('model', 'wan2p2-i2v-14b-turbo');
      form.set('prompt', 'it moves');
      form.set('image', new File([new Uint8Array(plainPng(64, 64))], 'a.png', { type: 'image/png' }));
      const { task_id: id } = (await inject(app, '/api/v1/generate', form)).json();
      let job = { status: 'pending' };
      while (!['completed', 'failed'].includes(job.status)) {
        await setImmediate();
        job = (await app.inject(`/api/v1/generate/status?jobId=${id}`)).json();
      }
      assert.equal(job.status, 'failed');
      assert.match(JSON.stringify(job), /the prompt is not allowed/);
    } finally {
      await app.close();
    }
  });
});

test('what is written down wrongly is a reason to show, not a server that does not start', () => {
  const written = {
    id: 'a',
    adapter: 'openai-media',
    url: 'http://127.0.0.1:1',
    models: [{ id: 'm', capability: 'speech' }],
  };
  const [remote] = remotesSchema.parse([{ ...written, apiKey: { env: 'NO_SUCH_KEY' } }]);
  assert.ok(remote);
  assert.throws(() => toRemoteSettings(remote, {}), /NO_SUCH_KEY/);
  assert.equal(toRemoteSettings(remote, { NO_SUCH_KEY: 'k' }).apiKey, 'k');
  assert.throws(() => remotesSchema.parse([written, written]), /two remotes called 'a'/);
  assert.throws(() => remotesSchema.parse([{ ...written, url: 'ftp://somewhere' }]), /http/);
  const differing = [
    { id: 'cv', capability: 'speech', family: 'qwen3-tts-customvoice' },
    { id: 'base', capability: 'speech', family: 'qwen3-tts-base' },
  ];
  assert.throws(
    () => remoteEngine({ id: 'a', profile: 'vllm-omni', models: differing }, NOWHERE),
    /Make two remotes/,
  );
  assert.throws(() => remoteEngine({ id: 'a', profile: 'nothing', models: differing }, NOWHERE), /vllm-omni/);
});

test('remotes of the configuration come before the engines that run here, and a wrong one is down with its reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-remotes-'));
  const file = join(folder, 'antiphon.config.json');
  const model = { id: 'm', capability: 'speech', upstream: 'tts-1', implements: ['tts-1'] };
  const remotes = [
    { id: 'far', adapter: 'openai-media', url: `${NOWHERE}/`, models: [model] },
    { id: 'wrong', adapter: 'openai-media', profile: 'nothing', url: NOWHERE, models: [model] },
    { id: 'keyless', adapter: 'openai-media', url: NOWHERE, apiKey: { env: 'NO_SUCH_KEY' }, models: [model] },
  ];
  await writeFile(file, JSON.stringify({ engines: ['flite'], dataDir: folder, remotes }));
  const config = loadConfig({ commandLine: {}, environment: {}, file });
  const assembly = await assemble(config, { log: silentLogger, environment: {} });
  try {
    assert.deepEqual(
      assembly.core.models.candidates('tts-1', 'speech').map(({ card, standIn }) => [card.id, standIn]),
      [
        ['far/m', false],
        ['flite/flite', true],
      ],
    );
    const reasons = Object.fromEntries(assembly.core.downEngines.map(({ id, reason }) => [id, reason]));
    assert.match(reasons['wrong'] ?? '', /no profile 'nothing'/);
    assert.match(reasons['keyless'] ?? '', /NO_SUCH_KEY/);
  } finally {
    await assembly.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
