import { AppError } from '../../base/errors.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { ImageEngine } from './image-engine.ts';
import type { ImageRequest } from './image.ts';

/** An engine model that may make a picture, and what it takes. */
export interface ImageRoute {
  readonly candidate: Candidate;
  readonly image: ImageEngine;
  readonly takes: ReturnType<ImageEngine['takes']>;
}

/**
 * The engine models that may serve, best first. Throws what the catalog throws, and `unsupported_feature` naming the
 * field when none of them takes the pictures that came.
 */
export function findImageRoutes(request: ImageRequest, models: ModelCatalog): readonly ImageRoute[] {
  const routes = models.candidates(request.model, 'image').flatMap((candidate) => {
    const { image } = candidate.engine;
    return image ? [{ candidate, image, takes: image.takes(candidate.card.id) }] : [];
  });
  const able = routes.filter(
    ({ takes }) => takes.inputs >= request.inputs.length && (takes.mask || !request.mask),
  );
  if (able.length > 0) return able;
  throw unable(request, routes);
}

function unable({ model, inputs, spelling }: ImageRequest, routes: readonly ImageRoute[]): AppError {
  const most = Math.max(0, ...routes.map(({ takes }) => takes.inputs));
  const refuse = (message: string, param: string) =>
    new AppError('unsupported_feature', message, { param, reason: 'image_inputs' });
  if (routes.length === 0)
    return refuse(`Nothing that runs here makes pictures for '${model}'.`, spelling.model);
  if (most === 0) return refuse(`Nothing that runs here for '${model}' changes pictures.`, spelling.inputs);
  if (inputs.length > most) {
    const pictures = most === 1 ? 'one picture' : `${most} pictures`;
    return refuse(`What runs here for '${model}' takes ${pictures}, not ${inputs.length}.`, spelling.inputs);
  }
  return refuse(`Nothing that runs here for '${model}' keeps its changes within a mask.`, spelling.mask);
}
