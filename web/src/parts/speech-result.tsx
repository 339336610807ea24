import { Fragment } from 'preact';
import { useSignal } from '@preact/signals';
import { saveFile } from '../sound/save-file.ts';
import type { Speaking, SpeechPace } from '../speech/speaking.ts';
import type { SpeechNotes } from '../speech/speech-notes.ts';
import { wordAt, type TimedWord } from '../speech/timed-words.ts';
import { Waveform } from './waveform.tsx';

/** A speech that was made or is being made: who speaks, how quickly it came, its words and its sound. */
export function SpeechResult({
  speaking,
  asked,
  fileName,
  otherFormat,
}: {
  readonly speaking: Speaking;
  /** The voice that was asked for. */
  readonly asked: string;
  /** What the sound that is here is called as a file. */
  readonly fileName: string;
  /** Has the speech made once more in another format; absent where there is none to be had. */
  readonly otherFormat: { readonly name: string; readonly onMake: () => void } | undefined;
}) {
  const seekTo = useSignal<{ readonly seconds: number } | undefined>(undefined);
  const { notes, pace, words, heard, isPlaying, sound, silence } = speaking;
  return (
    <>
      {notes.value && <Notes notes={notes.value} asked={asked} />}
      {words.value.length > 0 && (
        <Words
          words={words.value}
          heard={heard.value}
          onSeek={sound.value ? (seconds) => (seekTo.value = { seconds }) : undefined}
        />
      )}
      {sound.value && (
        <Waveform
          sound={sound.value}
          label="What was said"
          onPlay={silence}
          onTime={(seconds) => (heard.value = seconds)}
          followed={isPlaying.value ? heard.value : undefined}
          seekTo={seekTo.value}
        />
      )}
      {pace.value && <Pace pace={pace.value} />}
      {sound.value && (
        <div class="actions">
          <button type="button" class="quiet" onClick={() => sound.value && saveFile(sound.value, fileName)}>
            Download {fileName}
          </button>
          {otherFormat && (
            <button type="button" class="quiet" onClick={otherFormat.onMake}>
              Make it as {otherFormat.name}
            </button>
          )}
        </div>
      )}
    </>
  );
}

/** What the server said about how it did what was asked. */
export function Notes({ notes, asked }: { readonly notes: SpeechNotes; readonly asked: string }) {
  const { isStandIn, voice, model, warnings } = notes;
  const speaker = voice === '' ? model : voice;
  return (
    <div class="notes" role="status">
      <p>
        {isStandIn ? (
          <>
            <span class="badge">Stand-in</span> This server does not have the model or the voice that was
            asked for. <strong>{speaker}</strong> spoke instead of {asked}.
          </>
        ) : (
          <>
            Spoken by <strong>{speaker}</strong>.
          </>
        )}
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

/** The text, with the word that is heard lit up; a click on a word plays from there. */
function Words({
  words,
  heard,
  onSeek,
}: {
  readonly words: readonly TimedWord[];
  readonly heard: number;
  readonly onSeek: ((seconds: number) => void) | undefined;
}) {
  const now = heard > 0 ? wordAt(words, heard) : -1;
  return (
    <p class="spoken-words" aria-label="The words as they are spoken">
      {words.map(({ text, startSeconds }, at) => (
        <Fragment key={`${at} ${text}`}>
          {text.slice(0, text.length - text.trimStart().length)}
          <span class={at === now ? 'word now' : 'word'} onClick={() => onSeek?.(startSeconds)}>
            {text.trimStart()}
          </span>
        </Fragment>
      ))}
    </p>
  );
}

function Pace({ pace: { firstMs, allMs, seconds } }: { readonly pace: SpeechPace }) {
  const factor = seconds === undefined || seconds === 0 ? undefined : allMs / 1000 / seconds;
  return (
    <p class="figures">
      First playable after <strong>{Math.round(firstMs)} ms</strong>, all made after {Math.round(allMs)} ms
      {seconds !== undefined && factor !== undefined && (
        <>
          {' '}
          for {seconds.toFixed(1)} s of sound: real-time factor <strong>{factor.toFixed(2)}</strong>
        </>
      )}
      .
    </p>
  );
}
