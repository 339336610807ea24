// Loaded before every test file and its child processes: what one of them compiled, the others need not compile again.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const { directory } = module.enableCompileCache(
  fileURLToPath(new URL('../node_modules/.cache/antiphon', import.meta.url)),
);
if (directory !== undefined) process.env.NODE_COMPILE_CACHE = directory;
