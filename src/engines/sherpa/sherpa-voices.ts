import type { Gender, Voice } from '../../core/voices/voice.ts';
import type { SherpaModel } from './sherpa-catalog.ts';

/** A model that speaks. */
export type SpeakingModel = Extract<SherpaModel, { kind: 'speaking' }>;

/** A voice, and how its model is asked for it. */
export interface SherpaVoice {
  readonly voice: Voice;
  readonly model: SpeakingModel;
  /** The speaker's number in the model; 0 for the voice of a sample. */
  readonly speaker: number;
}

/** The languages that Supertonic 3 was trained on, as its makers list them; its files do not say. */
const SUPERTONIC_LANGUAGES =
  'en ko ja ar bg cs da de el es et fi fr hi hr hu id it lt lv nl pl pt ro ru sk sl sv tr uk vi'.split(' ');

/** Kokoro names a speaker by language and gender first: `bf_emma` is a British woman. */
const KOKORO_LANGUAGES: Readonly<Record<string, string>> = {
  a: 'en-US',
  b: 'en-GB',
  e: 'es',
  f: 'fr-FR',
  h: 'hi',
  i: 'it',
  j: 'ja',
  p: 'pt-BR',
  z: 'zh-CN',
};

/** The last part of a voice's id that stands for the voice of a sample. */
const SAMPLE = 'sample';

/** The speakers of a model. One that speaks only with the voice of a sample has none to list. */
export function voicesOf(model: SpeakingModel): SherpaVoice[] {
  return model.layout.speakers.flatMap((name, speaker) => {
    const languages = languagesOf(name, model);
    if (languages.length === 0) return [];
    return [{ voice: toVoice(model, { name, rank: speaker, languages }), model, speaker }];
  });
}

/** The voice of a sample, for a model that can take one on. */
export function sampleVoiceOf(model: SpeakingModel): SherpaVoice | undefined {
  if (model.layout.speakers.length > 0) return undefined;
  const voice = toVoice(model, { name: SAMPLE, rank: 0, languages: listedLanguages(model) });
  return { voice: { ...voice, origin: 'cloned' }, model, speaker: 0 };
}

interface Speaker {
  readonly name: string;
  readonly rank: number;
  readonly languages: readonly string[];
}

function toVoice({ weights, layout }: SpeakingModel, { name, rank, languages }: Speaker): Voice {
  const alone = layout.speakers.length === 1;
  return {
    id: `${weights.id}/${name}`,
    name: alone ? weights.title : `${weights.title}: ${name}`,
    engine: 'sherpa',
    languages,
    origin: 'built_in',
    gender: genderOf(name, layout.family),
    rank,
    labels: { model: weights.id },
    licence: weights.licence,
  };
}

/** Those of the speaker among those of the weights; none means that the model cannot speak the speaker's language. */
function languagesOf(name: string, model: SpeakingModel): readonly string[] {
  const listed = listedLanguages(model);
  if (model.layout.family !== 'kokoro') return listed;
  const own = KOKORO_LANGUAGES[name.charAt(0)];
  if (own === undefined) return listed;
  return listed.some((tag) => own.startsWith(tag)) ? [own] : [];
}

function listedLanguages({ weights, layout }: SpeakingModel): readonly string[] {
  if (weights.languages !== 'any') return weights.languages;
  return layout.family === 'supertonic' ? SUPERTONIC_LANGUAGES : ['en'];
}

function genderOf(name: string, family: SpeakingModel['layout']['family']): Gender {
  const letter = {
    kokoro: /^[a-z]([fm])(?:_|$)/,
    kitten: /-([fm])$/,
    supertonic: /^([FM])\d/,
    vits: undefined,
    matcha: undefined,
    zipvoice: undefined,
    pocket: undefined,
  }[family]?.exec(name)?.[1];
  if (letter === undefined) return 'neutral';
  return letter.toLowerCase() === 'f' ? 'female' : 'male';
}
