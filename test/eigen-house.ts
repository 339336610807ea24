import type { FastifyInstance } from 'fastify';
import { testApp, type TestAppOptions } from './support.ts';
import { toneEngine, type ToneEngine } from './tone-engine.ts';

/** A server that speaks in tones, and the engine that tells what it was asked. */
export interface House {
  readonly app: FastifyInstance;
  readonly engine: ToneEngine;
}

/** Lends a server for as long as it is used. */
export async function withHouse(
  use: (house: House) => Promise<void>,
  options: TestAppOptions = {},
): Promise<void> {
  const engine = toneEngine();
  const { app } = await testApp({ engines: [engine], ...options });
  try {
    await use({ app, engine });
  } finally {
    await app.close();
  }
}
