/** Speech by servers elsewhere, through the APIs that people use, against fakes of those servers. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Engine } from '../src/core/engine.ts';
import { toneWav } from './fakes/fake-media.ts';
import { startFake } from './fakes/fake-server.ts';
import { fakeOf } from './fakes/index.ts';
import { BASE, CUSTOM_VOICE, inject, post, remoteEngine, remoteOf, withRemote } from './media-remotes.ts';
import { testApp, testContext } from './support.ts';
import { toneEngine } from './tone-engine.ts';

const TEXT = 'Good evening, dear listeners.';

test("OpenAI's speech comes from vLLM-Omni as raw samples, with its own voice and no stand-in", async () => {
  await withRemote('vllm-omni-speech', CUSTOM_VOICE, async ({ fake, engine }) => {
    const body = {
      model: 'qwen3-tts',
      voice: 'Vivian',
      input: TEXT,
      response_format: 'wav',
      instructions: 'softly',
    };
    const reply = await post([engine, toneEngine()], '/v1/audio/speech', body);
    assert.equal(reply.statusCode, 200, reply.body);
    assert.equal(reply.headers['x-antiphon-model'], 'qwen-cv/qwen3-tts');
    assert.equal(reply.headers['x-antiphon-stand-in'], undefined);
    // 50 ms for each character at 24 kHz, and a head of 44 bytes.
    assert.equal(reply.rawPayload.length, 44 + TEXT.length * 1200 * 2);
    const { fields } = fake.last();
    assert.deepEqual(fields, {
      task_type: 'CustomVoice',
      input: TEXT,
      model: 'Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice',
      response_format: 'pcm',
      stream: true,
      stream_format: 'audio',
      voice: 'vivian',
      language: 'English',
      instructions: 'softly',
    });
  });
});

test("Eigen's qwen3-tts goes to the pool with named voices, and a sample to the one that takes on voices", async () => {
  const customVoice = await startFake(fakeOf('vllm-omni-speech'));
  const base = await startFake(fakeOf('vllm-omni-speech-base'));
  const engines = [remoteEngine(CUSTOM_VOICE, customVoice.origin), remoteEngine(BASE, base.origin)];
  const { app } = await testApp({ engines });
  const ask = (body: object) => inject(app, '/api/v1/generate', body);
  try {
    const named = await ask({ model: 'qwen3-tts', text: TEXT, voice: 'Ryan' });
    assert.equal(named.statusCode, 200, named.body);
    assert.equal(customVoice.last().fields['voice'], 'ryan');
    assert.equal(base.requests.length, 0);

    const upload = new FormData();
    upload.set('model', 'qwen3-tts');
    upload.set(
      'voice_reference_file',
      new File([new Uint8Array(toneWav(4, 16_000))], 'me.wav', { type: 'audio/wav' }),
    );
    const made = await inject(app, '/api/v1/generate/upload', upload);
    assert.equal(made.statusCode, 200, made.body);
    const { voice_id: voiceId } = made.json();
    const cloned = await ask({ model: 'qwen3-tts', text: TEXT, voice_id: voiceId });
    assert.equal(cloned.statusCode, 200, cloned.body);
    assert.equal(cloned.headers['x-antiphon-model'], 'qwen-base/qwen3-tts');
    assert.equal(customVoice.requests.length, 1);
    assert.equal(base.last().fields['x_vector_only_mode'], true);
  } finally {
    await app.close();
    for (const engine of engines) await engine.stop?.();
    await customVoice.stop();
    await base.stop();
  }
});

test('a cloned voice goes along as a data URL, with its words or the order to do without them', async () => {
  const written = remoteOf('vllm-omni', {
    capability: 'speech',
    family: 'qwen3-tts-base',
    implements: ['qwen3-tts'],
  });
  await withRemote('vllm-omni-speech-base', { ...written, models: BASE.models }, async ({ fake, engine }) => {
    const sample = {
      audio: { kind: 'bytes', bytes: toneWav(4, 16_000) },
      durationSeconds: 4,
    } as const;
    const voice = engine.speech?.findSampleVoice?.('far/qwen3-tts', sample);
    assert.ok(voice);
    const request = {
      model: 'far/qwen3-tts',
      text: TEXT,
      voice: voice.id,
      language: 'de',
      speed: 1,
      pitchSemitones: 0,
      alignment: false,
    };
    for (const transcript of [undefined, 'these are the words']) {
      await drain(engine, { ...request, sample: { ...sample, ...(transcript ? { transcript } : {}) } });
      const { fields } = fake.last();
      assert.match(String(fields['ref_audio']), /^data:audio\/wav;base64,UklGR/);
      assert.equal(fields['x_vector_only_mode'], transcript ? undefined : true);
      assert.equal(fields['ref_text'], transcript);
      assert.equal(fields['language'], 'German');
      assert.equal(fields['voice'], undefined);
    }
  });
});

async function drain(engine: Engine, request: Parameters<NonNullable<Engine['speech']>['synthesize']>[0]) {
  const output = await engine.speech?.synthesize(request, testContext());
  assert.ok(output?.kind === 'pcm');
  let frames = 0;
  for await (const chunk of output.pcm.chunks) frames += chunk.length;
  return { frames, sampleRate: output.pcm.sampleRate };
}

test('Higgs gets the stored clip of a named voice, and neither language nor instructions nor speed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-clip-'));
  const path = join(folder, 'linda.wav');
  await writeFile(path, toneWav(5, 16_000));
  const written = remoteOf('vllm-omni', {
    capability: 'speech',
    family: 'higgs',
    upstream: 'bosonai/higgs-audio-v2-generation-3B-base',
    implements: ['higgs2p5'],
    voices: [{ name: 'Linda', gender: 'female', clip: { path, transcript: 'What Linda says.' } }],
  });
  try {
    await withRemote('vllm-omni-higgs', written, async ({ fake, engine }) => {
      const body = {
        model: 'higgs2p5',
        text: TEXT,
        voice: 'Linda',
        voice_settings: { speed: 2 },
        sampling: { temperature: 0.5, top_k: 20 },
      };
      const reply = await post([engine], '/api/v1/generate', body);
      assert.equal(reply.statusCode, 200, reply.body);
      const { fields } = fake.last();
      assert.equal(fields['ref_text'], 'What Linda says.');
      for (const name of ['language', 'instructions', 'speed', 'voice', 'temperature', 'top_k'])
        assert.equal(fields[name], undefined, name);
      // Twice as fast: the tempo is changed here.
      const seconds = (reply.rawPayload.length - 44) / 48_000;
      assert.ok(Math.abs(seconds - (TEXT.length * 0.05) / 2) < 0.05, `${seconds} s`);
      const warnings = JSON.parse(String(reply.headers['x-antiphon-warnings']));
      assert.deepEqual(warnings.map((one: { setting: string }) => one.setting).toSorted(), [
        'sampling.temperature',
        'sampling.top_k',
      ]);
      assert.equal(reply.headers['x-antiphon-stand-in'], undefined);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

for (const kind of ['sglang-omni', 'sglang-omni-events']) {
  test(`SGLang-Omni is told how to sample, and its sound is read as it comes: ${kind}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-clip-'));
    const path = join(folder, 'jack.wav');
    await writeFile(path, toneWav(5, 16_000));
    const written = remoteOf('sglang-omni', {
      capability: 'speech',
      implements: ['higgs2p5'],
      voices: [{ name: 'Jack', gender: 'male', clip: { path, transcript: 'What Jack says.' } }],
    });
    try {
      await withRemote(kind, written, async ({ fake, engine }) => {
        const body = {
          model: 'higgs2p5',
          text: TEXT,
          voice: 'Jack',
          voice_settings: { speed: 1.5 },
          sampling: { temperature: 0.5, top_p: 0.9, top_k: 20 },
        };
        const reply = await post([engine], '/api/v1/generate', body);
        assert.equal(reply.statusCode, 200, reply.body);
        const { fields } = fake.last();
        const told = ['temperature', 'top_p', 'top_k', 'speed'].map((name) => fields[name]);
        assert.deepEqual(told, [0.5, 0.9, 20, 1.5]);
        assert.equal(reply.headers['x-antiphon-warnings'], undefined);
        // Pieces of 1,001 bytes cut samples in two; none may be lost.
        assert.equal(reply.rawPayload.length, 44 + TEXT.length * 1200 * 2);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

test('Chatterbox of audio.cpp gets the clip as an object, sentence by sentence, and every dial that it has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-clip-'));
  const path = join(folder, 'default.wav');
  await writeFile(path, toneWav(5, 16_000));
  const written = remoteOf('audio.cpp', {
    capability: 'speech',
    family: 'chatterbox',
    upstream: 'chatterbox',
    implements: ['chatterbox'],
    voices: [{ name: 'narrator', gender: 'female', clip: { path } }],
  });
  try {
    await withRemote('audiocpp', written, async ({ fake, engine }) => {
      const text = 'This is the first sentence of a text. And this is the second one, which is said later.';
      const body = {
        model: 'chatterbox',
        text,
        language_id: 'de',
        exaggeration: 0.7,
        temperature: 0.6,
        min_p: 0.1,
        top_p: 0.9,
        repetition_penalty: 1.3,
        max_tokens: 2000,
        diffusion_steps: 7,
        seed: 5,
      };
      const reply = await post([engine], '/api/v1/generate', body);
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(fake.requests.length, 2);
      assert.equal(fake.most, 1);
      const { fields } = fake.last();
      assert.deepEqual(fields['options'], { min_p: 0.1, exaggeration: 0.7 });
      const told = ['language', 'temperature', 'top_p', 'repetition_penalty', 'max_tokens', 'seed'];
      assert.deepEqual(
        told.map((name) => fields[name]),
        ['de', 0.6, 0.9, 1.3, 2000, 5],
      );
      const { voice_ref: reference } = fields;
      assert.ok(typeof reference === 'object' && reference !== null && 'type' in reference);
      assert.equal(reference.type, 'base64');
      const warnings = JSON.parse(String(reply.headers['x-antiphon-warnings']));
      assert.deepEqual(
        warnings.map((one: { setting: string }) => one.setting),
        ['diffusion_steps'],
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what the operator fixes, maps or forbids is what happens', async () => {
  const model = {
    ...CUSTOM_VOICE.models[0],
    fixed: { max_new_tokens: 99 },
    parameters: {
      temperature: { map: 'extra_params.temperature', maximum: 1 },
      seed: 'reject',
      instructions: { fixed: 'calmly', as: 'instructions' },
    },
  };
  await withRemote('vllm-omni-speech', { ...CUSTOM_VOICE, models: [model] }, async ({ fake, engine }) => {
    const spoken = { model: 'qwen3-tts', text: TEXT, voice: 'Vivian' };
    const reply = await post([engine], '/api/v1/generate', { ...spoken, instructions: 'loudly' });
    assert.equal(reply.statusCode, 200, reply.body);
    assert.equal(fake.last().fields['instructions'], 'calmly');
    assert.equal(fake.last().fields['max_new_tokens'], 99);
    assert.match(String(reply.headers['x-antiphon-warnings']), /instructions/);
    const request = {
      model: 'qwen-cv/qwen3-tts',
      text: TEXT,
      voice: 'qwen-cv/Vivian',
      language: 'en',
      speed: 1,
      pitchSemitones: 0,
      alignment: false,
    };
    await drain(engine, { ...request, controls: { temperature: 0.4 } });
    assert.deepEqual(fake.last().fields['extra_params'], { temperature: 0.4 });
    await assert.rejects(
      async () => engine.speech?.synthesize({ ...request, seed: 1 }, testContext()),
      /does not allow 'seed'/,
    );
  });
});

test('a server elsewhere is listed with its health and how busy it says it is', async () => {
  await withRemote('vllm-omni-speech', CUSTOM_VOICE, async ({ engine }) => {
    const { app } = await testApp({ engines: [engine] });
    const { engines } = (await app.inject('/antiphon/v1/engines')).json();
    await app.close();
    assert.deepEqual(engines[0].health, { state: 'healthy', load: { running: 2, waiting: 5 } });
    assert.equal(engines[0].voices, 2);
  });
});

test('raw samples that a caller wants just as they come are passed on byte for byte, odd pieces and all', async () => {
  await withRemote('vllm-omni-speech', CUSTOM_VOICE, async ({ fake, engine }) => {
    const body = { model: 'qwen3-tts', voice: 'Vivian', input: TEXT, response_format: 'pcm' };
    const seen: string[] = [];
    const { speech } = engine;
    assert(speech);
    const watched: Engine = {
      ...engine,
      speech: {
        ...speech,
        synthesize: async (request, context) => {
          const output = await speech.synthesize(request, context);
          seen.push(output.kind);
          return output;
        },
      },
    };
    const { rawPayload: passedOn } = await post([watched], '/v1/audio/speech', body);
    const file = await post([watched], '/v1/audio/speech', { ...body, response_format: 'wav' });
    assert.deepEqual(seen, ['raw', 'pcm'], 'a file is written by us');
    assert.equal(fake.requests.length, 2);
    assert.deepEqual(passedOn, file.rawPayload.subarray(44), 'and both are the same sound');
  });
});
