import { createMarkedTextWriter, PLAIN_MANNER, type Manner, type MarkedText } from './marked-text.ts';
import { BREAK_LIMITS } from './ssml.ts';

/** What tells a text with tags which names are voices. */
interface TagSurroundings {
  readonly isVoice: (name: string) => boolean;
}

const NAMED_PAUSES: Readonly<Record<string, number>> = { 'short pause': 0.4, pause: 0.8, 'long pause': 1.5 };

/** `[pause 1.2s]`, `[pause:500ms]`, `[silent 1s]`, `[short pause]`, `[voice:alloy]`, `[voice]`, `[/voice]`. */
const TAG =
  /\[(?:(?:pause|silen[ct]e?)\s*[:= ]\s*(?<number>\d{1,4}(?:\.\d{0,3})?|\.\d{1,3})\s*(?<unit>ms|s)?|(?<named>short pause|long pause|pause)|voice\s*[:= ]\s*(?<voice>[\w.+/ -]{1,100}?)|\/?(?<back>voice))\s*\]/giu;

/** `Name: what they say`, at the beginning of a line. */
const SPEAKER =
  /^[ \t]*(?<name>[\p{L}\p{N}][\p{L}\p{N}_.+/-]{0,60}(?: [\p{L}\p{N}_-]{1,30}){0,2})[ \t]*[:：][ \t]*(?=\S)/gmu;

/**
 * Reads tags in square brackets: pauses, and voices that speak from there on. Where at least two different lines begin
 * with the name of a voice and a colon, those lines are spoken by these voices, without the names. Brackets that
 * are no such tag are text.
 */
export function readTags(source: string, surroundings: TagSurroundings): MarkedText {
  const writer = createMarkedTextWriter();
  const tags = [...bracketTags(source, surroundings), ...speakerTags(source, surroundings)];
  let manner: Manner = PLAIN_MANNER;
  let read = 0;
  let all = 0;
  for (const tag of tags.toSorted((a, b) => a.start - b.start)) {
    writer.text(source.slice(read, tag.start), manner);
    read = tag.end;
    if (tag.seconds !== undefined) {
      if (tag.seconds > BREAK_LIMITS.one)
        writer.ignore(`a pause is at most ${BREAK_LIMITS.one} seconds long`);
      const seconds = Math.min(tag.seconds, BREAK_LIMITS.one, BREAK_LIMITS.all - all);
      all += seconds;
      writer.pause(seconds);
    } else {
      manner = tag.voice === undefined ? PLAIN_MANNER : { ...PLAIN_MANNER, voice: tag.voice };
    }
  }
  writer.text(source.slice(read), manner);
  return writer.finish();
}

/** The seconds of a text that is one tag for a pause, such as `[pause 1.2s]`; undefined for any other text. */
export function pauseInTag(text: string): number | undefined {
  const [tag, ...others] = bracketTags(text, { isVoice: () => false });
  return others.length === 0 && tag?.start === 0 && tag.end === text.length ? tag.seconds : undefined;
}

/** Every name in a text that would be that of a voice, if there is one of that name. */
export function voiceNamesIn(source: string): readonly string[] {
  const names: string[] = [];
  const isVoice = (name: string) => {
    names.push(name);
    return false;
  };
  bracketTags(source, { isVoice });
  speakerTags(source, { isVoice });
  return [...new Set(names)];
}

interface Tag {
  readonly start: number;
  readonly end: number;
  /** A pause of so many seconds; else a change of voice. */
  readonly seconds?: number;
  /** Absent: back to the voice of the request. */
  readonly voice?: string;
}

function bracketTags(source: string, { isVoice }: TagSurroundings): Tag[] {
  return Array.from(source.matchAll(TAG)).flatMap((match): Tag[] => {
    const { number, unit, named, voice } = match.groups ?? {};
    const range = { start: match.index, end: match.index + match[0].length };
    if (named !== undefined) return [{ ...range, seconds: NAMED_PAUSES[named.toLowerCase()] ?? 0 }];
    if (number !== undefined)
      return [{ ...range, seconds: Number(number) / (unit?.toLowerCase() === 'ms' ? 1000 : 1) }];
    if (voice === undefined) return [range];
    return isVoice(voice.trim()) ? [{ ...range, voice: voice.trim() }] : [];
  });
}

/** One name alone may be a heading or a quotation; two that are voices are a conversation. */
function speakerTags(source: string, { isVoice }: TagSurroundings): Tag[] {
  const lines = Array.from(source.matchAll(SPEAKER)).flatMap((match): Tag[] => {
    const voice = match.groups?.['name']?.trim() ?? '';
    return isVoice(voice) ? [{ start: match.index, end: match.index + match[0].length, voice }] : [];
  });
  const names = new Set(lines.map(({ voice }) => voice?.toLowerCase()));
  return names.size > 1 ? lines : [];
}
