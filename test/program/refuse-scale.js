// Loaded before a program under test: fails whoever asks for a package that only the scaled-out layout needs.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (['postgres', 'aws4fetch'].includes(specifier)) {
      throw new Error(`${specifier} was asked for by ${context.parentURL}`);
    }
    return nextResolve(specifier, context);
  },
});
