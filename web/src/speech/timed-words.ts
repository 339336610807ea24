/** A word and when it is spoken, in seconds from the start. `text` has the space before it. */
export interface TimedWord {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Characters with their times, as the server tells them. */
export interface TimedCharacters {
  readonly characters: readonly string[];
  readonly character_start_times_seconds: readonly number[];
  readonly character_end_times_seconds: readonly number[];
}

/** Puts characters together to words; more may be added at any time. */
export function addCharacters(words: readonly TimedWord[], timed: TimedCharacters): readonly TimedWord[] {
  const all = [...words];
  for (const [at, character] of timed.characters.entries()) {
    const startSeconds = timed.character_start_times_seconds[at] ?? 0;
    const endSeconds = timed.character_end_times_seconds[at] ?? startSeconds;
    const last = all.at(-1);
    const begins = !last || (/\s/.test(character) && last.text.trim() !== '');
    if (begins) all.push({ text: character, startSeconds, endSeconds });
    else {
      const isFirst = last.text.trim() === '';
      all[all.length - 1] = {
        text: last.text + character,
        startSeconds: isFirst ? startSeconds : last.startSeconds,
        endSeconds,
      };
    }
  }
  return all;
}

/** Which word is spoken at a time; -1 before the first one. */
export function wordAt(words: readonly TimedWord[], seconds: number): number {
  return words.findLastIndex(({ startSeconds }) => startSeconds <= seconds);
}
