import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElevenLabs, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import type { Warning } from '../../src/core/warning.ts';
import { decodeMp3, decodePcm } from '../contracts/decode-audio.ts';
import { callingForSounds, readBytes } from '../elevenlabs-house.ts';
import { toneSounds } from '../tone-sounds.ts';

/** What the client makes of a detailed answer; its types still tell of the bytes. */
interface Detailed {
  readonly json: ElevenLabs.DetailedMusicResponse;
  readonly audio: Buffer;
  readonly filename: string;
  readonly songId?: string;
}

function detailed(data: unknown): Detailed {
  return data as Detailed; // What the tests then check.
}

/** For what the client itself would not send. */
function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const type = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(body) });
}

async function failure(call: () => Promise<unknown>): Promise<ElevenLabsError> {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ElevenLabsError, `got ${String(error)}`);
  return error;
}

function detailOf(error: ElevenLabsError): Record<string, unknown> {
  return (error.body as { detail: Record<string, unknown> }).detail; // What the tests then check.
}

function warningsIn({ headers }: { readonly headers: { get(name: string): string | null } }): Warning[] {
  return JSON.parse(headers.get('x-antiphon-warnings') ?? '[]');
}

const SECTION = {
  sectionName: 'Verse',
  positiveLocalStyles: ['piano'],
  negativeLocalStyles: ['drums'],
  durationMs: 3000,
  lines: ['La la la'],
};
const SECTIONS = {
  positiveGlobalStyles: ['jazz'],
  negativeGlobalStyles: ['noise'],
  sections: [SECTION, { ...SECTION, sectionName: 'Chorus', durationMs: 4500, lines: [] }],
};
const CHUNKS = {
  chunks: [
    {
      text: '[Verse 1]\nOne line\n{scratching}\n\nAnother',
      durationMs: 3000,
      positiveStyles: ['house'],
      negativeStyles: ['vocals'],
    },
    { text: 'No name', durationMs: 5000, positiveStyles: ['loud'], contextAdherence: 'low' as const },
  ],
};

/** A tone is 0.5 on the left and half of that on the right; its two channels in between. */
async function heard(bytes: Buffer, rate: number) {
  const sound = await decodeMp3(bytes, { sampleRate: rate, channels: 2 });
  const surplus = sound.frames - sound.delayFrames;
  return { seconds: surplus / sound.sampleRate, rate: sound.sampleRate, channels: sound.channels };
}

for (const way of ['compose', 'stream'] as const) {
  test(`music.${way}: a prompt becomes music of the asked length, with the id of the song`, () =>
    callingForSounds(async ({ client, engine }) => {
      const { data, rawResponse } = await client.music[way]({
        prompt: 'A calm waltz',
        musicLengthMs: 3000,
        forceInstrumental: true,
      }).withRawResponse();
      const { seconds, rate, channels } = await heard(await readBytes(data), 44_100);
      assert.deepEqual([rate, channels], [44_100, 2]);
      assert.ok(seconds >= 3 && seconds < 3.1, `${seconds} s`);
      assert.match(rawResponse.headers.get('song-id') ?? '', /^[A-Za-z0-9]{20}$/);
      assert.equal(rawResponse.headers.get('x-antiphon-model'), 'tones/music');
      assert.deepEqual(
        warningsIn(rawResponse).map(({ setting }) => setting),
        ['force_instrumental'],
      );
      const [asked] = engine.asked;
      assert.deepEqual([asked?.kind, asked?.durationSeconds, asked?.instrumental], ['music', 3, true]);
    }));
}

test('the later models send 48 kHz unless something else is asked, and the highest rates exist', () =>
  callingForSounds(async ({ client }) => {
    const compose = async (request: ElevenLabs.BodyComposeMusicV1MusicPost) => {
      const { data, rawResponse } = await client.music
        .compose({ prompt: 'Techno', musicLengthMs: 3000, ...request })
        .withRawResponse();
      return { bytes: await readBytes(data), warnings: warningsIn(rawResponse) };
    };
    for (const [request, rate, kilobits] of [
      [{ modelId: 'music_v2' }, 48_000, 192],
      [{ modelId: 'music_v2_5', outputFormat: 'auto' }, 48_000, 192],
      [{ modelId: 'music_v1', outputFormat: 'auto' }, 44_100, 128],
      [{ outputFormat: 'mp3_48000_320' }, 48_000, 320],
      [{ outputFormat: 'mp3_48000_240' }, 48_000, 256],
    ] as const) {
      const { bytes, warnings } = await compose(request);
      assert.equal((await heard(bytes, rate)).rate, rate);
      assert.ok(Math.abs(bytes.length / 3 / 125 - kilobits) < kilobits / 20, `${bytes.length} bytes`);
      assert.equal(warnings.length, kilobits === 256 ? 1 : 0);
    }
    const pcm = await compose({ outputFormat: 'pcm_22050' });
    assert.equal(pcm.bytes.length, 3 * 22_050 * 2);
  }));

test('a plan of sections is played by the first model, one of chunks by the later ones, each at its own length', () =>
  callingForSounds(async ({ client, engine }) => {
    const asked = { compositionPlan: SECTIONS, outputFormat: 'pcm_8000', seed: 5 } as const;
    assert.equal((await readBytes(await client.music.compose(asked))).length, 7.5 * 16_000);
    const first = engine.asked.at(-1);
    assert.deepEqual([first?.seed, first?.exactSections, first?.prompt], [5, true, '']);
    assert.deepEqual(first?.plan, {
      styles: ['jazz'],
      avoidedStyles: ['noise'],
      sections: [
        {
          name: 'Verse',
          durationSeconds: 3,
          styles: ['piano'],
          avoidedStyles: ['drums'],
          lines: ['La la la'],
        },
        { name: 'Chorus', durationSeconds: 4.5, styles: ['piano'], avoidedStyles: ['drums'], lines: [] },
      ],
    });
    await readBytes(await client.music.compose({ ...asked, respectSectionsDurations: false }));
    assert.equal(engine.asked.at(-1)?.exactSections, false);

    const { data, rawResponse } = await client.music
      .compose({ compositionPlan: CHUNKS, modelId: 'music_v2', outputFormat: 'pcm_8000' })
      .withRawResponse();
    assert.equal((await readBytes(data)).length, 8 * 16_000);
    assert.deepEqual(engine.asked.at(-1)?.plan, {
      styles: ['house'],
      avoidedStyles: ['vocals'],
      sections: [
        {
          name: 'Verse 1',
          durationSeconds: 3,
          styles: ['house', 'scratching'],
          avoidedStyles: ['vocals'],
          lines: ['One line', 'Another'],
        },
        { name: 'Part 2', durationSeconds: 5, styles: ['loud'], avoidedStyles: [], lines: ['No name'] },
      ],
    });
    assert.deepEqual(
      warningsIn(rawResponse).map(({ setting }) => setting),
      ['composition_plan.chunks.context_adherence'],
    );
  }));

test('the detailed answer tells the plan that is played, a title, genres, the waveform and a file name', () =>
  callingForSounds(async ({ client, engine }) => {
    const { data: answer, rawResponse } = await client.music
      .composeDetailed({
        prompt: 'A lo-fi hip-hop beat for late nights',
        musicLengthMs: 9000,
        withTimestamps: true,
        withWaveformVisual: true,
        storeForInpainting: true,
      })
      .withRawResponse();
    const { compositionPlan, songMetadata, ...more } = detailed(answer).json;
    assert.ok('sections' in compositionPlan);
    assert.deepEqual(
      compositionPlan.sections.map(({ sectionName, durationMs }) => [sectionName, durationMs]),
      [
        ['Intro', 3000],
        ['Main', 6000],
      ],
    );
    assert.deepEqual(engine.asked.at(-1)?.plan?.sections.length, 2);
    assert.equal(songMetadata.title, 'A lo-fi hip-hop beat for late');
    assert.deepEqual(
      [songMetadata.genres, songMetadata.languages, songMetadata.isExplicit],
      [['lo-fi', 'hip hop'], [], false],
    );
    assert.deepEqual(more.wordsTimestamps, []);
    assert.equal(more.waveformVisual?.length, 36);
    assert.ok(more.waveformVisual?.every((value) => Math.abs(Math.abs(value) - 375) < 5));
    assert.equal(detailed(answer).filename, 'a_lo_fi_hip_hop_beat_for_late.mp3');
    const { seconds } = await heard(detailed(answer).audio, 44_100);
    assert.ok(seconds >= 9 && seconds < 9.1, `${seconds} s`);
    assert.equal(detailed(answer).songId, rawResponse.headers.get('song-id'));
    assert.deepEqual(
      warningsIn(rawResponse).map(({ setting }) => setting),
      ['store_for_inpainting', 'with_timestamps'],
    );
    assert.equal(rawResponse.headers.get('content-type')?.split(';')[0], 'multipart/mixed');
  }));

test('the detailed answer of an engine that lays nothing out tells one section of the asked length', () =>
  callingForSounds(
    async ({ client }) => {
      const answer = await client.music.composeDetailed({
        prompt: 'Jazz',
        musicLengthMs: 3000,
        modelId: 'music_v2',
      });
      assert.deepEqual(detailed(answer).json.compositionPlan, {
        chunks: [
          {
            text: '[Song]',
            durationMs: 3000,
            positiveStyles: ['Jazz'],
            negativeStyles: [],
            contextAdherence: 'high',
          },
        ],
      });
    },
    { engines: [toneSounds({ planless: true })] },
  ));

interface MusicEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Joins the sound of the events and lists their names, equal ones in a row once. */
function gather(events: readonly MusicEvent[]) {
  const audio = events.flatMap(({ event, data }) =>
    event === 'audio_chunk' ? [Buffer.from(String(data), 'base64')] : [],
  );
  const names = events.map(({ event }) => event).filter((name, index, all) => name !== all[index - 1]);
  return { audio: Buffer.concat(audio), names };
}

const EVENT_NAMES = ['composition_plan', 'song_metadata', 'audio_chunk', 'waveform_visual', 'completion'];

test('the detailed stream is server-sent events, and lines for the client that can read nothing else', () =>
  callingForSounds(async ({ client, origin }) => {
    const asked = {
      composition_plan: { chunks: [{ text: '', duration_ms: 3000, positive_styles: ['x'] }] },
      model_id: 'music_v2',
      seed: 1,
      with_waveform_visual: true,
    };
    const reply = await post(`${origin}/v1/music/detailed/stream?output_format=pcm_8000`, asked);
    assert.equal(reply.headers.get('content-type'), 'text/event-stream');
    const blocks = (await reply.text()).split('\n\n').filter((block) => block !== '');
    const events = gather(blocks.map((block): MusicEvent => JSON.parse(block.replace(/^data: /, ''))));
    assert.deepEqual(events.names, EVENT_NAMES);
    assert.equal(events.audio.length, 3 * 16_000);

    const stream = await client.music.composeDetailedStream({
      compositionPlan: { chunks: [{ text: '', durationMs: 3000, positiveStyles: ['x'] }] },
      modelId: 'music_v2',
      seed: 1,
      withWaveformVisual: true,
      outputFormat: 'pcm_8000',
    });
    const lines = gather(
      (await Array.fromAsync(stream)).map((line): MusicEvent => JSON.parse(line.replace(/^data: /, ''))),
    );
    assert.deepEqual(lines.names, EVENT_NAMES);
    assert.ok(lines.audio.equals(events.audio));
  }));

test('the detailed stream of an engine that breaks ends with an error instead of a completion', () =>
  callingForSounds(
    async ({ client }) => {
      const stream = await client.music.composeDetailedStream({
        prompt: 'Jazz',
        musicLengthMs: 9000,
        outputFormat: 'pcm_8000',
      });
      const names = gather(
        (await Array.fromAsync(stream)).map((line): MusicEvent => JSON.parse(line.slice(6))),
      ).names;
      assert.deepEqual(names, ['composition_plan', 'song_metadata', 'audio_chunk', 'error']);
    },
    { engines: [toneSounds({ failAfterChunks: 30 })] },
  ));

test('a plan is laid out in the shape of its model, and can be handed in again', () =>
  callingForSounds(async ({ client, engine }) => {
    const prompt = 'An epic march';
    const sections = await client.music.compositionPlan.create({ prompt, musicLengthMs: 500_000 });
    assert.ok('sections' in sections);
    assert.deepEqual(
      sections.sections.map(({ sectionName, durationMs }) => [sectionName, durationMs]),
      [
        ['Intro', 83_334],
        ['Intro 2', 83_333],
        ['Main', 111_111],
        ['Main 2', 111_111],
        ['Main 3', 111_111],
      ],
    );
    const chunks = await client.music.compositionPlan.create({
      prompt,
      musicLengthMs: 9000,
      modelId: 'music_v2_5',
    });
    assert.ok('chunks' in chunks);
    const compositionPlan = chunks;
    const bytes = await readBytes(
      await client.music.compose({ compositionPlan, modelId: 'music_v2_5', outputFormat: 'pcm_8000' }),
    );
    assert.equal(bytes.length, 9 * 16_000);
    assert.deepEqual(
      engine.asked.at(-1)?.plan?.sections.map(({ name, styles }) => [name, styles]),
      [
        ['Intro', ['An epic march']],
        ['Main', ['full']],
      ],
    );
    const source = { prompt, sourceCompositionPlan: SECTIONS };
    const again = await client.music.compositionPlan.create(source);
    assert.ok('sections' in again);
    assert.deepEqual(again.positiveGlobalStyles, ['An epic march', 'jazz']);
    assert.deepEqual(again.sections, SECTIONS.sections);
    const longer = await client.music.compositionPlan.create({ ...source, musicLengthMs: 15_000 });
    assert.deepEqual(
      'sections' in longer && longer.sections.map(({ durationMs }) => durationMs),
      [6000, 9000],
    );
    const planless = toneSounds({ planless: true });
    await callingForSounds(
      async ({ client: other, sent }) => {
        const error = await failure(() => other.music.compositionPlan.create({ prompt }));
        assert.deepEqual(
          [error.statusCode, detailOf(error)['code'], sent()],
          [400, 'feature_not_available', 1],
        );
      },
      { engines: [planless] },
    );
  }));

test('what excludes each other, is too long or of the wrong shape is refused by name, and asked for once', () =>
  callingForSounds(async ({ client, origin, sent, engine }) => {
    const compositionPlan = SECTIONS;
    const long = {
      ...SECTIONS,
      sections: Array.from({ length: 6 }, () => ({ ...SECTION, durationMs: 120_000 })),
    };
    const refused: readonly (readonly [ElevenLabs.BodyComposeMusicV1MusicPost, string])[] = [
      [{}, 'prompt'],
      [{ prompt: 'x', compositionPlan }, 'composition_plan'],
      [{ prompt: 'x', seed: 1 }, 'seed'],
      [{ compositionPlan, musicLengthMs: 3000 }, 'music_length_ms'],
      [{ compositionPlan, forceInstrumental: true }, 'force_instrumental'],
      [{ compositionPlan: long }, 'composition_plan'],
      [{ compositionPlan, modelId: 'music_v2' }, 'composition_plan'],
      [{ compositionPlan: CHUNKS }, 'composition_plan'],
      [{ prompt: 'x', finetuneId: 'mine' }, 'finetune_id'],
      [{ prompt: ' ' }, 'prompt'],
      [
        {
          compositionPlan: { chunks: [{ songId: 'a', range: { startMs: 0, endMs: 100 } }] },
          modelId: 'music_v2',
        },
        'composition_plan.song_id',
      ],
    ];
    for (const [request, param] of refused) {
      const error = await failure(() => client.music.compose(request));
      assert.deepEqual([error.statusCode, detailOf(error)['param']], [400, param]);
    }
    const wrong: readonly ElevenLabs.BodyComposeMusicV1MusicPost[] = [
      { prompt: 'x', musicLengthMs: 2999 },
      { prompt: 'x', musicLengthMs: 600_001 },
      { prompt: 'x', musicLengthMs: 5000.5 },
      { compositionPlan: { ...SECTIONS, sections: [{ ...SECTION, durationMs: 2999 }] } },
      { compositionPlan: { ...SECTIONS, sections: [{ ...SECTION, lines: ['a'.repeat(201)] }] } },
      { compositionPlan: { ...SECTIONS, sections: [] } },
      { compositionPlan: { ...SECTIONS, sections: Array.from({ length: 31 }, () => SECTION) } },
    ];
    for (const request of wrong) {
      const error = await failure(() => client.music.compose(request));
      assert.ok(error instanceof ElevenLabs.UnprocessableEntityError, JSON.stringify(request));
    }
    assert.deepEqual([sent(), engine.asked.length], [refused.length + wrong.length, 0]);
    const format = await post(`${origin}/v1/music?output_format=wav_44100`, { prompt: 'x' });
    assert.equal(format.status, 422);
    assert.match(await format.text(), /"loc":\["query","output_format"\]/);
  }));

test('the old name of a plan is taken and said to be old', () =>
  callingForSounds(async ({ origin }) => {
    const plan = {
      positive_global_styles: [],
      negative_global_styles: [],
      sections: [
        {
          section_name: 'A',
          positive_local_styles: [],
          negative_local_styles: [],
          duration_ms: 3000,
          lines: [],
        },
      ],
    };
    const reply = await post(`${origin}/v1/music?output_format=pcm_8000`, {
      music_prompt: plan,
      prompt: null,
    });
    const sound = await decodePcm(new Uint8Array(await reply.arrayBuffer()), {
      sampleRate: 8000,
      channels: 1,
    });
    assert.equal(sound.frames, 24_000);
    assert.deepEqual(warningsIn(reply), [
      { type: 'deprecated', setting: 'music_prompt', instead: 'composition_plan' },
    ]);
  }));

test('uploads, stems, music for films and finetunes are refused in the vendor’s envelope, and asked for once', () =>
  callingForSounds(async ({ client, sent }) => {
    const file = new File([Buffer.alloc(1000)], 'song.mp3');
    const calls: readonly (() => Promise<unknown>)[] = [
      () => client.music.upload({ file }),
      () => client.music.separateStems({ file }),
      () => client.music.videoToMusic({ videos: [file] }),
      () => client.music.finetunes.create({ name: 'mine', primaryGenre: 'jazz', files: [file] }),
    ];
    for (const call of calls) {
      const error = await failure(call);
      assert.deepEqual([error.statusCode, detailOf(error)['code']], [400, 'feature_not_available']);
    }
    assert.deepEqual((await client.music.finetunes.list()).finetunes, []);
    assert.equal((await failure(() => client.music.finetunes.get('mine'))).statusCode, 404);
    assert.equal(sent(), calls.length + 2);
  }));

test('under strict mode what nothing here can do is refused before a note is played', () =>
  callingForSounds(async ({ origin, engine }) => {
    const reply = await post(
      `${origin}/v1/music`,
      { prompt: 'x', sign_with_c2pa: true },
      { 'x-antiphon-strict': 'true' },
    );
    assert.equal(reply.status, 400);
    assert.match(await reply.text(), /"param":"sign_with_c2pa"/);
    assert.equal(engine.asked.length, 0);
  }));
