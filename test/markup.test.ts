import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { present } from '../src/base/assert.ts';
import { collectBytes } from '../src/base/stream.ts';
import type { Core } from '../src/core/core.ts';
import type { Engine, EngineModule } from '../src/core/engine.ts';
import type { WordTiming } from '../src/core/speech/alignment.ts';
import type { SpeechRequest } from '../src/core/speech/speech.ts';
import { espeakEngine } from '../src/engines/espeak/espeak-engine.ts';
import { fliteEngine } from '../src/engines/flite/flite-engine.ts';
import { fromInt16, rootMeanSquare, toInt16 } from '../src/media/pcm.ts';
import { measurePitch, semitonesBetween } from '../src/media/pitch.ts';
import { hear as hearEngine, speechRequest } from './contracts/engine-contract.ts';
import { testApp, testContext } from './support.ts';

const RATE = 16_000;

/** Markup on both embedded engines: what is asked for is what is heard. */
describe('markup', () => {
  const engines: Engine[] = [];
  let core: Core;

  before(async () => {
    for (const module of [fliteEngine, espeakEngine] satisfies EngineModule[]) {
      const engine = await module.create({ workers: 1 });
      assert(!('unavailable' in engine));
      engines.push(engine);
    }
    ({ core } = await testApp({ engines }));
  });
  after(async () => {
    for (const engine of engines) await engine.stop?.();
  });

  const hear = async (text: string, changes: Partial<SpeechRequest> = {}) => {
    const request: SpeechRequest = {
      model: 'tts-1',
      text,
      voice: { kind: 'id', id: 'flite/slt' },
      format: { id: 'pcm', sampleRate: RATE },
      delivery: 'whole',
      normalization: 'auto',
      alignment: true,
      markup: 'ssml',
      asked: [],
      spelling: { text: 'input', voice: 'voice', model: 'model', format: 'response_format' },
      ...changes,
    };
    const result = await core.speech.speak(request, testContext());
    const bytes = await collectBytes(result.chunks);
    const samples = fromInt16(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
    const track = result.alignment?.original;
    const words = wholeWords(track?.words ?? []).map((word) => ({
      ...word,
      text: (track?.text ?? '').slice(word.start, word.end),
    }));
    const wordOf = (wanted: string) => {
      const found = words.find((word) => word.text.replace(/\W/gu, '') === wanted);
      assert(found, `${wanted} in ${words.map((word) => word.text).join(' ')}`);
      return { ...found, samples: samples.subarray(found.startSeconds * RATE, found.endSeconds * RATE) };
    };
    return {
      samples,
      words,
      wordOf,
      seconds: samples.length / RATE,
      text: track?.text,
      normalized: result.alignment?.normalized.text,
      warnings: result.warnings,
    };
  };

  for (const voice of ['flite/slt', 'espeak/en-us']) {
    const of = { voice: { kind: 'id', id: voice } } as const;

    test(`${voice}: plain text sounds as it does without any markup`, async () => {
      const text = 'Dr. Smith paid $5 on 3 May; was it too much?';
      const plain = await hear(text, { ...of, markup: 'none' });
      if (voice === 'flite/slt') {
        const bare = speechRequest({ model: 'flite/flite', voice, text: plain.normalized ?? '' });
        const { samples } = await hearEngine(present(engines[0]?.speech, 'flite'), bare);
        assert.deepEqual(plain.samples, fromInt16(toInt16(samples)));
      }
      assert.deepEqual((await hear(`<speak>${text}</speak>`, of)).samples, plain.samples);
      assert.deepEqual((await hear(text, { ...of, markup: 'tags' })).samples, plain.samples);
    });

    test(`${voice}: breaks are as long as asked for, to 10 ms`, async () => {
      const { samples, wordOf } = await hear(
        '<speak>One <break time="1s"/> two. <break time="500ms"/> Three <break time="250ms"/></speak>',
        of,
      );
      const pauses = silences(samples).filter((pause) => pause.seconds > 0.2);
      for (const [index, seconds] of [1, 0.5, 0.25].entries()) {
        const heard = pauses[index]?.seconds ?? 0;
        assert(Math.abs(heard - seconds) < 0.01, `${heard} s instead of ${seconds} s`);
      }
      const [first, second] = pauses;
      assert(first && second);
      assert(wordOf('One').endSeconds <= first.start + 0.05 && wordOf('two').startSeconds > first.end - 0.05);
      assert(wordOf('Three').startSeconds > second.end - 0.05);
    });

    test(`${voice}: a rate changes how long its words take, and no others`, async () => {
      const text = (rate: string) =>
        `<speak>It was <prosody rate="${rate}">wonderful</prosody> weather.</speak>`;
      const [plain, slow, fast] = [
        await hear(text('100%'), of),
        await hear(text('50%'), of),
        await hear(text('200%'), of),
      ];
      const length = (heard: typeof plain, word: string) => {
        const { startSeconds, endSeconds } = heard.wordOf(word);
        return endSeconds - startSeconds;
      };
      const usual = length(plain, 'wonderful');
      assert(Math.abs(length(slow, 'wonderful') / usual - 2) < 0.3);
      assert(Math.abs(length(fast, 'wonderful') / usual - 0.5) < 0.12);
      assert(Math.abs(length(slow, 'weather') / length(plain, 'weather') - 1) < 0.3);
    });

    test(`${voice}: a volume changes the level by as many decibels`, async () => {
      const text = (volume: string) =>
        `<speak>It was <prosody volume="${volume}">wonderful</prosody> weather.</speak>`;
      const plain = await hear(text('medium'), of);
      const level = rootMeanSquare(plain.wordOf('wonderful').samples);
      for (const decibels of [-12, 3]) {
        const heard = await hear(text(`${decibels < 0 ? '' : '+'}${decibels}dB`), of);
        assert.equal(heard.samples.length, plain.samples.length, 'the sentence is the same one');
        const change = 20 * Math.log10(rootMeanSquare(heard.wordOf('wonderful').samples) / level);
        assert(Math.abs(change - decibels) < 0.7, `${change} dB`);
        const other =
          rootMeanSquare(heard.wordOf('weather').samples) / rootMeanSquare(plain.wordOf('weather').samples);
        assert(Math.abs(20 * Math.log10(other)) < 0.7);
      }
    });

    test(`${voice}: an emphasis is heard and leaves the sentence whole`, async () => {
      const text = (level: string) =>
        `<speak>This is <emphasis level="${level}">really</emphasis> good.</speak>`;
      const [none, strong, reduced] = [
        await hear(text('none'), of),
        await hear(text('strong'), of),
        await hear(text('reduced'), of),
      ];
      const level = (heard: typeof none) => rootMeanSquare(heard.wordOf('really').samples);
      assert(level(strong) > 1.3 * level(none) && level(reduced) < 0.75 * level(none));
      assert.equal(strong.samples.length, none.samples.length);
    });

    test(`${voice}: a pitch moves the voice by as many semitones`, async () => {
      const text = (pitch: string) =>
        `<speak><prosody pitch="${pitch}">We were away a year ago, in the yard.</prosody></speak>`;
      const pitchOf = ({ samples }: { readonly samples: Float32Array }) =>
        measurePitch(samples, RATE)?.pitchHertz ?? 0;
      const usual = pitchOf(await hear(text('medium'), of));
      for (const semitones of [-3, 4]) {
        const heard = pitchOf(await hear(text(`${semitones < 0 ? '' : '+'}${semitones}st`), of));
        const shift = semitonesBetween(usual, heard);
        assert(Math.abs(shift - semitones) < 0.8, `${shift} semitones`);
      }
    });

    test(`${voice}: phonemes are heard instead of the spelling, inside their sentence`, async () => {
      const text = (ipa: string) => `<speak>I say <phoneme ph="${ipa}">tomato</phoneme> every day.</speak>`;
      const [plain, american, british] = [
        await hear('I say tomato every day.', { ...of, markup: 'none' }),
        await hear(text('təˈmeɪtoʊ'), of),
        await hear(text('təˈmɑːtoʊ'), of),
      ];
      assert.deepEqual(
        american.words.map(({ text: word }) => word),
        plain.words.map(({ text: word }) => word),
      );
      assert.deepEqual(
        [american.text, american.normalized, american.warnings],
        ['I say tomato every day.', 'I say tomato every day.', []],
      );
      const like = (one: typeof plain, other: typeof plain) =>
        spectralDistance(one.wordOf('tomato').samples, other.wordOf('tomato').samples);
      const alike = like(plain, american);
      assert(alike < 0.6 * like(plain, british), `${alike} and ${like(plain, british)}`);
      const arpabet = await hear(
        'I say <phoneme alphabet="cmu-arpabet" ph="T AH0 M AA1 T OW0">tomato</phoneme> every day.',
        { ...of, markup: 'inline' },
      );
      assert(like(arpabet, british) < 0.6 * like(arpabet, american));
    });

    test(`${voice}: say-as and sub are spoken as they say and aligned with what is written`, async () => {
      const { words, normalized, text } = await hear(
        '<speak>Call <say-as interpret-as="digits">911</say-as>, <sub alias="as soon as possible">ASAP</sub>!</speak>',
        of,
      );
      assert.equal(normalized, 'Call nine one one, as soon as possible!');
      assert.equal(text, 'Call 911, ASAP!');
      assert.deepEqual(
        words.map((word) => word.text.replace(/\W/gu, '')),
        ['Call', '911', 'ASAP'],
      );
    });
  }

  test('several voices take turns in one text, each at its place', async () => {
    const { wordOf, text } = await hear(
      '<speak>Who is there? <voice name="flite/awb">Only an old man.</voice> <voice name="espeak/de">Und ein Gast.</voice> Come in.</speak>',
    );
    assert.equal(text, 'Who is there? Only an old man. Und ein Gast. Come in.');
    const order = ['Who', 'Only', 'Und', 'Come'].map((word) => wordOf(word).startSeconds);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    await assert.rejects(hear('<speak><voice name="nobody">Hi</voice></speak>'), {
      code: 'not_found',
      param: 'input',
    });
  });

  test('a word in another language is spoken by somebody who knows it', async () => {
    const { words, warnings } = await hear(
      '<speak>Say <lang xml:lang="fr">bonjour madame</lang> to her.</speak>',
      {
        voice: { kind: 'id', id: 'alloy' },
      },
    );
    assert.deepEqual(
      words.map((word) => word.text.replace(/\W/gu, '')),
      ['Say', 'bonjour', 'madame', 'to', 'her'],
    );
    assert.deepEqual(warnings, []);
    const own = await hear('<speak>Say <lang xml:lang="fr">bonjour</lang>.</speak>');
    assert.match(JSON.stringify(own.warnings), /flite\/slt does not speak 'fr'/);
  });

  test('an expletive is a tone, and neither spoken nor aligned', async () => {
    const { samples, text } = await hear(
      '<speak>Oh <say-as interpret-as="expletive">damn</say-as> you.</speak>',
    );
    assert.equal(text, 'Oh you.');
    assert(spectrumShare(samples, 1000) > 5 * spectrumShare((await hear('Oh you.')).samples, 1000));
  });

  test('sounds that a voice has not are replaced, and the caller is told', async () => {
    const { warnings } = await hear('<speak><phoneme ph="bax">Bach</phoneme></speak>');
    assert.match(JSON.stringify(warnings), /the sound x.*k, the nearest in English/);
  });

  test('markup that is wrong is refused before anybody speaks, with its place', async () => {
    await assert.rejects(hear('<speak>a\n<break time="x"/></speak>'), {
      code: 'invalid_request',
      param: 'input',
      message: /line 2, column 18: 'x' is no time/,
    });
    await assert.rejects(hear('<speak> <break time="1s"/> </speak>'), { reason: 'empty_text' });
    await assert.rejects(hear('<speak>…<break time="1s"/></speak>'), { reason: 'nothing_to_speak' });
  });
});

function silences(
  samples: Float32Array,
): { readonly start: number; readonly end: number; readonly seconds: number }[] {
  const found: { start: number; end: number; seconds: number }[] = [];
  let start = 0;
  for (let index = 0; index <= samples.length; index += 1) {
    if (index < samples.length && Math.abs(samples[index] ?? 0) <= 0.0021) continue;
    if (index > start)
      found.push({ start: start / RATE, end: index / RATE, seconds: (index - start) / RATE });
    start = index + 1;
  }
  return found;
}

/** How different two words sound: their levels in bands along their courses, both stretched to the same length. */
function spectralDistance(one: Float32Array, other: Float32Array): number {
  const [a, b] = [bandCourse(one), bandCourse(other)];
  return Math.sqrt(a.reduce((sum, value, index) => sum + (value - (b[index] ?? 0)) ** 2, 0) / a.length);
}

function bandCourse(samples: Float32Array): number[] {
  const steps = 12;
  const bands = [300, 500, 700, 900, 1200, 1500, 1800, 2100, 2500, 3000];
  const length = 512;
  return Array.from({ length: steps }, (_, step) => {
    const start = Math.round((step * (samples.length - length)) / (steps - 1));
    const frame = samples.slice(Math.max(0, start), Math.max(0, start) + length);
    return bands.map((hertz) => Math.log10(1e-4 + spectrumShare(frame, hertz)));
  }).flat();
}

/** The part of a tone in a sound, by Goertzel's algorithm. */
function spectrumShare(samples: Float32Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let [last, beforeLast] = [0, 0];
  for (const sample of samples) [last, beforeLast] = [sample + coefficient * last - beforeLast, last];
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  return Math.sqrt(Math.max(0, power)) / Math.max(1, samples.length);
}

/** What is written without a space between is one word, however many were spoken for it. */
function wholeWords(timings: readonly WordTiming[]): WordTiming[] {
  const words: WordTiming[] = [];
  for (const timing of timings) {
    const last = words.at(-1);
    if (last?.end === timing.start)
      words[words.length - 1] = { ...last, end: timing.end, endSeconds: timing.endSeconds };
    else words.push(timing);
  }
  return words;
}
