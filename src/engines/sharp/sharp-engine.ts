import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineModule } from '../../core/engine.ts';
import { createSharpTools, SHARP_PROCESSES } from './sharp-tools.ts';

/** More threads than this do not make one picture faster. */
const MAX_THREADS = 4;

/** sharp and libvips in child processes: reads, changes, draws and writes pictures. It has no model of its own. */
export const sharpEngine: EngineModule = {
  id: 'sharp',
  title: 'sharp',
  licence: 'Apache-2.0 AND LGPL-3.0-or-later',
  create: ({ workers, idleMs }) => {
    const fonts = findFonts();
    if (!isInstalled() || fonts === undefined) {
      return Promise.resolve({ unavailable: 'The packages sharp and dejavu-fonts-ttf are not installed.' });
    }
    const { tools, stop } = createSharpTools({
      start: { fonts, threads: Math.max(1, Math.min(MAX_THREADS, workers)) },
      ...(idleMs === undefined ? {} : { idleMs }),
    });
    return Promise.resolve({
      id: 'sharp',
      concurrency: SHARP_PROCESSES,
      models: [],
      imageTools: tools,
      stop,
    });
  },
};

// An installation may leave a package out; the engine is then unavailable, which is the answer.

function isInstalled(): boolean {
  try {
    return import.meta.resolve('sharp') !== '';
  } catch {
    return false;
  }
}

function findFonts(): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/package.json')));
  } catch {
    return undefined;
  }
}
