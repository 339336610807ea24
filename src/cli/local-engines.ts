import { toAppError } from '../base/errors.ts';
import { randomHex } from '../base/ids.ts';
import { ANYBODY, type RequestContext } from '../core/context.ts';
import type { Core } from '../core/core.ts';
import { createLogger } from '../platform/log.ts';
import { CommandFailure } from './command-failure.ts';
import { settingsFrom } from './settings-options.ts';
import type { Options } from './server-options.ts';

/**
 * Has the engines of this machine asked directly, for what knows more formats, rates and settings than any vendor has
 * words for. Whoever can read the data folder needs no key.
 */
export async function withLocalEngines<Result>(
  options: Options,
  use: (core: Core, context: RequestContext) => Promise<Result>,
): Promise<Result> {
  if (options['key'] !== undefined)
    throw new CommandFailure('--key is for a server elsewhere: name it with --url.', 2);
  const config = settingsFrom(options);
  const { assemble } = await import('../assembly.ts');
  const assembly = await assemble(config, { log: createLogger('silent'), environment: process.env });
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    return await use(assembly.core, {
      requestId: randomHex(16),
      principal: { ...ANYBODY, name: 'command line' },
      dialect: 'cli',
      signal: interrupted.signal,
      log: assembly.core.log,
      strict: false,
    });
  } catch (error) {
    const failure = toAppError(error);
    throw failure.code === 'internal'
      ? error
      : new CommandFailure(failure.message, failure.status < 500 ? 2 : 1);
  } finally {
    await assembly.stop();
  }
}
