import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import { ANYBODY, type RequestContext } from '../../src/core/context.ts';
import type { Engine, EngineModule, SpeechEngine, SynthesisRequest } from '../../src/core/engine.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import type { WordTiming } from '../../src/core/speech/alignment.ts';
import type { Voice } from '../../src/core/voices/voice.ts';
import { concatSamples, type PcmStream, rootMeanSquare } from '../../src/media/pcm.ts';

/** What the suite has to know about an engine to put it to the test. */
export interface EngineContractOptions {
  /** The voice that speaks wherever the voice does not matter. */
  readonly voice: string;
  /** An ordinary sentence of 20 to 80 characters in the voice's language. */
  readonly sentence: (voice: Voice) => string;
  /** Voices that must speak; every one when absent. For engines with very many. */
  readonly voices?: readonly string[];
  readonly workers?: number;
  /** Length of the longest text that must be spoken; 5,000 when absent. For engines that take long over it. */
  readonly longestText?: number;
}

/** A request that says as little as possible, and a context that nobody aborts. */
export function speechRequest(changes: Partial<SynthesisRequest>): SynthesisRequest {
  return {
    model: '',
    text: '',
    voice: '',
    language: 'en',
    speed: 1,
    pitchSemitones: 0,
    alignment: true,
    ...changes,
  };
}

/** A request context as a dialect would make it. */
export function requestContext(signal: AbortSignal = new AbortController().signal): RequestContext {
  return {
    requestId: '0'.repeat(32),
    principal: { ...ANYBODY, id: 'test' },
    dialect: 'test',
    signal,
    log: silentLogger,
    strict: false,
  };
}

/** One speech, read to its end. */
export interface Heard {
  readonly sampleRate: number;
  readonly samples: Float32Array;
  readonly seconds: number;
  readonly words: readonly WordTiming[];
  /** After each chunk: seconds heard, and words known by then. */
  readonly steps: readonly { readonly seconds: number; readonly words: number }[];
  readonly longestChunkSeconds: number;
}

/** Speaks and reads everything. */
export async function hear(
  speech: SpeechEngine,
  request: SynthesisRequest,
  context: RequestContext = requestContext(),
): Promise<Heard> {
  const output = await speech.synthesize(request, context);
  assert.equal(output.kind, 'pcm');
  assert(output.kind === 'pcm');
  const { sampleRate, channels } = output.pcm;
  const chunks: Float32Array[] = [];
  const steps: { seconds: number; words: number }[] = [];
  let frames = 0;
  for await (const chunk of output.pcm.chunks) {
    chunks.push(chunk);
    frames += chunk.length / channels;
    steps.push({ seconds: frames / sampleRate, words: output.timings?.words.length ?? 0 });
  }
  const longest = Math.max(0, ...chunks.map((chunk) => chunk.length / channels / sampleRate));
  return {
    sampleRate,
    samples: concatSamples(chunks),
    seconds: frames / sampleRate,
    words: [...(output.timings?.words ?? [])],
    steps,
    longestChunkSeconds: longest,
  };
}

/** Texts that nobody expects and everybody sends. */
const STRANGE_TEXTS = {
  'one emoji': '😀',
  'emoji and a word': '👩‍👩‍👧‍👦🏳️‍🌈 hi',
  'NUL bytes': '\0\0hello\0',
  'only NUL bytes': '\0\0\0',
  'right-to-left script': 'مرحبا بالعالم، שלום עולם',
  'markup that looks like SSML': '<speak><break time="2s"/>Tom & Jerry</speak>',
  'half a surrogate pair': 'a\ud83d b \ude00',
  'only punctuation': '?!... --- (*) "" \'\'',
  'something like an option': '-voice /etc/passwd --help',
  'combining marks without end': `a${'\u0301'.repeat(300)}`,
  'no space anywhere': 'abcdefghij'.repeat(50),
  'digits without end': '1234567890'.repeat(40),
  'one letter': 'A',
} as const;

/** Claims that every engine has to make good on; one that cannot run here is skipped by name. */
export function describeEngineContract(module: EngineModule, options: EngineContractOptions): void {
  describe(`the engine ${module.id}`, () => {
    let engine: Engine | undefined;
    let unavailable = '';

    before(async () => {
      const created = await module.create({ workers: options.workers ?? 2 });
      if ('unavailable' in created) unavailable = created.unavailable;
      else engine = created;
    });
    after(async () => {
      await engine?.stop?.();
    });

    const claim = (title: string, check: (engine: Engine, t: TestContext) => Promise<void> | void) => {
      test(title, async (t) => {
        if (engine) await check(engine, t);
        else t.skip(`${module.id} is unavailable: ${unavailable}`);
      });
    };

    claim('has models of its own name, and only capabilities that exist', (running) => {
      assert.equal(running.id, module.id);
      assert(running.models.length > 0);
      assert(Number.isInteger(running.concurrency) && running.concurrency > 0);
      const parts: Readonly<Record<string, unknown>> = { speech: running.speech };
      for (const card of running.models) {
        assert(card.id.startsWith(`${module.id}/`), card.id);
        assert(parts[card.capability], `${card.id} claims ${card.capability}`);
      }
    });

    const speechClaim = (
      title: string,
      check: (speaker: Speaker, t: TestContext) => Promise<void> | void,
    ) => {
      claim(title, async (running, t) => {
        if (running.speech) await check(createSpeaker(running, running.speech, options), t);
        else t.skip(`${module.id} does not speak`);
      });
    };
    describeSpeech(speechClaim, options);
  });
}

interface Speaker {
  readonly engine: Engine;
  readonly speech: SpeechEngine;
  readonly voice: Voice;
  /** An ordinary sentence for the default voice. */
  readonly sentence: string;
  hear(changes?: Partial<SynthesisRequest>): Promise<Heard>;
  start(changes: Partial<SynthesisRequest>, signal: AbortSignal): Promise<PcmStream>;
}

function createSpeaker(engine: Engine, speech: SpeechEngine, options: EngineContractOptions): Speaker {
  const voice = findVoice(speech, options.voice);
  const sentence = options.sentence(voice);
  const request = (changes: Partial<SynthesisRequest> = {}) => {
    return speechRequest({
      model: engine.models[0]?.id ?? '',
      voice: voice.id,
      language: voice.languages[0] ?? 'en',
      text: sentence,
      ...changes,
    });
  };
  return {
    engine,
    speech,
    voice,
    sentence,
    hear: (changes) => hear(speech, request(changes)),
    start: async (changes, signal) => {
      const output = await speech.synthesize(request(changes), requestContext(signal));
      assert(output.kind === 'pcm');
      return output.pcm;
    },
  };
}

function findVoice(speech: SpeechEngine, id: string): Voice {
  const voice = speech.voices.find((known) => known.id === id) ?? speech.findVoice?.(id);
  assert(voice, `The voice ${id} must exist.`);
  return voice;
}

type SpeechClaim = (title: string, check: (speaker: Speaker, t: TestContext) => Promise<void> | void) => void;

function describeSpeech(claim: SpeechClaim, options: EngineContractOptions): void {
  claim('has voices of its own name, each only once, with language and licence', ({ speech, engine }) => {
    const ids = speech.voices.map((voice) => voice.id);
    assert.equal(new Set(ids).size, ids.length);
    for (const voice of speech.voices) {
      assert(voice.id.startsWith(`${engine.id}/`), voice.id);
      assert.equal(voice.engine, engine.id);
      assert(voice.languages.length > 0, `${voice.id} has no language`);
      for (const language of voice.languages) assert.doesNotThrow(() => new Intl.Locale(language), voice.id);
      assert.notEqual(voice.licence, '');
    }
  });

  claim('speaks audibly, at a steady rate, with every voice', async (speaker) => {
    const { speech } = speaker;
    const voices = options.voices?.map((id) => findVoice(speech, id)) ?? speech.voices;
    for (const voice of voices) {
      const text = options.sentence(voice);
      const heard = await speaker.hear({ voice: voice.id, text, language: voice.languages[0] ?? 'en' });
      assertSpeech(heard, text, voice.id);
    }
  });

  claim(
    'gives samples and not a file: all in -1 to 1, in chunks of a fifth of a second at most',
    async (speaker) => {
      const heard = await speaker.hear({ text: `${speaker.sentence} `.repeat(3) });
      assert(heard.longestChunkSeconds <= 0.2 + 1e-9, `${heard.longestChunkSeconds} s`);
      assert(heard.samples.every((sample) => Math.abs(sample) <= 1));
      const opening = Buffer.from(heard.samples.buffer, heard.samples.byteOffset, 16).toString('latin1');
      assert.doesNotMatch(opening, /RIFF|WAVE|OggS|ID3|fLaC/);
      const mean = heard.samples.reduce((sum, sample) => sum + sample, 0) / heard.samples.length;
      assert(Math.abs(mean) < 0.01, `The samples lean to one side by ${mean}.`);
    },
  );

  claim('joins sentences by silence that is entered and left without a click', async (speaker) => {
    const { samples, sampleRate } = await speaker.hear({ text: `${speaker.sentence} `.repeat(3) });
    // Longer than any stop consonant: a mouth that opens again after one does begin with a step.
    const pauses = findSilences(samples, Math.round(0.15 * sampleRate));
    assert(pauses.length >= 2, `${pauses.length} pauses between three sentences`);
    const edges = pauses.flatMap(({ start, end }) => [samples[start - 1], samples[end]]);
    // A voice may begin with a little breath, but a cut through the middle of a sound would be ten times as high.
    for (const edge of [samples[0], samples.at(-1), ...edges])
      assert(Math.abs(edge ?? 0) < 0.01, `a step of ${edge}`);
  });

  claim('refuses a blank text or says nothing', async (speaker) => {
    for (const text of [' ', '\n\t ', '']) {
      const heard = await hearOrRefuse(speaker, { text });
      assert.equal(heard?.samples.length ?? 0, 0);
    }
  });

  for (const [what, text] of Object.entries(STRANGE_TEXTS)) {
    claim(`speaks or refuses ${what}, and never breaks`, async (speaker) => {
      const heard = await hearOrRefuse(speaker, { text });
      if (!heard) return;
      assert(heard.samples.every((sample) => Math.abs(sample) <= 1));
      assertTimings(heard, text);
    });
  }

  const longest = options.longestText ?? 5000;
  claim(`speaks ${longest} characters to their end`, async (speaker) => {
    const text = `${speaker.sentence} `
      .repeat(Math.ceil(longest / speaker.sentence.length))
      .slice(0, longest);
    const heard = await speaker.hear({ text });
    assertSpeech(heard, text, speaker.voice.id);
    assertTimings(heard, text);
    // The last words are heard, too: a text that was cut short would end long before.
    assert((heard.words.at(-1)?.end ?? longest) > longest - 100, 'The last words are missing.');
  });

  describeDeterminism(claim);
  describeSettings(claim);
  describeEndings(claim);
}

function describeDeterminism(claim: SpeechClaim): void {
  claim('says the same text twice with the same samples, where it takes a seed', async (speaker, t) => {
    if (speaker.speech.settings.seed === undefined) {
      t.skip('takes no seed');
      return;
    }
    const first = await speaker.hear({ seed: 1 });
    await speaker.hear({ text: `${speaker.sentence} ${speaker.sentence}` });
    assert.deepEqual((await speaker.hear({ seed: 1 })).samples, first.samples);
  });

  claim('keeps apart as many speeches at once as it declares', async (speaker) => {
    const words = speaker.sentence.split(/\s+/);
    const texts = [0, 1, 2, 3].map((start) => words.slice(start).join(' '));
    const alone = await Promise.all(texts.map((text) => speaker.hear({ text })));
    const together = await Promise.all(
      Array.from({ length: speaker.engine.concurrency }, (_, index) => {
        return speaker.hear({ text: texts[index % texts.length] ?? '' });
      }),
    );
    together.forEach((heard, index) => {
      const expected = alone[index % texts.length];
      assert.deepEqual(heard.samples, expected?.samples, `Speech ${index} differs.`);
      assert.deepEqual(heard.words, expected?.words);
    });
  });
}

function describeSettings(claim: SpeechClaim): void {
  claim(
    'gives the times of words in order, inside the sound, and no later than the sound',
    async (speaker, t) => {
      if (speaker.speech.settings.alignment === undefined) {
        t.skip('gives no word times');
        return;
      }
      const text = `${speaker.sentence} `.repeat(2).trim();
      for (const speed of [1, speaker.speech.settings.speed === undefined ? 1 : 1.5]) {
        const heard = await speaker.hear({ text, speed });
        assertTimings(heard, text);
        const covered = new Set(
          heard.words.flatMap((word) => text.slice(word.start, word.end).match(/[\p{L}\p{N}]+/gu)),
        );
        const missing = text.match(/[\p{L}\p{N}]+/gu)?.filter((word) => !covered.has(word));
        assert.deepEqual(missing, [], 'Words without a time');
      }
    },
  );

  claim('takes half the time at twice the tempo, where it takes a tempo', async (speaker, t) => {
    if (speaker.speech.settings.speed === undefined) {
      t.skip('takes no tempo');
      return;
    }
    const natural = await speaker.hear();
    const fast = await speaker.hear({ speed: 2 });
    const slow = await speaker.hear({ speed: 0.5 });
    assert(
      Math.abs(fast.seconds * 2 - natural.seconds) < 0.1 * natural.seconds,
      `${fast.seconds} of ${natural.seconds}`,
    );
    assert(
      Math.abs(slow.seconds / 2 - natural.seconds) < 0.1 * natural.seconds,
      `${slow.seconds} of ${natural.seconds}`,
    );
  });

  claim('takes the same time, but sounds otherwise, at another pitch', async (speaker) => {
    const natural = await speaker.hear();
    const higher = await speaker.hear({ pitchSemitones: 4 });
    assert(Math.abs(higher.seconds - natural.seconds) < 0.1 * natural.seconds);
    assert.notDeepEqual(higher.samples, natural.samples);
  });
}

function describeEndings(claim: SpeechClaim): void {
  claim('stops within a second of the abort, with cancelled', async (speaker) => {
    const caller = new AbortController();
    const text = `${speaker.sentence} `.repeat(100);
    const pcm = await speaker.start({ text }, caller.signal);
    const chunks = pcm.chunks[Symbol.asyncIterator]();
    await chunks.next();
    caller.abort();
    const abortedAt = performance.now();
    await assert.rejects(async () => {
      while ((await chunks.next()).done !== true);
    }, isCancelled);
    assert(performance.now() - abortedAt < 1000, `${performance.now() - abortedAt} ms`);
  });

  claim('says nothing to a caller who has hung up already', async (speaker) => {
    await assert.rejects(async () => {
      const pcm = await speaker.start({}, AbortSignal.abort());
      for await (const chunk of pcm.chunks) assert.equal(chunk.length, 0);
    }, isCancelled);
  });

  claim('stops for a caller who hangs up while it prepares the first samples', async (speaker) => {
    const caller = new AbortController();
    const pcm = await speaker.start({ text: `${speaker.sentence} `.repeat(100) }, caller.signal);
    const first = pcm.chunks[Symbol.asyncIterator]().next();
    caller.abort();
    await assert.rejects(first, isCancelled);
  });

  claim('loses no place to callers who leave or hang up', async (speaker) => {
    const expected = await speaker.hear();
    const text = `${speaker.sentence} `.repeat(8);
    for (let count = 0; count < 6; count += 1) {
      const caller = new AbortController();
      for await (const chunk of (await speaker.start({ text }, caller.signal)).chunks) {
        if (chunk.length > 0) break;
      }
      if (count % 2 === 0) caller.abort();
    }
    assert.deepEqual((await speaker.hear()).samples, expected.samples);
  });
}

/** Stretches of nothing but zeros, of a least length. */
function findSilences(samples: Float32Array, least: number): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let start = 0;
  for (let index = 0; index <= samples.length; index += 1) {
    if (samples[index] === 0) continue;
    if (index - start >= least) found.push({ start, end: index });
    start = index + 1;
  }
  return found;
}

function isCancelled(error: unknown): boolean {
  assert(error instanceof AppError, String(error));
  assert.equal(error.code, 'cancelled');
  return true;
}

/** A refusal is an answer; anything else that is thrown is not. */
async function hearOrRefuse(
  speaker: Speaker,
  changes: Partial<SynthesisRequest>,
): Promise<Heard | undefined> {
  try {
    return await speaker.hear(changes);
  } catch (error) {
    assert(error instanceof AppError, String(error));
    assert(
      ['unsupported_feature', 'invalid_request'].includes(error.code),
      `${error.code}: ${error.message}`,
    );
    return undefined;
  }
}

function assertSpeech(heard: Heard, text: string, who: string): void {
  assert(heard.sampleRate >= 8000 && heard.sampleRate <= 48_000, `${who}: ${heard.sampleRate} Hz`);
  const level = rootMeanSquare(heard.samples);
  assert(level > 0.01 && level < 0.5, `${who}: level ${level}`);
  const perCharacter = heard.seconds / Array.from(text).length;
  assert(perCharacter > 0.025 && perCharacter < 0.4, `${who}: ${perCharacter} s per character`);
}

function assertTimings(heard: Heard, text: string): void {
  let [offset, clock] = [0, 0];
  for (const [index, word] of heard.words.entries()) {
    const place = `word ${index} ${JSON.stringify(word)} of ${heard.seconds} s`;
    assert(word.start >= offset && word.end >= word.start && word.end <= text.length, place);
    assert(word.startSeconds >= clock && word.endSeconds >= word.startSeconds, place);
    assert(word.endSeconds <= heard.seconds + 1e-6, place);
    [offset, clock] = [word.end, word.startSeconds];
  }
  for (const step of heard.steps) {
    const begun = heard.words.filter((word) => word.startSeconds < step.seconds).length;
    assert(
      step.words >= begun,
      `${step.words} words were known after ${step.seconds} s, but ${begun} had begun.`,
    );
  }
}
