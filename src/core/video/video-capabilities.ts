import type { ModelCatalog } from '../models/model-catalog.ts';
import { servedCandidates, supportFates, type SupportFate } from '../models/served-candidates.ts';
import type { SupportedSettings } from '../setting-support.ts';
import type { VideoEngine, VideoLimits } from './video-engine.ts';
import type { VideoSetting } from './video.ts';

/** How the parameters of one dialect are spelled: the caller's word to our setting. */
export type VideoParameterTable = Readonly<Record<string, VideoSetting>>;

/** One row of the published table: a model of films as one dialect knows it, and every parameter's fate. */
export interface VideoCapability {
  readonly model: string;
  readonly dialect: string;
  readonly servedBy: readonly string[];
  readonly standIn: boolean;
  readonly maxSeconds: number;
  /** What it can do with a film that is there already. */
  readonly sourceUses: VideoLimits['sourceUses'];
  readonly parameters: Readonly<Record<string, SupportFate>>;
}

/** The fate of every parameter of every model of films, by the same facts that a film is planned by. */
export function videoCapabilities(
  models: ModelCatalog,
  tables: Readonly<Record<string, VideoParameterTable>>,
): readonly VideoCapability[] {
  return models.publicModels.flatMap(({ name: model, dialect, capability }) => {
    if (capability !== 'video') return [];
    const candidates = servedCandidates(models, model, 'video').filter(({ engine }) => engine.video);
    const [first] = candidates;
    const video = first?.engine.video;
    if (!first || !video) return [];
    const limits = video.limits(first.card.id);
    return {
      model,
      dialect,
      servedBy: candidates.map(({ card }) => card.id),
      standIn: first.standIn,
      maxSeconds: limits.maxSeconds,
      sourceUses: limits.sourceUses,
      parameters: supportFates(tables[dialect] ?? {}, planned(video, limits)),
    };
  });
}

/** What the engine obeys, and what the plan of a film takes care of for every engine. */
function planned(
  video: VideoEngine,
  { maxSeconds, maxSide, sourceUses }: VideoLimits,
): SupportedSettings<VideoSetting> {
  return {
    ...video.settings,
    duration: { minimum: 0, maximum: maxSeconds },
    frames: 'any',
    frame_rate: { minimum: 1, maximum: 60 },
    size: { minimum: 16, maximum: maxSide },
    first_frame: 'any',
    // A remix is made anew where no engine changes films.
    ...(sourceUses.length > 0 ? { source_video: 'any' } : {}),
  };
}
