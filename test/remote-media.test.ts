/** Transcripts, sounds, pictures and films by servers elsewhere, through the APIs that people use. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../src/core/engine.ts';
import { sharpEngine } from '../src/engines/sharp/sharp-engine.ts';
import { plainPng, toneWav } from './fakes/fake-media.ts';
import { inject, post, remoteOf, withRemote } from './media-remotes.ts';
import { testApp, testContext } from './support.ts';

let sharp: Engine;
before(async () => {
  const engine = await sharpEngine.create({ workers: 1 });
  assert.ok(!('unavailable' in engine));
  sharp = engine;
});
after(() => sharp.stop?.());

const WHISPER = {
  capability: 'transcription',
  upstream: 'openai/whisper-large-v3-turbo',
  implements: ['whisper_v3_turbo', 'whisper-1'],
} as const;

function recording(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.set('file', new File([new Uint8Array(spoken())], 'speech.wav', { type: 'audio/wav' }));
  return form;
}

/** Something that passes for speech: a tone that swells and falls like syllables. */
function spoken(): Uint8Array {
  const bytes = Buffer.from(toneWav(3, 16_000));
  for (let at = 44; at < bytes.length; at += 2) {
    const seconds = (at - 44) / 2 / 16_000;
    const swell = 0.5 - 0.5 * Math.cos(2 * Math.PI * 4 * seconds);
    const harmonics = [1, 2, 3, 4, 5, 6].reduce(
      (sum, n) => sum + Math.sin(2 * Math.PI * 140 * n * seconds) / n,
      0,
    );
    bytes.writeInt16LE(Math.round(9000 * swell * harmonics * 0.6), at);
  }
  return new Uint8Array(bytes);
}

test('Eigen: whisper_v3_turbo is heard by vLLM, from WAV with 16 kHz', async () => {
  await withRemote('vllm-whisper', remoteOf('vllm', WHISPER), async ({ fake, engine }) => {
    const reply = await post(
      [engine],
      '/api/v1/generate',
      recording({ model: 'whisper_v3_turbo', language: 'en' }),
    );
    assert.equal(reply.statusCode, 200, reply.body);
    assert.match(reply.body, /The north wind and the sun were disputing\./);
    const { fields, files } = fake.last();
    assert.equal(fields['model'], 'openai/whisper-large-v3-turbo');
    assert.equal(fields['language'], 'en');
    assert.equal(fields['response_format'], 'verbose_json');
    const [file] = files;
    assert.ok(file);
    assert.equal(Buffer.from(file.bytes).readUInt32LE(24), 16_000);
    assert.equal(Buffer.from(file.bytes).readUInt32LE(40), file.bytes.length - 44);
  });
});

for (const [fakeId, profile] of [
  ['vllm-whisper', 'vllm'],
  ['whisper.cpp', 'whisper.cpp'],
] as const) {
  test(`words and segments are read as ${profile} tells them`, async () => {
    await withRemote(fakeId, remoteOf(profile, WHISPER), async ({ fake, engine }) => {
      const form = recording({
        model: 'whisper-1',
        response_format: 'verbose_json',
        prompt: 'A fable.',
        temperature: '0.2',
      });
      form.append('timestamp_granularities[]', 'word');
      const reply = await post([engine], '/v1/audio/transcriptions', form);
      assert.equal(reply.statusCode, 200, reply.body);
      const { words, language, text } = reply.json();
      assert.equal(text, 'The north wind and the sun were disputing.');
      assert.equal(language, 'english');
      assert.deepEqual(
        words.map((one: { word: string }) => one.word),
        ['The', 'north', 'wind', 'and', 'the', 'sun', 'were', 'disputing'].map((word) => word),
      );
      assert.ok(words.every((one: { start: number; end: number }) => one.end > one.start));
      assert.equal(fake.last().fields['prompt'], 'A fable.');
      assert.equal(fake.last().fields['temperature'], '0.2');
    });
  });
}

test('a model that tells no times streams its own chunks, which become a transcript', async () => {
  await withRemote(
    'vllm-whisper',
    remoteOf('vllm', { ...WHISPER, family: 'text' }),
    async ({ fake, engine }) => {
      const reply = await post([engine], '/v1/audio/transcriptions', recording({ model: 'whisper-1' }));
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(reply.json().text, 'The north wind and the sun were disputing.');
      assert.equal(fake.last().fields['stream'], 'true');
    },
  );
});

test('a translation goes to the route or the field for it, and is refused by a model that was not taught it', async () => {
  const taught = { ...WHISPER, tasks: ['transcribe', 'translate'] };
  await withRemote('vllm-whisper', remoteOf('vllm', taught), async ({ fake, engine }) => {
    const reply = await post([engine], '/v1/audio/translations', recording({ model: 'whisper-1' }));
    assert.equal(reply.statusCode, 200, reply.body);
    assert.equal(fake.last().path, '/v1/audio/translations');
  });
  await withRemote('whisper.cpp', remoteOf('whisper.cpp', taught), async ({ fake, engine }) => {
    await post([engine], '/v1/audio/translations', recording({ model: 'whisper-1' }));
    assert.equal(fake.last().fields['translate'], 'true');
  });
  await withRemote('vllm-whisper', remoteOf('vllm', WHISPER), async ({ fake, engine }) => {
    const reply = await post([engine], '/v1/audio/translations', recording({ model: 'whisper-1' }));
    assert.equal(reply.statusCode, 400, reply.body);
    assert.equal(fake.requests.length, 0);
  });
});

const STABLE_AUDIO = {
  capability: 'sound',
  upstream: 'stable-audio-open-1.0',
  implements: ['stable-audio'],
} as const;

/** The sounds and films of these tests are made in a moment: whoever asks ten thousand times asks in vain. */
async function ended(app: FastifyInstance, url: string, isEnd: (body: Record<string, unknown>) => boolean) {
  for (let asked = 0; asked < 10_000; asked += 1) {
    const body: Record<string, unknown> = (await app.inject({ method: 'GET', url })).json();
    if (isEnd(body)) return body;
    await setImmediate();
  }
  throw new Error(`${url} never ended.`);
}

test("AI/ML API's stable-audio is made by vLLM-Omni: start, length and steps reach it", async () => {
  await withRemote('vllm-omni-audio', remoteOf('vllm-omni', STABLE_AUDIO), async ({ fake, engine }) => {
    const { app } = await testApp({ engines: [engine] });
    await app.ready();
    try {
      const body = {
        model: 'stable-audio',
        prompt: 'rain on a tin roof',
        seconds_start: 2,
        seconds_total: 6,
        steps: 40,
      };
      const posted = await inject(app, '/v2/generate/audio', body);
      assert.ok(posted.statusCode < 300, posted.body);
      const id: string = posted.json().id ?? posted.json().generation_id;
      const end = await ended(
        app,
        `/v2/generate/audio?generation_id=${encodeURIComponent(id)}`,
        ({ status }) => ['completed', 'error', 'failed'].includes(String(status)),
      );
      assert.equal(end['status'], 'completed', JSON.stringify(end));
      const { fields } = fake.last();
      assert.equal(fields['input'], 'rain on a tin roof');
      assert.equal(fields['audio_start'], 2);
      assert.equal(fields['num_inference_steps'], 40);
      assert.equal(typeof fields['audio_length'], 'number');
    } finally {
      await app.close();
    }
  });
});

test('the influence of the prompt is a line of ours on the guidance of the server, and a missing length is 10 s', async () => {
  await withRemote('vllm-omni-audio', remoteOf('vllm-omni', STABLE_AUDIO), async ({ fake, engine }) => {
    const wish = {
      kind: 'effect',
      prompt: 'a bell',
      model: 'far/model',
      seed: 3,
      promptInfluence: 0.3,
    } as const;
    const output = await engine.sound?.generate(wish, testContext());
    assert.equal(output?.kind, 'file');
    const { fields } = fake.last();
    assert.ok(Math.abs(Number(fields['guidance_scale']) - 4.6) < 1e-9);
    assert.equal(fields['audio_length'], 10);
    assert.equal(fields['seed'], 3);
  });
});

test('audio.cpp runs a task and answers with sound in JSON; LocalAI has a route of its own', async () => {
  const wish = {
    kind: 'effect',
    prompt: 'a bell',
    model: 'far/model',
    seed: 3,
    durationSeconds: 2,
    steps: 9,
  } as const;
  const model = { capability: 'sound', upstream: 'stable-audio-3' };
  await withRemote('audiocpp', remoteOf('audio.cpp', model), async ({ fake, engine }) => {
    const output = await engine.sound?.generate({ ...wish, negativePrompt: 'voices' }, testContext());
    assert.ok(output?.kind === 'file');
    assert.equal(output.bytes.length, 44 + 2 * 44_100 * 4);
    assert.deepEqual(fake.last().fields, {
      model: 'stable-audio-3',
      request: {
        text: 'a bell',
        duration_seconds: 2,
        num_inference_steps: 9,
        seed: 3,
        options: { negative_prompt: 'voices' },
      },
    });
  });
  await withRemote('localai', remoteOf('localai', model), async ({ fake, engine }) => {
    await engine.sound?.generate({ ...wish, promptInfluence: 0.4 }, testContext());
    assert.deepEqual(fake.last().fields, {
      model_id: 'stable-audio-3',
      text: 'a bell',
      duration_seconds: 2,
      prompt_influence: 0.4,
    });
    await assert.rejects(
      async () => engine.sound?.generate({ ...wish, prompt: 'a bell | a drum' }, testContext()),
      /vertical bar/,
    );
  });
});

for (const fakeId of ['vllm-omni-image', 'sglang-diffusion']) {
  const profile = fakeId === 'sglang-diffusion' ? 'sglang-diffusion' : 'vllm-omni';
  const model = {
    capability: 'image',
    upstream: 'Qwen/Qwen-Image',
    implements: ['gpt-image-1', 'qwen-image-edit-2511'],
  };

  test(`OpenAI's pictures are made by ${fakeId}, as bytes in the answer and of the asked size`, async () => {
    await withRemote(fakeId, remoteOf(profile, model), async ({ fake, engine }) => {
      const body = { model: 'gpt-image-1', prompt: 'a red kite', size: '1024x1536' };
      const reply = await post([engine, sharp], '/v1/images/generations', body);
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(reply.headers['x-antiphon-stand-in'], undefined);
      const png = Buffer.from(reply.json().data[0].b64_json, 'base64');
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1024, 1536]);
      const { fields } = fake.last();
      assert.equal(fields['prompt'], 'a red kite');
      assert.equal(fields['size'], '1024x1536');
      assert.equal(fields['response_format'], 'b64_json');
    });
  });

  test(`an edit takes its pictures and mask to ${fakeId}`, async () => {
    await withRemote(fakeId, remoteOf(profile, model), async ({ fake, engine }) => {
      const form = new FormData();
      form.set('model', 'gpt-image-1');
      form.set('prompt', 'make it blue');
      form.set('image', new File([new Uint8Array(plainPng(256, 256))], 'a.png', { type: 'image/png' }));
      form.set('mask', new File([await halfTransparent()], 'mask.png', { type: 'image/png' }));
      const reply = await post([engine, sharp], '/v1/images/edits', form);
      assert.equal(reply.statusCode, 200, reply.body);
      const fields = fake.last().files.map(({ field }) => field);
      assert.deepEqual(fields, ['image[]', profile === 'vllm-omni' ? 'mask_image' : 'mask']);
      const mask = fake.last().files[1];
      assert.ok(mask && sharp.imageTools);
      const { pixels } = await sharp.imageTools.toPixels(mask.bytes, testContext());
      // Transparent on the left: white there for the one, still transparent for the other.
      const expected = profile === 'vllm-omni' ? [255, 255, 0, 255] : [undefined, 0, undefined, 255];
      const seen = [pixels[0], pixels[3], pixels[255 * 4], pixels[255 * 4 + 3]];
      assert.deepEqual(
        seen.map((value, index) => (expected[index] === undefined ? undefined : value)),
        expected,
      );
    });
  });
}

async function halfTransparent(): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = new Uint8Array(256 * 256 * 4).fill(90);
  for (let at = 0; at < pixels.length; at += 4) pixels[at + 3] = (at / 4) % 256 < 128 ? 0 : 255;
  assert.ok(sharp.imageTools);
  const options = { format: { id: 'png' } } as const;
  const { bytes } = await sharp.imageTools.write({ pixels, width: 256, height: 256 }, options, testContext());
  return bytes;
}

test("Eigen's qwen-image-edit takes steps, guidance and the strength of the operator's LoRA to vLLM-Omni", async () => {
  const model = {
    capability: 'image',
    upstream: 'Qwen/Qwen-Image-Edit-2511',
    implements: ['qwen-image-edit-2511'],
    defaults: { lora: { name: 'lightning', path: '/loras/lightning.safetensors' } },
  };
  await withRemote('vllm-omni-image', remoteOf('vllm-omni', model), async ({ fake, engine }) => {
    const form = new FormData();
    const fields = {
      model: 'qwen-image-edit-2511',
      prompt: 'make it blue',
      num_inference_steps: '8',
      true_cfg_scale: '3',
      lora_strength: '0.8',
      rank: '32',
    };
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('image', new File([new Uint8Array(plainPng(256, 256))], 'a.png', { type: 'image/png' }));
    const reply = await post([engine, sharp], '/api/v1/generate', form);
    assert.equal(reply.statusCode, 200, reply.body);
    const told = fake.last().fields;
    assert.equal(told['num_inference_steps'], '8');
    assert.equal(told['true_cfg_scale'], '3');
    const lora = JSON.parse(String(told['lora']));
    assert.deepEqual(lora, { name: 'lightning', path: '/loras/lightning.safetensors', scale: 0.8 });
    assert.match(String(reply.headers['x-antiphon-warnings']), /rank/);
  });
});

for (const [fakeId, profile] of [
  ['vllm-omni-video', 'vllm-omni'],
  ['localai', 'localai'],
] as const) {
  test(`Eigen's film is made by ${fakeId} in one call and a job, with as many frames as the model can`, async () => {
    const model = {
      capability: 'video',
      upstream: 'Wan-AI/Wan2.2-I2V-A14B',
      implements: ['wan2p2-i2v-14b-turbo'],
    };
    await withRemote(fakeId, remoteOf(profile, model), async ({ fake, engine }) => {
      const { app } = await testApp({ engines: [engine, sharp] });
      await app.ready();
      try {
        const form = new FormData();
        const fields = { model: 'wan2p2-i2v-14b-turbo', prompt: 'it moves', seed: '7' };
        for (const [name, value] of Object.entries(fields)) form.set(name, value);
        form.set('image', new File([new Uint8Array(plainPng(64, 64))], 'a.png', { type: 'image/png' }));
        const posted = await inject(app, '/api/v1/generate', form);
        assert.ok(posted.statusCode < 300, posted.body);
        const { task_id: id } = posted.json();
        const end = await ended(app, `/api/v1/generate/status?jobId=${id}`, ({ status }) =>
          ['completed', 'failed'].includes(String(status)),
        );
        assert.equal(end['status'], 'completed', JSON.stringify(end));
        const film = await app.inject({ method: 'GET', url: `/api/v1/generate/result?jobId=${id}` });
        assert.equal(film.headers['content-type'], 'video/mp4');
        assert.equal(film.rawPayload.toString('latin1', 4, 8), 'ftyp');
        const asked = fake.last();
        assert.equal((Number(asked.fields['num_frames']) - 1) % 4, 0);
        assert.equal(Number(asked.fields['seed']), 7);
        if (profile === 'vllm-omni') assert.equal(asked.files[0]?.field, 'input_reference');
        else assert.match(String(asked.fields['start_image']), /^iVBOR/);
      } finally {
        await app.close();
      }
    });
  });
}
