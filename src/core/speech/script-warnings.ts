import { primaryLanguage } from '../voices/voice-parts.ts';
import type { Warning } from '../warning.ts';
import type { WrittenRun } from './run-text.ts';
import type { CastScript } from './script-casting.ts';
import type { SpeechRoute } from './speech-routing.ts';
import type { ScriptRun } from './speech-script.ts';
import type { SpeechRequest } from './speech.ts';

/** A run, who speaks it, and what became of it. */
interface RunFacts {
  readonly run: ScriptRun;
  readonly route: SpeechRoute;
  readonly written: WrittenRun;
  readonly request: SpeechRequest;
  /** Tempo that the engine is asked for. */
  readonly speed: number;
}

/** What a caller has to be told about one run of a text. Its settings are in our words. */
export function runWarnings({ run, route, written, request, speed }: RunFacts): Warning[] {
  return [
    ...(run.speed === 1 ? [] : speedWarnings(route, { asked: route.speed * run.speed, speed })),
    ...skippedWarnings(written, { engine: route.candidate.engine.id, request }),
    ...languageWarnings(run, route),
  ];
}

function speedWarnings(
  { speech, candidate }: SpeechRoute,
  { asked, speed }: { readonly asked: number; readonly speed: number },
): Warning[] {
  if (speech.settings.speed === undefined)
    return [{ type: 'ignored', setting: 'text', reason: `${candidate.engine.id} cannot change its tempo` }];
  if (speed === asked) return [];
  return [{ type: 'adjusted', setting: 'text', from: `tempo ${asked}`, to: `tempo ${speed}` }];
}

function languageWarnings({ language }: ScriptRun, route: SpeechRoute): Warning[] {
  if (language === undefined || primaryLanguage(language) === primaryLanguage(route.language)) return [];
  const reason = `the voice ${route.cast.voice.id} does not speak '${language}'`;
  return [{ type: 'ignored', setting: 'text', reason }];
}

function skippedWarnings(
  written: WrittenRun,
  { engine, request }: { readonly engine: string; readonly request: SpeechRequest },
): Warning[] {
  const skipped: Warning = {
    type: 'ignored',
    setting: request.pronunciations?.length ? 'pronunciations' : 'text',
    reason: `${engine} cannot be told phonemes; the words are spoken as they are spelled`,
  };
  const unknown = written.unknownInterpretations.map((interpretation): Warning => ({
    type: 'ignored',
    setting: 'text',
    reason: `say-as '${interpretation}' is not known for this text and language; it is spoken as usual`,
  }));
  return [...(written.skippedPhonemes ? [skipped] : []), ...unknown];
}

/** What the markup asked for in vain. */
export function ignoredMarkup({ marked }: CastScript, { spelling }: SpeechRequest): Warning[] {
  return marked.ignored.map((reason) => ({ type: 'ignored', setting: spelling.text, reason }));
}

/** Each warning once. */
export function distinctWarnings(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}
