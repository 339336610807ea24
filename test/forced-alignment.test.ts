/**
 * Word times from the real aligner: against the times of the voice that spoke, and through the server for a model that
 * hears every word and knows no times.
 */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import OpenAI from 'openai';
import { present } from '../src/base/assert.ts';
import type { Engine } from '../src/core/engine.ts';
import { fliteEngine } from '../src/engines/flite/flite-engine.ts';
import { soundswallowerEngine } from '../src/engines/soundswallower/soundswallower-engine.ts';
import { stopDecodePool } from '../src/media/decoders/decode-pool.ts';
import { hear, requestContext, speechRequest } from './contracts/engine-contract.ts';
import { readTestFile, testData, withoutTestData } from './decode-support.ts';
import { hearingEngine } from './hearing-engine.ts';
import { listening } from './support.ts';

const JFK =
  'And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country.';
/** Where some of its words are, by ear: index and seconds, to 0.1 s. */
const JFK_WORDS = [
  [0, 0.3],
  [5, 3.3],
  [7, 5.35],
  [14, 8.2],
  [21, 10],
] as const;

describe('the words of a recording are found', async () => {
  const [finder, speaker] = await Promise.all([
    soundswallowerEngine.create({ workers: 1 }),
    fliteEngine.create({ workers: 1 }),
  ]);
  assert(!('unavailable' in finder) && !('unavailable' in speaker), 'Both are dependencies of ours.');
  const alignment = present(finder.alignment, 'The alignment');
  const speech = present(speaker.speech, 'The speech');
  after(async () => {
    await Promise.all([finder.stop?.(), speaker.stop?.(), stopDecodePool()]);
  });

  for (const voice of ['slt', 'awb', 'rms']) {
    test(`where the voice ${voice} spoke them, numbers and amounts too`, async () => {
      const text = 'On July 4, 1776 Mr. Smith paid $5.30 for a well-known book.';
      const spoken = await hear(
        speech,
        speechRequest({ model: 'flite/flite', voice: `flite/${voice}`, text }),
      );
      assert.equal(spoken.sampleRate, 16_000);
      const words = spoken.words.map((word) => text.slice(word.start, word.end));
      const request = { samples: spoken.samples, language: 'en', words };
      const times = present(await alignment.align(request, requestContext()), 'The times of the words');
      // 0.016 s on average and 0.05 s at most were measured.
      const misses = times.map((time, index) =>
        Math.abs(time.startSeconds - (spoken.words[index]?.startSeconds ?? NaN)),
      );
      const mean = misses.reduce((sum, miss) => sum + miss, 0) / misses.length;
      assert.ok(mean < 0.04 && Math.max(...misses) < 0.12, `${mean} s on average: ${misses.join(', ')}`);
    });
  }

  const server = (use: (origin: string) => Promise<void>) => {
    const ear = hearingEngine({ says: [{ startSeconds: 0, endSeconds: 11, text: ` ${JFK}` }] });
    const { transcription } = ear;
    const { word_times: _, ...settings } = present(transcription, 'The hearing').settings;
    const deaf: Engine = { ...ear, transcription: { ...present(transcription, 'The hearing'), settings } };
    return listening({ engines: [deaf, finder] }, ({ origin }) => use(origin));
  };

  test('for a model without word times, through the client of OpenAI', { skip: withoutTestData }, () =>
    server(async (origin) => {
      const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'any' });
      const asked = client.audio.transcriptions.create({
        model: 'whisper-1',
        file: createReadStream(join(testData, 'audio/en/jfk.wav')),
        response_format: 'verbose_json',
        timestamp_granularities: ['word', 'segment'],
      });
      const { data, response } = await asked.withResponse();
      assert.equal(response.headers.get('x-antiphon-warnings'), null);
      assert.equal(data.words?.map(({ word }) => word).join(' '), JFK.replaceAll(/[,.]/g, ''));
      for (const [index, seconds] of JFK_WORDS) {
        const word = data.words?.[index];
        assert.ok(Math.abs((word?.start ?? NaN) - seconds) < 0.25, `${word?.word} at ${word?.start}`);
      }
    }),
  );

  test('and of ElevenLabs, whose words spell the text', { skip: withoutTestData }, () =>
    server(async (origin) => {
      const client = new ElevenLabsClient({ apiKey: 'any', baseUrl: origin });
      const heard = await client.speechToText.convert({
        modelId: 'scribe_v1',
        languageCode: 'en',
        timestampsGranularity: 'word',
        file: new Blob([new Uint8Array(await readTestFile('en/jfk.wav'))]),
      });
      assert.ok('words' in heard);
      assert.equal(heard.words.map(({ text }) => text).join(''), JFK);
      const words = heard.words.filter(({ type }) => type === 'word');
      for (const [index, seconds] of JFK_WORDS) {
        assert.ok(Math.abs((words[index]?.start ?? NaN) - seconds) < 0.25, words[index]?.text);
      }
    }),
  );
});
