import type { EngineModule } from '../core/engine.ts';

/** An engine that can be loaded; nothing of it runs, and none of its packages is read, before that. */
export interface EngineEntry {
  readonly id: string;
  readonly load: () => Promise<EngineModule>;
}

/** Every engine, in order of preference. */
export const engineEntries: readonly EngineEntry[] = [
  { id: 'flite', load: async () => (await import('./flite/flite-engine.ts')).fliteEngine },
  { id: 'espeak', load: async () => (await import('./espeak/espeak-engine.ts')).espeakEngine },
];
