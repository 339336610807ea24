import type { ComponentChildren } from 'preact';
import type { Task } from '../task.ts';
import { Failure } from './page.tsx';

/** The button that begins something, the one that stops it, and why it failed. */
export function TaskButtons({
  task,
  label,
  busyLabel,
  onBegin,
  onStop = task.stop,
  disabled = false,
  children,
}: {
  readonly task: Task;
  readonly label: string;
  readonly busyLabel: string;
  readonly onBegin: () => Promise<void>;
  /** Where more is to be stopped than the task. */
  readonly onStop?: () => void;
  readonly disabled?: boolean;
  /** What stands behind the buttons. */
  readonly children?: ComponentChildren;
}) {
  const running = task.running.value;
  return (
    <>
      <div class="actions">
        <button type="button" disabled={disabled || running} onClick={() => void onBegin()}>
          {running ? busyLabel : label}
        </button>
        {running && (
          <button type="button" class="quiet" onClick={onStop}>
            Stop
          </button>
        )}
        {children}
      </div>
      <Failure message={task.failure.value} />
    </>
  );
}
