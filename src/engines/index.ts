import type { EngineModule } from '../core/engine.ts';

/** An engine that can be loaded; nothing of it runs, and none of its packages is read, before that. */
export interface EngineEntry {
  readonly id: string;
  readonly load: () => Promise<EngineModule>;
}

/** Every engine, in order of preference: installed neural models first, then those that need no weights. */
export const engineEntries: readonly EngineEntry[] = [
  { id: 'whisper', load: async () => (await import('./whisper/whisper-engine.ts')).whisperEngine },
  { id: 'sherpa', load: async () => (await import('./sherpa/sherpa-engine.ts')).sherpaEngine },
  { id: 'flite', load: async () => (await import('./flite/flite-engine.ts')).fliteEngine },
  { id: 'espeak', load: async () => (await import('./espeak/espeak-engine.ts')).espeakEngine },
  {
    id: 'soundswallower',
    load: async () => (await import('./soundswallower/soundswallower-engine.ts')).soundswallowerEngine,
  },
];
