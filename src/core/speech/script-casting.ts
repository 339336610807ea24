import { AppError } from '../../base/errors.ts';
import type { MarkedText } from '../../media/text/marked-text.ts';
import type { RequestContext } from '../context.ts';
import { primaryLanguage } from '../voices/voice-parts.ts';
import { findSpeechRoutes, type SpeechRoute, type SpeechRoutingParts } from './speech-routing.ts';
import { toScript, type ScriptPart, type ScriptRun } from './speech-script.ts';
import type { SpeechRequest } from './speech.ts';

/** Who speaks which run of a text. */
export interface CastScript {
  readonly marked: MarkedText;
  readonly parts: readonly ScriptPart[];
  /** The route of the request, and those of runs with a voice or a language of their own. */
  readonly main: SpeechRoute;
  routeOf(run: ScriptRun): SpeechRoute;
  /** Every route that is taken. */
  readonly routes: readonly SpeechRoute[];
}

/**
 * Gives every run of a text its voice. Throws `not_found` for a voice that does not exist and `unsupported_feature`
 * where nobody has the voice or the language.
 */
export async function castScript(
  marked: MarkedText,
  main: SpeechRoute,
  casting: {
    readonly request: SpeechRequest;
    readonly parts: SpeechRoutingParts;
    readonly context: RequestContext;
  },
): Promise<CastScript> {
  const parts = toScript(marked);
  const routes = new Map<string, SpeechRoute>();
  for (const run of parts) {
    if (run.kind === 'pause' || routes.has(keyOf(run))) continue;
    routes.set(keyOf(run), hasOwnCast(run) ? await ownRoute(run, main, { ...casting, marked }) : main);
  }
  return {
    marked,
    parts,
    main,
    routeOf: (run) => routes.get(keyOf(run)) ?? main,
    routes: [...new Set([main, ...routes.values()])],
  };
}

function keyOf({ voice = '', language = '' }: ScriptRun): string {
  return `${language} ${voice}`;
}

function hasOwnCast({ voice, language }: ScriptRun): boolean {
  return voice !== undefined || language !== undefined;
}

interface OwnCasting {
  readonly request: SpeechRequest;
  readonly parts: SpeechRoutingParts;
  readonly context: RequestContext;
  readonly marked: MarkedText;
}

/** The engine that speaks already is the best one for another voice too, if it has it. */
async function ownRoute(
  { voice, language, start, end }: ScriptRun,
  main: SpeechRoute,
  { request, parts, context, marked }: OwnCasting,
): Promise<SpeechRoute> {
  if (voice === undefined && primaryLanguage(language ?? '') === primaryLanguage(main.language)) return main;
  const own: SpeechRequest = {
    ...request,
    text: marked.text.slice(start, end),
    ...(language === undefined ? {} : { language: primaryLanguage(language) }),
    ...(voice === undefined
      ? {}
      : {
          voice: { kind: 'id', id: voice },
          // The name stands in the text.
          spelling: { ...request.spelling, voice: request.spelling.text },
        }),
  };
  let first: SpeechRoute | undefined;
  for await (const route of findSpeechRoutes(own, parts, context)) {
    if (route.candidate.engine === main.candidate.engine) return route;
    first ??= route;
  }
  if (first) return first;
  throw new AppError('unsupported_feature', 'No running engine speaks a part of this text.', {
    param: request.spelling.text,
    reason: 'unsupported_language',
  });
}
