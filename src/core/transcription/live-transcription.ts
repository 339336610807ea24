import type { AccessGuard } from '../access/access-guard.ts';
import type { RequestContext } from '../context.ts';
import type { Engine } from '../engine.ts';
import type { EngineRunner } from '../models/engine-runner.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { refuseUnderStrict } from '../setting-support.ts';
import type { UsageCounter } from '../usage/usage-record.ts';
import type { LiveItemParts } from './live-item.ts';
import type { LiveEvent, LiveTranscription } from './live-request.ts';
import { LiveSession } from './live-session.ts';
import { createSpeakerTracker, type SpeakerTracker } from './speaker-turns.ts';
import { findListenerAnew } from './transcription-routing.ts';
import { transcriptionWarnings } from './transcription-settings.ts';
import { noSpeakerModel } from './transcription-service.ts';
import type { TranscribedSegment } from './transcription.ts';
import { createWordAligner, findWordFinder } from './word-alignment.ts';

/** What the service is built from. */
export interface LiveTranscriptionServiceParts {
  readonly models: ModelCatalog;
  readonly runner: EngineRunner;
  readonly usage: UsageCounter;
  readonly access: AccessGuard;
  readonly clock: Clock;
  readonly engines: readonly Engine[];
  /** Longest item in seconds. */
  readonly maxSeconds: number;
}

/** Hears while somebody speaks. */
export interface LiveTranscriptionService {
  /** Begins to listen. Nothing is heard before the first `configure`. */
  open(context: RequestContext, emit: (event: LiveEvent) => void): LiveTranscription;
}

/** Builds the service. */
export function createLiveTranscriptionService(
  parts: LiveTranscriptionServiceParts,
): LiveTranscriptionService {
  return {
    open: (context, emit) => {
      const speakers = parts.engines.find((one) => one.speakers)?.speakers;
      // One for all items, so that a voice keeps its name.
      const tracker = speakers && createSpeakerTracker(speakers, context);
      return new LiveSession({
        ...parts,
        context,
        emit,
        admit: ({ model }) =>
          parts.access.admit({ capability: 'transcription', model, characters: 0 }, context),
        prepare: async (request) => {
          const candidate = await findListenerAnew(request, parts.models);
          const { card } = candidate;
          const finder = findWordFinder(parts.engines, { request, card });
          const warnings = transcriptionWarnings(request.asked, { ...candidate, speakers, finder });
          if (context.strict) refuseUnderStrict(warnings);
          if (request.diarize && !tracker) throw noSpeakerModel();
          return {
            answer: { warnings, servedBy: card.id, standIn: candidate.standIn },
            itemParts: (): LiveItemParts => ({
              request,
              context,
              candidate,
              tracker: request.diarize ? tracker && trackerOfItem(tracker) : undefined,
              aligner: createWordAligner({ finder, request, card, context }),
              guesses: request.guesses,
            }),
          };
        },
      });
    },
  };
}

/** What was told about the speakers of an item stays: a later one must not change what has been sent. */
function trackerOfItem(tracker: SpeakerTracker): SpeakerTracker {
  const told: TranscribedSegment[] = [];
  return {
    ...tracker,
    split: (segment) => {
      const parts = tracker.split(segment);
      told.push(...parts);
      return parts;
    },
    settled: () => told.map((segment, id) => ({ ...segment, id })),
  };
}
