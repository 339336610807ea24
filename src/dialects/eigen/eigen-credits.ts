import { countCodePoints } from '../../base/code-points.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Core } from '../../core/core.ts';

/** What a speech takes of an account, and what it leaves there. A credit is a character. */
export interface SpeechCredits {
  readonly charged: number;
  readonly remaining: number;
}

/** What is told where nobody counts. */
export const NO_CREDITS: SpeechCredits = { charged: 0, remaining: 0 };

/**
 * The account of whoever asks for a text, as it will be when the text is spoken; to be asked before that. Nothing is
 * charged to keys without an allowance of characters.
 */
export async function creditsOf(
  text: string,
  { usage }: Core,
  { principal }: Pick<RequestContext, 'principal'>,
): Promise<SpeechCredits> {
  const account = await usage.allowances.charactersLeft(principal);
  if (!account) return NO_CREDITS;
  const charged = countCodePoints(text);
  return { charged, remaining: Math.max(0, Math.floor(account.remaining) - charged) };
}

/** The header in which the vendor says what is left. */
export function creditHeaders({ remaining }: SpeechCredits): Readonly<Record<string, string>> {
  return { 'x-credits-remaining': String(remaining) };
}
