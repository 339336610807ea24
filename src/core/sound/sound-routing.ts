import { AppError } from '../../base/errors.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import { servedCandidates } from '../models/served-candidates.ts';
import type { SoundEngine } from './sound-engine.ts';
import { longestSeconds } from './sound-settings.ts';
import type { SoundRequest } from './sound.ts';

/** An engine model that may make a sound. */
export interface SoundRoute {
  readonly candidate: Candidate;
  readonly sound: SoundEngine;
}

/**
 * The engine models that may serve, best first. Throws what the catalog throws, and `unsupported_feature` when none of
 * them makes so long a sound.
 */
export function findSoundRoutes(request: SoundRequest, models: ModelCatalog): readonly SoundRoute[] {
  const routes = candidatesOf(request, models).flatMap((candidate) => {
    const { sound } = candidate.engine;
    return sound ? [{ candidate, sound }] : [];
  });
  const { durationSeconds: wanted = 0 } = request;
  const longEnough = routes.filter((route) => longestOf(route) >= wanted);
  if (longEnough.length > 0) return longEnough;
  if (routes.length > 0) throw tooLong(request, Math.max(...routes.map(longestOf)));
  throw new AppError('unsupported_feature', `Nothing that runs here makes sound for '${request.model}'.`, {
    param: request.spelling.model,
    reason: 'no_engine',
  });
}

/** What some vendors make under one name. */
const SIBLINGS = { sound: 'music', music: 'sound' } as const;

/** A name that stands for both goes to a model that is it before anything that stands in for it, whatever is wanted. */
function candidatesOf({ kind, model }: SoundRequest, models: ModelCatalog): readonly Candidate[] {
  const wanted = kind === 'music' ? 'music' : 'sound';
  const sibling = SIBLINGS[wanted];
  const known = models.findPublic(model);
  if (![known?.capability, known?.alsoDoes].includes(sibling)) return models.candidates(model, wanted);
  const itself = servedCandidates(models, model, sibling).filter(({ standIn }) => !standIn);
  if (itself.length === 0) return models.candidates(model, wanted);
  const own = servedCandidates(models, model, wanted);
  return [...own.filter(({ standIn }) => !standIn), ...itself, ...own.filter(({ standIn }) => standIn)];
}

function longestOf({ candidate, sound }: SoundRoute): number {
  return longestSeconds(sound, candidate.card.id);
}

function tooLong(request: SoundRequest, longest: number): AppError {
  const asked = request.asked.find(({ setting }) => setting === 'duration' || setting === 'plan');
  return new AppError(
    'unsupported_feature',
    `'${request.model}' makes at most ${longest} s of sound here, not ${request.durationSeconds} s.`,
    { reason: 'too_long', ...(asked ? { param: asked.parameter } : {}) },
  );
}
