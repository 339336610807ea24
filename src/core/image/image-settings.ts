import { movedInto, settingWarnings, type SupportedSettings } from '../setting-support.ts';
import type { Warning } from '../warning.ts';
import type { ImageEngine } from './image-engine.ts';
import type { ImageRequest, ImageSetting, ImageWish } from './image.ts';

/** How settings are obeyed when an engine serves: sizes are the service's business, whatever the engine. */
export function imageSupport({ settings }: ImageEngine): SupportedSettings<ImageSetting> {
  return { ...settings, size: 'any', input_megapixels: 'any' };
}

/** What a caller has to be told about the settings that were asked for. */
export function imageWarnings(
  { asked, background }: ImageRequest,
  image: ImageEngine,
  engineId: string,
): Warning[] {
  // Every picture can be laid on paper.
  const done = background === 'opaque' ? 'background' : undefined;
  const left = asked.filter(({ setting }) => setting !== done);
  return settingWarnings(left, imageSupport(image), engineId);
}

/** The wish with its numbers moved into the ranges in which the engine obeys, and without what it cannot do. */
export function withinImageRanges(wish: ImageWish, { settings }: ImageEngine): ImageWish {
  const { animation, background, ...rest } = wish;
  return {
    ...rest,
    ...(animation && settings.animation ? { animation } : {}),
    ...(background && settings.background ? { background } : {}),
    ...movedInto('steps', wish.steps, settings.steps),
    ...movedInto('guidance', wish.guidance, settings.guidance),
    ...movedInto('trueGuidance', wish.trueGuidance, settings.true_guidance),
    ...movedInto('strength', wish.strength, settings.strength),
    ...movedInto('loraStrength', wish.loraStrength, settings.lora_strength),
    ...movedInto('loraRank', wish.loraRank, settings.lora_rank),
  };
}
