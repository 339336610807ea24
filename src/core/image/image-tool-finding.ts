import { AppError } from '../../base/errors.ts';
import type { Engine } from '../engine.ts';
import type { ImageTools } from './image-tools.ts';

/** How pictures are read and written here. Throws `unsupported_feature` where nothing can. */
export function imageToolsOf(engines: readonly Engine[]): ImageTools {
  const tools = engines.find(({ imageTools }) => imageTools)?.imageTools;
  if (tools) return tools;
  const message = `No running engine can read pictures. 'antiphon serve' lists the engines and why one is down.`;
  throw new AppError('unsupported_feature', message, { reason: 'no_engine' });
}
