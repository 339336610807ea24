import type { SpeechNotes } from '../speech/speech-notes.ts';

/** Who really did it, and what was not done as asked. */
export function MadeBy({ notes }: { readonly notes: Omit<SpeechNotes, 'voice'> | undefined }) {
  if (!notes || notes.model === '') return null;
  const { model, isStandIn, warnings } = notes;
  return (
    <div class="made-by">
      <p>
        Done by <code>{model}</code>
        {isStandIn && ', which stands in for the model whose name was asked for'}.
      </p>
      {warnings.length > 0 && (
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
