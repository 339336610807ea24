/** What a spelling sounds like: a pattern that is tried where the last one ended, and the sounds of what it matches. */
export type LetterRule = readonly [pattern: string, sounds: string];

/** Spells sounds. Empty for a word without any letter that has one. */
export type LetterSounds = (word: string) => string;

/**
 * Turns an ordered list of rules, the first that matches wins, into a function. Look-arounds see the whole word.
 * A character that no rule knows is silent.
 */
export function letterSounds(rules: readonly LetterRule[]): LetterSounds {
  const compiled = rules.map(([pattern, sounds]) => ({ pattern: new RegExp(pattern, 'uy'), sounds }));
  return (word) => {
    const sounds: string[] = [];
    let index = 0;
    while (index < word.length) {
      const rule = compiled.find(({ pattern }) => {
        pattern.lastIndex = index;
        return pattern.test(word);
      });
      if (rule && rule.sounds !== '') sounds.push(rule.sounds);
      index = rule ? Math.max(index + 1, rule.pattern.lastIndex) : index + 1;
    }
    return sounds.join(' ');
  };
}
