import type { CoreParts } from '../core/core.ts';
import { adminDialect } from './admin/admin-dialect.ts';
import { aimlDialect } from './aiml/aiml-dialect.ts';
import type { Dialect } from './dialect.ts';
import { eigenDialect } from './eigen/eigen-dialect.ts';
import { elevenlabsDialect } from './elevenlabs/elevenlabs-dialect.ts';
import { openaiDialect } from './openai/openai-dialect.ts';

/** Every wire contract that is served. The first owns what nobody else claims. */
export const dialects: readonly Dialect[] = [
  openaiDialect,
  elevenlabsDialect,
  eigenDialect,
  aimlDialect,
  adminDialect,
];

/** What the vendors made known, and how they spell our settings: what the core is told of the dialects. */
export const vendors: Pick<CoreParts, 'publicModels' | 'presetVoices' | 'parameters'> = {
  publicModels: dialects.flatMap(({ models }) => models),
  presetVoices: dialects.flatMap(({ voices }) => voices),
  parameters: Object.fromEntries(dialects.map(({ id, parameters }) => [id, parameters])),
};
