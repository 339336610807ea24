import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { AppError } from '../../src/base/errors.ts';
import type { RequestContext } from '../../src/core/context.ts';
import type { Engine, EngineModule } from '../../src/core/engine.ts';
import type { SoundEngine, SoundGeneration } from '../../src/core/sound/sound-engine.ts';
import { collectSamples, type PcmStream, rootMeanSquare } from '../../src/media/pcm.ts';
import { requestContext } from './engine-contract.ts';

/** What the suite has to know about an engine that makes sound. */
export interface SoundContractOptions {
  /** Models to be tested, by what they make, with a prompt that each understands. */
  readonly models: readonly {
    readonly id: string;
    readonly kind: 'effect' | 'music';
    readonly prompt: string;
  }[];
  readonly workers?: number;
}

/** Prompts that nobody expects and everybody sends. */
const STRANGE_PROMPTS: Readonly<Record<string, string>> = {
  'one emoji': '😀',
  'NUL bytes': '\0\0rain\0',
  'right-to-left script': 'مطر غزير',
  'half a surrogate pair': 'rain \ud83d and \ude00',
  'only punctuation': '?!... --- (*)',
  'numbers without end': '9'.repeat(500),
  'a hundred thousand characters': 'rain and thunder '.repeat(6000).slice(0, 100_000),
  'the names of what objects inherit': '__proto__ constructor toString hasOwnProperty',
};

/** A generation that says as little as possible. */
export function soundGeneration(changes: Partial<SoundGeneration>): SoundGeneration {
  return { kind: 'effect', model: '', prompt: '', seed: 1, ...changes };
}

/** Starts a sound of which samples are expected. */
export async function openSound(
  sound: SoundEngine,
  generation: SoundGeneration,
  context: RequestContext = requestContext(),
): Promise<PcmStream> {
  const output = await sound.generate(generation, context);
  assert(output.kind === 'pcm', 'samples, not a file');
  return output.pcm;
}

/** Claims that every engine with sound has to make good on. */
export function describeSoundContract(module: EngineModule, options: SoundContractOptions): void {
  describe(`the sound of the engine ${module.id}`, () => {
    let engine: Engine | undefined;
    before(async () => {
      const created = await module.create({ workers: options.workers ?? 2 });
      if (!('unavailable' in created)) engine = created;
    });
    after(async () => {
      await engine?.stop?.();
    });

    for (const model of options.models) {
      const claim = (title: string, check: (tried: TriedModel, t: TestContext) => Promise<void>) => {
        test(`${model.id} ${title}`, async (t) => {
          if (!engine?.sound) {
            t.skip(`${module.id} makes no sound here`);
            return;
          }
          const { id, kind, prompt } = model;
          await check(
            {
              engine,
              sound: engine.sound,
              usual: soundGeneration({ model: id, kind, prompt, durationSeconds: 2 }),
            },
            t,
          );
        });
      };
      describeModel(claim);
      describeEndings(claim);
    }
  });
}

interface TriedModel {
  readonly engine: Engine;
  readonly sound: SoundEngine;
  /** Two seconds of what it understands. */
  readonly usual: SoundGeneration;
}

type Claim = (title: string, check: (tried: TriedModel, t: TestContext) => Promise<void>) => void;

async function hear(
  { sound, usual }: TriedModel,
  changes: Partial<SoundGeneration> = {},
): Promise<Float32Array> {
  const pcm = await openSound(sound, { ...usual, ...changes });
  return collectSamples(pcm.chunks);
}

function describeModel(claim: Claim): void {
  claim('is a card of the engine, with the capability that fits', async ({ engine, usual }) => {
    const card = engine.models.find(({ id }) => id === usual.model);
    assert(card);
    assert(card.id.startsWith(`${engine.id}/`));
    assert.equal(card.capability, usual.kind === 'music' ? 'music' : 'sound');
  });

  claim(
    'gives audible samples within -1 to 1 in chunks of a fifth of a second at most',
    async ({ sound, usual }) => {
      const { chunks, sampleRate, channels } = await openSound(sound, usual);
      const all: Float32Array[] = [];
      for await (const chunk of chunks) {
        assert(
          chunk.length % channels === 0 && chunk.length <= 0.2 * sampleRate * channels,
          `${chunk.length} samples`,
        );
        assert(chunk.every((sample) => Math.abs(sample) <= 1));
        all.push(chunk);
      }
      assert(Math.max(...all.map(rootMeanSquare)) > 0.003);
    },
  );

  claim('lasts as long as was asked, to a frame', async (tried) => {
    for (const durationSeconds of [0.5, 2.345]) {
      const { sampleRate, channels } = await openSound(tried.sound, tried.usual);
      const samples = await hear(tried, { durationSeconds });
      assert.equal(samples.length, Math.round(durationSeconds * sampleRate) * channels);
    }
  });

  claim('tells beforehand how long it will be, where it tells', async ({ sound, usual }) => {
    const { durationSeconds: _, ...natural } = usual;
    const output = await sound.generate(natural, requestContext());
    assert(output.kind === 'pcm');
    const { chunks, sampleRate, channels } = output.pcm;
    const samples = await collectSamples(chunks);
    if (output.durationSeconds !== undefined) {
      assert(Math.abs(samples.length / channels / sampleRate - output.durationSeconds) < 0.001);
    }
  });

  claim('gives the same samples for the same seed, and others for another', async (tried, t) => {
    if (tried.sound.settings.seed === undefined) {
      t.skip('takes no seed');
      return;
    }
    const first = await hear(tried, { seed: 7 });
    assert.deepEqual(await hear(tried, { seed: 7 }), first);
    assert.notDeepEqual(await hear(tried, { seed: 8 }), first);
    assert.notDeepEqual(await hear(tried, { seed: 7 + 2 ** 32 }), first);
  });

  claim('keeps apart several sounds at once', async (tried) => {
    const alone = [await hear(tried, { seed: 1 }), await hear(tried, { seed: 2 })];
    const together = await Promise.all([1, 2, 1, 2, 1].map((seed) => hear(tried, { seed })));
    together.forEach((samples, index) => assert.deepEqual(samples, alone[index % 2]));
  });

  for (const [what, prompt] of Object.entries(STRANGE_PROMPTS)) {
    claim(`makes or refuses a sound for ${what}, and never breaks`, async (tried) => {
      try {
        const samples = await hear(tried, { prompt, durationSeconds: 0.5 });
        assert(samples.every((sample) => Math.abs(sample) <= 1));
      } catch (error) {
        assert(
          error instanceof AppError && error.code !== 'engine_failed' && error.code !== 'internal',
          String(error),
        );
      }
    });
  }
}

function describeEndings(claim: Claim): void {
  claim('stops within a second of the abort, with cancelled, and goes on to serve others', async (tried) => {
    const caller = new AbortController();
    const long = { ...tried.usual, durationSeconds: tried.sound.maxSeconds(tried.usual.model) };
    const pcm = await openSound(tried.sound, long, requestContext(caller.signal));
    const chunks = pcm.chunks[Symbol.asyncIterator]();
    await chunks.next();
    caller.abort();
    const abortedAt = performance.now();
    await assert.rejects(async () => {
      while ((await chunks.next()).done !== true);
    }, isCancelled);
    assert(performance.now() - abortedAt < 1000);
    assert((await hear(tried)).length > 0);
  });

  claim('makes nothing for a caller who has hung up already', async ({ sound, usual }) => {
    await assert.rejects(async () => {
      const pcm = await openSound(sound, usual, requestContext(AbortSignal.abort()));
      for await (const chunk of pcm.chunks) assert.equal(chunk.length, 0);
    }, isCancelled);
  });

  claim('lets go of a sound that nobody reads to its end', async (tried) => {
    for (let round = 0; round < 4; round += 1) {
      const pcm = await openSound(tried.sound, { ...tried.usual, durationSeconds: 30 });
      for await (const chunk of pcm.chunks) if (chunk.length > 0) break;
    }
    assert((await hear(tried)).length > 0);
  });
}

function isCancelled(error: unknown): boolean {
  return error instanceof AppError && error.code === 'cancelled';
}
