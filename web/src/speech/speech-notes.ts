/** Who really spoke, and what was not done as asked, in sentences. */
export interface SpeechNotes {
  readonly model: string;
  readonly voice: string;
  readonly isStandIn: boolean;
  readonly warnings: readonly string[];
}

/** What the headers of an answer tell. */
export function notesOf({ headers }: Response): SpeechNotes {
  return {
    model: headers.get('x-antiphon-model') ?? '',
    voice: headers.get('x-antiphon-voice') ?? '',
    isStandIn: headers.get('x-antiphon-stand-in') === 'true',
    warnings: warningsIn(headers.get('x-antiphon-warnings')),
  };
}

function warningsIn(header: string | null): readonly string[] {
  if (header === null) return [];
  const warnings: unknown = JSON.parse(header);
  return Array.isArray(warnings) ? warnings.map(sentenceOf) : [];
}

function sentenceOf(warning: Readonly<Record<string, string>>): string {
  const { type, setting = 'A setting', reason, from, to, instead } = warning;
  if (type === 'adjusted') return `${setting} was changed from ${from} to ${to}.`;
  if (type === 'deprecated') return `${setting} is out of date; use ${instead}.`;
  return `${setting} had no effect: ${reason}.`;
}
