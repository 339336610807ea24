import { z } from 'zod';
import { describeWarning, type Warning } from '../core/warning.ts';

const warningSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ignored'), setting: z.string(), reason: z.string() }),
  z.object({ type: z.literal('adjusted'), setting: z.string(), from: z.string(), to: z.string() }),
  z.object({ type: z.literal('deprecated'), setting: z.string(), instead: z.string() }),
]);

/** Who really did it, and what was not done as asked. */
export interface AnswerFacts {
  readonly servedBy?: string;
  readonly voiceId?: string;
  readonly standIn: boolean;
  readonly warnings: readonly Warning[];
}

/** What the headers of an answer tell; nothing where another server than Antiphon answers. */
export function factsOf({ headers }: Response): AnswerFacts {
  const servedBy = headers.get('x-antiphon-model');
  const voiceId = headers.get('x-antiphon-voice');
  return {
    ...(servedBy === null ? {} : { servedBy }),
    ...(voiceId === null ? {} : { voiceId }),
    standIn: headers.get('x-antiphon-stand-in') === 'true',
    warnings: warningsIn(headers.get('x-antiphon-warnings')),
  };
}

function warningsIn(header: string | null): readonly Warning[] {
  if (header === null) return [];
  try {
    const read = z.array(warningSchema).safeParse(JSON.parse(header));
    return read.success ? read.data : [];
  } catch {
    return [];
  }
}

/** Who did it, in a few words. */
export function maker({ servedBy, voiceId, standIn }: AnswerFacts): string {
  return `${voiceId ?? servedBy ?? 'the server'}${standIn ? ' as a stand-in' : ''}`;
}

/** Says on standard error what was not done as asked. */
export function tellWarnings({ warnings }: AnswerFacts): void {
  for (const warning of warnings) console.error(describeWarning(warning));
}
