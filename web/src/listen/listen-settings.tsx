import type { Signal } from '@preact/signals';
import type { EngineModel } from '../engine-models.ts';
import { Choice } from '../parts/field.tsx';
import { ModelChoice } from '../parts/model-choice.tsx';
import { Tick } from '../parts/tick.tsx';
import { languageWords } from '../wording.ts';
import type { HearingWish } from './hearing-wish.ts';

/** How a recording is to be heard. */
export type ListenSettings = Omit<HearingWish, 'recording'> & {
  /** Whether what is recorded here is written down while it is spoken. */
  readonly live: boolean;
};

/** Languages to choose from where a model hears any. */
const COMMON =
  'ar bg bn ca cs cy da de el en es et fa fi fr gl he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta te th tr uk ur vi zh'.split(
    ' ',
  );

/** What the installation can do besides writing down. */
export interface HearingSkills {
  readonly models: readonly EngineModel[];
  readonly translates: boolean;
  readonly tellsSpeakers: boolean;
}

/** The settings of a transcript. */
export function ListenFields({
  settings,
  skills,
}: {
  readonly settings: Signal<ListenSettings>;
  readonly skills: HearingSkills;
}) {
  const now = settings.value;
  const set = (change: Partial<ListenSettings>) => {
    settings.value = { ...settings.peek(), ...change };
  };
  const isTranslation = now.task === 'translate';
  return (
    <>
      <div class="fields">
        <Choice
          label="Spoken language"
          options={[['', 'Find out'], ...languagesOf(skills.models, now.model)]}
          value={now.language}
          onChange={(language) => set({ language })}
        />
        <Choice
          label="Write down"
          hint={skills.translates ? undefined : 'No installed model translates.'}
          options={[['transcribe', 'What is said'], ...(skills.translates ? [TRANSLATE] : [])]}
          value={now.task}
          onChange={(task) => set({ task: task === 'translate' ? 'translate' : 'transcribe' })}
        />
        <ModelChoice models={skills.models} value={now.model} onChange={(model) => set({ model })} />
      </div>
      <Tick
        label="Find the time of every word"
        hint={
          isTranslation
            ? 'Words of a translation have no times.'
            : 'Text first, then times: the recording is heard twice.'
        }
        checked={now.words}
        disabled={isTranslation}
        onChange={(words) => set({ words })}
      />
      <Tick
        label="Tell speakers apart"
        hint={
          skills.tellsSpeakers ? undefined : 'This needs a speaker model, which the page “Models” installs.'
        }
        checked={now.speakers}
        disabled={!skills.tellsSpeakers || isTranslation}
        onChange={(speakers) => set({ speakers })}
      />
      <Tick
        label="Write down what I record while I speak"
        checked={now.live}
        disabled={isTranslation}
        onChange={(live) => set({ live })}
      />
    </>
  );
}

const TRANSLATE = ['translate', 'The same in English'] as const;

function languagesOf(
  models: readonly EngineModel[],
  model: string,
): readonly (readonly [code: string, name: string])[] {
  const heard = models.filter(({ id }) => model === 'auto' || id === model).map(({ languages }) => languages);
  const codes = heard.includes('any') ? COMMON : [...new Set(heard.flat())];
  return codes
    .map((code) => [code, languageWords(code)] as const)
    .sort(([, one], [, other]) => one.localeCompare(other));
}
