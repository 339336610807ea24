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
