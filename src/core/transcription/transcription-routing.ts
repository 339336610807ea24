import { AppError } from '../../base/errors.ts';
import type { TranscriptionEngine } from '../engine.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { TranscriptionRequest } from './transcription.ts';

/** Who hears a request. */
export interface Listener extends Candidate {
  readonly transcription: TranscriptionEngine;
}

/**
 * The best model for a request that knows its language. Throws `not_found` for a model name that nobody knows and
 * `unsupported_feature` when none is installed or none hears the language.
 */
export function findListener(request: TranscriptionRequest, models: ModelCatalog): Listener {
  const candidates = models.candidates(request.model, 'transcription');
  const { language } = request;
  const fitting = candidates.find(
    ({ card }) => language === undefined || card.languages === 'any' || card.languages.includes(language),
  );
  if (!fitting) throw unheardLanguage(request, candidates);
  const { transcription } = fitting.engine;
  if (transcription) return { ...fitting, transcription };
  throw new AppError('internal', `${fitting.card.id} claims to hear and cannot.`);
}

function unheardLanguage(request: TranscriptionRequest, candidates: readonly Candidate[]): AppError {
  const known = candidates.flatMap(({ card }) => card.languages);
  const message = `No installed model hears '${request.language}', only ${[...new Set(known)].join(', ')}. "antiphon models list" shows models with other languages.`;
  return new AppError('unsupported_feature', message, {
    param: request.spelling.language,
    reason: 'unsupported_language',
  });
}
