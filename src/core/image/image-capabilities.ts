import type { ModelCatalog } from '../models/model-catalog.ts';
import { servedCandidates, supportFates, type SupportFate } from '../models/served-candidates.ts';
import { imageSupport } from './image-settings.ts';
import type { ImageSetting } from './image.ts';

/** How the parameters of one dialect are spelled: the caller's word to our setting. */
export type ImageParameterTable = Readonly<Record<string, ImageSetting>>;

/** One row of the published table: a model of pictures as one dialect knows it, and every parameter's fate. */
export interface ImageCapability {
  readonly model: string;
  readonly dialect: string;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
  /** Pictures to change that it takes at most, and whether it keeps to a mask. */
  readonly inputs: number;
  readonly mask: boolean;
  readonly parameters: Readonly<Record<string, SupportFate>>;
}

/** The fate of every parameter of every model of pictures, by the same table that serves a request. */
export function imageCapabilities(
  models: ModelCatalog,
  tables: Readonly<Record<string, ImageParameterTable>>,
): readonly ImageCapability[] {
  return models.publicModels.flatMap(({ name: model, dialect, capability }) => {
    if (capability !== 'image') return [];
    const candidates = servedCandidates(models, model, 'image').filter(({ engine }) => engine.image);
    const [first] = candidates;
    const image = first?.engine.image;
    if (!first || !image) return [];
    const { inputs, mask, sizes } = image.takes(first.card.id);
    return {
      model,
      dialect,
      servedBy: candidates.map(({ card }) => card.id),
      standIn: first.standIn,
      inputs,
      mask,
      parameters: supportFates(tables[dialect] ?? {}, {
        ...imageSupport(image),
        size: { minimum: sizes.minimum, maximum: sizes.maximum },
      }),
    };
  });
}
