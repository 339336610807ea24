/** Dialogue, described voices and recordings in another voice, through the vendor's official client. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import type { Warning } from '../../src/core/warning.ts';
import { stopCodecPool } from '../../src/media/codec-pool.ts';
import { stopDecodePool } from '../../src/media/decoders/decode-pool.ts';
import { measurePitch, semitonesBetween } from '../../src/media/pitch.ts';
import { stopReferencePool } from '../../src/media/reference-pool.ts';
import { burstRecording, bursts } from '../burst-recording.ts';
import { decodeWhole } from '../decode-support.ts';
import { listening } from '../support.ts';
import { toneEngine, type ToneEngine } from '../tone-engine.ts';

after(async () => {
  await Promise.all([stopCodecPool(), stopDecodePool(), stopReferencePool()]);
});

interface Calling {
  readonly client: ElevenLabsClient;
  readonly origin: string;
  readonly engine: ToneEngine;
}

async function calling(use: (calling: Calling) => Promise<void>): Promise<void> {
  const engine = toneEngine();
  await listening({ engines: [engine] }, async ({ origin }) => {
    await use({
      client: new ElevenLabsClient({ apiKey: 'x', baseUrl: origin, maxRetries: 0 }),
      origin,
      engine,
    });
  });
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function warningsIn(headers: Headers): readonly Warning[] {
  return JSON.parse(headers.get('x-antiphon-warnings') ?? '[]') as readonly Warning[]; // What the server wrote.
}

const INPUTS = [
  { text: 'Knock knock.', voiceId: 'tone/high' },
  { text: 'Who is there?', voiceId: 'tone/low' },
  { text: 'Only me.', voiceId: 'tone/high' },
];

test('E45 text-to-dialogue: each turn is spoken by its voice, in order, with a pause between two turns', async () => {
  await calling(async ({ client, engine }) => {
    const audio = await bytesOf(
      await client.textToDialogue.convert({ inputs: INPUTS, outputFormat: 'pcm_16000' }),
    );
    assert.deepEqual(
      engine.asked.map(({ text, voice }) => [text.trim(), voice]),
      INPUTS.map(({ text, voiceId }) => [text, voiceId]),
    );
    const spoken = engine.asked.reduce((sum, { text }) => sum + text.trimEnd().length * 0.05, 0);
    const seconds = audio.length / 32_000;
    assert.ok(
      seconds > spoken + 2 * 0.3 && seconds < spoken + 2 * 1,
      `${seconds} s for ${spoken} s of speech`,
    );
    const streamed = await client.textToDialogue.stream({ inputs: INPUTS, outputFormat: 'pcm_16000' });
    assert.deepEqual(await bytesOf(streamed), audio);
  });
});

test('E45 text-to-dialogue with times: says which voice speaks which characters, and when', async () => {
  await calling(async ({ client }) => {
    const timed = await client.textToDialogue.convertWithTimestamps({
      inputs: INPUTS,
      outputFormat: 'pcm_16000',
    });
    const { characters = [] } = timed.alignment ?? {};
    assert.deepEqual(
      timed.voiceSegments.map(({ voiceId, characterStartIndex, characterEndIndex, dialogueInputIndex }) => [
        voiceId,
        characters.slice(characterStartIndex, characterEndIndex).join(''),
        dialogueInputIndex,
      ]),
      INPUTS.map(({ text, voiceId }, index) => [voiceId, text, index]),
    );
    let last = 0;
    for (const { startTimeSeconds, endTimeSeconds } of timed.voiceSegments) {
      assert.ok(startTimeSeconds >= last && endTimeSeconds > startTimeSeconds);
      last = endTimeSeconds;
    }
    let heard = '';
    const seen = new Set<number>();
    for await (const part of await client.textToDialogue.streamWithTimestamps({ inputs: INPUTS })) {
      heard += part.alignment?.characters.join('') ?? '';
      for (const { dialogueInputIndex } of part.voiceSegments) seen.add(dialogueInputIndex);
    }
    assert.equal(heard, characters.join(''));
    assert.deepEqual([...seen], [0, 1, 2]);
  });
});

test('text-to-dialogue refuses an eleventh voice, no turns, and a voice that does not exist', async () => {
  await calling(async ({ client }) => {
    const statusFor = async (inputs: typeof INPUTS) => {
      try {
        await client.textToDialogue.convert({ inputs });
        return 200;
      } catch (error) {
        return error instanceof ElevenLabsError ? error.statusCode : String(error);
      }
    };
    const many = Array.from({ length: 11 }, (_, index) => ({ text: 'Hi.', voiceId: `voice${index}` }));
    assert.equal(await statusFor(many), 422);
    assert.equal(await statusFor([]), 422);
    assert.equal(await statusFor([{ text: 'Hi.', voiceId: 'nobody-of-this-name' }]), 404);
  });
});

const DESCRIPTION = 'A deep, slow voice of an old man who tells stories.';

test('E45 text-to-voice: three drafts that differ, the same for the same seed, and one becomes a voice that speaks', async () => {
  await calling(async ({ client, engine, origin }) => {
    const design = () => client.textToVoice.design({ voiceDescription: DESCRIPTION, seed: 7 });
    const { previews, text } = await design();
    assert.equal(previews.length, 3);
    assert.ok(text.length >= 100);
    const sounds = previews.map((preview) => preview.audioBase64);
    assert.equal(new Set(sounds).size, 3);
    assert.ok(
      previews.every(({ durationSecs, mediaType }) => durationSecs > 1 && mediaType === 'audio/mpeg'),
    );
    assert.deepEqual(
      (await design()).previews.map((preview) => preview.audioBase64),
      sounds,
    );
    assert.equal(engine.asked[0]?.voice, 'tone/low', 'a man');
    assert.ok(engine.asked[0].speed < 1 && engine.asked[0].pitchSemitones < 0);
    const voice = await client.textToVoice.create({
      voiceName: 'Storyteller',
      voiceDescription: DESCRIPTION,
      generatedVoiceId: previews[1]?.generatedVoiceId ?? '',
      labels: { mood: 'calm' },
    });
    assert.equal(voice.category, 'generated');
    const { pitchSemitones, speed } = engine.asked[1] ?? assert.fail('the second draft spoke');
    await bytesOf(await client.textToSpeech.convert(voice.voiceId, { text: 'Once upon a time.' }));
    const spoken = engine.asked.at(-1);
    assert.equal(spoken?.pitchSemitones, pitchSemitones);
    assert.equal(spoken.speed, speed);
    const response = await fetch(`${origin}/v1/text-to-voice/design`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ voice_description: DESCRIPTION, stream_previews: true, loudness: 0.5 }),
    });
    const told = warningsIn(response.headers);
    assert.ok(told.some(({ type, setting }) => type === 'ignored' && setting === 'loudness'));
    assert.ok(told.some((one) => one.type === 'adjusted' && one.to.includes('deep')));
  });
});

test('a draft of a voice is nobody else’s, and an unknown one is not found', async () => {
  const engine = toneEngine();
  await listening({ engines: [engine], keys: ['mine', 'theirs'] }, async ({ origin }) => {
    const connect = (apiKey: string) => new ElevenLabsClient({ apiKey, baseUrl: origin, maxRetries: 0 });
    const { previews } = await connect('mine').textToVoice.design({ voiceDescription: DESCRIPTION });
    const generatedVoiceId = previews[0]?.generatedVoiceId ?? '';
    const take = (apiKey: string, id = generatedVoiceId) =>
      connect(apiKey).textToVoice.create({
        voiceName: 'Mine',
        voiceDescription: DESCRIPTION,
        generatedVoiceId: id,
      });
    await assert.rejects(async () => take('theirs'), { statusCode: 404 });
    await assert.rejects(async () => take('mine', 'unknown'), { statusCode: 404 });
    assert.equal((await take('mine')).name, 'Mine');
  });
});

test('E45 speech-to-speech: the recording keeps its rhythm, moves to the pitch of the voice, and says that it is no more', async () => {
  await calling(async ({ client, origin }) => {
    const recording = burstRecording({ bursts: bursts(6, 330) });
    const audio = new File([Uint8Array.from(recording)], 'talk.wav');
    const before = await decodeWhole(recording, { sampleRate: 16_000, mono: true });
    const stream = await client.speechToSpeech.convert('tone/low', { audio, outputFormat: 'pcm_16000' });
    const bytes = await bytesOf(stream);
    const samples = Float32Array.from(new Int16Array(bytes.buffer), (one) => one / 32_768);
    assert.ok(Math.abs(samples.length - before.samples.length) < 0.05 * 16_000);
    const { pitchHertz } = measurePitch(samples, 16_000) ?? assert.fail('no pitch');
    assert.ok(Math.abs(semitonesBetween(pitchHertz, 220)) < 0.5, `${pitchHertz} Hz`);
    const form = new FormData();
    form.append('audio', audio);
    form.append('voice_settings', '{"stability":0.5}');
    const response = await fetch(`${origin}/v1/speech-to-speech/tone/low/stream`, {
      method: 'POST',
      body: form,
    });
    assert.equal(response.status, 200);
    await response.arrayBuffer();
    const settings = warningsIn(response.headers).map(({ type, setting }) => [type, setting]);
    assert.deepEqual(settings, [
      ['ignored', 'voice_settings.stability'],
      ['adjusted', 'voice_id'],
    ]);
    const history = await client.history.list({ source: 'STS' });
    assert.equal(history.history.length, 2);
  });
});
