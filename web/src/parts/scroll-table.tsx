import type { ComponentChildren } from 'preact';

/** A table that scrolls by itself where the screen is too narrow for it. */
export function ScrollTable({
  label,
  head,
  numbersFrom = Infinity,
  children,
}: {
  readonly label: string;
  readonly head: readonly string[];
  /** From this column on there are numbers. */
  readonly numbersFrom?: number;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((one, at) => (
              <th key={one} scope="col" class={at >= numbersFrom ? 'number' : undefined}>
                {one}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
