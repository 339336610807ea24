/** A word with what belongs to it, the space behind it included. */
export interface HeardWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What one person said in one go. */
export interface HeardLine {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** `A`, `B`, … by first appearance; absent where nobody tells speakers apart. */
  readonly speaker?: string;
  /** None where only the line has a time. */
  readonly words: readonly HeardWord[];
}

/** What was heard. Without lines only the text is known as yet. */
export interface Transcript {
  readonly text: string;
  readonly lines: readonly HeardLine[];
}

/** A word or a space as ElevenLabs' API tells it, over HTTP and through its socket. */
export interface WireToken {
  readonly text: string;
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly speaker_id?: string;
}

/** Seconds of silence after which a line ends. */
const LINE_PAUSE = 1;

/** The lines of words, cut where another one speaks and where there is a pause. */
export function linesOfTokens(tokens: readonly WireToken[]): readonly HeardLine[] {
  const lines: { speaker: string | undefined; words: HeardWord[] }[] = [];
  const speakers = new Map<string, string>();
  for (const token of tokens) {
    const line = lines.at(-1);
    const word = line?.words.at(-1);
    if (token.type === 'spacing') {
      if (line && word) line.words.splice(-1, 1, { ...word, text: word.text + token.text });
      continue;
    }
    const speaker = speakerOf(token, speakers);
    const goesOn = line && word && line.speaker === speaker && token.start - word.end < LINE_PAUSE;
    const heard = { text: token.text, start: token.start, end: token.end };
    if (goesOn) line.words.push(heard);
    else lines.push({ speaker, words: [heard] });
  }
  return lines.map(({ speaker, words }) => ({
    text: textOf(words),
    start: words[0]?.start ?? 0,
    end: words.at(-1)?.end ?? 0,
    words,
    ...(speaker === undefined ? {} : { speaker }),
  }));
}

function speakerOf({ speaker_id: id }: WireToken, known: Map<string, string>): string | undefined {
  if (id === undefined) return undefined;
  const name = known.get(id) ?? String.fromCodePoint(65 + (known.size % 26));
  known.set(id, name);
  return name;
}

function textOf(words: readonly HeardWord[]): string {
  return words
    .map(({ text }) => text)
    .join('')
    .trim();
}

/** Who spoke, in order of first appearance. */
export function speakersIn({ lines }: Transcript): readonly string[] {
  return [...new Set(lines.flatMap(({ speaker }) => (speaker === undefined ? [] : [speaker])))];
}
