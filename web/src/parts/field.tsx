import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Labelled {
  readonly label: string;
  /** A sentence of help below the field. */
  readonly hint?: string | undefined;
}

/** A field with its label above and its help below. */
export function Field({
  label,
  hint,
  children,
}: Labelled & { children: (ids: FieldIds) => ComponentChildren }) {
  const id = useId();
  const ids = { id, 'aria-describedby': hint === undefined ? undefined : `${id}-hint` };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(ids)}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface FieldIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
}

/** A choice among a few. */
export function Choice({
  label,
  hint,
  options,
  value,
  onChange,
}: Labelled & {
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {options.map(([one, text]) => (
            <option key={one} value={one}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface Written extends Labelled {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly placeholder?: string;
}

/** A line of text. */
export function Input({ label, hint, onValue, ...rest }: Written & { readonly required?: boolean }) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => <input {...rest} {...ids} onInput={(event) => onValue(event.currentTarget.value)} />}
    </Field>
  );
}

/** A number, as it is written. */
export function NumberInput({
  label,
  hint,
  onValue,
  ...rest
}: Written & Readonly<Partial<Record<'min' | 'max' | 'step', string>>>) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input {...rest} {...ids} type="number" onInput={(event) => onValue(event.currentTarget.value)} />
      )}
    </Field>
  );
}

/** Several lines of text. */
export function TextArea({ label, hint, onValue, ...rest }: Written & { readonly rows?: number }) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => <textarea {...rest} {...ids} onInput={(event) => onValue(event.currentTarget.value)} />}
    </Field>
  );
}
