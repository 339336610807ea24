import { useSignal } from '@preact/signals';
import { useEvery, useFetched } from '../fetched.ts';
import type { Weights } from '../weights.ts';
import { countWords, languageWords } from '../wording.ts';
import { AllOf } from './all-of.tsx';
import { Choice, Input } from './field.tsx';
import { Problem } from './problem.tsx';
import { WeightsRow } from './weights-row.tsx';

interface WeightsListAnswer {
  readonly models: readonly Weights[];
}

const KINDS = [
  ['', 'Everything'],
  ['transcription', 'Transcription'],
  ['speech', 'Speech'],
  ['helper', 'Helpers of others'],
] as const;

const STATES = [
  ['', 'All'],
  ['here', 'Installed, or begun'],
  ['absent', 'Not installed'],
] as const;

/** So many are shown at first. */
const FIRST_MODELS = 12;

/** How often a download that somebody else began is looked at, in milliseconds. */
const LOOK_AGAIN_MS = 3000;

/** What is installed and what could be. */
export function WeightsList({ isAdmin }: { readonly isAdmin: boolean }) {
  const list = useFetched<WeightsListAnswer>('/antiphon/v1/models');
  const search = useSignal('');
  const kind = useSignal('');
  const state = useSignal('');
  const language = useSignal('');
  const most = useSignal(FIRST_MODELS);
  const all = list.value.value?.models ?? [];
  useEvery(
    LOOK_AGAIN_MS,
    () => void list.reload(),
    all.some((one) => one.state === 'downloading'),
  );
  const shown = all
    .filter(
      (one) =>
        isOfKind(one, kind.value) &&
        isInState(one, state.value) &&
        (language.value === '' || one.languages === 'any' || one.languages.includes(language.value)) &&
        isFound(one, search.value),
    )
    .sort((one, other) => Number(one.state === 'absent') - Number(other.state === 'absent'));
  return (
    <section class="card" aria-labelledby="weights">
      <div class="card-head">
        <h2 id="weights">Models to install</h2>
      </div>
      <Problem problem={list.problem.value} />
      <div class="fields">
        <Input label="Find a model" value={search.value} onValue={(value) => (search.value = value)} />
        <Choice label="For" options={KINDS} value={kind.value} onChange={(value) => (kind.value = value)} />
        <Choice
          label="State"
          options={STATES}
          value={state.value}
          onChange={(value) => (state.value = value)}
        />
        <Choice
          label="Language"
          options={languageChoices(all)}
          value={language.value}
          onChange={(value) => (language.value = value)}
        />
      </div>
      {list.value.value && <p role="status">{countWords(shown.length, 'model')}</p>}
      {!isAdmin && list.value.value && (
        <p class="told">
          Installing and removing is for keys with the role admin, or, at the machine of the server, for{' '}
          <code>antiphon models pull</code> and the name of the model.
        </p>
      )}
      <ul class="rows">
        {shown.slice(0, most.value).map((weights) => (
          <WeightsRow key={weights.id} weights={weights} isAdmin={isAdmin} onChange={list.reload} />
        ))}
      </ul>
      <AllOf count={shown.length} most={most} />
    </section>
  );
}

function languageChoices(all: readonly Weights[]): readonly (readonly [string, string])[] {
  const codes = new Set(all.flatMap(({ languages }) => (languages === 'any' ? [] : languages)));
  const named = [...codes].map((code) => [code, languageWords(code)] as const);
  return [['', 'Any'], ...named.sort(([, one], [, other]) => one.localeCompare(other))];
}

function isOfKind({ kind }: Weights, wanted: string): boolean {
  if (wanted === '') return true;
  const isHelper = kind !== 'speech' && kind !== 'transcription';
  return wanted === 'helper' ? isHelper : kind === wanted;
}

function isInState({ state }: Weights, wanted: string): boolean {
  return wanted === '' || (wanted === 'absent') === (state === 'absent');
}

function isFound({ id, title, description }: Weights, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return [id, title, description].some((text) => text.toLowerCase().includes(wanted));
}
