import { ANYBODY } from '../../src/core/context.ts';
import type { Engine } from '../../src/core/engine.ts';
import { silentLogger } from '../../src/core/ports/logger.ts';
import { engineEntries } from '../../src/engines/index.ts';
import type { PcmStream } from '../../src/media/pcm.ts';

/** An engine of the program, called in this process. */
export async function bareEngine(id: string): Promise<Engine> {
  const entry = engineEntries.find((one) => one.id === id);
  if (!entry) throw new Error(`There is no engine ${id}.`);
  const engine = await (await entry.load()).create({ workers: 2 });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  return engine;
}

/** A text spoken by nobody but the engine: the seconds of sound of each chunk, as it comes. */
export async function* bareSpeech(engine: Engine, voice: string, text: string): AsyncGenerator<number> {
  const pcm = await bareSamples(engine, voice, text);
  for await (const chunk of pcm.chunks) yield chunk.length / pcm.channels / pcm.sampleRate;
}

/** The same as samples. */
export async function bareSamples(engine: Engine, voice: string, text: string): Promise<PcmStream> {
  const output = await engine.speech?.synthesize(
    {
      model: `${engine.id}/${engine.id}`,
      text,
      voice,
      language: 'en',
      speed: 1,
      pitchSemitones: 0,
      alignment: false,
    },
    {
      requestId: 'bench',
      principal: { ...ANYBODY, id: 'bench' },
      dialect: 'bench',
      signal: new AbortController().signal,
      log: silentLogger,
      strict: false,
    },
  );
  if (output?.kind !== 'pcm') throw new Error(`${engine.id} does not speak in samples.`);
  return output.pcm;
}
