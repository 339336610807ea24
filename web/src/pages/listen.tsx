import { useSignal, type Signal } from '@preact/signals';
import { transcriptionSamples } from '../code/transcription-code.ts';
import { origin } from '../connection.ts';
import { useEngineModels } from '../engine-models.ts';
import { useFetched } from '../fetched.ts';
import { hear } from '../listen/hearing.ts';
import { ListenFields, type HearingSkills, type ListenSettings } from '../listen/listen-settings.tsx';
import { NothingHears } from '../listen/nothing-hears.tsx';
import { useRecorder, type Recorder } from '../listen/recorder.ts';
import { srtOf, vttOf } from '../listen/subtitles.ts';
import { TranscriptView } from '../listen/transcript-view.tsx';
import type { Transcript } from '../listen/transcript.ts';
import '../media.css';
import { CopyCode } from '../parts/copy-code.tsx';
import { FileDrop } from '../parts/file-drop.tsx';
import { MadeBy } from '../parts/made-by.tsx';
import { Failure, Page } from '../parts/page.tsx';
import { TaskButtons } from '../parts/task-buttons.tsx';
import { Waveform } from '../parts/waveform.tsx';
import { clockWords } from '../sound/clock.ts';
import { saveFile } from '../sound/save-file.ts';
import { notesOf, type SpeechNotes } from '../speech/speech-notes.ts';
import { useTask } from '../task.ts';

const USUAL: ListenSettings = {
  model: 'auto',
  language: '',
  task: 'transcribe',
  speakers: false,
  words: true,
  live: true,
};

const KINDS_OF_FILES =
  'Drop one here or choose one: WAV, MP3, M4A, FLAC, Ogg, Opus, WebM, also the sound of a film.';

/** Writes down what is said in a recording. */
export function Listen() {
  const skills = useSkills();
  const settings = useSignal(USUAL);
  const recording = useSignal<File | undefined>(undefined);
  const transcript = useSignal<Transcript | undefined>(undefined);
  const notes = useSignal<SpeechNotes | undefined>(undefined);
  const task = useTask();
  const recorder = useRecorder();
  const take = (file: File, heard?: Transcript) => {
    task.stop();
    task.failure.value = '';
    recording.value = file;
    transcript.value = heard;
    notes.value = undefined;
  };
  const write = () =>
    task.begin(async (signal) => {
      const own = recording.peek();
      if (!own) return;
      transcript.value = undefined;
      const onAnswer = (answer: Response) => (notes.value = notesOf(answer));
      const reports = { signal, onAnswer, onTranscript: (heard: Transcript) => (transcript.value = heard) };
      await hear({ ...settings.peek(), recording: own }, reports);
    });
  const file = recording.value;
  const fileName = file?.name ?? 'talk.wav';
  return (
    <Page title="Listen" lead="Have a recording, or what you say now, written down.">
      {skills?.models.length === 0 && <NothingHears />}
      <section class="card">
        <FileDrop
          label="Recording"
          hint={KINDS_OF_FILES}
          accept="audio/*,video/*"
          onFile={(chosen) => take(chosen)}
        >
          <RecordButton
            recorder={recorder}
            settings={settings}
            onRecorded={(recorded) => take(recorded.recording, recorded.transcript)}
          />
        </FileDrop>
        {skills && <ListenFields settings={settings} skills={skills} />}
        <TaskButtons
          task={task}
          label="Write it down"
          busyLabel="Listening …"
          disabled={!file || skills?.models.length === 0}
          onBegin={write}
        >
          {file && <span class="soft">{file.name}</span>}
        </TaskButtons>
      </section>
      {file && (
        <Heard file={file} transcript={transcript.value} running={task.running.value} notes={notes.value} />
      )}
      <CopyCode samples={transcriptionSamples({ ...settings.value, file: fileName }, origin)} />
    </Page>
  );
}

interface Table {
  readonly transcription: readonly {
    readonly tasks: readonly string[];
    readonly parameters: Readonly<Record<string, { readonly fate: string }>>;
  }[];
}

/** What can be heard here; undefined until the server has told. */
function useSkills(): HearingSkills | undefined {
  const models = useEngineModels('transcription');
  const table = useFetched<Table>('/antiphon/v1/capabilities?dialect=openai');
  if (!models) return undefined;
  const rows = table.value.value?.transcription ?? [];
  return {
    models,
    translates: rows.some(({ tasks }) => tasks.includes('translate')),
    tellsSpeakers: rows.some(
      ({ parameters }) => parameters['response_format=diarized_json']?.fate === 'honoured',
    ),
  };
}

function RecordButton({
  recorder,
  settings,
  onRecorded,
}: {
  readonly recorder: Recorder;
  readonly settings: Signal<ListenSettings>;
  readonly onRecorded: (recorded: NonNullable<Awaited<ReturnType<Recorder['end']>>>) => void;
}) {
  const state = recorder.state.value;
  const begin = () => {
    const { live, task, model, language } = settings.peek();
    return recorder.begin({ live: live && task === 'transcribe', model, language });
  };
  const end = async () => {
    const recorded = await recorder.end();
    if (recorded) onRecorded(recorded);
  };
  return (
    <>
      <div class="actions">
        {state === 'recording' ? (
          <button type="button" class="recording" onClick={() => void end()}>
            Stop recording
          </button>
        ) : (
          <button type="button" class="quiet" disabled={state !== 'idle'} onClick={() => void begin()}>
            {state === 'ending' ? 'One moment …' : 'Record'}
          </button>
        )}
        {state !== 'idle' && (
          <output class="time" aria-label="Recorded">
            {clockWords(recorder.seconds.value)}
          </output>
        )}
      </div>
      {state !== 'idle' && (
        <p class="transcript plain" role="status" aria-label="Text so far">
          {recorder.text.value}
        </p>
      )}
      <Failure message={recorder.failure.value} />
    </>
  );
}

function Heard({
  file,
  transcript,
  running,
  notes,
}: {
  readonly file: File;
  readonly transcript: Transcript | undefined;
  readonly running: boolean;
  readonly notes: SpeechNotes | undefined;
}) {
  const now = useSignal(0);
  const seekTo = useSignal<{ readonly seconds: number } | undefined>(undefined);
  return (
    <section class="card" aria-label="What was heard">
      <Waveform
        key={file}
        sound={file}
        label="The recording"
        onTime={(seconds) => (now.value = seconds)}
        seekTo={seekTo.value}
      />
      <div aria-live="polite" aria-busy={running}>
        {transcript && (
          <TranscriptView
            transcript={transcript}
            now={now}
            onSeek={(seconds) => (seekTo.value = { seconds })}
          />
        )}
        {transcript?.text === '' && !running && <p class="soft">Nobody says anything in it.</p>}
      </div>
      {transcript && !running && <Downloads transcript={transcript} name={file.name.replace(/\.\w+$/, '')} />}
      <MadeBy notes={notes} />
    </section>
  );
}

function Downloads({ transcript, name }: { readonly transcript: Transcript; readonly name: string }) {
  const save = (text: string, type: string, extension: string) =>
    saveFile(new Blob([text], { type }), `${name}.${extension}`);
  const timed = transcript.lines.length > 0;
  return (
    <div class="actions" role="group" aria-label="Download">
      <button type="button" class="quiet" onClick={() => save(`${transcript.text}\n`, 'text/plain', 'txt')}>
        Text
      </button>
      {timed && (
        <>
          <button
            type="button"
            class="quiet"
            onClick={() => save(srtOf(transcript), 'application/x-subrip', 'srt')}
          >
            Subtitles (SRT)
          </button>
          <button type="button" class="quiet" onClick={() => save(vttOf(transcript), 'text/vtt', 'vtt')}>
            Subtitles (WebVTT)
          </button>
        </>
      )}
    </div>
  );
}
