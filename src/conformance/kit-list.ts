import { AIML_KIT } from './aiml/aiml-kit.ts';
import { EIGEN_KIT } from './eigen/eigen-kit.ts';
import { ELEVENLABS_KIT } from './elevenlabs/elevenlabs-kit.ts';
import type { Kit } from './kit-row.ts';
import { OPENAI_KIT } from './openai/openai-kit.ts';

/** Every dialect that a server can be held to. */
export const KITS: readonly Kit[] = [OPENAI_KIT, ELEVENLABS_KIT, EIGEN_KIT, AIML_KIT];
