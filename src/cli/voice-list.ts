import { z } from 'zod';
import { CommandFailure } from './command-failure.ts';
import { askJson, type CommandServer } from './command-server.ts';

const labels = z.record(z.string(), z.string());

const listing = z.object({
  presets: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      dialect: z.string(),
      gender: z.string(),
      description: z.string(),
      labels,
    }),
  ),
  voices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      engine: z.string(),
      gender: z.string(),
      languages: z.array(z.string()),
      labels,
      licence: z.string(),
    }),
  ),
  added: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string().default(''),
      origin: z.string(),
      labels,
      isOwner: z.boolean(),
    }),
  ),
});

/** A voice as it is listed. */
export interface ListedVoice {
  readonly id: string;
  readonly name: string;
  /** Whose it is: `own`, a dialect that made the name known, or an engine. */
  readonly from: string;
  readonly kind: 'added' | 'preset' | 'engine';
  readonly gender: string;
  /** BCP 47; none where it speaks whatever is asked. */
  readonly languages: readonly string[];
  readonly about: string;
}

/** Which voices are wanted; what is absent is not narrowed. */
export interface VoiceFilter {
  readonly words: readonly string[];
  readonly language?: string | undefined;
  readonly gender?: string | undefined;
  readonly from?: string | undefined;
  readonly own: boolean;
}

/** Asks a server for the voices that fit. */
export async function findVoices(
  server: CommandServer,
  filter: VoiceFilter,
  signal: AbortSignal,
): Promise<readonly ListedVoice[]> {
  const read = listing.safeParse(await askJson(server, { path: '/antiphon/v1/voices', signal }));
  if (!read.success) throw new CommandFailure('What answers there does not list voices as Antiphon does.');
  const { added, presets, voices } = read.data;
  const all: readonly ListedVoice[] = [
    ...added.map((voice) => ({
      id: voice.id,
      name: voice.name,
      from: voice.isOwner ? 'own' : 'everybody',
      kind: 'added' as const,
      gender: voice.labels['gender'] ?? '',
      languages: [voice.labels['language'] ?? []].flat(),
      about: aboutOf(voice.description, voice.labels),
    })),
    ...presets.map((voice) => ({
      id: voice.id,
      name: voice.name,
      from: voice.dialect,
      kind: 'preset' as const,
      gender: voice.gender,
      languages: [],
      about: aboutOf(voice.description, voice.labels),
    })),
    ...voices.map((voice) => ({
      id: voice.id,
      name: voice.name,
      from: voice.engine,
      kind: 'engine' as const,
      gender: voice.gender,
      languages: voice.languages,
      about: aboutOf(voice.licence, voice.labels),
    })),
  ];
  return all.filter((voice) => fits(voice, filter));
}

function aboutOf(first: string, rest: Readonly<Record<string, string>>): string {
  const others = Object.entries(rest).filter(([name]) => name !== 'gender' && name !== 'language');
  return [first, ...others.map(([, value]) => value)].filter(Boolean).join(', ');
}

function fits(voice: ListedVoice, { words, language, gender, from, own }: VoiceFilter): boolean {
  if (own && voice.kind !== 'added') return false;
  if (gender !== undefined && voice.gender !== gender) return false;
  if (from !== undefined && voice.from !== from) return false;
  // A voice without languages is played by one that speaks what is asked.
  if (
    language !== undefined &&
    voice.languages.length > 0 &&
    !voice.languages.some((tag) => speaks(tag, language))
  )
    return false;
  const told = [voice.id, voice.name, voice.from, voice.gender, voice.about, ...voice.languages];
  const text = told.join(' ').toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
}

/** `en` is spoken by who speaks `en-GB`; `en-GB` is not by who speaks `en-US`. */
function speaks(tag: string, wanted: string): boolean {
  const [had, asked] = [tag.toLowerCase(), wanted.toLowerCase()];
  return had === asked || had.startsWith(`${asked}-`) || asked.startsWith(`${had}-`);
}
