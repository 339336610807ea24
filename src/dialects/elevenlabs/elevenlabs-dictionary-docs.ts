import { form, json, type OperationDocs } from '../operation-docs.ts';
import {
  dictionaryBody,
  dictionaryChange,
  dictionaryFields,
  dictionaryQuery,
  ruleStringsBody,
  rulesBody,
} from './elevenlabs-dictionary-schema.ts';

const PREFIX = '/v1/pronunciation-dictionaries';
const TAG = { tag: 'Pronunciation dictionaries' };

const PATH = { id: { about: 'The id of a dictionary.', example: 'dddddddddddddddddddd' } };
const VERSION = { ...PATH, version_id: { about: 'One of its versions.', example: 'eeeeeeeeeeeeeeeeeeee' } };

const RULE = { type: 'alias', string_to_replace: 'UN', alias: 'United Nations' };

/** Dictionaries that say how words are spoken. */
export const dictionaryDocs: Readonly<Record<string, OperationDocs>> = {
  [`POST ${PREFIX}/add-from-rules`]: {
    ...TAG,
    summary: 'Make a dictionary of rules',
    bodies: [json(dictionaryBody, { rules: { name: 'Names', rules: [RULE] } })],
  },
  [`POST ${PREFIX}/add-from-file`]: {
    ...TAG,
    summary: 'Make a dictionary from a lexicon',
    bodies: [
      form({
        schema: dictionaryFields,
        files: { file: { holds: 'lexicon', about: 'A pronunciation lexicon (PLS) of the W3C.' } },
        examples: { lexicon: { name: 'Names' } },
      }),
    ],
  },
  [`GET ${PREFIX}`]: { ...TAG, summary: 'List dictionaries', query: dictionaryQuery },
  [`GET ${PREFIX}/:id`]: { ...TAG, summary: 'Show a dictionary and its rules', path: PATH },
  [`PATCH ${PREFIX}/:id`]: {
    ...TAG,
    summary: 'Rename or archive a dictionary',
    path: PATH,
    bodies: [json(dictionaryChange, { renamed: { name: 'Names of people' } })],
  },
  [`GET ${PREFIX}/:id/:version_id/download`]: {
    ...TAG,
    summary: 'Fetch a version as a lexicon',
    path: VERSION,
    gives: ['text/xml'],
  },
  [`POST ${PREFIX}/:id/add-rules`]: {
    ...TAG,
    summary: 'Add rules, which makes a version',
    path: PATH,
    bodies: [
      json(rulesBody, {
        rules: {
          rules: [{ type: 'phoneme', string_to_replace: 'Ada', phoneme: 'ˈeɪdə', alphabet: 'ipa' }],
        },
      }),
    ],
  },
  [`POST ${PREFIX}/:id/set-rules`]: {
    ...TAG,
    summary: 'Replace all rules, which makes a version',
    path: PATH,
    bodies: [json(rulesBody, { rules: { rules: [RULE] } })],
  },
  [`POST ${PREFIX}/:id/remove-rules`]: {
    ...TAG,
    summary: 'Remove rules, which makes a version',
    path: PATH,
    bodies: [json(ruleStringsBody, { words: { rule_strings: ['UN'] } })],
  },
};
