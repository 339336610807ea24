import { useSignal, type Signal } from '@preact/signals';
import { APIS, CAPABILITIES, LIMITS, type KeyDraft } from '../keys.ts';
import { useTask } from '../task.ts';
import { Choice, Field, Input, NumberInput } from './field.tsx';
import { Failure } from './page.tsx';

const ROLES = [
  ['user', 'User'],
  ['admin', 'Admin'],
] as const;

interface FormProps {
  readonly draft: KeyDraft;
  /** The word on the button. */
  readonly act: string;
  /** The first key of an installation can be nothing else than an admin's. */
  readonly isFirst?: boolean;
  readonly onSubmit: (draft: KeyDraft) => Promise<void>;
  readonly onCancel?: () => void;
}

/** All that a key has, to be filled in or changed. */
export function KeyForm({ draft: given, act, isFirst = false, onSubmit, onCancel }: FormProps) {
  const draft = useSignal(given);
  const task = useTask();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void task.begin(() => onSubmit(draft.peek()));
      }}
    >
      <KeyTerms draft={draft} isFirst={isFirst} />
      <KeyScopesFields draft={draft} />
      <KeyLimitFields draft={draft} />
      <Failure message={task.failure.value} />
      <div class="actions">
        <button type="submit" disabled={task.running.value}>
          {act}
        </button>
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            Leave it
          </button>
        )}
      </div>
    </form>
  );
}

interface DraftProps {
  readonly draft: Signal<KeyDraft>;
}

function change({ draft }: DraftProps, changed: Partial<KeyDraft>): void {
  draft.value = { ...draft.peek(), ...changed };
}

function KeyTerms({ draft, isFirst }: DraftProps & { readonly isFirst: boolean }) {
  const { name, role, expires } = draft.value;
  return (
    <div class="fields">
      <Input
        label="Name"
        hint="Who or what it is for."
        required
        value={name}
        onValue={(value) => change({ draft }, { name: value })}
      />
      <Choice
        label="Role"
        hint={
          isFirst
            ? 'The first key is an admin’s: without one nobody could make another.'
            : 'A user makes media and sees what is its own; an admin sees to keys, models and everybody’s usage, too.'
        }
        options={isFirst ? ROLES.slice(1) : ROLES}
        value={role}
        onChange={(value) => change({ draft }, { role: value === 'admin' ? 'admin' : 'user' })}
      />
      <Field label="Good until" hint="The day begins at midnight UTC. Empty: for ever.">
        {(ids) => (
          <input
            {...ids}
            type="date"
            value={expires}
            onInput={(event) => change({ draft }, { expires: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}

function KeyScopesFields({ draft }: DraftProps) {
  const { dialects, capabilities, models } = draft.value;
  return (
    <>
      <Ticks
        legend="Good for these APIs (none ticked: all)"
        options={APIS}
        chosen={dialects}
        onChange={(chosen) => change({ draft }, { dialects: chosen })}
      />
      <Ticks
        legend="Good for making (none ticked: everything)"
        options={CAPABILITIES}
        chosen={capabilities}
        onChange={(chosen) => change({ draft }, { capabilities: chosen })}
      />
      <Input
        label="Good for these models"
        hint="Names with commas between them, such as tts-1, flite/slt. Empty: all."
        value={models}
        onValue={(value) => change({ draft }, { models: value })}
      />
    </>
  );
}

function KeyLimitFields({ draft }: DraftProps) {
  const { limits } = draft.value;
  return (
    <fieldset>
      <legend>At most (empty: no limit)</legend>
      <div class="fields">
        {LIMITS.map(([limit, label]) => (
          <NumberInput
            key={limit}
            label={label}
            min="1"
            step="1"
            value={limits[limit] ?? ''}
            onValue={(value) => change({ draft }, { limits: { ...draft.peek().limits, [limit]: value } })}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Ticks({
  legend,
  options,
  chosen,
  onChange,
}: {
  readonly legend: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const toggle = (value: string, isOn: boolean) =>
    onChange(isOn ? [...chosen, value] : chosen.filter((one) => one !== value));
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div class="ticks">
        {options.map(([value, text]) => (
          <label key={value} class="tick">
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) => toggle(value, event.currentTarget.checked)}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
