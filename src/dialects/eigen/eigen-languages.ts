/** Languages of chatterbox, by ISO 639-1 code. */
export const CHATTERBOX_LANGUAGES = [
  'ar',
  'da',
  'de',
  'el',
  'en',
  'es',
  'fi',
  'fr',
  'he',
  'hi',
  'it',
  'ja',
  'ko',
  'ms',
  'nl',
  'no',
  'pl',
  'pt',
  'ru',
  'sv',
  'sw',
  'tr',
  'zh',
] as const;

/** Languages of qwen3-tts by their English names, with ISO 639-1 codes; `Auto` leaves the choice to the text. */
export const QWEN_LANGUAGES = {
  Auto: null,
  Chinese: 'zh',
  English: 'en',
  French: 'fr',
  German: 'de',
  Italian: 'it',
  Japanese: 'ja',
  Korean: 'ko',
  Portuguese: 'pt',
  Russian: 'ru',
  Spanish: 'es',
} as const;

export type QwenLanguage = keyof typeof QWEN_LANGUAGES;
