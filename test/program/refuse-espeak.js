// Loaded before a program under test, and before each of its worker threads: fails whoever asks for the GPL package.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.includes('espeak')) throw new Error(`${specifier} was asked for by ${context.parentURL}`);
    return nextResolve(specifier, context);
  },
});
