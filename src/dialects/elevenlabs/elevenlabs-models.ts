import type { Capability, PublicModel } from '../../core/models/model.ts';

/** A model as the vendor describes it in its list, beside what every vendor's model has. */
export interface VendorModel {
  readonly id: string;
  readonly title: string;
  readonly capability: Capability;
  readonly description: string;
  /** Longest text in characters; absent where a model takes no text. */
  readonly maxCharacters?: number;
  /** ISO 639-1 codes where there are some, else ISO 639-2. */
  readonly languages: readonly string[];
  /** Credits for each character. */
  readonly costFactor: number;
  /** Whether the vendor's own list has it. Others are accepted when they are named. */
  readonly listed: boolean;
  /** Whether numbers stay as they are written unless the caller asks for words. */
  readonly keepsNumbers?: true;
  /** Whether words in square brackets are directions to the speaker. */
  readonly audioTags?: true;
}

const ENGLISH = ['en'];

const MULTILINGUAL_V1 = ['en', 'de', 'pl', 'es', 'it', 'fr', 'pt', 'hi', 'ar'];

const MULTILINGUAL_V2 =
  'en ja zh de hi fr ko pt it es id nl tr fil pl sv bg ro ar cs el fi hr ms sk da ta uk ru'.split(' ');

const V2_5 = [...MULTILINGUAL_V2, 'hu', 'no', 'vi'];

const ONLY_V3 =
  'af hy as az be bn bs ca ceb ny et gl ka gu ha he is ga jv kn kk ky lv ln lt lb mk ml mr ne ps fa pa sr sd sl so sw te th ur cy';

const V3 = [...V2_5, ...ONLY_V3.split(' ')];

/** The model that speaks when none is named. */
export const DEFAULT_SPEECH_MODEL = 'eleven_multilingual_v2';

const speechModels: readonly VendorModel[] = [
  {
    id: DEFAULT_SPEECH_MODEL,
    title: 'Eleven Multilingual v2',
    capability: 'speech',
    description: 'Even, expressive speech in 29 languages',
    maxCharacters: 10_000,
    languages: MULTILINGUAL_V2,
    costFactor: 1,
    listed: true,
  },
  {
    id: 'eleven_flash_v2_5',
    title: 'Eleven Flash v2.5',
    capability: 'speech',
    description: 'Fast speech in 32 languages',
    maxCharacters: 40_000,
    languages: V2_5,
    costFactor: 0.5,
    listed: true,
    keepsNumbers: true,
  },
  {
    id: 'eleven_flash_v2',
    title: 'Eleven Flash v2',
    capability: 'speech',
    description: 'Fast speech in English',
    maxCharacters: 30_000,
    languages: ENGLISH,
    costFactor: 0.5,
    listed: true,
  },
  {
    id: 'eleven_turbo_v2_5',
    title: 'Eleven Turbo v2.5',
    capability: 'speech',
    description: 'Quick speech in 32 languages, between Flash and Multilingual',
    maxCharacters: 40_000,
    languages: V2_5,
    costFactor: 0.5,
    listed: true,
    keepsNumbers: true,
  },
  {
    id: 'eleven_turbo_v2',
    title: 'Eleven Turbo v2',
    capability: 'speech',
    description: 'Quick speech in English, between Flash and Multilingual',
    maxCharacters: 30_000,
    languages: ENGLISH,
    costFactor: 0.5,
    listed: true,
  },
  {
    id: 'eleven_v3',
    title: 'Eleven v3',
    capability: 'speech',
    description: 'Dramatic speech in more than 70 languages',
    maxCharacters: 5_000,
    languages: V3,
    costFactor: 1,
    listed: true,
    audioTags: true,
  },
  {
    id: 'eleven_monolingual_v1',
    title: 'Eleven English v1',
    capability: 'speech',
    description: 'The first English model',
    maxCharacters: 10_000,
    languages: ENGLISH,
    costFactor: 1,
    listed: true,
  },
  {
    id: 'eleven_multilingual_v1',
    title: 'Eleven Multilingual v1',
    capability: 'speech',
    description: 'The first model for several languages',
    maxCharacters: 10_000,
    languages: MULTILINGUAL_V1,
    costFactor: 1,
    listed: true,
  },
  {
    id: 'eleven_v4',
    title: 'Eleven v4',
    capability: 'speech',
    description: 'Dramatic speech in more than 70 languages',
    maxCharacters: 10_000,
    languages: V3,
    costFactor: 1,
    listed: false,
    audioTags: true,
  },
  {
    id: 'eleven_v4_turbo',
    title: 'Eleven v4 Turbo',
    capability: 'speech',
    description: 'Quick speech in more than 70 languages',
    maxCharacters: 10_000,
    languages: V3,
    costFactor: 0.5,
    listed: false,
    audioTags: true,
  },
];

const conversionModels: readonly VendorModel[] = [
  {
    id: 'eleven_english_sts_v2',
    title: 'Eleven English v2',
    capability: 'conversion',
    description: 'Says an English recording again in another voice',
    languages: ENGLISH,
    costFactor: 1,
    listed: true,
  },
  {
    id: 'eleven_multilingual_sts_v2',
    title: 'Eleven Multilingual v2 (speech to speech)',
    capability: 'conversion',
    description: 'Says a recording again in another voice, in 29 languages',
    languages: MULTILINGUAL_V2,
    costFactor: 1,
    listed: true,
  },
];

function unlisted(
  id: string,
  capability: Capability,
  titles: Pick<VendorModel, 'title' | 'description' | 'maxCharacters'>,
): VendorModel {
  return { id, capability, languages: [], costFactor: 1, listed: false, ...titles };
}

/** The vendor states no limit for what sounds and music are described with; ours only keeps out what is no description. */
export const MOST_PROMPT_CHARACTERS = 10_000;

const otherModels: readonly VendorModel[] = [
  unlisted('scribe_v1', 'transcription', { title: 'Scribe v1', description: 'Writes down speech' }),
  unlisted('scribe_v1_experimental', 'transcription', {
    title: 'Scribe v1 Experimental',
    description: 'Writes down speech',
  }),
  unlisted('scribe_v2', 'transcription', { title: 'Scribe v2', description: 'Writes down speech' }),
  unlisted('scribe_v2_realtime', 'transcription', {
    title: 'Scribe v2 Realtime',
    description: 'Writes down speech while it is spoken',
  }),
  unlisted('eleven_text_to_sound_v2', 'sound', {
    title: 'Text to Sound v2',
    description: 'Makes sound effects',
    maxCharacters: MOST_PROMPT_CHARACTERS,
  }),
  ...['v1', 'v2', 'v2_5'].map((version) =>
    unlisted(`music_${version}`, 'music', {
      title: `Music ${version.replace('_', '.')}`,
      description: 'Makes music',
      maxCharacters: MOST_PROMPT_CHARACTERS,
    }),
  ),
];

/** Every model name that the vendor made known. */
export const vendorModels: readonly VendorModel[] = [...speechModels, ...conversionModels, ...otherModels];

/** The same names as the catalog knows them. */
export const publicModels: readonly PublicModel[] = vendorModels.map((model) => ({
  name: model.id,
  dialect: 'elevenlabs',
  capability: model.capability,
  title: model.title,
  description: model.description,
  ...(model.maxCharacters === undefined ? {} : { maxCharacters: model.maxCharacters }),
}));

export function findVendorModel(id: string): VendorModel | undefined {
  return vendorModels.find((model) => model.id === id);
}
