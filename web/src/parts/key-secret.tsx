import { useSignal } from '@preact/signals';
import { keepKey } from '../connection.ts';
import type { NewKey } from '../keys.ts';
import { Window } from './question.tsx';

/** The secret of a key, which nobody can be shown again. */
export function KeySecret({
  made,
  isUsedHere,
  onClose,
}: {
  readonly made: NewKey;
  /** Whether this page goes on with it already. */
  readonly isUsedHere: boolean;
  readonly onClose: () => void;
}) {
  const copied = useSignal(false);
  const used = useSignal(isUsedHere);
  const copy = async () => {
    await navigator.clipboard.writeText(made.key);
    copied.value = true;
  };
  return (
    <Window title={`The key “${made.name}”`} onClose={onClose}>
      <p>
        Copy it now and keep it well: it is shown this once, and the server itself does not know it any more.
      </p>
      <div class="secret">
        <input
          aria-label="Secret of the key"
          readOnly
          value={made.key}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>
      </div>
      <p role="status" class="soft">
        {copied.value && 'It is copied. '}
        {used.value && 'This page uses it from now on; it stays in this browser.'}
      </p>
      <div class="actions">
        {!used.value && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              keepKey(made.key);
              used.value = true;
            }}
          >
            Use it on this page
          </button>
        )}
        <button type="button" onClick={onClose}>
          I have it
        </button>
      </div>
    </Window>
  );
}
