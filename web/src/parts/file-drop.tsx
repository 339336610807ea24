import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A place to drop a file on, or to choose one. */
export function FileDrop({
  label,
  hint,
  accept,
  onFile,
  children,
}: {
  readonly label: string;
  readonly hint: string;
  /** Kinds of files, as browsers write them. */
  readonly accept: string;
  readonly onFile: (file: File) => void;
  /** Other ways to the same. */
  readonly children?: ComponentChildren;
}) {
  const id = useId();
  const over = useSignal(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) onFile(file);
  };
  return (
    <div
      class={over.value ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        take(event.dataTransfer?.files);
      }}
    >
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        aria-describedby={`${id}-hint`}
        onChange={(event) => take(event.currentTarget.files)}
      />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      {children}
    </div>
  );
}
