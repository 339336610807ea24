import { useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { clockWords } from '../sound/clock.ts';
import { speakersIn, type HeardLine, type Transcript } from './transcript.ts';

/** How many colours there are for speakers. */
const COLOURS = 6;

interface ViewProps {
  readonly transcript: Transcript;
  /** Seconds at which the recording is being played. */
  readonly now: ReadonlySignal<number>;
  /** Plays from there. */
  readonly onSeek: (seconds: number) => void;
}

/** A transcript whose words are played when they are clicked, and light up when they are heard. */
export function TranscriptView({ transcript, now, onSeek }: ViewProps) {
  const place = useRef<HTMLDivElement>(null);
  useHeardWord(place, now);
  if (transcript.lines.length === 0) return <p class="transcript plain">{transcript.text}</p>;
  const speakers = speakersIn(transcript);
  return (
    <div ref={place} class="transcript">
      {transcript.lines.map((line) => (
        <Line
          key={line.start}
          line={line}
          onSeek={onSeek}
          colour={line.speaker === undefined ? undefined : speakers.indexOf(line.speaker) % COLOURS}
        />
      ))}
    </div>
  );
}

function Line({
  line,
  colour,
  onSeek,
}: {
  readonly line: HeardLine;
  readonly colour: number | undefined;
  readonly onSeek: ViewProps['onSeek'];
}) {
  const { speaker, start, end, text, words } = line;
  const parts = words.length === 0 ? [{ text, start, end }] : words;
  return (
    <p class={colour === undefined ? 'line' : `line speaker-${colour}`}>
      <button
        type="button"
        class="moment"
        aria-label={`Play from ${clockWords(start)}`}
        onClick={() => onSeek(start)}
      >
        {clockWords(start)}
      </button>{' '}
      {speaker !== undefined && <strong>Speaker {speaker}: </strong>}
      {parts.map((word) => (
        // The button of the line does the same for keyboards.
        <span
          key={word.start}
          class="word"
          data-start={word.start}
          data-end={word.end}
          onClick={() => onSeek(word.start)}
        >
          {word.text}
        </span>
      ))}
    </p>
  );
}

/** Marks the word that is heard, past the drawing of the page: a long transcript has thousands. */
function useHeardWord(place: { readonly current: HTMLElement | null }, now: ReadonlySignal<number>): void {
  const marked = useRef<Element>(undefined);
  useSignalEffect(() => {
    const seconds = now.value;
    const words = place.current?.querySelectorAll<HTMLElement>('.word') ?? [];
    const heard = wordAt(words, seconds);
    if (heard === marked.current) return;
    marked.current?.classList.remove('heard');
    heard?.classList.add('heard');
    marked.current = heard;
  });
}

/** The words stand in the order of their times. */
function wordAt(words: ArrayLike<HTMLElement>, seconds: number): HTMLElement | undefined {
  let from = 0;
  let to = words.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (Number(words[middle]?.dataset['start']) <= seconds) from = middle + 1;
    else to = middle;
  }
  const word = words[from - 1];
  return word && seconds > 0 && seconds <= Number(word.dataset['end']) ? word : undefined;
}
