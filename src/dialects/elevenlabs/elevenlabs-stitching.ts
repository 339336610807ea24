import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';
import { findNext, findPrevious } from '../../core/history/neighbouring-speech.ts';
import type { SpeechSurroundings } from '../../core/speech/speech-surroundings.ts';
import { refuseUnderStrict } from '../../core/setting-support.ts';
import type { SpeechRequest } from '../../core/speech/speech.ts';
import type { Warning } from '../../core/warning.ts';
import type { SpeechCall } from './elevenlabs-speech-request.ts';

/** Models of the vendor that take no ids of earlier answers. */
const WITHOUT_STITCHING = ['eleven_v3'];

const ID_FIELDS = ['previous_request_ids', 'next_request_ids'];

/** A request that knows what it is to be joined with, and what could not be joined. */
export interface StitchedRequest {
  readonly request: SpeechRequest;
  readonly warnings: readonly Warning[];
}

/**
 * Adds to a request what is known of the earlier answers whose ids it names. Ids that are empty, unknown, older than
 * two hours or of answers that nothing was kept of are passed over.
 */
export async function stitched(
  core: Core,
  { call, request }: { readonly call: SpeechCall; readonly request: SpeechRequest },
  context: RequestContext,
): Promise<StitchedRequest> {
  const { body } = call;
  const named = request.asked.filter(({ parameter }) => ID_FIELDS.includes(parameter));
  if (named.length === 0) return { request, warnings: [] };
  if (WITHOUT_STITCHING.includes(request.model)) {
    const reason = `${request.model} is not joined to earlier answers`;
    const warnings = named.map(({ parameter }) => ({ type: 'ignored', setting: parameter, reason }) as const);
    if (context.strict) refuseUnderStrict(warnings);
    return { request: { ...request, asked: request.asked.filter((one) => !named.includes(one)) }, warnings };
  }
  const ownerId = context.principal.id;
  const [previous, next] = await Promise.all([
    findPrevious(core.history, { ids: body.previous_request_ids ?? [], ownerId }),
    findNext(core.history, { ids: body.next_request_ids ?? [], ownerId }),
  ]);
  if (!previous && !next) return { request, warnings: [] };
  const surroundings: SpeechSurroundings = {
    ...request.surroundings,
    ...(previous ? { previous } : {}),
    ...(next ? { next } : {}),
  };
  return { request: { ...request, surroundings }, warnings: [] };
}
