import { useSignal } from '@preact/signals';
import { useRecorder } from '../listen/recorder.ts';
import { addVoice, emptyDraft, type VoiceDraft } from '../speech/own-voices.ts';
import { useTask } from '../task.ts';
import { countWords, sizeWords } from '../wording.ts';
import { Choice, Input, TextArea } from './field.tsx';
import { FileDrop } from './file-drop.tsx';
import { Failure } from './page.tsx';
import { Tick } from './tick.tsx';
import { clock } from './waveform.tsx';

/** Makes a voice from recordings that are chosen or made here. */
export function NewVoice({ onAdded }: { readonly onAdded: () => void }) {
  const draft = useSignal(emptyDraft);
  const agreed = useSignal(false);
  const done = useSignal('');
  const task = useTask();
  const set = (change: Partial<VoiceDraft>) => {
    draft.value = { ...draft.value, ...change };
  };
  const { name, consent, recordings } = draft.value;
  const missing = [
    ...(name.trim() === '' ? ['a name'] : []),
    ...(recordings.length === 0 ? ['a recording'] : []),
    ...(consent.trim() === '' || !agreed.value ? ['the consent of who is heard'] : []),
  ];
  const add = () =>
    task.begin(async (signal) => {
      done.value = '';
      const { warnings } = await addVoice(draft.peek(), signal);
      done.value = [`${draft.peek().name.trim()} has been added.`, ...warnings].join(' ');
      draft.value = emptyDraft;
      agreed.value = false;
      onAdded();
    });
  return (
    <section class="card" aria-label="Add a voice">
      <div class="card-head">
        <h2>Add a voice</h2>
      </div>
      <DraftFields draft={draft.value} onDraft={set} />
      <Recordings recordings={recordings} onRecordings={(all) => set({ recordings: all })} />
      <TextArea
        label="Consent"
        hint="Who is heard, and when and how they agreed to a voice like theirs. It is kept with the voice."
        rows={2}
        value={consent}
        onValue={(value) => set({ consent: value })}
      />
      <Tick
        label="The person who is heard has agreed to this, or it is my own voice."
        checked={agreed.value}
        onChange={(value) => (agreed.value = value)}
      />
      <div class="actions">
        <button type="button" disabled={missing.length > 0 || task.running.value} onClick={() => void add()}>
          {task.running.value ? 'Adding …' : 'Add the voice'}
        </button>
        <span class="figures">{missing.length > 0 && `Still missing: ${missing.join(', ')}.`}</span>
      </div>
      <Failure message={task.failure.value} />
      <p role="status">{done.value}</p>
    </section>
  );
}

function DraftFields({
  draft,
  onDraft,
}: {
  readonly draft: VoiceDraft;
  readonly onDraft: (change: Partial<VoiceDraft>) => void;
}) {
  return (
    <div class="fields">
      <Input label="Name" value={draft.name} onValue={(name) => onDraft({ name })} />
      <Input
        label="Description"
        placeholder="not needed"
        value={draft.description}
        onValue={(description) => onDraft({ description })}
      />
      <Input
        label="Language spoken"
        placeholder="not needed"
        hint="A code or its English name, such as en-GB or German."
        value={draft.language}
        onValue={(language) => onDraft({ language })}
      />
      <Choice
        label="Sounds"
        options={[
          ['', 'let the server hear'],
          ['female', 'female'],
          ['male', 'male'],
          ['neutral', 'neutral'],
        ]}
        value={draft.gender}
        onChange={(gender) => onDraft({ gender })}
      />
      <Tick
        label="Remove background noise"
        checked={draft.denoise}
        onChange={(denoise) => onDraft({ denoise })}
      />
    </div>
  );
}

interface RecordingsProps {
  readonly recordings: readonly File[];
  readonly onRecordings: (recordings: readonly File[]) => void;
}

function Recordings({ recordings, onRecordings }: RecordingsProps) {
  return (
    <>
      <FileDrop
        // A new one for every file: the one before would go on showing the last.
        key={recordings.length}
        label="Recordings"
        hint="Ten seconds to two minutes of one person alone, without music, in any usual format."
        accept="audio/*,video/*"
        onFile={(file) => onRecordings([...recordings, file])}
      />
      <RecordButton onRecorded={(file) => onRecordings([...recordings, file])} />
      {recordings.length > 0 && (
        <ul class="chosen-files" aria-label={countWords(recordings.length, 'recording')}>
          {recordings.map((file, at) => (
            <li key={`${at} ${file.name}`}>
              {file.name} <small>{sizeWords(file.size)}</small>
              <button
                type="button"
                class="quiet"
                aria-label={`Leave out ${file.name}`}
                onClick={() => onRecordings(recordings.filter((one) => one !== file))}
              >
                Leave out
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function RecordButton({ onRecorded }: { readonly onRecorded: (file: File) => void }) {
  const { state, seconds, failure, begin, end } = useRecorder();
  const isOn = state.value === 'recording';
  const act = async () => {
    if (!isOn) return begin({ live: false, model: '', language: '' });
    const recorded = await end();
    return recorded && onRecorded(recorded.recording);
  };
  return (
    <div class="actions field">
      <button
        type="button"
        class="quiet"
        disabled={state.value === 'opening' || state.value === 'ending'}
        onClick={() => void act()}
      >
        {isOn ? 'End the recording' : 'Record'}
      </button>
      {isOn && <span class="figures">{clock(seconds.value)}</span>}
      <Failure message={failure.value} />
    </div>
  );
}
