import { AppError } from '../../base/errors.ts';
import type { TranscriptionEngine } from '../engine.ts';
import type { Candidate, ModelCatalog } from '../models/model-catalog.ts';
import type { HearingTask, ModelCard } from '../models/model.ts';
import type { HearingWish } from './transcription.ts';

/** Who hears a request. */
export interface Listener extends Candidate {
  readonly transcription: TranscriptionEngine;
}

/** Languages that a message names before it only counts them. */
const MOST_NAMED = 12;

/**
 * The best model for a request: the first of the candidates that was taught the task and hears the language. What
 * else is asked (word times, log probabilities) never changes the choice. Throws `not_found` for a model name that
 * nobody knows and `unsupported_feature` when none is installed, can do the task or hears the language.
 */
export function findListener(request: HearingWish, models: ModelCatalog): Listener {
  const candidates = models.candidates(request.model, 'transcription');
  const taught = candidates.filter(({ card }) => doesTask(card, request.task));
  if (taught.length === 0) throw untaught(request, candidates, models);
  const fitting = taught.find(({ card }) => hearsLanguage(card, request.language));
  if (!fitting) throw unheardLanguage(request, taught);
  const { transcription } = fitting.engine;
  if (transcription) return { ...fitting, transcription };
  throw new AppError('internal', `${fitting.card.id} claims to hear and cannot.`);
}

/** The same, but where nothing serves the request, whatever was installed by another program meanwhile counts too. */
export async function findListenerAnew(request: HearingWish, models: ModelCatalog): Promise<Listener> {
  try {
    return findListener(request, models);
  } catch {
    await models.refresh();
    return findListener(request, models);
  }
}

/** Whether a model was taught a task. */
export function doesTask({ tasks = ['transcribe'] }: ModelCard, task: HearingTask): boolean {
  return tasks.includes(task);
}

function hearsLanguage({ languages }: ModelCard, language: string | undefined): boolean {
  return language === undefined || languages === 'any' || languages.includes(language);
}

function untaught(request: HearingWish, candidates: readonly Candidate[], models: ModelCatalog): AppError {
  const { task, spelling } = request;
  const able = models.engineModels.filter(
    (card) => card.capability === 'transcription' && doesTask(card, task),
  );
  const who = candidates.map(({ card }) => card.id).join(', ');
  const others =
    able.length > 0
      ? `Installed and able to: ${able.map((card) => card.id).join(', ')}.`
      : 'Nothing else that is installed can. Install one that does with: antiphon models pull whisper/small';
  return new AppError('unsupported_feature', `Not taught to ${task}: ${who}. ${others}`, {
    param: spelling.model,
    reason: 'unsupported_task',
  });
}

function unheardLanguage(request: HearingWish, candidates: readonly Candidate[]): AppError {
  const known = [...new Set(candidates.flatMap(({ card }) => card.languages))];
  const named = known.slice(0, MOST_NAMED).join(', ');
  const rest = known.length > MOST_NAMED ? ` and ${known.length - MOST_NAMED} others` : '';
  const message = `No installed model hears '${request.language}', only ${named}${rest}. "antiphon models list" shows models with other languages.`;
  return new AppError('unsupported_feature', message, {
    param: request.spelling.language,
    reason: 'unsupported_language',
  });
}
