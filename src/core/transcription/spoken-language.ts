import { detectLanguage } from '../../media/text/language-detection.ts';
import type { HeardWindow } from '../engine.ts';
import type { ModelCard } from '../models/model.ts';
import type { HearingWish, Transcript } from './transcription.ts';

/** What a transcript says about its language: nothing, where nobody knows. */
export type SpokenLanguage = Pick<Transcript, 'language' | 'languageSource' | 'languageProbability'>;

/** What is known before anything is heard. */
export function namedLanguage({ language }: HearingWish): SpokenLanguage {
  return language === undefined ? {} : { language, languageSource: 'caller' };
}

/** What a window tells about the language. One that holds nothing but noise tells nothing, whatever the model says. */
export function heardLanguage(
  { language, languageProbability }: HeardWindow,
  passed: readonly unknown[],
): SpokenLanguage {
  if (language === undefined || passed.length === 0) return {};
  return {
    language,
    languageSource: 'model',
    ...(languageProbability === undefined ? {} : { languageProbability }),
  };
}

/** Everything by which the language of a whole recording is judged. */
export interface LanguageEvidence {
  readonly request: HearingWish;
  /** What caller or model told. */
  readonly told: SpokenLanguage;
  readonly text: string;
  readonly card: ModelCard;
}

/** The language of a whole recording. Where neither caller nor model told it, its words do if they leave no doubt. */
export function settleLanguage({ request, told, text, card }: LanguageEvidence): SpokenLanguage {
  if (request.task === 'translate') return { language: 'en' };
  if (told.language !== undefined) return told;
  const read = detectLanguage(text);
  if (!read?.certain) return {};
  const isPossible = card.languages === 'any' || card.languages.includes(read.language);
  return isPossible ? { language: read.language, languageSource: 'text' } : {};
}
