import type {
  TranscribedSegment,
  TranscribedWord,
  Transcript,
} from '../../core/transcription/transcription.ts';

/** A word or the space between two words, as it stands in the transcript. Joining the texts gives the transcript. */
export interface TranscriptToken {
  readonly type: 'word' | 'spacing';
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Natural logarithm; absent for spaces and where the model does not tell. */
  readonly logprob?: number;
  /** `speaker_0`, `speaker_1` … by first appearance. */
  readonly speaker?: string;
  /** Id of the segment that it stands in. */
  readonly segment: number;
}

/**
 * The transcript word by word. A word that the model gave no time for is spread, letter by letter, over the time
 * between its neighbours that have one, or over its segment where none has.
 */
export function transcriptTokens(transcript: Transcript): TranscriptToken[] {
  const speakers = speakerIds(transcript);
  const tokens = transcript.segments.flatMap((segment) => segmentTokens(segment, speakers));
  const from = tokens.findIndex((token) => token.type === 'word');
  const to = tokens.findLastIndex((token) => token.type === 'word');
  return from < 0 ? [] : withSpacesBetween(tokens.slice(from, to + 1));
}

function speakerIds(transcript: Transcript): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const { speaker, words } of transcript.segments) {
    for (const one of [speaker, ...words.map((word) => word.speaker)]) {
      if (one !== undefined && !ids.has(one)) ids.set(one, `speaker_${ids.size}`);
    }
  }
  return ids;
}

/** A stretch of text, with the word whose time it has. */
interface Piece {
  readonly text: string;
  readonly heard?: TranscribedWord;
}

function segmentTokens(
  segment: TranscribedSegment,
  speakers: ReadonlyMap<string, string>,
): TranscriptToken[] {
  return timed(piecesOf(segment), segment).map(({ text, heard, startSeconds, endSeconds }) => {
    const type = text.trim() === '' ? 'spacing' : 'word';
    const speaker = speakers.get(heard?.speaker ?? segment.speaker ?? '');
    const logprob = type === 'word' ? (heard?.logprob ?? segment.averageLogprob) : undefined;
    return {
      type,
      text,
      startSeconds,
      endSeconds,
      segment: segment.id,
      ...(logprob === undefined ? {} : { logprob }),
      ...(speaker === undefined ? {} : { speaker }),
    };
  });
}

/** The text of a segment cut into words and spaces; signs without a space belong to the word that they touch. */
function piecesOf({ text, words }: TranscribedSegment): Piece[] {
  const pieces: Piece[] = [];
  let cursor = 0;
  for (const heard of words) {
    const at = heard.text === '' ? -1 : text.indexOf(heard.text, cursor);
    // A word that the text spells otherwise is found among the pieces without a time.
    if (at < 0) continue;
    const { touching, loose, before } = splitGap(text.slice(cursor, at), cursor === 0);
    appendToWord(pieces, touching);
    pieces.push(...loosePieces(loose), { text: before + heard.text, heard });
    cursor = at + heard.text.length;
  }
  const rest = text.slice(cursor);
  const touching = cursor > 0 ? (/^\S+/.exec(rest)?.[0] ?? '') : '';
  appendToWord(pieces, touching);
  return [...pieces, ...loosePieces(rest.slice(touching.length))];
}

/** The text between two words: what touches the first (if there is one), what stands alone, what touches the second. */
function splitGap(
  gap: string,
  isFirst: boolean,
): { readonly touching: string; readonly loose: string; readonly before: string } {
  const touching = isFirst ? '' : (/^\S+/.exec(gap)?.[0] ?? '');
  const rest = gap.slice(touching.length);
  const before = /\S+$/.exec(rest)?.[0] ?? '';
  return { touching, loose: rest.slice(0, rest.length - before.length), before };
}

function appendToWord(pieces: Piece[], text: string): void {
  if (text === '') return;
  const last = pieces.pop();
  pieces.push({ ...last, text: (last?.text ?? '') + text });
}

/** Scripts that write no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function loosePieces(text: string): Piece[] {
  const runs = text.match(/\s+|\S+/g) ?? [];
  return runs.flatMap((run) => (UNSPACED.test(run) ? dictionaryWords(run) : [{ text: run }]));
}

function dictionaryWords(run: string): Piece[] {
  const pieces: Piece[] = [];
  for (const { segment, isWordLike } of new Intl.Segmenter('zh', { granularity: 'word' }).segment(run)) {
    if (isWordLike || pieces.length === 0) pieces.push({ text: segment });
    else appendToWord(pieces, segment);
  }
  return pieces;
}

interface TimedPiece extends Piece {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

function timed(pieces: readonly Piece[], segment: TranscribedSegment): TimedPiece[] {
  const done: TimedPiece[] = [];
  for (let index = 0; index < pieces.length;) {
    const next = pieces.findIndex((piece, at) => at >= index && piece.heard !== undefined);
    const end = next < 0 ? pieces.length : next;
    const heard = pieces[next]?.heard;
    const from = done.at(-1)?.endSeconds ?? segment.startSeconds;
    done.push(...spread(pieces.slice(index, end), { from, to: heard?.startSeconds ?? segment.endSeconds }));
    const piece = pieces[end];
    if (piece && heard)
      done.push({ ...piece, startSeconds: heard.startSeconds, endSeconds: heard.endSeconds });
    index = end + 1;
  }
  return done;
}

/** Gives each piece its share of a stretch of time, by its length; spaces at the edges take none. */
function spread(
  pieces: readonly Piece[],
  stretch: { readonly from: number; readonly to: number },
): TimedPiece[] {
  const first = pieces.findIndex((piece) => piece.text.trim() !== '');
  const last = pieces.findLastIndex((piece) => piece.text.trim() !== '');
  const lengths = pieces.map(({ text }, index) => (index < first || index > last ? 0 : text.length));
  const total = Math.max(
    1,
    lengths.reduce((sum, length) => sum + length, 0),
  );
  const perLetter = Math.max(0, stretch.to - stretch.from) / total;
  let clock = stretch.from;
  return pieces.map((piece, index) => {
    const startSeconds = clock;
    clock += (lengths[index] ?? 0) * perLetter;
    return { ...piece, startSeconds: toMilliseconds(startSeconds), endSeconds: toMilliseconds(clock) };
  });
}

/** A space lasts from the end of the word before to the start of the word after, and is the first one's speaker's. */
function withSpacesBetween(tokens: readonly TranscriptToken[]): TranscriptToken[] {
  let before: TranscriptToken | undefined;
  return tokens.map((token, index) => {
    if (token.type === 'word') {
      before = token;
      return token;
    }
    const startSeconds = before?.endSeconds ?? token.startSeconds;
    const next = tokens[index + 1];
    const after = next?.type === 'word' ? next.startSeconds : startSeconds;
    const speaker = before?.speaker === undefined ? {} : { speaker: before.speaker };
    return { ...token, ...speaker, startSeconds, endSeconds: Math.max(startSeconds, after) };
  });
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
