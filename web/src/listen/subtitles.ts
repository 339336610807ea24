import { speakersIn, type HeardLine, type HeardWord, type Transcript } from './transcript.ts';

/** Longest subtitle, in characters and seconds. */
const MOST_CHARACTERS = 84;
const MOST_SECONDS = 6;

type Cue = Omit<HeardLine, 'words'>;

/** Subtitles as players and editors take them. Speakers are named where there are several. */
export function srtOf(transcript: Transcript): string {
  const named = speakersIn(transcript).length > 1;
  const blocks = cuesOf(transcript).map((cue, index) => {
    const speaker = named && cue.speaker !== undefined ? `Speaker ${cue.speaker}: ` : '';
    return `${index + 1}\n${clock(cue.start, ',')} --> ${clock(cue.end, ',')}\n${speaker}${cue.text}\n`;
  });
  return blocks.join('\n');
}

/** The same for pages of the web. */
export function vttOf(transcript: Transcript): string {
  const named = speakersIn(transcript).length > 1;
  const blocks = cuesOf(transcript).map((cue) => {
    const speaker = named && cue.speaker !== undefined ? `<v Speaker ${cue.speaker}>` : '';
    const text = cue.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return `${clock(cue.start, '.')} --> ${clock(cue.end, '.')}\n${speaker}${text}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}

function cuesOf({ lines }: Transcript): readonly Cue[] {
  return lines.flatMap((line) => (line.words.length === 0 ? [line] : cutLine(line)));
}

function cutLine({ words, speaker }: HeardLine): readonly Cue[] {
  const groups: HeardWord[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const length = group?.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
    const fits =
      first && length + word.text.trim().length <= MOST_CHARACTERS && word.end - first.start <= MOST_SECONDS;
    if (group && fits) group.push(word);
    else groups.push([word]);
  }
  return groups.map((group) => ({
    text: group
      .map(({ text }) => text)
      .join('')
      .trim(),
    start: group[0]?.start ?? 0,
    end: group.at(-1)?.end ?? 0,
    ...(speaker === undefined ? {} : { speaker }),
  }));
}

function clock(seconds: number, point: ',' | '.'): string {
  const milliseconds = Math.round(seconds * 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const whole = milliseconds / 1000;
  return `${two(whole / 3600)}:${two((whole / 60) % 60)}:${two(whole % 60)}${point}${String(milliseconds % 1000).padStart(3, '0')}`;
}
