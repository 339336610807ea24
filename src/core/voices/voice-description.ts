import { primaryLanguage } from './voice-parts.ts';
import type { VoiceDesign } from './voice-record.ts';
import type { Gender, Voice } from './voice.ts';

/** What was understood of the description of a voice. */
export interface VoiceSketch {
  readonly gender?: Gender;
  /** BCP 47, where an accent of English is named. */
  readonly locale?: string;
  readonly pitchSemitones: number;
  /** Tempo, 1 = natural. */
  readonly speed: number;
  /** The words that were understood, in the order of the table; nothing else of the description has any effect. */
  readonly understood: readonly string[];
}

interface Trait {
  readonly words: RegExp;
  readonly gender?: Gender;
  readonly locale?: string;
  readonly semitones?: number;
  readonly speed?: number;
}

/** Which words of an English description change a voice, and how. Of several genders or accents the first one counts. */
const TRAITS: readonly Trait[] = [
  { words: /\b(androgynous|genderless|gender[- ]neutral|non-?binary|neutral voice)\b/, gender: 'neutral' },
  { words: /\b(wom[ae]n|female|feminine|lady|ladies|she|her|queen|princess|witch)\b/, gender: 'female' },
  { words: /\b(grandmother|grandma|granny)\b/, gender: 'female', semitones: -1, speed: 0.92 },
  { words: /\b(mother|mum|mom|aunt|sister|daughter)\b/, gender: 'female' },
  { words: /\bgirl\b/, gender: 'female', semitones: 2.5 },
  { words: /\b(m[ae]n|male|masculine|gentlem[ae]n|guy|he|his|king|prince|wizard)\b/, gender: 'male' },
  { words: /\b(grandfather|grandpa)\b/, gender: 'male', semitones: -1, speed: 0.92 },
  { words: /\b(father|dad|uncle|brother|son)\b/, gender: 'male' },
  { words: /\bboy\b/, gender: 'male', semitones: 4 },
  { words: /\b(child|children|kid|toddler)\b/, semitones: 4 },
  { words: /\b(young|youthful|teenager?|teenaged?|adolescent)\b/, semitones: 1 },
  { words: /\b(old|older|elderly|aged|senior|ancient)\b/, semitones: -1, speed: 0.92 },
  { words: /\b(american|californian|texan|midwestern)\b/, locale: 'en-US' },
  { words: /\b(british|english accent|londoner|received pronunciation)\b/, locale: 'en-GB' },
  { words: /\bscottish\b/, locale: 'en-GB-scotland' },
  { words: /\birish\b/, locale: 'en-IE' },
  { words: /\baustralian\b/, locale: 'en-AU' },
  { words: /\bindian\b/, locale: 'en-IN' },
  { words: /\b(very|extremely|incredibly) (deep|low)\b/, semitones: -2 },
  { words: /\b(deep|low|low-pitched|bass|baritone|booming|gravelly)\b/, semitones: -3 },
  { words: /\b(very|extremely|incredibly) high\b/, semitones: 2 },
  { words: /\b(high|high-pitched|squeaky|shrill|soprano)\b/, semitones: 3 },
  { words: /\b(very|extremely) (slow|slowly)\b/, speed: 0.92 },
  { words: /\b(slow|slowly|unhurried|leisurely|measured|sleepy)\b/, speed: 0.87 },
  { words: /\b(very|extremely) (fast|quick|quickly)\b/, speed: 1.1 },
  { words: /\b(fast|quick|quickly|rapid|rapidly|brisk|hurried|energetic|excited)\b/, speed: 1.15 },
];

/** A voice shifted further sounds like a machine. */
const MOST_SHIFT_SEMITONES = 7;
const SPEEDS = { least: 0.7, most: 1.4 };

/** Looks for words about gender, age, accent, pitch and pace in an English description. */
export function sketchVoice(description: string): VoiceSketch {
  const text = description.toLowerCase();
  const found = TRAITS.flatMap((trait) => {
    const [word] = trait.words.exec(text) ?? [];
    return word === undefined ? [] : [{ ...trait, word }];
  });
  const gender = found.find((trait) => trait.gender !== undefined)?.gender;
  const locale = found.find((trait) => trait.locale !== undefined)?.locale;
  const semitones = found.reduce((sum, trait) => sum + (trait.semitones ?? 0), 0);
  const speed = found.reduce((product, trait) => product * (trait.speed ?? 1), 1);
  return {
    ...(gender === undefined ? {} : { gender }),
    ...(locale === undefined ? {} : { locale }),
    pitchSemitones: Math.max(-MOST_SHIFT_SEMITONES, Math.min(MOST_SHIFT_SEMITONES, semitones)),
    speed: Math.round(Math.max(SPEEDS.least, Math.min(SPEEDS.most, speed)) * 100) / 100,
    understood: found.map(({ word }) => word),
  };
}

/**
 * The engine voice that fits a sketch best, and how it is changed. `voices` are in order of preference; the nth variant
 * is played by the nth voice that fits as well.
 */
export function designVoice(
  sketch: VoiceSketch,
  description: string,
  { voices, variant = 0 }: { readonly voices: readonly Voice[]; readonly variant?: number },
): VoiceDesign {
  const best = Math.min(...voices.map((voice) => misfit(voice, sketch)));
  const fitting = voices.filter((voice) => misfit(voice, sketch) === best);
  // Engines differ in quality: a variant is another voice of the best engine, not one of a lesser engine.
  const own = fitting.filter(({ engine }) => engine === fitting[0]?.engine);
  const base = own.toSorted((a, b) => a.rank - b.rank)[variant % own.length];
  return {
    prompt: description,
    ...(base ? { baseVoice: base.id } : {}),
    pitchSemitones: sketch.pitchSemitones,
    speed: sketch.speed,
  };
}

/** How badly a voice fits: the wrong language counts most, then the gender, then the accent. */
function misfit(voice: Voice, { gender, locale }: VoiceSketch): number {
  const wanted = (locale ?? 'en').toLowerCase();
  const tags = voice.languages.map((tag) => tag.toLowerCase());
  const speaks = tags.some((tag) => primaryLanguage(tag) === primaryLanguage(wanted));
  const accent = locale === undefined || tags.includes(wanted);
  const fits = gender === undefined || gender === 'neutral' || voice.gender === gender;
  return (speaks ? 0 : 4) + (fits ? 0 : 2) + (accent ? 0 : 1);
}
