import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../src/app.ts';
import { AppError } from '../src/base/errors.ts';
import type { RequestContext } from '../src/core/context.ts';
import { createCore, type Core } from '../src/core/core.ts';
import type { Engine } from '../src/core/engine.ts';
import type { Authenticator } from '../src/core/ports/authenticator.ts';
import { silentLogger, type LogFields, type Logger } from '../src/core/ports/logger.ts';
import { dialects } from '../src/dialects/index.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { toneEngine } from './tone-engine.ts';

export interface TestAppOptions {
  readonly engines?: readonly Engine[];
  /** The only keys that are accepted; without any everybody is welcome. */
  readonly keys?: readonly string[];
  readonly strictModels?: boolean;
  readonly bindings?: Readonly<Record<string, readonly string[]>>;
  readonly log?: Logger;
}

/** The whole server on tones instead of voices, not listening: use `inject`, or `listening` for real clients. */
export async function testApp(options: TestAppOptions = {}): Promise<{ app: FastifyInstance; core: Core }> {
  const core = createCore({
    engines: options.engines ?? [toneEngine()],
    downEngines: [],
    publicModels: dialects.flatMap((dialect) => dialect.models),
    presetVoices: dialects.flatMap((dialect) => dialect.voices),
    speechParameters: Object.fromEntries(dialects.map((dialect) => [dialect.id, dialect.speechParameters])),
    bindings: options.bindings ?? {},
    strictModels: options.strictModels ?? false,
    authenticator: fixedKeys(options.keys ?? []),
    clock: systemClock,
    log: options.log ?? silentLogger,
    version: '0.0.0-test',
  });
  return { app: await createApp(core, { dialects, cors: 'any' }), core };
}

/** Runs a test against the server on a free loopback port and closes it afterwards. */
export async function listening(
  options: TestAppOptions,
  use: (address: { origin: string; core: Core }) => Promise<void>,
): Promise<void> {
  const { app, core } = await testApp(options);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo; // A TCP server that listens has an AddressInfo.
  try {
    await use({ origin: `http://127.0.0.1:${port}`, core });
  } finally {
    await app.close();
  }
}

/** An authenticator that knows a fixed list of keys. */
export function fixedKeys(keys: readonly string[]): Authenticator {
  return {
    required: async () => keys.length > 0,
    authenticate: async (credential) => {
      if (keys.length === 0) return { id: 'anonymous', name: 'anonymous', anonymous: true };
      if (credential === undefined || credential === '') {
        throw new AppError('unauthenticated', 'This server needs an API key.', { reason: 'missing_key' });
      }
      if (!keys.includes(credential)) {
        throw new AppError('unauthenticated', 'This API key is not one of ours.', { reason: 'unknown_key' });
      }
      return { id: `key:${credential}`, name: credential, anonymous: false };
    },
  };
}

/** A context for calling services directly. */
export function testContext(overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: '0'.repeat(32),
    principal: { id: 'anonymous', name: 'anonymous', anonymous: true },
    signal: new AbortController().signal,
    log: silentLogger,
    strict: false,
    ...overrides,
  };
}

/** A logger that remembers what it was told. */
export function recordingLogger(): Logger & {
  readonly entries: { level: string; event: string; fields: LogFields }[];
} {
  const entries: { level: string; event: string; fields: LogFields }[] = [];
  const at = (level: string) => (fields: LogFields, event: string) => {
    entries.push({ level, event, fields });
  };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Real time, for services that are tested without a platform. */
export const testClock = systemClock;
