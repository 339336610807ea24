import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { previewed, previewProblem, stopPreview, togglePreview } from '../speech/preview.ts';
import { hrefOf } from '../route.ts';
import { sourceWords, type OfferedVoice } from '../speech/voice-list.ts';
import { languageWords } from '../wording.ts';
import { Choice, Input } from './field.tsx';
import { Problem } from './problem.tsx';

/** Rows that are drawn before somebody asks for the rest. */
const FIRST_ROWS = 40;

interface PickerOptions {
  readonly voices: readonly OfferedVoice[];
  readonly chosen?: readonly string[];
  /** Whether several may be chosen. */
  readonly isMany?: boolean;
  /** Where it is absent, every voice leads to the page that speaks with it. */
  readonly onChoose?: (ids: readonly string[]) => void;
}

/** All voices, to be searched, heard and chosen from. */
export function VoicePicker({ voices, chosen = [], isMany = false, onChoose }: PickerOptions) {
  const filter = useSignal<VoiceFilter>({ search: '', language: '', source: '' });
  const isWhole = useSignal(false);
  const group = useId();
  useEffect(() => stopPreview, []);
  const found = voices.filter((voice) => isWanted(voice, filter.value));
  const rows = isWhole.value ? found : withChosen(found, chosen);
  const choose = (id: string) => {
    if (!isMany) onChoose?.([id]);
    else onChoose?.(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  };
  return (
    <div class="voice-picker">
      <FilterFields
        voices={voices}
        filter={filter.value}
        onFilter={(change) => (filter.value = { ...filter.value, ...change })}
      />
      <p class="hint" role="status">
        {found.length === 1 ? '1 voice' : `${found.length} voices`}
      </p>
      <div class="voice-rows" role={isMany || !onChoose ? 'group' : 'radiogroup'} aria-label="Voices">
        {rows.map((voice) => (
          <VoiceRow
            key={voice.id}
            voice={voice}
            group={isMany ? undefined : group}
            isChosen={chosen.includes(voice.id)}
            onChoose={onChoose && (() => choose(voice.id))}
          />
        ))}
        {rows.length < found.length && (
          <button type="button" class="quiet" onClick={() => (isWhole.value = true)}>
            Show all {found.length}
          </button>
        )}
      </div>
      <Problem problem={previewProblem.value} />
    </div>
  );
}

interface VoiceFilter {
  readonly search: string;
  readonly language: string;
  readonly source: string;
}

function FilterFields({
  voices,
  filter: { search, language, source },
  onFilter,
}: {
  readonly voices: readonly OfferedVoice[];
  readonly filter: VoiceFilter;
  readonly onFilter: (change: Partial<VoiceFilter>) => void;
}) {
  return (
    <div class="fields">
      <Input
        label="Search"
        placeholder="name, accent, gender …"
        value={search}
        onValue={(value) => onFilter({ search: value })}
      />
      <Choice
        label="Language"
        options={[['', 'Any language'], ...languageOptions(voices)]}
        value={language}
        onChange={(value) => onFilter({ language: value })}
      />
      <Choice
        label="From"
        options={[['', 'Everywhere'], ...sourceOptions(voices)]}
        value={source}
        onChange={(value) => onFilter({ source: value })}
      />
    </div>
  );
}

/** One voice with a word of itself. */
function VoiceRow({
  voice,
  group,
  isChosen,
  onChoose,
}: {
  readonly voice: OfferedVoice;
  /** The name that radio buttons share; absent where several can be chosen. */
  readonly group: string | undefined;
  readonly isChosen: boolean;
  readonly onChoose: (() => void) | undefined;
}) {
  return (
    <div class={isChosen ? 'voice-row chosen' : 'voice-row'}>
      <PreviewButton id={voice.id} name={voice.name} />
      {onChoose ? (
        <label>
          <input
            type={group === undefined ? 'checkbox' : 'radio'}
            name={group}
            checked={isChosen}
            onChange={onChoose}
          />
          <VoiceWords voice={voice} />
        </label>
      ) : (
        <a href={hrefOf('speak', { voice: voice.id })}>
          <VoiceWords voice={voice} />
        </a>
      )}
    </div>
  );
}

function VoiceWords({ voice }: { readonly voice: OfferedVoice }) {
  return (
    <span>
      <strong>{voice.name}</strong>
      <small>{[sourceWords(voice.source), ...factsOf(voice)].join(' · ')}</small>
    </span>
  );
}

/** Lets a voice say a few words. */
export function PreviewButton({ id, name }: { readonly id: string; readonly name: string }) {
  const isPlaying = previewed.value === id;
  return (
    <button
      type="button"
      class="quiet round small"
      aria-label={isPlaying ? `Stop the preview of ${name}` : `Hear ${name}`}
      onClick={() => void togglePreview(id)}
    >
      <span aria-hidden="true">{isPlaying ? '■' : '▶'}</span>
    </button>
  );
}

function factsOf({ gender, languages, about }: OfferedVoice): readonly string[] {
  const spoken = languages.slice(0, 3).map(languageWords).join(', ');
  const more = languages.length > 3 ? ` and ${languages.length - 3} more` : '';
  return [gender, spoken + more, about].filter((fact) => fact !== '');
}

/** What is chosen is never hidden behind the button. */
function withChosen(found: readonly OfferedVoice[], chosen: readonly string[]): readonly OfferedVoice[] {
  const [first, rest] = [found.slice(0, FIRST_ROWS), found.slice(FIRST_ROWS)];
  return [...rest.filter(({ id }) => chosen.includes(id)), ...first];
}

function isWanted(voice: OfferedVoice, { search, language, source }: VoiceFilter): boolean {
  return (source === '' || voice.source === source) && speaks(voice, language) && isFound(voice, search);
}

function speaks({ languages }: OfferedVoice, wanted: string): boolean {
  return wanted === '' || languages.length === 0 || languages.some((one) => primary(one) === wanted);
}

function isFound(voice: OfferedVoice, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const languages = voice.languages.map(languageWords).join(' ');
  const all =
    `${voice.id} ${voice.name} ${voice.gender} ${voice.about} ${voice.source} ${languages}`.toLowerCase();
  const parts = all.split(/[^\p{L}\p{N}]+/u);
  // "male" is not to find "female".
  return words.every((word) => parts.some((part) => part.startsWith(word)));
}

function languageOptions(voices: readonly OfferedVoice[]): readonly (readonly [string, string])[] {
  const codes = new Set(voices.flatMap(({ languages }) => languages.map(primary)));
  return [...codes]
    .map((code) => [code, languageWords(code)] as const)
    .sort(([, one], [, other]) => one.localeCompare(other));
}

function sourceOptions(voices: readonly OfferedVoice[]): readonly (readonly [string, string])[] {
  return [...new Set(voices.map(({ source }) => source))].map((one) => [one, sourceWords(one)] as const);
}

function primary(language: string): string {
  return language.split('-')[0] ?? language;
}
