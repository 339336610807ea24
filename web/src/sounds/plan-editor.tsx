import { useSignal } from '@preact/signals';
import { Input, NumberInput, TextArea } from '../parts/field.tsx';
import {
  stylesIn,
  withOneMore,
  withoutSection,
  withSection,
  type MusicPlan,
  type MusicSection,
} from './music-plan.ts';

interface EditorProps {
  readonly plan: MusicPlan;
  readonly onChange: (plan: MusicPlan | undefined) => void;
}

/** The sections of a piece, to be changed before it is played. */
export function PlanEditor({ plan, onChange }: EditorProps) {
  return (
    <section class="plan" aria-label="Plan of the piece">
      <StylesInput
        label="Styles of the whole piece"
        styles={plan.positive_global_styles}
        onStyles={(positive_global_styles) => onChange({ ...plan, positive_global_styles })}
      />
      <StylesInput
        label="What it should not have"
        styles={plan.negative_global_styles}
        onStyles={(negative_global_styles) => onChange({ ...plan, negative_global_styles })}
      />
      <ol>
        {plan.sections.map((section, at) => (
          <li key={at}>
            <SectionFields
              section={section}
              number={at + 1}
              onChange={(change) => onChange(withSection(plan, at, change))}
              onRemove={plan.sections.length > 1 ? () => onChange(withoutSection(plan, at)) : undefined}
            />
          </li>
        ))}
      </ol>
      <div class="actions">
        <button type="button" class="quiet" onClick={() => onChange(withOneMore(plan))}>
          Add a section
        </button>
        <button type="button" class="quiet" onClick={() => onChange(undefined)}>
          Forget the plan
        </button>
      </div>
    </section>
  );
}

function SectionFields({
  section,
  number,
  onChange,
  onRemove,
}: {
  readonly section: MusicSection;
  readonly number: number;
  readonly onChange: (change: Partial<MusicSection>) => void;
  readonly onRemove: (() => void) | undefined;
}) {
  return (
    <fieldset>
      <legend>Section {number}</legend>
      <div class="fields">
        <Input
          label="Name"
          value={section.section_name}
          onValue={(section_name) => onChange({ section_name })}
        />
        <NumberInput
          label="Seconds"
          min="3"
          max="120"
          step="0.5"
          value={String(section.duration_ms / 1000)}
          onValue={(seconds) => onChange({ duration_ms: Math.round(Number(seconds) * 1000) })}
        />
      </div>
      <StylesInput
        label="Styles"
        styles={section.positive_local_styles}
        onStyles={(positive_local_styles) => onChange({ positive_local_styles })}
      />
      <TextArea
        label="Words to be sung"
        hint="A line each; only models that sing take them."
        rows={2}
        value={section.lines.join('\n')}
        onValue={(text) => onChange({ lines: text === '' ? [] : text.split('\n') })}
      />
      {onRemove && (
        <button type="button" class="quiet" onClick={onRemove}>
          Remove section {number}
        </button>
      )}
    </fieldset>
  );
}

function StylesInput({
  label,
  styles,
  onStyles,
}: {
  readonly label: string;
  readonly styles: readonly string[];
  readonly onStyles: (styles: readonly string[]) => void;
}) {
  const text = useSignal('');
  // What is being written stays as it is while it means the same.
  const shown = stylesIn(text.value).join() === styles.join() ? text.value : styles.join(', ');
  return (
    <Input
      label={label}
      placeholder="between commas"
      value={shown}
      onValue={(value) => {
        text.value = value;
        onStyles(stylesIn(value));
      }}
    />
  );
}
