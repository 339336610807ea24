import type { Kit } from './kit-row.ts';

/** Every dialect that a server can be held to. Whoever asks for one does not wait for the code of the others. */
export const KITS: Readonly<Record<string, () => Promise<Kit>>> = {
  openai: async () => (await import('./openai/openai-kit.ts')).OPENAI_KIT,
  elevenlabs: async () => (await import('./elevenlabs/elevenlabs-kit.ts')).ELEVENLABS_KIT,
  eigen: async () => (await import('./eigen/eigen-kit.ts')).EIGEN_KIT,
  aiml: async () => (await import('./aiml/aiml-kit.ts')).AIML_KIT,
};
