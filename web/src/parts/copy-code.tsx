import { useSignal } from '@preact/signals';
import type { CodeSample } from '../code/code-sample.ts';

/** The same request as code for each vendor's client, to be copied. */
export function CopyCode({
  samples,
  vendor,
}: {
  readonly samples: readonly CodeSample[];
  /** Whose code is shown until another vendor is chosen. */
  readonly vendor?: CodeSample['vendor'];
}) {
  const language = useSignal<CodeSample['language']>('curl');
  const chosen = useSignal<{ readonly vendor: string; readonly instead: string | undefined } | undefined>(
    undefined,
  );
  const copied = useSignal(false);
  const vendors = [...new Set(samples.map((sample) => sample.vendor))];
  // A choice is for the vendor that was on the page then.
  const wanted = chosen.value?.instead === vendor ? chosen.value?.vendor : undefined;
  const shown = vendors.find((one) => one === (wanted ?? vendor)) ?? vendors[0];
  const own = samples.filter((sample) => sample.vendor === shown);
  const sample = own.find((one) => one.language === language.value) ?? own[0];
  if (!sample) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(sample.code);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 2000);
  };
  return (
    <section class="card copy-code" aria-label="The same as code">
      <div class="card-head">
        <h2>Copy as code</h2>
        <Few
          label="Client of"
          value={sample.vendor}
          options={vendors}
          onChange={(value) => (chosen.value = { vendor: value, instead: vendor })}
        />
        <Few
          label="Language"
          value={sample.language}
          options={own.map((one) => one.language)}
          onChange={(value) => (language.value = value)}
        />
        <button type="button" class="quiet" onClick={() => void copy()}>
          {copied.value ? 'Copied' : 'Copy'}
        </button>
      </div>
      <pre tabIndex={0} role="region" aria-label={`${sample.vendor}, ${sample.language}`}>
        <code>{sample.code}</code>
      </pre>
    </section>
  );
}

function Few<One extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: One;
  readonly options: readonly One[];
  readonly onChange: (value: One) => void;
}) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(options[event.currentTarget.selectedIndex] ?? value)}
    >
      {options.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
