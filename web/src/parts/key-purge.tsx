import { useSignal } from '@preact/signals';
import { ANONYMOUS, purgeKey, type Key, type RemovedCounts } from '../keys.ts';
import { countWords } from '../wording.ts';
import { Question } from './question.tsx';
import { Tick } from './tick.tsx';

/** What goes, in the words of the server and for people: one of it, and several. */
const KINDS = [
  ['voices', 'voice', 'voices'],
  ['consents', 'consent', 'consents'],
  ['history', 'spoken text', 'spoken texts'],
  ['dictionaries', 'dictionary', 'dictionaries'],
  ['jobs', 'job', 'jobs'],
  ['files', 'file', 'files'],
  ['usage', 'line of usage', 'lines of usage'],
] as const;

interface PurgeProps {
  readonly owner: Pick<Key, 'id' | 'name'>;
  /** Something new may come while the old is deleted, and afterwards. */
  readonly isInUse?: boolean;
}

/** Deletes everything that a key has made and left, after a question that names it. */
export function PurgeAct({ owner, isInUse = false }: PurgeProps) {
  const isAsked = useSignal(false);
  const usage = useSignal(false);
  const removed = useSignal<RemovedCounts | undefined>(undefined);
  const { id, name } = owner;
  return (
    <>
      <button
        type="button"
        class="quiet slim danger"
        aria-label={`Delete data: ${name}`}
        onClick={() => (isAsked.value = true)}
      >
        Delete data
      </button>
      <span role="status" class="soft">
        {removed.value && removedWords(removed.value)}
      </span>
      {isAsked.value && (
        <Question
          title={id === ANONYMOUS.id ? `Delete all that was ${name}?` : `Delete all data of “${name}”?`}
          act="Delete it all"
          onClose={() => (isAsked.value = false)}
          onYes={async () => {
            removed.value = undefined;
            removed.value = await purgeKey(owner, usage.peek() ? 'drop' : 'keep');
          }}
        >
          <p>These are deleted for ever:</p>
          <ul>
            <li>voices with their recordings, and the consents given for them</li>
            <li>the history: spoken texts and their sound</li>
            <li>dictionaries of pronunciation</li>
            <li>jobs, those that run are cancelled, and everything that they made</li>
          </ul>
          <Tick
            label="The figures of what was used, too"
            hint="They hold no content. Without them the usage of the past cannot be counted any more."
            checked={usage.value}
            onChange={(checked) => (usage.value = checked)}
          />
          {isInUse && <p>The key itself stays good. Revoke it first if nothing new is to come.</p>}
        </Question>
      )}
    </>
  );
}

function removedWords(removed: RemovedCounts): string {
  const parts = KINDS.flatMap(([kind, one, several]) => {
    const count = removed[kind] ?? 0;
    return count === 0 ? [] : [countWords(count, one, several)];
  });
  return parts.length === 0 ? 'There was nothing to delete.' : `Deleted: ${parts.join(', ')}.`;
}
