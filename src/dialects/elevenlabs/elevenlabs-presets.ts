import type { Gender, PresetVoice } from '../../core/voices/voice.ts';

type Row = readonly [
  id: string,
  name: string,
  accent: string,
  age: 'young' | 'middle_aged' | 'old',
  manner: string,
  useCase: string,
];

const FEMALE: readonly Row[] = [
  ['21m00Tcm4TlvDq8ikWAM', 'Rachel', 'american', 'young', 'calm', 'narrative_story'],
  ['EXAVITQu4vr4xnSDxMaL', 'Sarah', 'american', 'young', 'professional', 'entertainment_tv'],
  ['XB0fDUnXU5powFXDhCwa', 'Charlotte', 'swedish', 'young', 'relaxed', 'characters_animation'],
  ['Xb7hH8MSUJpSbSDYk0k2', 'Alice', 'british', 'middle_aged', 'clear', 'informative_educational'],
  ['9BWtsMINqrJLrRacOk9x', 'Aria', 'american', 'middle_aged', 'husky', 'informative_educational'],
  ['FGY2WhTYpPnrIDTdsKH5', 'Laura', 'american', 'young', 'sassy', 'social_media'],
  ['XrExE9yKIg1WjnnlVkGX', 'Matilda', 'american', 'middle_aged', 'upbeat', 'informative_educational'],
  ['cgSgspJ2msm6clMCkdW9', 'Jessica', 'american', 'young', 'bright', 'conversational'],
  ['pFZP5JQG7iQjIQuC4Bku', 'Lily', 'british', 'middle_aged', 'velvety', 'informative_educational'],
  ['AZnzlk1XvdvUeBnXmlld', 'Domi', 'american', 'young', 'strong', 'narrative_story'],
  ['MF3mGyEYCl7XYWbV9V6O', 'Elli', 'american', 'young', 'emotional', 'narrative_story'],
];

const MALE: readonly Row[] = [
  ['JBFqnCBsd6RMkjVDRZzb', 'George', 'british', 'middle_aged', 'warm', 'narrative_story'],
  ['onwK4e9ZLuTAKqWW03F9', 'Daniel', 'british', 'middle_aged', 'formal', 'informative_educational'],
  ['pNInz6obpgDQGcFmaJgB', 'Adam', 'american', 'middle_aged', 'deep', 'social_media'],
  ['cjVigY5qzO86Huf0OWal', 'Eric', 'american', 'middle_aged', 'smooth', 'conversational'],
  ['IKne3meq5aSn9XLyUdCD', 'Charlie', 'australian', 'young', 'energetic', 'conversational'],
  ['CwhRBWXzGAHq8TQ4Fs17', 'Roger', 'american', 'middle_aged', 'casual', 'conversational'],
  ['N2lVS1w4EtoT3dr4eOWO', 'Callum', 'american', 'middle_aged', 'husky', 'characters_animation'],
  ['TX3LPaxmHKxFdv7VOQHJ', 'Liam', 'american', 'young', 'confident', 'social_media'],
  ['bIHbv24MWmeRgasZH58o', 'Will', 'american', 'young', 'chill', 'conversational'],
  ['iP95p4xoKVk53GoZ742B', 'Chris', 'american', 'middle_aged', 'friendly', 'conversational'],
  ['nPczCjzI2devNBz1zQrb', 'Brian', 'american', 'middle_aged', 'resonant', 'social_media'],
  ['pqHfZKP75CvOlQylNhV4', 'Bill', 'american', 'old', 'crisp', 'advertisement'],
  ['ErXwobaYiN019PkySvjV', 'Antoni', 'american', 'young', 'rounded', 'narrative_story'],
  ['TxGEqnHWrfWFTfGW9XjX', 'Josh', 'american', 'young', 'deep', 'narrative_story'],
  ['VR6AewLTigWG4xSOukaG', 'Arnold', 'american', 'middle_aged', 'crisp', 'narrative_story'],
  ['yoZ06aMxZJJ28mfd3POQ', 'Sam', 'american', 'young', 'raspy', 'narrative_story'],
];

const NEUTRAL: readonly Row[] = [
  ['SAz9YHcvj6GT2YYXdXww', 'River', 'american', 'middle_aged', 'calm', 'conversational'],
];

/** A voice between the genders: the engine's first one, lowered. */
const NEUTRAL_PITCH = -3;

/** Semitones between one preset and the next of its gender: enough to tell two voices of one engine apart. */
const PITCH_STEP = 0.5;

/**
 * The nth of a gender gets the nth pitch, going outwards from the engine voice's own: 0, -0.5, 0.5, -1, 1, …
 * An engine with a single voice of that gender still gives every preset a pitch of its own.
 */
function pitchOf(place: number): number {
  const distance = Math.ceil(place / 2) * PITCH_STEP;
  return place % 2 === 1 ? -distance : distance;
}

function presetsOf(gender: Gender, rows: readonly Row[], centre = 0): PresetVoice[] {
  return rows.map(([id, name, accent, age, manner, useCase], place) => ({
    id,
    name,
    dialect: 'elevenlabs',
    gender,
    pitchSemitones: centre + pitchOf(place),
    variant: place,
    description: `${article(manner)} ${manner} ${gender} voice, ${age.replace('_', ' ')}`,
    labels: { accent, age, gender, language: 'en', use_case: useCase, description: manner },
  }));
}

function article(word: string): 'A' | 'An' {
  return /^[aeiou]/.test(word) ? 'An' : 'A';
}

/** The voices that the vendor's documentation, samples and default account are written with. */
export const presetVoices: readonly PresetVoice[] = [
  ...presetsOf('female', FEMALE),
  ...presetsOf('male', MALE),
  ...presetsOf('neutral', NEUTRAL, NEUTRAL_PITCH),
];
