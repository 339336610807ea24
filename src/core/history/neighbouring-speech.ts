import { endOfText, startOfText } from '../speech/seam-plan.ts';
import type { SpeechTrace } from '../speech/speech-surroundings.ts';
import type { SpeechHistory } from './speech-history.ts';

/** Earlier requests, in the order in which their speeches are heard. Those that nobody knows any more are passed over. */
export interface NamedRequests {
  readonly ids: readonly string[];
  readonly ownerId: string;
}

/** What a speech needs to join those before it: the sound of the nearest and the words of all. */
export async function findPrevious(
  history: SpeechHistory,
  requests: NamedRequests,
): Promise<SpeechTrace | undefined> {
  const traces = await tracesOf(history, requests);
  const nearest = traces.at(-1);
  return nearest && { ...nearest, closing: endOfText(traces.map(({ closing }) => closing).join(' ')) };
}

/** What a speech needs to join those after it. */
export async function findNext(
  history: SpeechHistory,
  requests: NamedRequests,
): Promise<SpeechTrace | undefined> {
  const traces = await tracesOf(history, requests);
  const nearest = traces[0];
  return nearest && { ...nearest, opening: startOfText(traces.map(({ opening }) => opening).join(' ')) };
}

async function tracesOf(history: SpeechHistory, { ids, ownerId }: NamedRequests): Promise<SpeechTrace[]> {
  const found = await Promise.all(ids.filter((id) => id !== '').map((id) => history.findTrace(id, ownerId)));
  return found.filter((trace) => trace !== undefined);
}
