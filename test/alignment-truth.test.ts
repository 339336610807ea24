/**
 * The times that ElevenLabs’ clients get, on all three ways, against what is heard: the word events of the very synthesis
 * that was answered with, and, for flite, the words as the aligner finds them in the answer.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { present } from '../src/base/assert.ts';
import type { Engine, EngineModule } from '../src/core/engine.ts';
import { espeakEngine } from '../src/engines/espeak/espeak-engine.ts';
import { fliteEngine } from '../src/engines/flite/flite-engine.ts';
import { soundswallowerEngine } from '../src/engines/soundswallower/soundswallower-engine.ts';
import { fromInt16 } from '../src/media/pcm.ts';
import { resample } from '../src/media/resample.ts';
import {
  ownWords,
  recorded,
  samplesIn,
  spreadOf,
  wordsIn,
  type CharacterTimes,
  type HeardWord,
  type RecordedEngine,
  type WrittenWord,
} from './alignment-support.ts';
import { requestContext } from './contracts/engine-contract.ts';
import { connectSocket } from './socket-client.ts';
import { listening } from './support.ts';
import { casesOf } from './long-form.ts';

/** A text with what is written out in it, and of how many spoken words each word of it is made. */
interface Text {
  readonly text: string;
  readonly spoken: readonly number[];
}

const ENGLISH: Text = {
  text: 'On July 4, 1776 Mr. Smith paid $5.30 for 12 books and a map. Nobody asked him why! It was 121 km to the coast.',
  spoken: [1, 1, 1, 2, 1, 1, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1],
};
const GERMAN: Text = {
  text: 'Gestern bezahlte er 12 Euro und ging heim. Danach sah ihn niemand mehr!',
  spoken: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
};

interface Speaker {
  readonly module: EngineModule;
  readonly voice: string;
  /** Of the engine, so that its samples are found in the answer. */
  readonly sampleRate: number;
  readonly said: Text;
}

const SPEAKERS: readonly Speaker[] = [
  { module: fliteEngine, voice: 'flite/slt', sampleRate: 16_000, said: ENGLISH },
  { module: fliteEngine, voice: 'flite/awb', sampleRate: 16_000, said: ENGLISH },
  { module: espeakEngine, voice: 'espeak/en-us', sampleRate: 22_050, said: ENGLISH },
  { module: espeakEngine, voice: 'espeak/de', sampleRate: 22_050, said: GERMAN },
];

/** Times of a changed tempo are the harder ones. */
const SPEEDS = casesOf([1.2, 1], 1);

/** How far a time may be from the engine’s own event, in seconds; one millisecond was measured. */
const OWN = 0.03;

/** What a way answers with: the samples, and both alignments in seconds of all of them. */
interface Answer {
  readonly samples: Int16Array;
  readonly original: AnsweredTimes;
  readonly normalized: AnsweredTimes;
}

interface AnsweredTimes extends CharacterTimes {
  /** Characters that are made to end with the sound of their message, whenever they really do. */
  readonly cut: ReadonlySet<number>;
}

interface Call {
  readonly origin: string;
  readonly speaker: Speaker;
  readonly speed: number;
}

interface WireTimes {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
}

interface WireSpeech {
  readonly audio_base64: string;
  readonly alignment: WireTimes | null;
  readonly normalized_alignment: WireTimes | null;
}

function joined(parts: readonly (CharacterTimes | undefined)[]): AnsweredTimes {
  let length = 0;
  const cut = parts.map((part) => (length += part?.characters.length ?? 0) - 1);
  return {
    cut: new Set(cut),
    characters: parts.flatMap((part) => part?.characters ?? []),
    startSeconds: parts.flatMap((part) => part?.startSeconds ?? []),
    endSeconds: parts.flatMap((part) => part?.endSeconds ?? []),
  };
}

function toTimes(times: WireTimes | null): CharacterTimes | undefined {
  return (
    (times ?? undefined) && {
      characters: times?.characters ?? [],
      startSeconds: times?.character_start_times_seconds ?? [],
      endSeconds: times?.character_end_times_seconds ?? [],
    }
  );
}

function toAnswer(parts: readonly WireSpeech[]): Answer {
  return {
    samples: samplesIn(Buffer.concat(parts.map((part) => Buffer.from(part.audio_base64, 'base64')))),
    original: joined(parts.map((part) => toTimes(part.alignment))),
    normalized: joined(parts.map((part) => toTimes(part.normalized_alignment))),
  };
}

async function overHttp(path: string, { origin, speaker, speed }: Call): Promise<string> {
  const { voice, sampleRate, said } = speaker;
  const response = await fetch(
    `${origin}/v1/text-to-speech/${encodeURIComponent(voice)}/${path}?output_format=pcm_${sampleRate}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        text: said.text,
        model_id: 'eleven_multilingual_v2',
        voice_settings: { speed },
      }),
    },
  );
  assert.equal(response.status, 200);
  return response.text();
}

interface SocketTimes {
  readonly chars: readonly string[];
  readonly charStartTimesMs: readonly number[];
  readonly charDurationsMs: readonly number[];
}

interface SocketSpeech {
  readonly audio: string | null;
  readonly alignment: SocketTimes | null;
  readonly normalizedAlignment: SocketTimes | null;
}

/** Times of a message count from its own sound, which begins where that of the messages before ends. */
function movedBy(seconds: number, times: SocketTimes | null): CharacterTimes | undefined {
  if (!times) return undefined;
  const starts = times.charStartTimesMs.map((start) => seconds + start / 1000);
  return {
    characters: times.chars,
    startSeconds: starts,
    endSeconds: starts.map((start, index) => start + (times.charDurationsMs[index] ?? 0) / 1000),
  };
}

/** Some words in each message, as a language model sends them; what is spoken in one go is up to the server. */
async function overSocket({ origin, speaker, speed }: Call): Promise<Answer> {
  const { voice, sampleRate, said } = speaker;
  const query = `output_format=pcm_${sampleRate}&model_id=eleven_multilingual_v2`;
  const url = `${origin}/v1/text-to-speech/${encodeURIComponent(voice)}/stream-input?${query}`;
  const client = await connectSocket({ url });
  client.send({ text: ' ', voice_settings: { speed }, generation_config: { chunk_length_schedule: [50] } });
  for (const text of said.text.match(/\S+\s*/g) ?? []) client.send({ text: text.trimEnd() + ' ' });
  client.send({ text: '' });
  assert.equal((await client.closed).code, 1000);
  const parts = client.received as unknown as readonly SocketSpeech[]; // The documented messages, none of them binary.
  let seconds = 0;
  const answers = parts.map((part) => {
    const samples = samplesIn(Buffer.from(part.audio ?? '', 'base64'));
    const moved = {
      samples,
      original: movedBy(seconds, part.alignment),
      normalized: movedBy(seconds, part.normalizedAlignment),
    };
    seconds += samples.length / sampleRate;
    return moved;
  });
  return {
    samples: samplesIn(Buffer.concat(answers.map(({ samples }) => new Uint8Array(samples.buffer)))),
    original: joined(answers.map(({ original }) => original)),
    normalized: joined(answers.map(({ normalized }) => normalized)),
  };
}

/** Only a message of a socket ends its last character with its own sound. */
function uncut(answer: Answer): Answer {
  const cut = new Set<number>();
  return { ...answer, original: { ...answer.original, cut }, normalized: { ...answer.normalized, cut } };
}

const WAYS: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
  'with-timestamps': async (call) => uncut(toAnswer([JSON.parse(await overHttp('with-timestamps', call))])),
  'stream/with-timestamps': async (call) => {
    const lines = (await overHttp('stream/with-timestamps', call)).trimEnd().split('\n');
    return uncut(toAnswer(lines.map((line) => JSON.parse(line))));
  },
  'stream-input': overSocket,
};

/** Puts the events of an engine together where it tells several for what stands without a space. */
function mergedAs(words: readonly HeardWord[], text: readonly HeardWord[]): HeardWord[] {
  const waiting = [...words];
  return text.map((written) => {
    const own = [present(waiting.shift(), 'An event')];
    const lettersIn = (one: string) => one.replaceAll(/[^\p{L}\p{N}]/gu, '');
    const isWhole = () => lettersIn(own.map((word) => word.text).join('')) === lettersIn(written.text);
    while (!isWhole() && waiting.length > 0) own.push(...waiting.splice(0, 1));
    assert.ok(isWhole(), `${written.text} is not ${own.map((word) => word.text).join(' ')}`);
    return spanning(own);
  });
}

function spanning(words: readonly HeardWord[]): HeardWord {
  return {
    text: words.map(({ text }) => text).join(' '),
    startSeconds: words[0]?.startSeconds ?? Number.NaN,
    endSeconds: words.at(-1)?.endSeconds ?? Number.NaN,
  };
}

/** The full stop of an abbreviation is a part of the word. */
function endOf({ text, endSeconds, marksEndSeconds }: WrittenWord): number {
  return text === 'Mr.' ? marksEndSeconds : endSeconds;
}

function assertNear(times: AnsweredTimes, truth: readonly HeardWord[]): void {
  const found = wordsIn(times);
  assert.equal(found.length, truth.length);
  for (const [index, word] of found.entries()) {
    const own = truth[index];
    const told = `${word.text} at ${word.startSeconds} to ${endOf(word)}, really ${own?.startSeconds} to ${own?.endSeconds}`;
    assert.ok(Math.abs(word.startSeconds - (own?.startSeconds ?? Number.NaN)) <= OWN, told);
    if (times.cut.has(word.lastLetter) || times.cut.has(word.lastLetter + 1)) continue;
    assert.ok(Math.abs(endOf(word) - (own?.endSeconds ?? Number.NaN)) <= OWN, told);
  }
}

describe('the times of an answer', () => {
  const engines = new Map<EngineModule, Engine>();
  let finder: Engine | undefined;
  before(async () => {
    for (const module of [fliteEngine, espeakEngine, soundswallowerEngine]) {
      const engine = await module.create({ workers: 1 });
      assert(!('unavailable' in engine), 'All three are dependencies of ours.');
      engines.set(module, engine);
    }
    finder = engines.get(soundswallowerEngine);
  });
  after(async () => {
    for (const engine of engines.values()) await engine.stop?.();
  });

  const speaking = (
    call: Omit<Call, 'origin'>,
    use: (origin: string, engine: RecordedEngine) => Promise<void>,
  ): Promise<void> => {
    const engine = recorded(present(engines.get(call.speaker.module), 'The engine'));
    return listening({ engines: [engine.engine] }, ({ origin }) => use(origin, engine));
  };

  for (const speaker of SPEAKERS) {
    for (const speed of SPEEDS) {
      for (const [name, ask] of Object.entries(WAYS)) {
        test(`${name} tells when ${speaker.voice} says each word at speed ${speed}, within 30 ms`, () =>
          speaking({ speaker, speed }, async (origin, engine) => {
            const answer = await ask({ origin, speaker, speed });
            const events = ownWords(engine, answer.samples, speaker.sampleRate);
            const normalized = wordsIn(answer.normalized);
            const truth = mergedAs(events, normalized);
            assertNear(answer.normalized, truth);
            const original = wordsIn(answer.original);
            assert.deepEqual(
              original.map(({ text }) => text),
              speaker.said.text.split(' '),
            );
            let at = 0;
            const spoken = speaker.said.spoken.map((count) => spanning(truth.slice(at, (at += count))));
            assertNear(answer.original, spoken);
          }));
      }
    }
  }

  // The aligner’s model is one of human voices: it finds those of flite, and does not take eSpeak’s for speech.
  const found = SPEAKERS.filter(({ module }) => module === fliteEngine);
  for (const speaker of casesOf(found, 1)) {
    for (const speed of SPEEDS) {
      test(`are where the aligner hears the words of ${speaker.voice} at speed ${speed}`, async (t) => {
        await speaking({ speaker, speed }, async (origin) => {
          const starts: number[] = [];
          const ends: number[] = [];
          for (const [name, ask] of Object.entries(WAYS)) {
            const { samples, original } = await ask({ origin, speaker, speed });
            const words = wordsIn(original);
            const heard = present(
              await finder?.alignment?.align(
                {
                  samples: await atAlignerRate(samples, speaker.sampleRate),
                  language: 'en',
                  words: words.map(({ text }) => text),
                },
                requestContext(),
              ),
              `The words of ${name}`,
            );
            for (const [index, word] of words.entries()) {
              starts.push(word.startSeconds - (heard[index]?.startSeconds ?? Number.NaN));
              ends.push(endOf(word) - (heard[index]?.endSeconds ?? Number.NaN));
            }
          }
          const [start, end] = [spreadOf(starts), spreadOf(ends)];
          t.diagnostic(`starts: ${inMs(start)}; ends: ${inMs(end)}`);
          assert.ok(start.mean <= 0.06 && start.ninetieth <= 0.12, `starts: ${inMs(start)}`);
          assert.ok(end.mean <= 0.08 && end.ninetieth <= 0.16, `ends: ${inMs(end)}`);
        });
      });
    }
  }
});

function inMs({ mean, ninetieth, most }: ReturnType<typeof spreadOf>): string {
  const ms = (seconds: number) => Math.round(seconds * 1000);
  return `${ms(mean)} ms on average, nine of ten within ${ms(ninetieth)} ms, all within ${ms(most)} ms`;
}

const ALIGNER_RATE = 16_000;

async function atAlignerRate(samples: Int16Array, sampleRate: number): Promise<Float32Array<ArrayBuffer>> {
  async function* once() {
    yield fromInt16(samples);
  }
  const chunks: Float32Array[] = [];
  for await (const chunk of resample({ sampleRate, channels: 1, chunks: once() }, ALIGNER_RATE).chunks)
    chunks.push(chunk);
  return Float32Array.from(chunks.flatMap((chunk) => [...chunk]));
}
