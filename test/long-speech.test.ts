import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  openAccess,
  recordingLogger,
  testClock,
  testContext,
  testMeter,
  testUploads,
  testVoices,
} from './support.ts';
import { toneEngine } from './tone-engine.ts';
import { AppError } from '../src/base/errors.ts';
import { concatBytes, collectBytes } from '../src/base/stream.ts';
import { fliteEngine } from '../src/engines/flite/flite-engine.ts';
import { findPassageEnd } from '../src/media/text/passage-end.ts';
import type { Engine, SynthesisRequest } from '../src/core/engine.ts';
import { createEngineRunner } from '../src/core/models/engine-runner.ts';
import { createModelCatalog } from '../src/core/models/model-catalog.ts';
import { createSpeechService } from '../src/core/speech/speech-service.ts';
import type { SpeechRequest } from '../src/core/speech/speech.ts';

const PARAGRAPH =
  'On 12 March the boats came back to the harbour, one after another, 14 of them. "Nobody," she said, "walks ' +
  'that far for £3.50!" And yet he did; the road went on for 7 km, past the mill and over the bridge.\n\n';

function textOf(characters: number): string {
  return PARAGRAPH.repeat(Math.ceil(characters / PARAGRAPH.length))
    .slice(0, characters)
    .trimEnd();
}

function request(overrides: Partial<SpeechRequest>): SpeechRequest {
  return {
    model: 'auto',
    text: 'Hello.',
    voice: { kind: 'default' },
    format: { id: 'pcm' },
    delivery: 'stream',
    language: 'en',
    normalization: 'auto',
    alignment: false,
    asked: [],
    spelling: { text: 'input', voice: 'voice', model: 'model', format: 'response_format' },
    ...overrides,
  };
}

/** Small, so that real speech takes no time. */
const PASSAGE_CHARACTERS = 600;

function serviceOn(engine: Engine, passageCharacters = PASSAGE_CHARACTERS) {
  const engines = [engine];
  return createSpeechService({
    models: createModelCatalog({ engines, publicModels: [], bindings: {}, strictModels: false }),
    voices: testVoices({ presets: [], engines }),
    runner: createEngineRunner(testClock),
    usage: testMeter(),
    access: openAccess,
    clock: testClock,
    uploads: testUploads(),
    passageCharacters,
  });
}

function passagesOf(text: string): { before: string; own: string; after: string }[] {
  const found: { before: string; own: string; after: string }[] = [];
  for (let start = 0; start < text.length;) {
    const end = findPassageEnd(text, start, {
      language: 'en',
      usualCharacters: PASSAGE_CHARACTERS,
      mayEnd: () => true,
    });
    found.push({ before: text.slice(0, start), own: text.slice(start, end), after: text.slice(end) });
    start = end;
  }
  return found;
}

/** The passages of a text as single requests that know what stands around them. */
async function spokenApart(engine: Engine, text: string): Promise<Uint8Array> {
  const spoken: Uint8Array[] = [];
  for (const { before, own, after } of passagesOf(text)) {
    const surroundings = { ...(before ? { before } : {}), ...(after ? { after } : {}) };
    const result = await serviceOn(engine).speak(request({ text: own, surroundings }), testContext());
    spoken.push(await collectBytes(result.chunks));
  }
  return concatBytes(spoken);
}

test('a text of 20,000 characters sounds as its passages spoken one after another, to the last sample', async () => {
  const text = textOf(20_000);
  const result = await serviceOn(hastyEngine()).speak(request({ text }), testContext());
  const whole = await collectBytes(result.chunks);
  assert.ok(passagesOf(text).length > 4);
  assert.ok(whole.length > 20_000 * 3);
  assert.ok(Buffer.from(whole).equals(await spokenApart(hastyEngine(), text)));
});

test('a real engine’s long text sounds as its passages spoken one after another, to the last sample', async (t) => {
  const engine = await fliteEngine.create({ workers: 1 });
  if ('unavailable' in engine) return t.skip(engine.unavailable);
  try {
    const text = textOf(2_000);
    const result = await serviceOn(engine).speak(request({ text }), testContext());
    const whole = await collectBytes(result.chunks);
    assert.ok(whole.length > 80 * 2 * 16_000);
    assert.ok(Buffer.from(whole).equals(await spokenApart(engine, text)));
  } finally {
    await engine.stop?.();
  }
});

/** Says little about much, so that an hour of text takes no time, and counts how far its reader got. */
function hastyEngine(): Engine & { readonly asked: SynthesisRequest[]; readonly frames: () => number } {
  const engine = toneEngine();
  const { speech } = engine;
  assert.ok(speech);
  let frames = 0;
  async function* chunks(text: string) {
    for (let at = 0; at < text.length; at += 100) {
      frames += 160;
      yield Float32Array.from({ length: 160 }, (_, index) => 0.1 + text.charCodeAt(at) / 400 + index / 4_000);
    }
  }
  return {
    ...engine,
    frames: () => frames,
    speech: {
      ...speech,
      synthesize: async (asked) => {
        engine.asked.push(asked);
        return { kind: 'pcm', pcm: { sampleRate: 16_000, channels: 1, chunks: chunks(asked.text) } };
      },
    },
  };
}

test('a very long text is spoken passage by passage, each written out only when the one before was heard', async () => {
  const engine = hastyEngine();
  const text = textOf(200_000);
  const result = await serviceOn(engine, 4_000).speak(request({ text }), testContext());
  assert.equal(result.characters, Array.from(text).length);
  let most = 0;
  let heard = 0;
  for await (const chunk of result.chunks) {
    heard += chunk.length / 2;
    const asked = engine.asked.reduce((sum, { text: { length } }) => sum + length, 0);
    most = Math.max(most, asked - (heard / 160) * 100);
  }
  assert.ok(heard >= engine.frames(), 'nothing got lost');
  assert.ok(engine.asked.length > 40);
  // Numbers become words, and pauses are sound, too: but never is more than two passages ahead of what is heard.
  assert.ok(most < 16_000, `${most} characters were ahead`);
  assert.ok(engine.asked.every((asked) => asked.text.length < 12_000));
  const spoken = engine.asked
    .map((asked) => asked.text)
    .join('')
    .replaceAll(/\s+/g, ' ');
  assert.equal(spoken.match(/boats came back/g)?.length, text.match(/boats came back/g)?.length);
});

test('who hangs up in the middle of a long text ends it: no further passage is asked for', async () => {
  const engine = toneEngine();
  const leaving = new AbortController();
  const service = serviceOn(engine);
  const result = await service.speak(
    request({ text: textOf(3_000) }),
    testContext({ signal: leaving.signal }),
  );
  let chunks = 0;
  try {
    for await (const chunk of result.chunks) {
      chunks += chunk.length > 0 ? 1 : 0;
      if (engine.asked.length === 2) leaving.abort();
    }
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === 'cancelled', String(error));
  }
  assert.ok(chunks > 0);
  assert.equal(engine.asked.length, 2);
  assert.equal(engine.open(), 0);
});

test('the times of a long text go on from passage to passage, in the text as it was sent', async () => {
  const text = textOf(2_500);
  const result = await serviceOn(toneEngine()).speak(request({ text, alignment: true }), testContext());
  const bytes = await collectBytes(result.chunks);
  const { original, normalized } = result.alignment ?? assert.fail('no times');
  const seconds = bytes.length / 2 / 16_000;
  assert.equal(original.text, text);
  const words = original.words.map((word) => text.slice(word.start, word.end));
  const plain = words.join(' ').replaceAll(/\s+/g, ' ');
  assert.equal(plain.match(/bridge\./g)?.length, text.match(/bridge\./g)?.length);
  for (const [index, word] of original.words.entries()) {
    const before = original.words[index - 1];
    assert.ok(
      !before || (word.startSeconds >= before.startSeconds && word.start >= before.end),
      String(index),
    );
  }
  const last = original.words.at(-1) ?? assert.fail('no words');
  assert.ok(Math.abs(last.endSeconds - seconds) < 1, `${last.endSeconds} of ${seconds} s`);
  const spoken = normalized.words.at(-1) ?? assert.fail('no words');
  assert.equal(normalized.text.slice(spoken.start, spoken.end), words.at(-1));
});

test('what an engine has to say about a later passage is logged, and under strict mode ends the speech', async () => {
  const complaining = (): Engine => {
    const engine = toneEngine();
    const { speech } = engine;
    assert.ok(speech);
    const synthesize: typeof speech.synthesize = async (asked, context) => ({
      ...(await speech.synthesize(asked, context)),
      ...(asked.text.includes('☃') ? { warnings: [{ type: 'ignored', setting: 'text', reason: '☃' }] } : {}),
    });
    return { ...engine, speech: { ...speech, synthesize } };
  };
  const text = `${textOf(2_000)} ☃ melts.`;
  const log = recordingLogger();
  const lenient = await serviceOn(complaining()).speak(request({ text }), testContext({ log }));
  assert.deepEqual(lenient.warnings, []);
  await collectBytes(lenient.chunks);
  assert.equal(log.entries.filter(({ event }) => event === 'speech-warnings-after-headers').length, 1);
  const strict = await serviceOn(complaining()).speak(request({ text }), testContext({ strict: true }));
  await assert.rejects(collectBytes(strict.chunks), { code: 'unsupported_feature', param: 'text' });
});

test('a long text without anything to say is refused, and blank passages before the first word are passed over', async () => {
  const mute = serviceOn(toneEngine({ mute: true }));
  await assert.rejects(mute.speak(request({ text: textOf(2_000) }), testContext()), {
    code: 'invalid_request',
    reason: 'nothing_to_speak',
  });
  const engine = toneEngine();
  const result = await serviceOn(engine).speak(
    request({ text: `${'\n \n'.repeat(1_000)}At last.` }),
    testContext(),
  );
  assert.ok((await collectBytes(result.chunks)).length > 0);
  assert.equal(engine.asked.at(-1)?.text.trim(), 'At last.');
});
