import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A window above the page that must be answered or closed first. Escape closes it. */
export function Window({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const place = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const own = place.current;
    own?.showModal();
    // Gives the focus back to where it was.
    return () => own?.close();
  }, []);
  return (
    <dialog ref={place} class="window" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks before something is done that cannot be undone. What keeps it from being done is said in the window. */
export function Question({
  title,
  act,
  onYes,
  onClose,
  isReady = true,
  children,
}: {
  readonly title: string;
  /** The word on the button that does it. */
  readonly act: string;
  readonly onYes: () => Promise<void>;
  readonly onClose: () => void;
  readonly isReady?: boolean;
  readonly children: ComponentChildren;
}) {
  const failure = useSignal('');
  const busy = useSignal(false);
  const answer = async () => {
    busy.value = true;
    failure.value = '';
    try {
      await onYes();
      onClose();
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Window title={title} onClose={onClose}>
      {children}
      {failure.value !== '' && (
        <div role="alert" class="failure">
          {failure.value}
        </div>
      )}
      <div class="actions">
        <button type="button" class="quiet" onClick={onClose}>
          Leave it
        </button>
        <button type="button" disabled={busy.value || !isReady} onClick={() => void answer()}>
          {act}
        </button>
      </div>
    </Window>
  );
}
