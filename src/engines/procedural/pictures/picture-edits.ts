import { AppError } from '../../../base/errors.ts';
import { EDIT_RULES } from './picture-edit-words.ts';
import { type PictureEdit } from './picture-edit-rules.ts';

/** The edits of a prompt, and those of its clauses that none of them explains. */
export interface ReadEdits {
  readonly edits: readonly PictureEdit[];
  readonly unexplained: readonly string[];
}

/** Words that say nothing about what is to be done. */
const FILLERS = new Set(
  'a an the this that it its my our your please kindly just only also then and to into in of with for by on at make made turn apply give add get do change edit effect filter look more picture image photo photograph pic version of style styled fully completely entire whole everything everywhere area mask masked part inside selected selection colour color colours colors tone tones nice very be is should can could would you i want need first second other one two both all them so as result final output keep rest'.split(
    ' ',
  ),
);

/** Finds the edits in a prompt, in the order in which they are asked for. */
export function readEdits(prompt: string): ReadEdits {
  const found: { readonly at: number; readonly edit: PictureEdit }[] = [];
  let rest = prompt;
  for (const { words, read } of EDIT_RULES) {
    rest = rest.replace(words, (...details) => {
      const match = matchOf(words, details);
      const edit = read(match);
      if (edit) found.push({ at: match.index, edit });
      return edit ? '\u0001'.repeat(match[0].length) : match[0];
    });
  }
  const clauses = rest.split(/[,;.!\n]|\band\b|\bthen\b|\bplus\b/i);
  const unexplained = clauses
    .filter((clause) => !clause.includes('\u0001') && hasContent(clause))
    .map((clause) => clause.trim());
  return { edits: found.sort((one, other) => one.at - other.at).map(({ edit }) => edit), unexplained };
}

function matchOf(words: RegExp, details: readonly unknown[]): RegExpExecArray {
  const index = details.find((detail) => typeof detail === 'number') ?? 0;
  const groups = details
    .slice(0, details.indexOf(index))
    .map((group) => (typeof group === 'string' ? group : undefined));
  // What `exec` would have given for this match: the whole, its groups, and where it begins.
  return Object.assign(groups, { index, input: '', words: words.source }) as unknown as RegExpExecArray;
}

function hasContent(clause: string): boolean {
  const words = clause.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.some((word) => !FILLERS.has(word));
}

const POSSIBLE =
  'black and white, sepia, negative, blur, sharpen, rotate, flip, crop, brighter, darker, contrast, warmer, cooler, more or less saturated, tint, resize, remove a plain background, fill what the mask leaves open (with a colour or a scene), one colour instead of another, text in quotes, a frame, vignette, pixelate, posterise, line drawing, and several pictures side by side, stacked or overlaid';

/** The refusal of an edit that only a model that paints could make. */
export function impossibleEdit(what: string): AppError {
  const message = `procedural/pictures cannot do this with a picture: ${what}. Without a model that paints, these edits are possible: ${POSSIBLE}.`;
  return new AppError('unsupported_feature', message, { param: 'prompt', reason: 'edit_not_possible' });
}
