import type { Signal } from '@preact/signals';

/** The way to the rest of a list of which only the first ones are shown. */
export function AllOf({ count, most }: { readonly count: number; readonly most: Signal<number> }) {
  if (count <= most.value) return null;
  return (
    <button type="button" class="quiet more" onClick={() => (most.value = Infinity)}>
      Show all {count}
    </button>
  );
}
