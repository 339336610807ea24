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
  { id: 'sharp', load: async () => (await import('./sharp/sharp-engine.ts')).sharpEngine },
  {
    id: 'procedural',
    load: async () => (await import('./procedural/procedural-engine.ts')).proceduralEngine,
  },
];

/** Every way to speak to a server elsewhere that makes media. */
export const remoteEntries: readonly EngineEntry[] = [
  {
    id: 'openai-media',
    load: async () => (await import('./openai-media/openai-media-engine.ts')).openaiMediaEngine,
  },
  {
    id: 'sd-server',
    load: async () => (await import('./sd-server/sd-server-engine.ts')).sdServerEngine,
  },
  { id: 'comfyui', load: async () => (await import('./comfyui/comfyui-engine.ts')).comfyuiEngine },
];
