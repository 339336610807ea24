import { z } from 'zod';
import { findRuleProblem, type DictionaryRule } from '../../core/dictionaries/dictionary-rules.ts';
import { looseBoolean, looseNumber, queryValue } from './elevenlabs-fields.ts';

const matching = {
  string_to_replace: z.string().min(1),
  case_sensitive: looseBoolean(z.boolean().nullish()),
  word_boundaries: looseBoolean(z.boolean().nullish()),
};

const wireRule = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('alias'), alias: z.string().min(1), ...matching }),
    z.object({
      type: z.literal('phoneme'),
      phoneme: z.string().min(1),
      alphabet: z.enum(['ipa', 'cmu-arpabet']),
      ...matching,
    }),
  ],
  { error: 'must be alias or phoneme' },
);

/** The vendor's words for the parts of a rule. */
const PARTS = { grapheme: 'string_to_replace', alias: 'alias', phonemes: 'phoneme' } as const;

/** A rule in our words. One that cannot be used is refused with its word, so that it is found among thousands. */
const rule = wireRule.transform((wire, checked): DictionaryRule => {
  const read = toRule(wire);
  const problem = findRuleProblem(read);
  if (problem) {
    const part = PARTS[problem.part];
    const message = `the ${part} of the rule for '${read.grapheme}' ${problem.message}`;
    checked.addIssue({ code: 'custom', path: [part], message, input: wire });
  }
  return read;
});

function toRule(wire: z.output<typeof wireRule>): DictionaryRule {
  const shared = {
    grapheme: wire.string_to_replace,
    caseSensitive: wire.case_sensitive ?? true,
    wordBoundaries: wire.word_boundaries ?? true,
  };
  return wire.type === 'alias'
    ? { type: 'alias', alias: wire.alias, ...shared }
    : { type: 'phoneme', phonemes: wire.phoneme, alphabet: wire.alphabet, ...shared };
}

/** A rule in the vendor's words. */
export function toWireRule(read: DictionaryRule): z.output<typeof wireRule> {
  const shared = {
    string_to_replace: read.grapheme,
    case_sensitive: read.caseSensitive,
    word_boundaries: read.wordBoundaries,
  };
  return read.type === 'alias'
    ? { type: 'alias', ...shared, alias: read.alias }
    : { type: 'phoneme', ...shared, phoneme: read.phonemes, alphabet: read.alphabet };
}

/** What a dictionary is called, and what its maker says about it. */
const facts = {
  name: z.string().min(1),
  description: z.string().nullish(),
  workspace_access: z.enum(['admin', 'editor', 'commenter', 'viewer']).nullish(),
};

/** The text parts of a form that brings a file. */
export const dictionaryFields = z.object(facts);
/** A new dictionary with its rules. */
export const dictionaryBody = z.object({ ...facts, rules: z.array(rule) });
/** Rules that are added, or take the place of all. */
export const rulesBody = z.object({ rules: z.array(rule) });
/** The words whose rules are removed. */
export const ruleStringsBody = z.object({ rule_strings: z.array(z.string()) });
/** What can be changed in a dictionary besides its rules. */
export const dictionaryChange = z.object({
  archived: looseBoolean(z.boolean().nullish()),
  name: z.string().min(1).nullish(),
});

/** The path of a dictionary, and of one of its versions. */
export const dictionaryPath = z.object({ id: z.string() });
export const versionPath = z.object({ id: z.string(), version_id: z.string() });

const DIRECTIONS = ['ascending', 'descending', 'asc', 'desc'] as const;

/** Which part of the list of dictionaries is wanted. The vendor's own text also calls the first order `created_at_unix`. */
export const dictionaryQuery = z.object({
  cursor: queryValue(z.string().optional()),
  page_size: queryValue(looseNumber(z.int().min(1).max(100).default(30))),
  sort: queryValue(z.enum(['creation_time_unix', 'created_at_unix', 'name']).default('creation_time_unix')),
  sort_direction: queryValue(
    z.preprocess(
      (value) => (typeof value === 'string' ? value.toLowerCase() : value),
      z.enum(DIRECTIONS).default('descending'),
    ),
  ),
  include_archived: queryValue(looseBoolean(z.boolean().default(false))),
});
