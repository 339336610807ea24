import { letterSounds, type LetterRule } from './letter-sounds.ts';

const VOWEL = '[aeiouyàâéèêëîïôùûü]';
/** Behind a vowel that sounds through the nose: neither a vowel nor a second n or m. */
const NASAL_END = `(?!${VOWEL}|[hmn])`;
const SOFT = '[eiyéèêëîï]';

const RULES: readonly LetterRule[] = [
  ['eau|au|ô', 'au'],
  ['tion', 'ss yy on'],
  [`(?:oin)${NASAL_END}`, 'ww in'],
  [`(?:ien)${NASAL_END}`, 'yy in'],
  [`(?:ain|aim|ein|eim|in|im|yn|ym)${NASAL_END}`, 'in'],
  [`(?:an|am)${NASAL_END}`, 'an'],
  ['(?<=..)ent$', 'an'],
  [`(?:en|em)${NASAL_END}`, 'an'],
  [`(?:on|om)${NASAL_END}`, 'on'],
  [`(?:un|um)${NASAL_END}`, 'un'],
  ['oi|oî', 'ww aa'],
  ['oy(?=[aeé])', 'ww aa yy'],
  ['ay(?=[aeé])', 'ai yy'],
  ['oeu|eu', 'eu'],
  ['ou|où|oû', 'ou'],
  ['(?:ai|ei)(?!ll?)', 'ai'],
  ['(?<=[aeou])ill?', 'yy'],
  ['ill', 'ii yy'],
  ['(?<=.)(?:er|ez)$', 'ei'],
  ['é', 'ei'],
  ['[èêë]', 'ai'],
  ['(?<=.)es?$', ''],
  [`e(?=[bcdfghjklmnpqrstvxz]{2})|e(?=[cflr]$)`, 'ai'],
  ['e', 'ee'],
  ['[aàâ]', 'aa'],
  [`[iy](?=${VOWEL})(?!es?$)`, 'yy'],
  ['[iyîï]', 'ii'],
  ['o', 'oo'],
  ['u(?=i)', 'uy'],
  ['[uùûü]', 'uu'],
  ['gn', 'gn'],
  ['s?ch', 'ch'],
  ['ph', 'ff'],
  ['qu?', 'kk'],
  [`gu(?=${SOFT})`, 'gg'],
  [`g(?=${SOFT})`, 'jj'],
  ['gg?', 'gg'],
  [`s?c(?=${SOFT})`, 'ss'],
  ['ç', 'ss'],
  ['cc?', 'kk'],
  ['(?<=.)[dpstxz]+$', ''],
  [`(?<=${VOWEL})s(?=${VOWEL})`, 'zz'],
  ['ss?', 'ss'],
  ['bb?', 'bb'],
  ['dd?', 'dd'],
  ['ff?', 'ff'],
  ['h', ''],
  ['j', 'jj'],
  ['kk?', 'kk'],
  ['ll?', 'll'],
  ['mm?', 'mm'],
  ['nn?', 'nn'],
  ['pp?', 'pp'],
  ['rr?', 'rr'],
  ['tt?h?', 'tt'],
  ['v', 'vv'],
  ['w', 'ww'],
  ['x', 'kk ss'],
  ['zz?', 'zz'],
];

const spell = letterSounds(RULES);

/** How a French word that is in no dictionary is likely to sound, in the sounds of the French model. */
export function frenchSounds(word: string): string {
  return spell(word.normalize('NFC').replaceAll('œ', 'oe').replaceAll('æ', 'e'));
}
