import type { NormalizedText } from '../../media/text/normalized-text.ts';
import { mapRangeToSource } from '../../media/text/normalized-text.ts';
import type { AlignmentTrack, TimingTrack, WordTiming } from './alignment.ts';

/**
 * The same times over the text before it was normalised. Words that come from one source stretch ("$5" spoken
 * as "five dollars") become one timing. The track grows with the one it is made from.
 */
export function mapTimingsToSource(
  timings: TimingTrack,
  normalized: NormalizedText,
  sourceText: string,
): AlignmentTrack {
  const mapped: WordTiming[] = [];
  let read = 0;
  const catchUp = () => {
    for (let word = timings.words[read]; word; word = timings.words[read]) {
      read += 1;
      append(mapped, { ...word, ...mapRangeToSource(normalized, word.start, word.end) });
    }
    return mapped;
  };
  return {
    text: sourceText,
    get words() {
      return catchUp();
    },
  };
}

function append(mapped: WordTiming[], word: WordTiming): void {
  const last = mapped.at(-1);
  if (last && word.start < last.end) {
    mapped[mapped.length - 1] = { ...last, end: Math.max(last.end, word.end), endSeconds: word.endSeconds };
    return;
  }
  mapped.push(word);
}
