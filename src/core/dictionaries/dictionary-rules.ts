import {
  findPronunciationProblem,
  type PronunciationProblem,
} from '../../media/text/pronunciation-checks.ts';
import type { PronunciationRule } from '../../media/text/pronunciation-rules.ts';

/** A rule of a pronunciation dictionary. */
export type DictionaryRule = PronunciationRule;

/** What makes a rule unusable, for the dialect that has read it; undefined when nothing does. */
export function findRuleProblem(rule: DictionaryRule): PronunciationProblem | undefined {
  return findPronunciationProblem(rule);
}
