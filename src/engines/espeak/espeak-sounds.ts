import { fitIpa, isVowelSound } from '../../media/text/ipa-sounds.ts';
import type { SoundChange } from '../invented-words.ts';
import type { EspeakInventory } from './espeak-inventory.ts';

/** A pronunciation in espeak's letters. */
export interface EspeakMnemonics {
  /** Empty where nothing of it is a sound. */
  readonly mnemonics: string;
  readonly changes: readonly SoundChange[];
}

const STRESS = { 1: "'", 2: ',' } as const;

/** IPA in the letters that a voice understands, with its nearest sound for every one that it has not. */
export function toEspeakMnemonics(ipa: string, { sounds, stressed }: EspeakInventory): EspeakMnemonics {
  const letters = new Map([...stressed, ...sounds]);
  const stressedLetters = new Map([...sounds, ...stressed]);
  const { parts, changes } = fitIpa(ipa, new Set(letters.keys()));
  const written: string[] = [];
  // IPA marks a stress before its syllable, espeak before the vowel.
  let stress = '';
  let word = '';
  for (const part of parts) {
    if (part.kind === 'stress') stress = STRESS[part.level];
    else if (part.kind === 'break') {
      if (word !== '') written.push(word);
      word = '';
    } else {
      const vowel = isVowelSound(part.sound);
      // Bars keep two sounds from being read as one.
      const known = vowel && stress !== '' ? stressedLetters : letters;
      word += `${word === '' ? '' : '|'}${vowel ? stress : ''}${known.get(part.sound) ?? ''}`;
      if (vowel) stress = '';
    }
  }
  if (word !== '') written.push(word);
  return { mnemonics: written.join('||'), changes };
}
